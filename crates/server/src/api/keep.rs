//! Bytes first, rows second: a message is there with all its files, or nothing of it is.

use cloakroom_storage::{App, NewMessage, Receiver, Sent, StorageError};
use cloakroom_token::{MediaId, UnixSeconds};

use super::Api;
use super::caller::Actor;
use super::content::{Carried, Content};
use super::error::ApiError;
use crate::intake::{Ingested, Kept};
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

impl Sendable {
    /// Stores bytes, then message, files and links in one transaction. If that fails, the bytes go
    /// again; what a crash leaves is the janitor's.
    pub(super) async fn keep(
        mut self,
        api: &Api,
        actor: &Actor,
    ) -> Result<cloakroom_storage::Message, ApiError> {
        let now = api.access.now();
        let size_bytes = self.files.iter().map(Ingested::size_bytes).sum();
        has_room(api, &actor.app, size_bytes).await?;
        let mut kept = Vec::with_capacity(self.files.len());
        for ingested in std::mem::take(&mut self.files) {
            match api.intake.keep(MediaId::from_bytes(secret::random()), ingested, now).await {
                Ok(one) => kept.push(one),
                Err(error) => {
                    api.intake.forget(&kept).await;
                    return Err(error.into());
                }
            }
        }
        self.content.attachments.extend(kept.iter().map(Carried::of_kept));
        match self.write(api, actor, &kept, now).await {
            Ok(Sent::New(message)) => {
                api.intake.wake();
                Ok(message)
            }
            Ok(Sent::Before(message)) => {
                api.intake.forget(&kept).await;
                Ok(message)
            }
            Err(error) => {
                api.intake.forget(&kept).await;
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
