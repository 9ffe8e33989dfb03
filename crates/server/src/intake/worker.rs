//! Does in the background what files wait for: what was left undone by a crash, scans, posters.

use std::time::Duration;

use cloakroom_storage::{Job, JobKind, StorageError};
use tokio::sync::watch;

use super::{Intake, IntakeError};
use crate::listener::stopped;

/// How often it looks without being woken: work that another node left, or that waits for a time.
const PERIOD: Duration = Duration::from_secs(5);
const LEASE_SECONDS: u32 = 15 * 60;
/// After this many tries a job waits an hour.
const MOST_PATIENCE: u32 = 10;

/// Works until `stop` says so.
pub(crate) async fn run(intake: Intake, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = intake.0.wake.notified() => {}
            () = tokio::time::sleep(PERIOD) => {}
            () = stopped(&mut stop) => return,
        }
        if let Err(error) = intake.work_off().await {
            tracing::warn!(%error, "the work on files cannot go on; it is tried again");
        }
    }
}

impl Intake {
    /// Says that there may be work.
    pub(crate) fn wake(&self) {
        self.0.wake.notify_one();
    }

    /// Does all work that is due, and returns once none is left.
    pub(crate) async fn work_off(&self) -> Result<(), StorageError> {
        let _working = self.0.working.lock().await;
        let jobs = self.0.db.jobs();
        for kind in [JobKind::Assemble, JobKind::Scan, JobKind::Thumbnail] {
            while let Some(job) = jobs.lease(kind, &self.0.owner, LEASE_SECONDS, self.now()).await?
            {
                self.work_on(&job).await?;
            }
        }
        Ok(())
    }

    async fn work_on(&self, job: &Job) -> Result<(), StorageError> {
        let done = match job.kind {
            JobKind::Scan => self.scan(job).await,
            JobKind::Thumbnail => self.poster(job).await,
            _ => match self.of_job(job).await? {
                // It settles its job itself, as does the call that brought the last byte.
                Some((app, upload)) => {
                    let _ = self.assemble(&app, &upload, job).await;
                    return Ok(());
                }
                None => Ok(()),
            },
        };
        match done {
            Ok(()) => self.0.db.jobs().complete(job, &self.0.owner).await.map(|_| ()),
            Err(error) => self.later(job, &error).await,
        }
    }

    /// Puts a job off that failed for a reason that may pass.
    pub(super) async fn later(&self, job: &Job, error: &IntakeError) -> Result<(), StorageError> {
        tracing::warn!(%error, attempts = job.attempts, "a file has to be tried again");
        let again = self.now().plus(patience(job.attempts));
        self.0.db.jobs().again(job, &self.0.owner, again).await?;
        Ok(())
    }
}

/// Seconds until the next try: 10, 20, 40 … up to an hour.
fn patience(attempts: u32) -> i64 {
    let doubled = attempts.clamp(1, MOST_PATIENCE) - 1;
    (10_i64 << doubled).min(3600)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_an_hour() {
        let waits: Vec<i64> = [0, 1, 2, 3, 9, 10, 99].map(patience).to_vec();
        assert_eq!(waits, [10, 10, 20, 40, 2560, 3600, 3600]);
    }
}
