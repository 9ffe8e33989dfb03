//! From what a client sent to what may be kept of it.

use std::sync::Arc;

use cloakroom_ingest::{Cleaned, IngestError, Limits, Thumbnails, clean, thumbnails};
use cloakroom_storage::{App, Staged};
use cloakroom_token::ContentHash;

use super::apart::apart;
use super::types::{AllowList, holds_to};
use super::{Intake, IntakeError, Place};

/// A file as it came. It goes when this does.
pub(crate) struct Received {
    pub(crate) staged: Staged,
    pub(crate) file_name: String,
    /// The type its sender gave.
    pub(crate) declared: Option<String>,
    /// Whether that type was announced before the bytes came, and is held to.
    pub(crate) announced: bool,
    /// The hash of its bytes, if the sender said it.
    pub(crate) sha256: Option<ContentHash>,
    /// Held while it takes room that no quota knows of; `None` if none does.
    pub(crate) place: Option<Place>,
}

/// A file without its metadata, on disk. It goes when this does.
pub(crate) struct Ingested {
    pub(super) staged: Staged,
    pub(super) cleaned: Cleaned,
    /// `None` if it is no picture that we can decode.
    pub(super) thumbnails: Option<Thumbnails>,
    pub(super) file_name: String,
    pub(super) received_sha256: ContentHash,
}

impl Ingested {
    pub(crate) fn size_bytes(&self) -> u64 {
        self.staged.size_bytes()
    }
}

impl Intake {
    /// Takes metadata off a file, says what it is by its bytes, and whether the app takes that.
    pub(crate) async fn ingest(
        &self,
        app: &App,
        received: Received,
    ) -> Result<Ingested, IntakeError> {
        let inner = &self.0;
        let _place = inner.queue.try_acquire().map_err(|_| IntakeError::Busy)?;
        let slots = Arc::clone(&inner.slots);
        let slot = slots.acquire_owned().await.map_err(|_| IntakeError::Busy)?;
        let received_sha256 = received.staged.sha256();
        if received.sha256.is_some_and(|said| said != received_sha256) {
            return Err(IntakeError::HashMismatch);
        }
        let allowed = AllowList::of(&app.settings.policy.allowed_types);
        let target = inner.staging.stage(u64::MAX).await?.finish().await?;
        let time = inner.tools.file_time;
        let work = apart(move || {
            // Held until the work ends, also where nobody waits for it any more.
            let _slot = slot;
            let Received { staged, file_name, declared, announced, .. } = received;
            let limits = Limits::default().within(time);
            let cleaned =
                clean(staged.path(), target.path(), declared.as_deref(), &file_name, &limits)?;
            allowed.admit(cleaned.content_type)?;
            if announced {
                holds_to(declared.as_deref(), cleaned.content_type)?;
            }
            let staged = if cleaned.metadata_removed { target } else { staged };
            let thumbnails = match thumbnails(staged.path(), cleaned.content_type, &limits) {
                // Browsers may make more of it than our decoders do.
                Err(IngestError::Malformed { .. }) => None,
                made => made?,
            };
            Ok::<_, IntakeError>(Ingested {
                staged,
                cleaned,
                thumbnails,
                file_name,
                received_sha256,
            })
        });
        let done = tokio::time::timeout(time, work).await;
        let mut ingested = done.map_err(|_| IntakeError::TooSlow)???;
        if ingested.cleaned.metadata_removed {
            ingested.staged = ingested.staged.reread().await?;
        }
        Ok(ingested)
    }
}
