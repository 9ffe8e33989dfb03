//! The SDK's errors as exceptions of `cloakroom._errors`.

use cloakroom_sdk::{Error, Reason};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyModule;

static MADE_BY: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// The exception that an error is in Python.
pub(crate) fn raised(error: &Error) -> PyErr {
    Python::attach(|py| instance(py, error).map_or_else(|failure| failure, PyErr::from_value))
}

/// The same, to be handed over instead of raised.
pub(crate) fn instance<'py>(py: Python<'py>, error: &Error) -> PyResult<Bound<'py, PyAny>> {
    let made_by = MADE_BY.get_or_try_init(py, || {
        PyModule::import(py, "cloakroom._errors")?.getattr("_made").map(Bound::unbind)
    })?;
    let reason = error.reason().map(Reason::as_str);
    let arguments = (
        error.to_string(),
        error.code().as_str(),
        reason,
        error.may_help_to_retry(),
        error.status(),
    );
    made_by.bind(py).call1(arguments)
}

/// An error of the caller's, as Python has them.
pub(crate) fn value_error(text: &'static str) -> PyErr {
    pyo3::exceptions::PyValueError::new_err(text)
}

/// What a callback of the caller's raised has nobody to go to: it is told as Python tells such.
pub(crate) fn tell<T>(py: Python<'_>, outcome: PyResult<T>) -> Option<T> {
    outcome.map_err(|error| error.write_unraisable(py, None)).ok()
}
