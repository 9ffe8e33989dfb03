//! Makes posters of videos.

use cloakroom_ingest::{ContentType, Limits};
use cloakroom_storage::{Job, StorageError};
use cloakroom_token::Purpose;

use super::apart::apart;
use super::{Intake, IntakeError};

impl Intake {
    /// Makes the poster of a job's video and adds it to the file. Of what cannot be decoded there
    /// is none, and no second try.
    pub(super) async fn poster(&self, job: &Job) -> Result<(), IntakeError> {
        let Some(maker) = self.0.tools.posters.clone() else { return Ok(()) };
        let Some((app, media)) = job.file() else { return Ok(()) };
        let Some(row) = self.0.db.media().by_id(&app, media).await? else { return Ok(()) };
        let Some(content_type) = ContentType::parse(&row.content_type) else { return Ok(()) };
        let Some(staged) = self.copy(&app, media, Purpose::Thumbnail).await? else {
            return Ok(());
        };
        let _slot = self.0.slots.acquire().await.map_err(|_| IntakeError::Busy)?;
        let work = apart(move || maker.poster(staged.path(), content_type, &Limits::default()));
        let Some(made) = work.await?? else { return Ok(()) };
        let (now, mut kept) = (self.now(), Vec::new());
        let stored = match self.keep_thumbnails(made.items, &mut kept, now).await {
            Ok(()) => {
                let hash = Some(made.thumb_hash.as_slice());
                self.0.db.media().add_thumbnails(&app, media, &kept, hash, now).await
            }
            Err(error) => Err(error),
        };
        if stored.is_err() {
            for (_, version) in &kept {
                self.forget_blob(version.blob).await;
            }
        }
        match stored {
            // Somebody was quicker, the file is gone, or the app is full.
            Err(StorageError::Conflict | StorageError::Missing | StorageError::QuotaExceeded) => {
                Ok(())
            }
            other => {
                other?;
                Ok(self.0.access.catch_up().await?)
            }
        }
    }
}
