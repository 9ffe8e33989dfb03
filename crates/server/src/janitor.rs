//! Clears away what nobody may read any more: bytes of deleted files, after a delay, bytes that a
//! crash between store and database left without a row, kept answers that have expired, and old
//! deliveries and receipts. The store is looked through a part at a time, whole within a day.

use std::ops::RangeInclusive;
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
const DAY_SECONDS: i64 = 24 * 3600;
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
        let now = clock.now();
        janitor.clear(now, shards_due(now)).await;
    }
}

/// What is needed to clear away.
pub(crate) struct Janitor {
    pub(crate) db: Db,
    pub(crate) blobs: Blobs,
    pub(crate) intake: Intake,
    /// How long the bytes of a deleted file stay, in seconds.
    pub(crate) deleted_seconds: u32,
}

impl Janitor {
    /// Clears all that is due at `now`, and these parts of the store of bytes without a row. What
    /// cannot be cleared is said in the log, and tried again.
    pub(crate) async fn clear(&self, now: UnixSeconds, shards: RangeInclusive<u8>) {
        let Self { db, blobs, .. } = self;
        let first_observed = LedgerDay::of(now).plus(-OBSERVED_DAYS);
        let dead = (now.plus(-DELIVERED_SECONDS), now.plus(-DEAD_SECONDS));
        for (what, cleared) in [
            ("old answers", nothing_said(db.idempotency().sweep(now).await)),
            ("uploads that are over", self.clear_uploads(now).await),
            ("bytes of deleted files", self.clear_deleted(now).await),
            (
                "bytes without a row",
                clear_orphans(db, blobs, shards, now.plus(-GRACE_SECONDS)).await,
            ),
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

    /// Removes the bytes of files that were deleted long enough ago; says how many.
    async fn clear_deleted(&self, now: UnixSeconds) -> Result<u64, StorageError> {
        let since = now.plus(-i64::from(self.deleted_seconds));
        let mut cleared = 0;
        loop {
            let expired = self.db.media().expired_versions(since, BATCH).await?;
            if expired.is_empty() {
                return Ok(cleared);
            }
            for version in expired {
                self.blobs.delete(version.blob_key).await?;
                self.db.media().forget_version(&version, now).await?;
                cleared += 1;
            }
        }
    }
}

/// How much was cleared is not worth a line.
fn nothing_said<T>(cleared: Result<T, StorageError>) -> Result<u64, StorageError> {
    cleared.map(|_| 0)
}

/// The parts of the store to look through in the period of `now`: all are due once a day.
fn shards_due(now: UnixSeconds) -> RangeInclusive<u8> {
    let period = i64::try_from(PERIOD.as_secs()).unwrap_or(i64::MAX);
    let (periods, at) = (DAY_SECONDS / period, now.0.rem_euclid(DAY_SECONDS) / period);
    let first = |at| u8::try_from(at * 256 / periods).unwrap_or(u8::MAX);
    first(at)..=first(at + 1) - u8::from(at + 1 < periods)
}

/// Removes blobs of these parts without a row that were stored before `before`; says how many.
async fn clear_orphans(
    db: &Db,
    blobs: &Blobs,
    shards: RangeInclusive<u8>,
    before: UnixSeconds,
) -> Result<u64, StorageError> {
    let mut cleared = 0;
    for shard in shards {
        // Listed before the rows are read: what is stored meanwhile is not in the list.
        let stored = blobs.list(shard).await?;
        let referenced = db.media().referenced_blobs(shard).await?;
        for blob in stored {
            if blob.stored_at < before && !referenced.contains(&blob.key) {
                blobs.delete(blob.key).await?;
                cleared += 1;
            }
        }
    }
    Ok(cleared)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_the_store_is_due_once_a_day() {
        let periods = (0..144).map(|at| UnixSeconds(at * 600 + 599));
        let due: Vec<u8> = periods.flat_map(shards_due).collect();
        assert_eq!(due, (0..=u8::MAX).collect::<Vec<_>>());
        assert_eq!(shards_due(UnixSeconds(5 * DAY_SECONDS)), shards_due(UnixSeconds(0)));
    }
}
