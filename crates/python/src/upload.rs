//! Files to send, and resumable uploads of them.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use cloakroom_sdk::{ResumableUpload, UploadHandle};
use pyo3::prelude::*;

use crate::answer::{Answer, json};
use crate::error::{tell, value_error};

/// A file to send: the attributes of `cloakroom.File`.
#[derive(FromPyObject)]
pub(crate) struct Source {
    path: Option<PathBuf>,
    data: Option<Vec<u8>>,
    name: Option<String>,
    content_type: Option<String>,
}

impl Source {
    pub(crate) fn into_upload(self) -> PyResult<cloakroom_sdk::Upload> {
        let upload = match (self.path, self.data, self.name) {
            (Some(path), None, None) => cloakroom_sdk::Upload::path(path),
            (Some(path), None, Some(name)) => cloakroom_sdk::Upload::path(path).named(name),
            (None, Some(data), Some(name)) => cloakroom_sdk::Upload::bytes(name, data),
            _ => return Err(value_error("a file is a path, or bytes with a name")),
        };
        Ok(match self.content_type {
            Some(content_type) => upload.content_type(content_type),
            None => upload,
        })
    }
}

/// A file on its way to the server ahead of its message.
#[pyclass(frozen, module = "cloakroom._core")]
pub(crate) struct Upload {
    /// `None` once it was sent.
    pending: Mutex<Option<ResumableUpload>>,
    handle: UploadHandle,
    answer: Answer,
}

impl Upload {
    pub(crate) fn new(
        upload: ResumableUpload,
        on_progress: Option<Py<PyAny>>,
        answer: Answer,
    ) -> Self {
        let upload = match on_progress {
            Some(told) => upload.on_progress(move |at| {
                let arguments = (at.stored_bytes, at.total_bytes);
                Python::attach(|py| tell(py, told.call1(py, arguments)));
            }),
            None => upload,
        };
        let handle = upload.handle();
        Self { pending: Mutex::new(Some(upload)), handle, answer }
    }
}

#[pymethods]
impl Upload {
    #[getter]
    fn id(&self) -> Option<String> {
        self.handle.id()
    }

    fn cancel(&self) {
        self.handle.cancel();
    }

    fn send<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let upload = self.pending.lock().unwrap_or_else(PoisonError::into_inner).take();
        let upload = upload.ok_or_else(|| value_error("an upload is sent once"))?;
        self.answer.of(py, async move { json(&upload.send().await?) })
    }
}
