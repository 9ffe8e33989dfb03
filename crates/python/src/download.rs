//! A download, chunk by chunk.

use std::sync::Arc;

use pyo3::prelude::*;
use tokio::sync::Mutex;

use crate::answer::Answer;

/// A file that the server has begun to send.
#[pyclass(frozen, module = "cloakroom._core")]
pub(crate) struct Download {
    inner: Arc<Mutex<cloakroom_sdk::Download>>,
    answer: Answer,
    #[pyo3(get)]
    content_type: Option<String>,
    #[pyo3(get)]
    content_length: Option<u64>,
    #[pyo3(get)]
    content_range: Option<String>,
    #[pyo3(get)]
    etag: Option<String>,
}

impl Download {
    pub(crate) fn new(inner: cloakroom_sdk::Download, answer: Answer) -> Self {
        Self {
            answer,
            content_type: inner.content_type().map(str::to_owned),
            content_length: inner.content_length(),
            content_range: inner.content_range().map(str::to_owned),
            etag: inner.etag().map(str::to_owned),
            inner: Arc::new(Mutex::new(inner)),
        }
    }
}

#[pymethods]
impl Download {
    fn chunk<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let inner = Arc::clone(&self.inner);
        self.answer.of(py, async move { inner.lock().await.chunk().await })
    }
}
