//! Resumable uploads.

use std::fmt;

use cloakroom_wire::Attachment;

use super::runtime::Runtime;
use crate::{Error, UploadHandle, UploadProgress};

/// A file on its way to the server ahead of its message, as [`crate::ResumableUpload`].
#[must_use]
pub struct ResumableUpload {
    upload: crate::ResumableUpload,
    runtime: Runtime,
}

impl ResumableUpload {
    pub(super) const fn new(upload: crate::ResumableUpload, runtime: Runtime) -> Self {
        Self { upload, runtime }
    }

    /// Bytes of one call; 4 MiB unless said.
    pub fn chunk_bytes(self, chunk_bytes: usize) -> Self {
        Self { upload: self.upload.chunk_bytes(chunk_bytes), ..self }
    }

    /// Calls `tell` whenever the server has stored more, on the thread that sends.
    pub fn on_progress(self, tell: impl FnMut(UploadProgress) + Send + 'static) -> Self {
        Self { upload: self.upload.on_progress(tell), ..self }
    }

    /// Goes on with an earlier upload of the same file, by [`UploadHandle::id`].
    pub fn resume(self, id: impl Into<String>) -> Self {
        Self { upload: self.upload.resume(id), ..self }
    }

    /// What watches and cancels this upload from another thread.
    #[must_use]
    pub fn handle(&self) -> UploadHandle {
        self.upload.handle()
    }

    /// Sends the file.
    ///
    /// # Errors
    ///
    /// As [`crate::ResumableUpload::send`], and [`Error::BlockingInsideRuntime`].
    pub fn send(self) -> Result<Attachment, Error> {
        self.runtime.wait(self.upload.send())
    }
}

impl fmt::Debug for ResumableUpload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("blocking::ResumableUpload").field(&self.upload).finish()
    }
}
