//! The bytes of a file, as they arrive.

use std::fmt;
use std::ops::{Bound, RangeBounds};

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use reqwest::header::{CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderName};

use crate::Error;

/// A file that the server has begun to send.
pub struct Download(reqwest::Response);

impl Download {
    pub(crate) const fn new(answer: reqwest::Response) -> Self {
        Self(answer)
    }

    /// By content, such as `image/jpeg`.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.header(&CONTENT_TYPE)
    }

    /// Bytes of this answer, where the server says so: of the part, if a part was asked for.
    #[must_use]
    pub fn content_length(&self) -> Option<u64> {
        self.0.content_length()
    }

    /// Which part of how much this is, such as `bytes 0-99/4096`; `None` for the whole file.
    #[must_use]
    pub fn content_range(&self) -> Option<&str> {
        self.header(&CONTENT_RANGE)
    }

    /// Names these bytes: equal for equal content.
    #[must_use]
    pub fn etag(&self) -> Option<&str> {
        self.header(&ETAG)
    }

    /// The next bytes, or `None` at the end.
    ///
    /// # Errors
    ///
    /// [`Error::Network`] if the connection breaks, also where the file was revoked meanwhile.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        self.0.chunk().await.map_err(Error::network)
    }

    /// All bytes at once. For small files: nothing bounds them here.
    ///
    /// # Errors
    ///
    /// As [`Self::chunk`].
    pub async fn bytes(self) -> Result<Bytes, Error> {
        self.0.bytes().await.map_err(Error::network)
    }

    /// The bytes as a stream, which fails as [`Self::chunk`] does.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, Error>> + Send {
        self.0.bytes_stream().map(|chunk| chunk.map_err(Error::network))
    }

    fn header(&self, name: &HeaderName) -> Option<&str> {
        self.0.headers().get(name)?.to_str().ok()
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The URL may hold a credential.
        f.debug_struct("Download")
            .field("content_type", &self.content_type())
            .field("content_length", &self.content_length())
            .field("content_range", &self.content_range())
            .finish_non_exhaustive()
    }
}

/// A part of a file: first byte, and last byte if it has one.
#[derive(Clone, Copy)]
pub(crate) struct ByteRange {
    pub(crate) first: u64,
    last: Option<u64>,
}

impl ByteRange {
    pub(crate) fn new(range: &impl RangeBounds<u64>) -> Result<Self, Error> {
        const EMPTY: Error = Error::InvalidArgument("an empty range of bytes");
        let first = match range.start_bound() {
            Bound::Unbounded => 0,
            Bound::Included(first) => *first,
            Bound::Excluded(before) => before.checked_add(1).ok_or(EMPTY)?,
        };
        let last = match range.end_bound() {
            Bound::Unbounded => None,
            Bound::Included(last) => Some(*last),
            Bound::Excluded(end) => Some(end.checked_sub(1).ok_or(EMPTY)?),
        };
        if last.is_some_and(|last| last < first) {
            return Err(EMPTY);
        }
        Ok(Self { first, last })
    }

    /// The value of a `Range` header.
    pub(crate) fn header(self) -> String {
        let last = self.last.map(|last| last.to_string()).unwrap_or_default();
        format!("bytes={}-{last}", self.first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(range: impl RangeBounds<u64>) -> Option<String> {
        ByteRange::new(&range).ok().map(ByteRange::header)
    }

    #[test]
    fn rust_ranges_become_http_ranges() {
        assert_eq!(header(..).as_deref(), Some("bytes=0-"));
        assert_eq!(header(5..).as_deref(), Some("bytes=5-"));
        assert_eq!(header(..5).as_deref(), Some("bytes=0-4"));
        assert_eq!(header(5..6).as_deref(), Some("bytes=5-5"));
        assert_eq!(header(5..=6).as_deref(), Some("bytes=5-6"));
        assert_eq!((header(5..5), header(..0)), (None, None));
        assert_eq!(header((Bound::Excluded(u64::MAX), Bound::Unbounded)), None);
    }
}
