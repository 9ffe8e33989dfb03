//! How a call answers: by an awaitable, or by waiting.

use std::time::Duration;

use cloakroom_sdk::Error;
use pyo3::IntoPyObjectExt as _;
use pyo3::prelude::*;
use pyo3::types::PyNone;
use pyo3_async_runtimes::tokio::{future_into_py, get_runtime};
use tokio::runtime::Handle;

use crate::error::raised;

/// How long a waiting call does not look whether the user pressed Ctrl-C.
const UNINTERRUPTED: Duration = Duration::from_millis(100);

/// Which of both.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answer {
    Awaitable,
    Waiting,
}

impl Answer {
    /// Runs a call on the SDK's runtime.
    pub(crate) fn of<'py, T>(
        self,
        py: Python<'py>,
        call: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> PyResult<Bound<'py, PyAny>>
    where
        T: for<'a> IntoPyObject<'a> + Send + 'static,
    {
        let call = async move { call.await.map_err(|error| raised(&error)) };
        match self {
            Self::Awaitable => future_into_py(py, call),
            Self::Waiting => wait(py, call)?.into_bound_py_any(py),
        }
    }
}

fn wait<T: Send + 'static>(
    py: Python<'_>,
    call: impl Future<Output = PyResult<T>> + Send + 'static,
) -> PyResult<T> {
    if Handle::try_current().is_ok() {
        // A callback of the SDK calls it again: waiting there would stop what it waits for.
        return Err(raised(&Error::BlockingInsideRuntime));
    }
    let runtime = get_runtime();
    let mut call = runtime.spawn(call);
    loop {
        let waited = py.detach(|| {
            runtime.block_on(async { tokio::time::timeout(UNINTERRUPTED, &mut call).await })
        });
        match waited {
            Ok(Ok(outcome)) => return outcome,
            Ok(Err(_)) => return Err(raised(&Error::Cancelled)),
            Err(_) => {
                if let Err(interrupted) = py.check_signals() {
                    call.abort();
                    return Err(interrupted);
                }
            }
        }
    }
}

/// Python's `None`; Rust's `()` is an empty tuple there.
pub(crate) struct Nothing;

impl<'py> IntoPyObject<'py> for Nothing {
    type Target = PyNone;
    type Output = Borrowed<'py, 'py, PyNone>;
    type Error = std::convert::Infallible;

    fn into_pyobject(self, py: Python<'py>) -> Result<Self::Output, Self::Error> {
        Ok(PyNone::get(py))
    }
}

/// JSON of what has fields.
pub(crate) fn json(value: &impl serde::Serialize) -> Result<String, Error> {
    serde_json::to_string(value)
        .map_err(|_| Error::InvalidResponse { status: 200, what: "what JSON can hold" })
}
