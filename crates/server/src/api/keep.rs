//! Bytes first, rows second: a message is there with all its files, or nothing of it is.

use cloakroom_storage::{App, NewMedia, NewMessage, Receiver, Sent, StorageError};
use cloakroom_token::{Audience, BlobKey, FileVersion, MediaId, Uid, UnixSeconds};

use super::Api;
use super::caller::Actor;
use super::content::{Carried, Content};
use super::error::ApiError;
use super::ingest::Ingested;
use crate::secret;

/// A message that may be sent, with the bytes that go with it.
pub(super) struct Sendable {
    pub(super) receiver: Receiver,
    pub(super) category: String,
    pub(super) message_type: String,
    pub(super) muid: Option<String>,
    pub(super) content: Content,
    pub(super) files: Vec<Ingested>,
}

/// A file whose bytes are stored.
struct Kept {
    id: MediaId,
    version: FileVersion,
    ingested: Ingested,
}

impl Sendable {
    /// Stores bytes, then message, files and links in one transaction. If that fails, the bytes go
    /// again; what a crash leaves is the janitor's.
    pub(super) async fn keep(
        mut self,
        api: &Api,
        actor: &Actor,
    ) -> Result<cloakroom_storage::Message, ApiError> {
        let now = api.access.now();
        let size_bytes = self.files.iter().map(|file| file.staged.size_bytes()).sum();
        has_room(api, &actor.app, size_bytes).await?;
        let mut kept = Vec::with_capacity(self.files.len());
        for ingested in std::mem::take(&mut self.files) {
            match keep_bytes(api, ingested, now).await {
                Ok(one) => kept.push(one),
                Err(error) => {
                    forget(api, &kept).await;
                    return Err(error);
                }
            }
        }
        self.content.attachments.extend(kept.iter().map(Kept::carried));
        match self.write(api, actor, &kept, now).await {
            Ok(Sent::New(message)) => Ok(message),
            Ok(Sent::Before(message)) => {
                forget(api, &kept).await;
                Ok(message)
            }
            Err(error) => {
                forget(api, &kept).await;
                Err(error)
            }
        }
    }

    async fn write(
        &self,
        api: &Api,
        actor: &Actor,
        kept: &[Kept],
        now: UnixSeconds,
    ) -> Result<Sent, ApiError> {
        let data = self.content.to_stored()?;
        let message_type = self.content.message_type(&self.message_type);
        let new = NewMessage {
            muid: self.muid.as_deref(),
            sender: &actor.uid,
            session: actor.session(),
            receiver: &self.receiver,
            category: &self.category,
            kind: &message_type,
            data: &data,
            parent_id: None,
            attachments: &self.content.links(),
        };
        let files: Vec<_> = kept.iter().map(|one| one.row(&actor.uid)).collect();
        let messages = api.db.messages();
        match messages.send_with_files(&actor.app.id, &new, &files, now).await {
            // The same muid was being sent at the same time; now it was sent before.
            Err(StorageError::Conflict) => {
                Ok(messages.send_with_files(&actor.app.id, &new, &files, now).await?)
            }
            other => Ok(other?),
        }
    }
}

impl Kept {
    fn row<'a>(&'a self, uploader: &'a Uid) -> NewMedia<'a> {
        NewMedia {
            id: self.id,
            uploader,
            audience: Audience::Conversation,
            conversation: None,
            file_name: &self.ingested.file_name,
            width: self.ingested.cleaned.width,
            height: self.ingested.cleaned.height,
            duration_ms: self.ingested.cleaned.duration_ms,
            received_sha256: self.ingested.received_sha256,
            original: &self.version,
        }
    }

    fn carried(&self) -> Carried {
        let cleaned = &self.ingested.cleaned;
        Carried {
            media: self.id,
            variant: None,
            name: self.ingested.file_name.clone(),
            mime_type: cleaned.content_type.as_str().to_owned(),
            extension: cleaned.extension.to_owned(),
            size: self.version.size_bytes,
            width: cleaned.width,
            height: cleaned.height,
            duration_ms: cleaned.duration_ms,
        }
    }
}

/// Refuses bytes beyond the app's quota before they are kept. The transaction that makes their rows
/// asks again.
pub(super) async fn has_room(api: &Api, app: &App, size_bytes: u64) -> Result<(), ApiError> {
    let quota = app.settings.policy.storage_quota_bytes.filter(|_| size_bytes > 0);
    let Some(quota_bytes) = quota else { return Ok(()) };
    let used_bytes = api.db.media().usage(&app.id).await?.size_bytes;
    if used_bytes.saturating_add(size_bytes) > quota_bytes {
        return Err(ApiError::StorageQuotaExceeded);
    }
    Ok(())
}

async fn keep_bytes(api: &Api, ingested: Ingested, now: UnixSeconds) -> Result<Kept, ApiError> {
    let blob = BlobKey::from_bytes(secret::random());
    api.blobs.put(blob, &ingested.staged).await?;
    let version = FileVersion {
        blob,
        size_bytes: ingested.staged.size_bytes(),
        content_type: ingested.cleaned.content_type.as_str().into(),
        extension: ingested.cleaned.extension.into(),
        content_sha256: ingested.staged.sha256(),
        stored_at: now,
    };
    Ok(Kept { id: MediaId::from_bytes(secret::random()), version, ingested })
}

/// Removes bytes that no row names. A failure is the janitor's to mend.
async fn forget(api: &Api, kept: &[Kept]) {
    for one in kept {
        if let Err(error) = api.blobs.delete(one.version.blob).await {
            tracing::warn!(%error, "bytes of a message that was not kept are left to the janitor");
        }
    }
}
