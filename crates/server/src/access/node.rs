//! This run of the server among the nodes: its lease, and what it acknowledged of the feed.

use std::time::Duration;

use cloakroom_storage::{Db, StorageError};
use cloakroom_token::Seq;

use super::freshness::Freshness;
use crate::clock::Clock;
use crate::secret::random;

/// A node and its lease. Without a lease it decides nothing: others may have stopped waiting for
/// it.
pub(crate) struct Node {
    id: String,
    lease_seconds: u32,
    lease: Freshness,
    clock: Clock,
}

impl Node {
    /// Joins with a lease of `lease`, in whole seconds.
    pub(super) async fn join(
        db: &Db,
        clock: &Clock,
        lease: Duration,
        applied: Seq,
    ) -> Result<Self, StorageError> {
        if !db.is_shared() {
            // The folder's lock says that no other server runs: what is left are ended runs.
            db.nodes().leave_all().await?;
        }
        let node = Self {
            id: hex::encode(random::<8>()),
            lease_seconds: u32::try_from(lease.as_secs()).unwrap_or(u32::MAX).max(1),
            lease: Freshness::new(clock.clone(), lease),
            clock: clock.clone(),
        };
        node.acknowledge(db, applied).await?;
        Ok(node)
    }

    /// Its name among the nodes.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// How long a lease lasts, and how long beyond it others wait.
    pub(super) const fn lease_seconds(&self) -> u32 {
        self.lease_seconds
    }

    /// Whether it holds a lease at this nanosecond of the monotonic clock, counted from the start of
    /// the call that renewed it.
    pub(super) fn holds_lease_at(&self, now: u64) -> bool {
        self.lease.is_fresh_at(now)
    }

    /// Renews the lease and says how far the feed is applied.
    pub(super) async fn acknowledge(&self, db: &Db, applied: Seq) -> Result<(), StorageError> {
        let began = self.clock.monotonic();
        db.nodes().heartbeat(&self.id, applied, self.lease_seconds).await?;
        self.lease.looked(began);
        Ok(())
    }

    /// Whether a third of the lease has passed since it was renewed.
    pub(super) fn is_due(&self) -> bool {
        self.lease.age() >= Duration::from_secs(self.lease_seconds.into()) / 3
    }
}
