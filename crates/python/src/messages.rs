//! Pages of messages.

use std::sync::Arc;

use cloakroom_sdk::MessagesRequest;
use pyo3::prelude::*;
use tokio::sync::Mutex;

use crate::answer::{Answer, json};

/// Reads a conversation page by page.
#[pyclass(frozen, module = "cloakroom._core")]
pub(crate) struct Messages {
    request: Arc<Mutex<MessagesRequest>>,
    answer: Answer,
}

impl Messages {
    pub(crate) fn new(request: MessagesRequest, answer: Answer) -> Self {
        Self { request: Arc::new(Mutex::new(request)), answer }
    }
}

#[pymethods]
impl Messages {
    fn fetch_previous<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let request = Arc::clone(&self.request);
        self.answer.of(py, async move { json(&request.lock().await.fetch_previous().await?) })
    }

    fn fetch_next<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let request = Arc::clone(&self.request);
        self.answer.of(py, async move { json(&request.lock().await.fetch_next().await?) })
    }
}
