//! A file to be sent: where its bytes come from, as a whole or piece by piece.

use std::fmt;
use std::io::{self, SeekFrom};
use std::path::PathBuf;

use bytes::Bytes;
use reqwest::multipart::Part;
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

use crate::Error;

const OCTET_STREAM: &str = "application/octet-stream";

/// A file to be sent. It is streamed, never held as a whole.
#[derive(Clone)]
pub struct Upload {
    source: Source,
    name: String,
    content_type: String,
}

#[derive(Clone)]
enum Source {
    Bytes(Bytes),
    Path(PathBuf),
}

impl Upload {
    /// A file on disk, under its own name. It is opened when the message is sent.
    #[must_use]
    pub fn path(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_else(|| "file".to_owned());
        Self { source: Source::Path(path), name, content_type: OCTET_STREAM.to_owned() }
    }

    /// Bytes in memory.
    #[must_use]
    pub fn bytes(name: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        let source = Source::Bytes(bytes.into());
        Self { source, name: name.into(), content_type: OCTET_STREAM.to_owned() }
    }

    /// Sends it under another name.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Says what it is, such as `image/jpeg`. The server goes by the content anyway.
    #[must_use]
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = content_type.into();
        self
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn declared_type(&self) -> &str {
        &self.content_type
    }

    /// Opens the file, if it is not larger than `max_bytes`.
    pub(crate) async fn open(&self, max_bytes: Option<u64>) -> Result<OpenUpload, Error> {
        let opened = match &self.source {
            Source::Bytes(bytes) => OpenUpload {
                size_bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
                bytes: OpenSource::Bytes(bytes.clone()),
            },
            Source::Path(path) => {
                let file = File::open(path).await.map_err(Error::unreadable)?;
                let size_bytes = file.metadata().await.map_err(Error::unreadable)?.len();
                OpenUpload { size_bytes, bytes: OpenSource::File(file) }
            }
        };
        let size_bytes = opened.size_bytes;
        match max_bytes.filter(|max_bytes| size_bytes > *max_bytes) {
            Some(max_bytes) => Err(Error::FileTooLarge { size_bytes, max_bytes }),
            None => Ok(opened),
        }
    }

    pub(crate) async fn part(&self, max_bytes: Option<u64>) -> Result<Part, Error> {
        let OpenUpload { size_bytes, bytes } = self.open(max_bytes).await?;
        let body = match bytes {
            OpenSource::Bytes(bytes) => reqwest::Body::from(bytes),
            OpenSource::File(file) => reqwest::Body::from(file),
        };
        Part::stream_with_length(body, size_bytes)
            .file_name(header_safe(&self.name))
            .mime_str(&self.content_type)
            .map_err(|_| Error::InvalidArgument("a content type that is none"))
    }
}

/// A file whose size is known and whose bytes can be read.
pub(crate) struct OpenUpload {
    pub(crate) size_bytes: u64,
    bytes: OpenSource,
}

enum OpenSource {
    Bytes(Bytes),
    File(File),
}

impl OpenUpload {
    /// The bytes from `offset` on: `most` of them, or what is left.
    ///
    /// # Errors
    ///
    /// [`Error::UnreadableFile`] also if the file has become shorter than it was.
    pub(crate) async fn read(&mut self, offset: u64, most: usize) -> Result<Bytes, Error> {
        let left = self.size_bytes.saturating_sub(offset);
        let length = usize::try_from(left).map_or(most, |left| left.min(most));
        match &mut self.bytes {
            OpenSource::Bytes(bytes) => {
                let first = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
                Ok(bytes.slice(first..first + length))
            }
            OpenSource::File(file) => read_file(file, offset, length).await,
        }
    }
}

async fn read_file(file: &mut File, offset: u64, length: usize) -> Result<Bytes, Error> {
    let read = async {
        file.seek(SeekFrom::Start(offset)).await?;
        let mut buffer = vec![0; length];
        file.read_exact(&mut buffer).await?;
        io::Result::Ok(buffer.into())
    };
    read.await.map_err(Error::unreadable)
}

/// A file name is text of the user's; a line break in it would be a header of the user's.
fn header_safe(name: &str) -> String {
    name.replace(char::is_control, "_")
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload").field("name", &self.name).finish_non_exhaustive()
    }
}
