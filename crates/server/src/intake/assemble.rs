//! Makes a file of an announced upload whose bytes have come.

use cloakroom_storage::{App, Job, JobKind, StorageError, Upload};
use cloakroom_token::MediaId;

use super::{Intake, IntakeError, Received};

/// For how long a node has the work on an upload to itself.
const LEASE_SECONDS: u32 = 15 * 60;

/// What became of an upload.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Assembled {
    /// It is a file now, or was one already.
    Done,
    /// Somebody else is at it.
    ElsewhereUnderWay,
}

impl Intake {
    /// Takes in the bytes of a presigned form. Sent again, they change nothing.
    pub(crate) async fn take_form(
        &self,
        app: &App,
        upload: &Upload,
        received: Received,
    ) -> Result<(), IntakeError> {
        let taken = self.take(app, upload, received).await;
        self.refuse_if_for_good(upload, &taken).await?;
        taken
    }

    /// Puts together an upload whose last byte has come, now instead of at the worker's next look.
    pub(crate) async fn assemble_now(
        &self,
        app: &App,
        upload: &Upload,
    ) -> Result<Assembled, IntakeError> {
        let jobs = self.0.db.jobs();
        let file = (&upload.app_id, upload.media_id);
        let leased = jobs
            .lease_of(JobKind::Assemble, file, &self.0.owner, LEASE_SECONDS, self.now())
            .await?;
        match leased {
            Some(job) => self.assemble(app, upload, &job).await.map(|()| Assembled::Done),
            None => Ok(Assembled::ElsewhereUnderWay),
        }
    }

    /// Does a leased job, or puts it off if what failed may pass.
    pub(super) async fn assemble(
        &self,
        app: &App,
        upload: &Upload,
        job: &Job,
    ) -> Result<(), IntakeError> {
        let done = match self.put_together(app, upload).await {
            Ok(received) => self.take(app, upload, received).await,
            Err(error) => Err(error.into()),
        };
        self.refuse_if_for_good(upload, &done).await?;
        match &done {
            Err(error) if error.refusal().is_none() => self.later(job, error).await?,
            _ => _ = self.0.db.jobs().complete(job, &self.0.owner).await?,
        }
        done
    }

    async fn refuse_if_for_good(
        &self,
        upload: &Upload,
        done: &Result<(), IntakeError>,
    ) -> Result<(), StorageError> {
        let Some(code) = done.as_ref().err().and_then(IntakeError::refusal) else { return Ok(()) };
        let media = self.0.db.media();
        media.refuse(&upload.app_id, upload.media_id, code.as_str(), self.now()).await?;
        self.drop_parts(upload).await
    }

    /// Ends an upload: what came of it goes, unless a message carries it.
    pub(crate) async fn abandon(&self, upload: &Upload) -> Result<(), StorageError> {
        let uploads = self.0.db.uploads();
        let parts = uploads.parts(&upload.app_id, upload.media_id).await?;
        uploads.abandon(&upload.app_id, upload.media_id, self.now()).await?;
        for part in parts {
            self.forget_blob(part.blob_key).await;
        }
        Ok(())
    }

    async fn drop_parts(&self, upload: &Upload) -> Result<(), StorageError> {
        let uploads = self.0.db.uploads();
        let parts = uploads.parts(&upload.app_id, upload.media_id).await?;
        uploads.drop_parts(&upload.app_id, upload.media_id).await?;
        for part in parts {
            self.forget_blob(part.blob_key).await;
        }
        Ok(())
    }

    async fn put_together(&self, _app: &App, upload: &Upload) -> Result<Received, StorageError> {
        let mut file = self.0.staging.stage(upload.size_bytes).await?;
        for part in self.0.db.uploads().parts(&upload.app_id, upload.media_id).await? {
            self.0.blobs.copy_part(part, &mut file).await?;
        }
        Ok(Received::of_upload(upload, file.finish().await?, self.file_name(upload).await?))
    }

    /// The name under which an upload was announced.
    pub(crate) async fn file_name(&self, upload: &Upload) -> Result<String, StorageError> {
        let media = self.0.db.media().by_id(&upload.app_id, upload.media_id).await?;
        Ok(media.ok_or(StorageError::Missing)?.file_name)
    }

    async fn take(
        &self,
        app: &App,
        upload: &Upload,
        received: Received,
    ) -> Result<(), IntakeError> {
        let (id, uploads) = (upload.media_id, self.0.db.uploads());
        let ingested = self.ingest(app, received).await?;
        let now = self.now();
        let kept = self.keep(id, ingested, now).await?;
        let parts = uploads.parts(&app.id, id).await?;
        match uploads.finish(&app.id, &kept.row(&upload.uploader), now).await {
            Ok(true) => {
                self.wake();
                for part in parts {
                    self.forget_blob(part.blob_key).await;
                }
                Ok(())
            }
            // Somebody was quicker, or it was ended meanwhile.
            Ok(false) => {
                self.forget(&[kept]).await;
                Ok(())
            }
            Err(error) => {
                self.forget(&[kept]).await;
                Err(error.into())
            }
        }
    }

    /// The upload that a job is about, with its app; `None` if it is over.
    pub(super) async fn of_job(
        &self,
        job: &Job,
    ) -> Result<Option<(std::sync::Arc<App>, Upload)>, StorageError> {
        let Some((app, media)) = job.file() else { return Ok(None) };
        let media: MediaId = media;
        let Some(upload) = self.0.db.uploads().by_id(&app, media).await? else { return Ok(None) };
        Ok(self.0.access.app(&app).await?.map(|app| (app, upload)))
    }
}

impl Received {
    pub(crate) fn of_upload(
        upload: &Upload,
        staged: cloakroom_storage::Staged,
        file_name: String,
    ) -> Self {
        let declared = Some(upload.declared_type.clone()).filter(|declared| !declared.is_empty());
        Self { staged, file_name, declared, announced: true, sha256: upload.sha256, place: None }
    }
}
