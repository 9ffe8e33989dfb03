//! Revocations whose receipt was asked for, and the entry of the feed that proves them applied.

use std::ops::RangeInclusive;

use cloakroom_token::{AppId, Seq, UnixSeconds};

use crate::changes::{self, Change, Reach};
use crate::column::from_row;
use crate::db::{Db, on};
use crate::error::StorageError;
use crate::statement::sql;

sql! {
    Both {
        RECEIPT_ADD = "INSERT INTO receipt (id, app_id, kind, target, seq, barrier, requested_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)";
        RECEIPT_APPLIED = "UPDATE receipt SET applied_at = $2, nodes = $3, took_ms = $4
            WHERE id = $1 AND applied_at IS NULL";
        RECEIPT_BY_ID = "SELECT * FROM receipt WHERE id = $1";
        RECEIPT_SWEEP = "DELETE FROM receipt WHERE requested_at < $1";
    }
}

/// What a receipt is asked for.
#[derive(Clone, Copy, Debug)]
pub struct NewReceipt<'a> {
    /// A fresh random id.
    pub id: &'a str,
    /// The app; `None` for what is every app's.
    pub app: Option<&'a AppId>,
    /// What kind of thing was revoked.
    pub kind: &'a str,
    /// Which.
    pub target: &'a str,
    /// The places of the revocation in the feed; `None` if it was in force before.
    pub seqs: Option<&'a RangeInclusive<Seq>>,
}

/// A revocation, and since when it is in force everywhere.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Receipt {
    /// Its id.
    pub id: String,
    /// The app; `None` for what is every app's.
    pub app_id: Option<AppId>,
    /// What kind of thing was revoked.
    pub kind: String,
    /// Which.
    pub target: String,
    /// The revocation in the feed.
    pub seq: Seq,
    /// The entry that a node acknowledges once it has applied the revocation.
    pub barrier: Seq,
    /// When the receipt was asked for.
    pub requested_at: UnixSeconds,
    /// When every node had applied it; `None` while that is open.
    pub applied_at: Option<UnixSeconds>,
    /// How many nodes applied it.
    pub nodes: Option<u32>,
    /// How long that took, in milliseconds.
    pub took_ms: Option<u64>,
}
from_row!(Receipt {
    id,
    app_id,
    kind,
    target,
    seq,
    barrier,
    requested_at,
    applied_at,
    nodes,
    took_ms,
});

/// The receipts of an installation.
#[derive(Clone, Debug)]
pub struct Receipts {
    db: Db,
}

impl Db {
    /// The receipts.
    #[must_use]
    pub fn receipts(&self) -> Receipts {
        Receipts { db: self.clone() }
    }
}

impl Receipts {
    /// Asks for a receipt of a revocation that was committed before: appends the barrier that every
    /// node has to acknowledge.
    ///
    /// On PostgreSQL a place in the feed says nothing about the order of commits: a node may have
    /// read past a revocation that was not visible yet. The barrier is appended after its commit
    /// and names its places, so whoever sees the barrier sees them, and reads them by name.
    pub async fn begin(
        &self,
        new: &NewReceipt<'_>,
        now: UnixSeconds,
    ) -> Result<Receipt, StorageError> {
        let seqs = if let Some(seqs) = new.seqs {
            seqs.clone()
        } else {
            let head = self.db.changes().head().await?;
            head..=head
        };
        let (from, to) = seqs.into_inner();
        let mut tx = self.db.begin().await?;
        let change = Change::Barrier { from, to };
        let barrier = changes::append(&mut tx, &change, Reach::Narrows, now).await?;
        on!(tx tx, |c| sqlx::query(RECEIPT_ADD)
            .bind(new.id).bind(new.app.map(AppId::as_str)).bind(new.kind).bind(new.target)
            .bind(to.0).bind(barrier.0).bind(now.0).execute(c).await.map(|_| ()))?;
        tx.commit().await?;
        Ok(Receipt {
            id: new.id.to_owned(),
            app_id: new.app.cloned(),
            kind: new.kind.to_owned(),
            target: new.target.to_owned(),
            seq: to,
            barrier,
            requested_at: now,
            applied_at: None,
            nodes: None,
            took_ms: None,
        })
    }

    /// Records that every node has applied it, once; gives what is recorded then.
    pub async fn applied(
        &self,
        id: &str,
        nodes: u32,
        took_ms: u64,
        now: UnixSeconds,
    ) -> Result<Option<Receipt>, StorageError> {
        let took_ms = crate::column::stored_size(took_ms);
        on!(write self.db, |c| sqlx::query(RECEIPT_APPLIED)
            .bind(id).bind(now.0).bind(i64::from(nodes)).bind(took_ms)
            .execute(c).await.map(|_| ()))?;
        self.by_id(id).await
    }

    /// The receipt of this id, applied or not.
    pub async fn by_id(&self, id: &str) -> Result<Option<Receipt>, StorageError> {
        Ok(on!(read self.db, |c| sqlx::query_as(RECEIPT_BY_ID)
            .bind(id).fetch_optional(c).await)?)
    }

    /// Forgets the receipts that were asked for before `before`.
    pub async fn sweep(&self, before: UnixSeconds) -> Result<(), StorageError> {
        on!(write self.db, |c| sqlx::query(RECEIPT_SWEEP)
            .bind(before.0).execute(c).await.map(|_| ()))?;
        Ok(())
    }
}
