//! Clears away what nobody may read any more: bytes of deleted files, after a delay, bytes that a
//! crash between store and database left without a row, kept answers that have expired, and old
//! deliveries and receipts.

use std::time::Duration;

use cloakroom_storage::{Blobs, Db, LedgerDay, StorageError};
use cloakroom_token::UnixSeconds;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::intake::Intake;
use crate::listener::stopped;

/// How often it looks.
const PERIOD: Duration = Duration::from_mins(10);
/// What is younger may still be on its way: bytes whose row is not committed yet.
const GRACE_SECONDS: i64 = 3600;
/// How long the bytes of a deleted file stay; unreadable at once, they can be put back by hand.
const DELETED_SECONDS: i64 = 24 * 3600;
const BATCH: u32 = 500;
/// How long counts of what would have been refused are kept.
const OBSERVED_DAYS: i64 = 90;
/// How long what webhooks took is listed, and what they did not take.
const DELIVERED_SECONDS: i64 = 7 * 24 * 3600;
const DEAD_SECONDS: i64 = 30 * 24 * 3600;
/// How long a receipt can be asked for again; what its holder keeps is good for ever.
const RECEIPT_SECONDS: i64 = 400 * 24 * 3600;

/// How long a file that was uploaded and never sent is kept.
const UNSENT_SECONDS: i64 = 7 * 24 * 3600;

/// Clears at once and then now and again, until `stop` says so.
pub(crate) async fn run(janitor: Janitor, clock: Clock, mut stop: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(PERIOD);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stopped(&mut stop) => return,
        }
        janitor.clear(clock.now()).await;
    }
}

/// What is needed to clear away.
pub(crate) struct Janitor {
    pub(crate) db: Db,
    pub(crate) blobs: Blobs,
    pub(crate) intake: Intake,
}

impl Janitor {
    /// Clears all that is due at `now`. What cannot be cleared is said in the log, and tried again.
    pub(crate) async fn clear(&self, now: UnixSeconds) {
        let Self { db, blobs, .. } = self;
        let first_observed = LedgerDay::of(now).plus(-OBSERVED_DAYS);
        let dead = (now.plus(-DELIVERED_SECONDS), now.plus(-DEAD_SECONDS));
        for (what, cleared) in [
            ("old answers", nothing_said(db.idempotency().sweep(now).await)),
            ("uploads that are over", self.clear_uploads(now).await),
            ("bytes of deleted files", clear_deleted(db, blobs, now).await),
            ("bytes without a row", clear_orphans(db, blobs, now.plus(-GRACE_SECONDS)).await),
            ("old deliveries", nothing_said(db.webhooks().prune(dead.0, dead.1).await)),
            (
                "views of expired URLs",
                nothing_said(db.url_views().sweep(now.plus(-GRACE_SECONDS)).await),
            ),
            (
                "used tickets",
                nothing_said(db.socket_tickets().sweep(now.plus(-GRACE_SECONDS)).await),
            ),
            ("old observations", nothing_said(db.observations().sweep(first_observed).await)),
            ("old receipts", nothing_said(db.receipts().sweep(now.plus(-RECEIPT_SECONDS)).await)),
        ] {
            match cleared {
                Ok(0) => {}
                Ok(cleared) => tracing::info!(cleared, what, "the janitor cleared away"),
                Err(error) => tracing::warn!(%error, what, "the janitor could not clear away"),
            }
        }
    }

    /// Ends uploads whose bytes never came, and removes what was uploaded and never sent; says how
    /// many.
    async fn clear_uploads(&self, now: UnixSeconds) -> Result<u64, StorageError> {
        let mut cleared = 0;
        loop {
            let over = self.db.uploads().over(now.plus(-UNSENT_SECONDS), BATCH, now).await?;
            if over.is_empty() {
                return Ok(cleared);
            }
            for upload in over {
                self.intake.abandon(&upload).await?;
                cleared += 1;
            }
        }
    }
}

/// How much was cleared is not worth a line.
fn nothing_said<T>(cleared: Result<T, StorageError>) -> Result<u64, StorageError> {
    cleared.map(|_| 0)
}

/// Removes blobs without a row that were stored before `before`; says how many.
async fn clear_orphans(db: &Db, blobs: &Blobs, before: UnixSeconds) -> Result<u64, StorageError> {
    let mut cleared = 0;
    for shard in 0..=u8::MAX {
        for blob in blobs.list(shard).await? {
            if blob.stored_at < before && !db.media().is_blob_referenced(blob.key).await? {
                blobs.delete(blob.key).await?;
                cleared += 1;
            }
        }
    }
    Ok(cleared)
}

/// Removes the bytes of files that were deleted long enough ago; says how many.
async fn clear_deleted(db: &Db, blobs: &Blobs, now: UnixSeconds) -> Result<u64, StorageError> {
    let mut cleared = 0;
    loop {
        let expired = db.media().expired_versions(now.plus(-DELETED_SECONDS), BATCH).await?;
        if expired.is_empty() {
            return Ok(cleared);
        }
        for version in expired {
            blobs.delete(version.blob_key).await?;
            db.media().forget_version(&version, now).await?;
            cleared += 1;
        }
    }
}
