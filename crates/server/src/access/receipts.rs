//! Receipts: since when a revocation is in force on every node.

use std::ops::RangeInclusive;
use std::time::Duration;

use cloakroom_storage::{NewReceipt, Receipt, StorageError};
use cloakroom_token::{AppId, Seq, StatementError, StatementKind};
use cloakroom_wire::{ReceiptClaims, Revocation, RevocationKind, RevokedThing};

use super::live::Access;
use crate::secret::random;

/// How often the other nodes are looked at while one of them is behind.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// How long an answer waits for the other nodes; then the receipt is asked for later.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// How long a receipt that nobody waits for is pursued.
const LONGEST_PURSUIT: Duration = Duration::from_mins(5);

/// Why there is no receipt.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReceiptError {
    /// The receipt cannot be signed.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Access {
    /// The receipt of a revocation that was just committed, or was in force before (`seqs` is
    /// `None`). `app` is `None` for what is every app's.
    ///
    /// Waits until every node has applied it, at most half a minute; without `wait`, not at all.
    /// Then the answer is still open, and [`Access::receipt_of`] gives it later.
    pub(crate) async fn receipt(
        &self,
        app: Option<&AppId>,
        what: RevokedThing,
        seqs: Option<&RangeInclusive<Seq>>,
        wait: bool,
    ) -> Result<Revocation, ReceiptError> {
        let inner = self.inner();
        let began = inner.clock.monotonic();
        let id = hex::encode(random::<16>());
        let (kind, target) = (what.kind.as_str(), what.id.as_str());
        let new = NewReceipt { id: &id, app, kind, target, seqs };
        let open = inner.db.receipts().begin(&new, self.now()).await?;
        if wait {
            let pursuit = tokio::time::timeout(LONGEST_WAIT, self.complete(&open, began));
            if let Ok(done) = pursuit.await {
                return self.signed(done?);
            }
        }
        let (access, pursued) = (self.clone(), open.clone());
        tokio::spawn(async move {
            let pursuit = access.complete(&pursued, began);
            match tokio::time::timeout(LONGEST_PURSUIT, pursuit).await {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => tracing::warn!(%error, "a receipt was not completed"),
                Err(_) => tracing::warn!("a receipt was not completed: a node stays behind"),
            }
        });
        self.signed(open)
    }

    /// The receipt of this id, completed if every node has applied it by now; `None` if this app
    /// has none of it.
    pub(crate) async fn receipt_of(
        &self,
        app: &AppId,
        id: &str,
    ) -> Result<Option<Revocation>, ReceiptError> {
        let found = self.inner().db.receipts().by_id(id).await?;
        let Some(receipt) = found.filter(|receipt| receipt.app_id.as_ref() == Some(app)) else {
            return Ok(None);
        };
        if receipt.applied_at.is_some() {
            return self.signed(receipt).map(Some);
        }
        // Asked about later, the time since it was requested is the most that it took.
        let waited = self.now().since(receipt.requested_at).max(0).unsigned_abs();
        let began = self.inner().clock.monotonic().saturating_sub(Duration::from_secs(waited));
        let done = match self.nodes_done(receipt.barrier).await? {
            Some(nodes) => self.record(&receipt, nodes, began).await?,
            None => receipt,
        };
        self.signed(done).map(Some)
    }

    /// Waits until every node has applied the barrier, and records it.
    async fn complete(&self, open: &Receipt, began: Duration) -> Result<Receipt, StorageError> {
        loop {
            if let Some(nodes) = self.nodes_done(open.barrier).await? {
                return self.record(open, nodes, began).await;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// How many nodes have applied the feed up to `barrier`; `None` while one is behind that may
    /// still decide: its lease, and as long again, has not passed.
    async fn nodes_done(&self, barrier: Seq) -> Result<Option<u32>, StorageError> {
        let inner = self.inner();
        self.catch_up().await?;
        if !inner.db.is_shared() {
            return Ok(Some(1));
        }
        let nodes = inner.db.nodes().list(inner.node.lease_seconds()).await?;
        let mut others = nodes.iter().filter(|node| node.id != inner.node.id());
        if others.clone().any(|node| node.applied_seq < barrier) {
            return Ok(None);
        }
        let done = others.by_ref().filter(|node| node.applied_seq >= barrier).count();
        Ok(Some(u32::try_from(done).unwrap_or(u32::MAX).saturating_add(1)))
    }

    async fn record(
        &self,
        open: &Receipt,
        nodes: u32,
        began: Duration,
    ) -> Result<Receipt, StorageError> {
        let inner = self.inner();
        let took = inner.clock.monotonic().saturating_sub(began).as_millis();
        let took_ms = u64::try_from(took).unwrap_or(u64::MAX);
        let done = inner.db.receipts().applied(&open.id, nodes, took_ms, self.now()).await?;
        Ok(done.unwrap_or_else(|| open.clone()))
    }

    fn signed(&self, receipt: Receipt) -> Result<Revocation, ReceiptError> {
        let what = RevokedThing {
            kind: RevocationKind::parse(&receipt.kind).unwrap_or(RevocationKind::Unrecognized),
            id: receipt.target,
        };
        let (Some(applied_at), Some(nodes), Some(took_ms)) =
            (receipt.applied_at, receipt.nodes, receipt.took_ms)
        else {
            return Ok(Revocation::open(receipt.id, what, receipt.seq.0));
        };
        let claims = ReceiptClaims {
            iss: self.issuer().to_owned(),
            aud: receipt.app_id.map(|app| app.to_string()),
            jti: receipt.id,
            iat: applied_at.0,
            what,
            seq: receipt.seq.0,
            applied_at: applied_at.0,
            nodes,
            took_ms,
            edge_until: None,
        };
        let text = self.sign_statement(StatementKind::Receipt, &claims)?;
        Ok(Revocation::applied(claims, text))
    }
}
