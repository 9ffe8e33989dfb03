//! Uploads that survive a broken connection, a restart of the server, and one of the caller.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use cloakroom_wire::{Attachment, MediaState};
use tokio::sync::watch;

use crate::messages::Receiver;
use crate::tus;
use crate::upload::OpenUpload;
use crate::{Client, Error, ErrorCode, Upload};

/// Bytes of one call, unless said: what has to be sent again, at most, after a broken connection.
const CHUNK_BYTES: usize = 4 * 1024 * 1024;

type OnProgress = Box<dyn FnMut(UploadProgress) + Send>;

/// How far an upload has come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct UploadProgress {
    /// Bytes that the server has and will not lose. Never fewer than told before.
    pub stored_bytes: u64,
    /// Bytes of the file.
    pub total_bytes: u64,
}

/// A file on its way to the server ahead of its message, from [`Client::upload`].
///
/// It goes in chunks, each with its checksum. A chunk that does not come through is sent again
/// where the server says that it stopped; without progress it is given up after a few tries.
/// Dropping the future of [`Self::send`] stops sending: the server keeps what has come for some
/// days, and [`Self::resume`] goes on. [`UploadHandle::cancel`] has the server forget it.
#[must_use]
pub struct ResumableUpload {
    client: Client,
    receiver: Receiver,
    file: Upload,
    chunk_bytes: usize,
    on_progress: Option<OnProgress>,
    handle: UploadHandle,
}

impl Client {
    /// Begins to send a file for a message to `receiver`. What comes of it goes into
    /// [`MediaMessage::of_uploaded`](crate::MediaMessage::of_uploaded).
    pub fn upload(&self, receiver: &Receiver, file: Upload) -> ResumableUpload {
        ResumableUpload {
            client: self.clone(),
            receiver: receiver.clone(),
            file,
            chunk_bytes: CHUNK_BYTES,
            on_progress: None,
            handle: UploadHandle::default(),
        }
    }
}

impl ResumableUpload {
    /// Bytes of one call; 4 MiB unless said. They are held in memory.
    pub const fn chunk_bytes(mut self, chunk_bytes: usize) -> Self {
        self.chunk_bytes = if chunk_bytes == 0 { 1 } else { chunk_bytes };
        self
    }

    /// Calls `tell` whenever the server has stored more.
    pub fn on_progress(mut self, tell: impl FnMut(UploadProgress) + Send + 'static) -> Self {
        self.on_progress = Some(Box::new(tell));
        self
    }

    /// Goes on with an earlier upload of the same file, by [`UploadHandle::id`].
    pub fn resume(self, id: impl Into<String>) -> Self {
        self.handle.set_id(id.into());
        self
    }

    /// What watches and cancels this upload from elsewhere.
    #[must_use]
    pub fn handle(&self) -> UploadHandle {
        self.handle.clone()
    }

    /// Sends the file. What comes back may be put into a message.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] with the server's code: `ERR_UPLOAD_NOT_FOUND` and `ERR_UPLOAD_EXPIRED`
    /// if an earlier upload is not there any more, or why the file is not taken;
    /// [`Error::FileTooLarge`] and [`Error::UnreadableFile`]; [`Error::Cancelled`];
    /// [`Error::NotLoggedIn`], [`Error::Network`], [`Error::InvalidResponse`].
    pub async fn send(mut self) -> Result<Attachment, Error> {
        let (max_bytes, _) = self.client.sessions.limits();
        let mut file = self.file.open(max_bytes).await?;
        let id = self.begin(&file).await?;
        let cancelled = self.handle.cancelled();
        let outcome = tokio::select! {
            biased;
            () = cancelled => Err(Error::Cancelled),
            outcome = self.send_rest(&id, &mut file) => outcome,
        };
        if matches!(outcome, Err(Error::Cancelled)) {
            tracing::debug!(id, "an upload is cancelled");
            tus::terminate(&self.client.sessions, &id).await?;
        }
        outcome
    }

    /// The id of the upload, made if there is none yet.
    async fn begin(&mut self, file: &OpenUpload) -> Result<String, Error> {
        if let Some(id) = self.handle.id() {
            return if tus::is_id(&id) { Ok(id) } else { Err(Error::InvalidArgument(NO_ID)) };
        }
        let sessions = &self.client.sessions;
        let mut patience = self.client.patience();
        loop {
            match tus::create(sessions, &self.receiver, &self.file, file.size_bytes).await {
                Ok(id) => {
                    self.handle.set_id(id.clone());
                    return Ok(id);
                }
                Err(failure) => patience.pause(failure).await?,
            }
        }
    }

