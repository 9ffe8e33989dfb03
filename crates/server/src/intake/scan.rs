//! Looks for malware in files that are held.

use cloakroom_ingest::{ScanError, Verdict};
use cloakroom_storage::{Job, StorageError};
use cloakroom_token::{
    AppId, FileState, MediaId, MediaPath, Purpose, ReadGrant, UnixSeconds, Variant,
};
use cloakroom_wire::ErrorCode;
use futures_util::StreamExt;

use super::apart::apart;
use super::{Intake, IntakeError};

impl Intake {
    /// Scans the file of a job, and releases or refuses it. Without a verdict it stays held.
    pub(super) async fn scan(&self, job: &Job) -> Result<(), IntakeError> {
        let Some((app, media)) = job.file() else { return Ok(()) };
        let row = self.0.db.media().by_id(&app, media).await?;
        let Some(row) = row.filter(|row| row.state == FileState::Checking) else { return Ok(()) };
        let clamd = self.0.tools.clamd.clone().ok_or(IntakeError::NoScanner)?;
        if row.size_bytes > self.0.tools.scan_max_bytes {
            self.settle(&app, media, &Verdict::TooLarge, self.now()).await?;
            return Ok(self.0.access.catch_up().await?);
        }
        let Some(staged) = self.copy(&app, media, Purpose::Scan).await? else { return Ok(()) };
        let verdict = apart(move || {
            let mut file = std::fs::File::open(staged.path()).map_err(ScanError::Unreadable)?;
            clamd.scan(&mut file)
        });
        let verdict = verdict.await??;
        let now = self.now();
        self.settle(&app, media, &verdict, now).await?;
        Ok(self.0.access.catch_up().await?)
    }

    async fn settle(
        &self,
        app: &AppId,
        media: MediaId,
        verdict: &Verdict,
        now: UnixSeconds,
    ) -> Result<(), StorageError> {
        let files = self.0.db.media();
        let code = match verdict {
            Verdict::Clean => return files.release(app, media, now).await.map(|_| ()),
            Verdict::Infected(signature) => {
                tracing::warn!(%app, %media, signature, "malware was found in a file");
                ErrorCode::FileInfected
            }
            Verdict::TooLarge => ErrorCode::FileUnscannable,
        };
        files.refuse(app, media, code.as_str(), now).await.map(|_| ())
    }

    /// The original of a file as a file of our own, whatever its state; `None` if it is gone.
    pub(super) async fn copy(
        &self,
        app: &AppId,
        media: MediaId,
        purpose: Purpose,
    ) -> Result<Option<cloakroom_storage::Staged>, StorageError> {
        let stored = self.0.db.media().file_facts(app, media).await?;
        let extension = stored.as_ref().and_then(|stored| stored.version(Variant::Original));
        let Some(extension) = extension.map(|version| version.extension.clone()) else {
            return Ok(None);
        };
        let Ok(path) = MediaPath::new(app.clone(), media, Variant::Original, &extension) else {
            return Ok(None);
        };
        let Some(facts) = self.0.access.file_for_anyone(&path).await? else { return Ok(None) };
        #[expect(clippy::disallowed_methods, reason = "the server's own work; nobody is served")]
        let Ok(grant) = ReadGrant::internal(&path, facts, purpose) else { return Ok(None) };
        let Some(mut bytes) = self.0.blobs.open(&grant, None).await? else { return Ok(None) };
        let mut copy = self.0.staging.stage(grant.size_bytes()).await?;
        while let Some(chunk) = bytes.next().await {
            copy.append(&chunk?).await?;
        }
        copy.finish().await.map(Some)
    }
}
