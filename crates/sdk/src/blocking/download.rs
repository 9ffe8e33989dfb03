//! A download that is read as any other reader.

use std::fmt;
use std::io::{self, Read};

use bytes::{Buf as _, Bytes};

use super::runtime::Runtime;
use crate::Error;

/// A file that the server has begun to send, as [`crate::Download`]. It is a [`Read`]; the error
/// inside of one that reading gives is the SDK's.
pub struct Download {
    inner: crate::Download,
    runtime: Runtime,
    /// What came and was not read yet.
    left: Bytes,
}

impl Download {
    pub(super) const fn new(inner: crate::Download, runtime: Runtime) -> Self {
        Self { inner, runtime, left: Bytes::new() }
    }

    /// By content, such as `image/jpeg`.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.inner.content_type()
    }

    /// How many bytes come in all, where the server says so.
    #[must_use]
    pub const fn content_length(&self) -> Option<u64> {
        self.inner.content_length()
    }

    /// Which part of how much this is; `None` for the whole file.
    #[must_use]
    pub fn content_range(&self) -> Option<&str> {
        self.inner.content_range()
    }

    /// Names these bytes: equal for equal content.
    #[must_use]
    pub fn etag(&self) -> Option<&str> {
        self.inner.etag()
    }

    /// The next bytes, or `None` once all of them have come.
    ///
    /// # Errors
    ///
    /// As [`crate::Download::chunk`], and [`Error::BlockingInsideRuntime`].
    pub fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        if self.left.has_remaining() {
            return Ok(Some(std::mem::take(&mut self.left)));
        }
        self.runtime.wait(self.inner.chunk())
    }

    /// All bytes at once.
    ///
    /// # Errors
    ///
    /// As [`Self::chunk`].
    pub fn bytes(self) -> Result<Bytes, Error> {
        let Self { inner, runtime, left } = self;
        let rest = runtime.wait(inner.bytes())?;
        if left.is_empty() { Ok(rest) } else { Ok([left, rest].concat().into()) }
    }
}

impl Read for Download {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        while !self.left.has_remaining() {
            match self.runtime.wait(self.inner.chunk()).map_err(io::Error::other)? {
                Some(chunk) => self.left = chunk,
                None => return Ok(0),
            }
        }
        let length = self.left.len().min(buffer.len());
        self.left.copy_to_slice(&mut buffer[..length]);
        Ok(length)
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("blocking::Download").field(&self.inner).finish()
    }
}
