//! How a client is made.

use cloakroom_sdk::{Client, Clock, SecureMediaMode};
use pyo3::prelude::*;

use crate::answer::Answer;
use crate::core::Core;
use crate::error::{raised, tell, value_error};

/// What a client is made of: the attributes of `cloakroom._models._Settings`.
#[derive(FromPyObject)]
pub(crate) struct Settings {
    app_id: String,
    api_url: String,
    secure_media_mode: u8,
    root_certificates_pem: Vec<Vec<u8>>,
    redirect_to: Vec<String>,
    on_session_expired: Option<Py<PyAny>>,
    clock: Option<Py<PyAny>>,
}

/// A client whose calls are awaitables.
#[pyfunction]
pub(crate) fn async_core(settings: Settings) -> PyResult<Core> {
    Ok(Core::new(client(settings)?, Answer::Awaitable))
}

/// A client whose calls wait.
#[pyfunction]
pub(crate) fn blocking_core(settings: Settings) -> PyResult<Core> {
    Ok(Core::new(client(settings)?, Answer::Waiting))
}

fn client(settings: Settings) -> PyResult<Client> {
    let mode = match settings.secure_media_mode {
        0 => SecureMediaMode::Embedded,
        1 => SecureMediaMode::HeaderBased,
        _ => return Err(value_error("secure_media_mode is 0 or 1")),
    };
    let mut builder = Client::builder(settings.app_id, settings.api_url).secure_media_mode(mode);
    for pem in settings.root_certificates_pem {
        builder = builder.root_certificate_pem(pem);
    }
    for origin in settings.redirect_to {
        builder = builder.redirect_to(origin);
    }
    if let Some(told) = settings.on_session_expired {
        builder = builder.on_session_expired(move || {
            Python::attach(|py| tell(py, told.call0(py)));
        });
    }
    if let Some(clock) = settings.clock {
        let now = move |py: Python<'_>| clock.call0(py)?.extract::<i64>(py);
        builder = builder.clock(Clock::new(move || {
            // Without a time, nothing is valid any more.
            Python::attach(|py| tell(py, now(py))).unwrap_or(i64::MAX)
        }));
    }
    builder.build().map_err(|error| raised(&error))
}
