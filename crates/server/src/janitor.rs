//! Clears away what nobody may read any more: bytes of deleted files, after a delay, bytes that a
//! crash between store and database left without a row, kept answers that have expired, and old
//! deliveries and receipts.

use std::time::Duration;

use cloakroom_storage::{Blobs, Db, LedgerDay, StorageError};
use cloakroom_token::UnixSeconds;
use tokio::sync::watch;

use crate::clock::Clock;
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

/// Clears at once and then now and again, until `stop` says so.
pub(crate) async fn run(db: Db, blobs: Blobs, clock: Clock, mut stop: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(PERIOD);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stopped(&mut stop) => return,
        }
        clear(&db, &blobs, clock.now()).await;
    }
}

/// Clears all that is due at `now`. What cannot be cleared is said in the log, and tried again.
async fn clear(db: &Db, blobs: &Blobs, now: UnixSeconds) {
    if let Err(error) = db.idempotency().sweep(now).await {
        tracing::warn!(%error, "the janitor could not clear old answers away");
    }
    for cleared in [
        clear_deleted(db, blobs, now).await,
        clear_orphans(db, blobs, now.plus(-GRACE_SECONDS)).await,
    ] {
        match cleared {
            Ok(0) => {}
            Ok(cleared) => tracing::info!(cleared, "the janitor cleared bytes away"),
            Err(error) => tracing::warn!(%error, "the janitor could not finish"),
        }
    }
    if let Err(error) = forget_deliveries(db, now).await {
        tracing::warn!(%error, "the janitor could not finish");
    }
    if let Err(error) = db.url_views().sweep(now.plus(-GRACE_SECONDS)).await {
        tracing::warn!(%error, "the janitor could not clear the views of expired URLs away");
    }
    if let Err(error) = db.socket_tickets().sweep(now.plus(-GRACE_SECONDS)).await {
        tracing::warn!(%error, "the janitor could not clear used tickets away");
    }
    let first_kept = LedgerDay::of(now).plus(-OBSERVED_DAYS);
    if let Err(error) = db.observations().sweep(first_kept).await {
        tracing::warn!(%error, "the janitor could not clear old observations away");
    }
    if let Err(error) = db.receipts().sweep(now.plus(-RECEIPT_SECONDS)).await {
        tracing::warn!(%error, "the janitor could not clear old receipts away");
    }
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

/// Forgets deliveries of webhooks that were settled long enough ago; says how many.
async fn forget_deliveries(db: &Db, now: UnixSeconds) -> Result<u64, StorageError> {
    db.webhooks().prune(now.plus(-DELIVERED_SECONDS), now.plus(-DEAD_SECONDS)).await
}

#[cfg(test)]
mod tests {
    use cloakroom_storage::{Attempt, KeptAnswer, SqliteOptions};

    use super::*;

    #[tokio::test]
    async fn a_kept_answer_goes_when_it_expires_and_not_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("meta.db");
        let db = Db::open_sqlite(&path, SqliteOptions::default()).await.unwrap();
        let blobs = Blobs::folder(&folder.path().join("files")).unwrap();
        let (now, expiry) = (UnixSeconds(1_000), UnixSeconds(2_000));
        let attempt = Attempt { scope: [1; 32], fingerprint: [1; 32], id: [1; 16] };
        let answer = KeptAnswer { status: 200, ..KeptAnswer::default() };
        db.idempotency().reserve(&attempt, expiry, now).await.unwrap();
        assert!(db.idempotency().keep(&attempt, &answer, expiry).await.unwrap());
        clear(&db, &blobs, expiry.plus(-1)).await;
        assert_eq!(db.idempotency().sweep(expiry.plus(-1)).await.unwrap(), 0);
        clear(&db, &blobs, expiry).await;
        assert_eq!(db.idempotency().sweep(expiry).await.unwrap(), 0, "it is gone already");
    }
}
