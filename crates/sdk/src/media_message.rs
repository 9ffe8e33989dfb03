//! A message with files.

use cloakroom_wire::{Attachment, SendAttachment, SendData, SendMessage};
use reqwest::multipart::Form;
use serde_json::Value;

use crate::messages::Receiver;
use crate::{Error, Upload};

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

/// A message with files, for [`Client::send_media`](crate::Client::send_media).
#[derive(Clone, Debug)]
#[must_use]
pub struct MediaMessage {
    receiver: Receiver,
    kind: MediaKind,
    files: Vec<Upload>,
    uploaded: Vec<SendAttachment>,
    caption: Option<String>,
    metadata: Option<Value>,
    muid: Option<String>,
    tags: Vec<String>,
}

impl MediaMessage {
    /// A message with one file that travels in it; [`Self::file`] adds more.
    pub fn new(receiver: Receiver, kind: MediaKind, file: Upload) -> Self {
        Self::empty(receiver, kind).file(file)
    }

    /// A message with one file that [`Client::upload`](crate::Client::upload) has sent before;
    /// [`Self::attachment`] adds more.
    pub fn of_uploaded(receiver: Receiver, kind: MediaKind, uploaded: &Attachment) -> Self {
        Self::empty(receiver, kind).attachment(uploaded)
    }

    fn empty(receiver: Receiver, kind: MediaKind) -> Self {
        let (files, uploaded, tags) = (Vec::new(), Vec::new(), Vec::new());
        Self { receiver, kind, files, uploaded, caption: None, metadata: None, muid: None, tags }
    }

    /// Adds a file.
    pub fn file(mut self, file: Upload) -> Self {
        self.files.push(file);
        self
    }

    /// Adds a file that was uploaded before. Of the other way to add files, a message has none.
    pub fn attachment(mut self, uploaded: &Attachment) -> Self {
        let name = Some(uploaded.name.clone()).filter(|name| !name.is_empty());
        self.uploaded.push(SendAttachment { url: uploaded.url.clone(), name });
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

    /// What is sent: a form if files travel in the message, else JSON.
    pub(crate) async fn body(
        &self,
        max_bytes: Option<u64>,
        max_files: Option<usize>,
    ) -> Result<MessageBody, Error> {
        let count = self.files.len() + self.uploaded.len();
        if let Some(max) = max_files.filter(|max| count > *max) {
            return Err(Error::TooManyFiles { count, max });
        }
        if self.uploaded.is_empty() {
            return Ok(MessageBody::Form(self.form(max_bytes).await?));
        }
        if !self.files.is_empty() {
            return Err(Error::InvalidArgument("files beside files that were uploaded before"));
        }
        Ok(MessageBody::Json(Box::new(SendMessage {
            receiver: self.receiver.id().to_owned(),
            receiver_type: self.receiver.receiver_type(),
            category: "message".to_owned(),
            message_type: self.kind.as_str().to_owned(),
            data: self.data(),
            caption: self.caption.clone(),
            muid: self.muid.clone(),
            tags: self.tags.clone(),
        })))
    }

    fn data(&self) -> SendData {
        SendData {
            text: self.caption.clone(),
            metadata: self.metadata.clone(),
            attachments: self.uploaded.clone(),
            ..SendData::default()
        }
    }

    /// The parts in the order of the official SDK: the receiver comes last.
    async fn form(&self, max_bytes: Option<u64>) -> Result<Form, Error> {
        let data = serde_json::to_string(&self.data())
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

/// How a message with files travels.
pub(crate) enum MessageBody {
    Form(Form),
    Json(Box<SendMessage>),
}
