//! A message with files, and how its files are read.

use std::fmt;
use std::path::PathBuf;

use bytes::Bytes;
use cloakroom_wire::SendData;
use reqwest::multipart::{Form, Part};
use serde_json::Value;

use crate::Error;
use crate::messages::Receiver;

const OCTET_STREAM: &str = "application/octet-stream";

/// What kind of files a message carries.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum MediaKind {
    /// Sound.
    Audio,
    /// Anything.
    File,
    /// Pictures.
    Image,
    /// Films.
    Video,
}

impl MediaKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Audio => "audio",
            Self::File => "file",
            Self::Image => "image",
            Self::Video => "video",
        }
    }
}

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

    /// Says what it is, such as `image/jpeg`. The server goes by the content anyway.
    #[must_use]
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = content_type.into();
        self
    }

    async fn part(&self, max_bytes: Option<u64>) -> Result<Part, Error> {
        let (body, size_bytes) = match &self.source {
            Source::Bytes(bytes) => {
                (bytes.clone().into(), u64::try_from(bytes.len()).unwrap_or(u64::MAX))
            }
            Source::Path(path) => {
                let file = tokio::fs::File::open(path).await.map_err(Error::unreadable)?;
                let size_bytes = file.metadata().await.map_err(Error::unreadable)?.len();
                (reqwest::Body::from(file), size_bytes)
            }
        };
        if let Some(max_bytes) = max_bytes.filter(|max_bytes| size_bytes > *max_bytes) {
            return Err(Error::FileTooLarge { size_bytes, max_bytes });
        }
        Part::stream_with_length(body, size_bytes)
            .file_name(header_safe(&self.name))
            .mime_str(&self.content_type)
            .map_err(|_| Error::InvalidArgument("a content type that is none"))
    }
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

/// A message with files, for [`Client::send_media`](crate::Client::send_media).
#[derive(Clone, Debug)]
#[must_use]
pub struct MediaMessage {
    receiver: Receiver,
    kind: MediaKind,
    files: Vec<Upload>,
    caption: Option<String>,
    metadata: Option<Value>,
    muid: Option<String>,
    tags: Vec<String>,
}

impl MediaMessage {
    /// A message with one file; [`Self::file`] adds more.
    pub fn new(receiver: Receiver, kind: MediaKind, file: Upload) -> Self {
        let files = vec![file];
        Self { receiver, kind, files, caption: None, metadata: None, muid: None, tags: Vec::new() }
    }

    /// Adds a file.
    pub fn file(mut self, file: Upload) -> Self {
        self.files.push(file);
        self
    }

    /// Text beside the files.
    pub fn caption(mut self, caption: impl Into<String>) -> Self {
        self.caption = Some(caption.into());
        self
    }

    /// Whatever the chat app wants to keep with it.
    pub fn metadata(mut self, metadata: Value) -> Self {
        self.metadata = Some(metadata);
        self
    }

    /// The sender's own id of the message.
    pub fn muid(mut self, muid: impl Into<String>) -> Self {
        self.muid = Some(muid.into());
        self
    }

    /// Adds a word of the chat app's own.
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tags.push(tag.into());
        self
    }

    /// The parts in the order of the official SDK: the receiver comes last.
    pub(crate) async fn form(
        &self,
        max_bytes: Option<u64>,
        max_files: Option<usize>,
    ) -> Result<Form, Error> {
        if let Some(max) = max_files.filter(|max| self.files.len() > *max) {
            return Err(Error::TooManyFiles { count: self.files.len(), max });
        }
        let data = SendData {
            text: self.caption.clone(),
            metadata: self.metadata.clone(),
            ..SendData::default()
        };
        let data = serde_json::to_string(&data)
            .map_err(|_| Error::InvalidArgument("metadata that JSON cannot hold"))?;
        let mut form = Form::new()
            .text("type", self.kind.as_str())
            .text("receiverType", self.receiver.kind())
            .text("category", "message")
            .text("data", data);
        for file in &self.files {
            form = form.part("files[]", file.part(max_bytes).await?);
        }
        if let Some(caption) = &self.caption {
            form = form.text("caption", caption.clone());
        }
        if let Some(muid) = &self.muid {
            form = form.text("muid", muid.clone());
        }
        for tag in &self.tags {
            form = form.text("tags[]", tag.clone());
        }
        Ok(form.text("receiver", self.receiver.id().to_owned()))
    }
}
