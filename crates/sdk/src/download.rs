//! The bytes of a file, as they arrive, over as many connections as it takes.

use std::fmt;
use std::pin::pin;

use bytes::Bytes;
use futures_util::io::{AsyncWrite, AsyncWriteExt as _};
use futures_util::{Stream, TryStreamExt as _, stream};
use reqwest::header::{CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderName};
use reqwest::{Response, StatusCode};

use crate::byte_range::{ByteRange, told};
use crate::open::Ask;
use crate::patience::Patience;
use crate::{Client, Error};

/// A file that the server has begun to send.
///
/// A connection that breaks is replaced by another, which goes on at the byte where the first
/// ended, with the same version of the file or not at all. Whoever may not read the file any more
/// is told so then: [`Error::Refused`] says why. Without progress it is given up after a few tries.
pub struct Download {
    client: Client,
    url: String,
    head: Head,
    /// `None` while there is no connection.
    answer: Option<Response>,
    /// The next byte, counted from the beginning of the file.
    position: u64,
    /// One past the last byte to come; `None` if the server did not say.
    end: Option<u64>,
    patience: Patience,
}

/// What the first answer said.
struct Head {
    content_type: Option<String>,
    content_length: Option<u64>,
    content_range: Option<String>,
    etag: Option<String>,
}

impl Download {
    /// `answer` is 200, or 206 for the part that was asked for.
    pub(crate) fn new(client: Client, url: &str, answer: Response) -> Self {
        let header = |name: &HeaderName| {
            answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        let head = Head {
            content_type: header(&CONTENT_TYPE),
            content_length: answer.content_length(),
            content_range: header(&CONTENT_RANGE),
            etag: header(&ETAG),
        };
        let part = head.content_range.as_deref().and_then(told);
        let is_part = answer.status() == StatusCode::PARTIAL_CONTENT;
        let (position, end) = match part.filter(|_| is_part) {
            Some(part) => (part.start, Some(part.end)),
            None => (0, head.content_length),
        };
        let (url, patience) = (url.to_owned(), client.patience());
        Self { client, url, head, answer: Some(answer), position, end, patience }
    }

    /// By content, such as `image/jpeg`.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.head.content_type.as_deref()
    }

    /// How many bytes come in all, where the server says so: of the part, if a part was asked for.
    #[must_use]
    pub const fn content_length(&self) -> Option<u64> {
        self.head.content_length
    }

    /// Which part of how much this is, such as `bytes 0-99/4096`; `None` for the whole file.
    #[must_use]
    pub fn content_range(&self) -> Option<&str> {
        self.head.content_range.as_deref()
    }

    /// Names these bytes: equal for equal content.
    #[must_use]
    pub fn etag(&self) -> Option<&str> {
        self.head.etag.as_deref()
    }

    /// The byte that comes next, counted from the beginning of the file.
    #[must_use]
    pub const fn position(&self) -> u64 {
        self.position
    }

    /// The next bytes, or `None` once all of them have come.
    ///
    /// After an error it may be called again: it goes on where it was.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the file was revoked meanwhile or the session has ended,
    /// [`Error::InvalidResponse`] if the file is another one by now, [`Error::Network`] and others
    /// if it cannot go on.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            let failure = match self.answer.as_mut() {
                None if self.end == Some(self.position) => return Ok(None),
                None => match self.reopen().await {
                    Ok(()) => continue,
                    Err(error) => error,
                },
                Some(answer) => match answer.chunk().await {
                    Ok(Some(bytes)) => return self.accept(bytes).map(Some),
                    Ok(None) if self.end.is_none_or(|end| end == self.position) => return Ok(None),
                    Ok(None) => {
                        Error::InvalidResponse { status: 502, what: "the rest of the file" }
                    }
                    Err(error) => Error::network(error),
                },
            };
            self.answer = None;
            if self.strong_etag().is_none() {
                return Err(failure);
            }
            self.patience.pause(failure).await?;
        }
    }

    /// All bytes at once. For small files: nothing bounds them here.
    ///
    /// # Errors
    ///
    /// As [`Self::chunk`].
    pub async fn bytes(mut self) -> Result<Bytes, Error> {
        let first = self.chunk().await?.unwrap_or_default();
        let Some(second) = self.chunk().await? else { return Ok(first) };
        let mut all = Vec::from(first);
        all.extend_from_slice(&second);
        while let Some(chunk) = self.chunk().await? {
            all.extend_from_slice(&chunk);
        }
        Ok(all.into())
    }

    /// The bytes as a stream, which fails as [`Self::chunk`] does.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, Error>> + Send + Unpin {
        Box::pin(stream::try_unfold(self, |mut download| async move {
            Ok(download.chunk().await?.map(|chunk| (chunk, download)))
        }))
    }

    /// Writes all bytes, and says how many there were. The writer is flushed, not closed.
    ///
    /// # Errors
    ///
    /// As [`Self::chunk`]; [`Error::UnwritableFile`] if the writer fails.
    pub async fn write_to(self, writer: impl AsyncWrite + Send) -> Result<u64, Error> {
        let (mut writer, mut written) = (pin!(writer), 0);
        let mut chunks = self.into_stream();
        while let Some(chunk) = chunks.try_next().await? {
            writer.write_all(&chunk).await.map_err(Error::unwritable)?;
            written += length(&chunk);
        }
        writer.flush().await.map_err(Error::unwritable)?;
        Ok(written)
    }

    /// The `ETag`, if it names bytes and not just a resemblance.
    pub(crate) fn strong_etag(&self) -> Option<&str> {
        self.etag().filter(|etag| etag.starts_with('"'))
    }

    fn accept(&mut self, bytes: Bytes) -> Result<Bytes, Error> {
        let position = self.position.saturating_add(length(&bytes));
        if self.end.is_some_and(|end| position > end) {
            self.answer = None;
            return Err(Error::InvalidResponse { status: 200, what: "no more than was announced" });
        }
        self.position = position;
        self.patience.progress();
        Ok(bytes)
    }

    async fn reopen(&mut self) -> Result<(), Error> {
        let etag = self.strong_etag().map(str::to_owned);
        let last = self.end.and_then(|end| end.checked_sub(1));
        let ask = Ask { range: Some(ByteRange { first: self.position, last }), if_range: etag };
        let answer = self.client.open(&self.url, &ask).await?;
        let etag = answer.headers().get(ETAG).and_then(|value| value.to_str().ok());
        if answer.status() != StatusCode::PARTIAL_CONTENT || etag != self.etag() {
            let status = answer.status().as_u16();
            return Err(Error::InvalidResponse { status, what: "the version that was begun" });
        }
        tracing::debug!(position = self.position, "a download goes on");
        self.answer = Some(answer);
        Ok(())
    }
}

fn length(bytes: &Bytes) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The URL may hold a credential.
        f.debug_struct("Download")
            .field("content_type", &self.content_type())
            .field("content_length", &self.content_length())
            .field("content_range", &self.content_range())
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}