    async fn send_rest(&mut self, id: &str, file: &mut OpenUpload) -> Result<Attachment, Error> {
        let total_bytes = file.size_bytes;
        let sessions = Arc::clone(&self.client.sessions);
        let mut patience = self.client.patience();
        let mut stored: Option<u64> = None;
        let mut told = None;
        loop {
            let step = match stored {
                None => tus::progress(&sessions, id).await,
                Some(offset) if offset < total_bytes => {
                    let bytes = file.read(offset, self.chunk_bytes).await?;
                    tus::append(&sessions, id, offset, bytes).await.map(|at| (at, total_bytes))
                }
                Some(_) => match outcome(&self.client, id, total_bytes).await {
                    Ok(attachment) => return Ok(attachment),
                    Err(failure) => Err(failure),
                },
            };
            match step {
                Ok((_, size)) if size != total_bytes => {
                    return Err(Error::InvalidArgument("another file than the upload began with"));
                }
                Ok((at, _)) => {
                    if told.is_none_or(|told| at > told) {
                        patience.progress();
                        told = Some(at);
                        self.tell(at, total_bytes);
                    }
                    stored = Some(at);
                }
                Err(failure) => {
                    let is_elsewhere = matches!(
                        failure.code(),
                        ErrorCode::UploadOffset | ErrorCode::ChecksumMismatch
                    );
                    let failure = if is_elsewhere { OTHER_OFFSET } else { failure };
                    patience.pause(failure).await?;
                    stored = None;
                }
            }
        }
    }

    fn tell(&mut self, stored_bytes: u64, total_bytes: u64) {
        tracing::debug!(stored_bytes, total_bytes, "an upload goes on");
        if let Some(on_progress) = &mut self.on_progress {
            on_progress(UploadProgress { stored_bytes, total_bytes });
        }
    }
}

const NO_ID: &str = "the id of an upload has 32 hexadecimal digits";
/// The server has other bytes than thought: to be asked for, and gone on with.
const OTHER_OFFSET: Error = Error::InvalidResponse { status: 500, what: "the offset expected" };
const NOT_TAKEN_IN: Error = Error::InvalidResponse { status: 503, what: "a file taken in" };

/// What came of a file whose bytes have all come.
async fn outcome(client: &Client, id: &str, total_bytes: u64) -> Result<Attachment, Error> {
    let sessions = &client.sessions;
    let mut status = tus::status(sessions, id).await?;
    if status.state == MediaState::Receiving {
        // Its taking-in was cut short, as by a restart: the end, said again, begins it again.
        tus::append(sessions, id, total_bytes, bytes::Bytes::new()).await?;
        status = tus::status(sessions, id).await?;
    }
    if let Some(refused) = tus::refusal(&status) {
        return Err(refused);
    }
    match (status.attachment, status.state) {
        (Some(attachment), _) => Ok(attachment),
        (None, MediaState::Receiving) => Err(NOT_TAKEN_IN),
        (None, _) => Err(Error::InvalidResponse { status: 200, what: "an attachment" }),
    }
}

/// Watches and cancels an upload from elsewhere. Clones are of the same upload.
#[derive(Clone)]
pub struct UploadHandle(Arc<State>);

struct State {
    id: Mutex<Option<String>>,
    is_cancelled: watch::Sender<bool>,
}

impl Default for UploadHandle {
    fn default() -> Self {
        Self(Arc::new(State { id: Mutex::default(), is_cancelled: watch::Sender::new(false) }))
    }
}

impl UploadHandle {
    /// What [`ResumableUpload::resume`] takes, also after a restart; `None` until the server knows
    /// of the upload.
    #[must_use]
    pub fn id(&self) -> Option<String> {
        self.0.id.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends the upload: sending stops, and the server forgets what has come.
    pub fn cancel(&self) {
        self.0.is_cancelled.send_replace(true);
    }

    fn set_id(&self, id: String) {
        *self.0.id.lock().unwrap_or_else(PoisonError::into_inner) = Some(id);
    }

    fn cancelled(&self) -> impl Future<Output = ()> + use<> {
        let mut is_cancelled = self.0.is_cancelled.subscribe();
        async move {
            // The sender lives as long as the upload.
            let _ = is_cancelled.wait_for(|is_cancelled| *is_cancelled).await;
        }
    }
}

impl fmt::Debug for UploadHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadHandle").field("id", &self.id()).finish_non_exhaustive()
    }
}

impl fmt::Debug for ResumableUpload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResumableUpload").field("file", &self.file).finish_non_exhaustive()
    }
}
