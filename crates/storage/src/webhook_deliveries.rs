//! Deliveries: leased, settled, listed, replayed.

use cloakroom_token::{AppId, UnixSeconds};
use tokio::sync::watch;

use crate::column::{Place, from_row, stored_as_place, stored_size};
use crate::db::on;
use crate::error::StorageError;
use crate::statement::sql;
use crate::webhooks::Webhooks;

sql! {
    Both {
        DELIVERY_LEASE = "UPDATE webhook_delivery SET lease_owner = $1, lease_until = $2,
            attempts = attempts + 1
            WHERE (webhook_id, id) IN (SELECT ranked.webhook_id, ranked.id FROM (
            SELECT d.webhook_id, d.id, d.next_at, ROW_NUMBER()
            OVER (PARTITION BY d.webhook_id ORDER BY d.next_at, d.id) AS place
            FROM webhook_delivery d JOIN webhook w ON w.id = d.webhook_id
            WHERE d.state = 0 AND d.next_at <= $3 AND d.lease_until <= $3
            AND w.disabled_at IS NULL) ranked WHERE ranked.place <= $4
            ORDER BY ranked.next_at, ranked.id LIMIT $5)
            AND state = 0 AND lease_until <= $3
            RETURNING webhook_id, id, payload, attempts";
        DELIVERY_TARGET = "SELECT url FROM webhook WHERE id = $1";
        DELIVERY_SETTLE = "UPDATE webhook_delivery SET state = $4, next_at = $5,
            last_status = $6, last_size = $7, last_error = $8, lease_owner = NULL, lease_until = 0
            WHERE webhook_id = $1 AND id = $2 AND lease_owner = $3 AND state = 0";
        DELIVERY_PAGE = "SELECT id, event, created_at, next_at, attempts, state, last_status,
            last_size, last_error FROM webhook_delivery
            WHERE app_id = $1 AND webhook_id = $2 AND (state = $3 OR $3 < 0)
            AND (created_at < $4 OR (created_at = $4 AND id < $5))
            ORDER BY created_at DESC, id DESC LIMIT $6";
        DELIVERY_REPLAY = "UPDATE webhook_delivery SET state = 0, next_at = $4, attempts = 0,
            lease_owner = NULL, lease_until = 0
            WHERE app_id = $1 AND webhook_id = $2 AND id = $3 AND state <> 0";
        DELIVERY_REPLAY_DEAD = "UPDATE webhook_delivery SET state = 0, next_at = $3, attempts = 0,
            lease_owner = NULL, lease_until = 0
            WHERE app_id = $1 AND webhook_id = $2 AND state = 2";
        DELIVERY_PRUNE = "DELETE FROM webhook_delivery
            WHERE (state = 1 AND next_at < $1) OR (state = 2 AND next_at < $2)";
    }
}

/// Where a delivery is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum DeliveryState {
    /// To be tried, for the first time or again.
    Pending,
    /// The receiver took it.
    Delivered,
    /// Given up; it may be replayed.
    Dead,
}

stored_as_place! { DeliveryState: Pending Delivered Dead; }

/// A delivery, without its payload.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Delivery {
    /// The id of its event.
    pub id: String,
    /// The name of the event.
    pub event: String,
    /// When it happened.
    pub created_at: UnixSeconds,
    /// When it is tried next; once settled, when it was.
    pub next_at: UnixSeconds,
    /// How often it was tried since it was made or replayed.
    pub attempts: u32,
    /// Where it is.
    pub state: DeliveryState,
    /// The status of the last reply, if there was one.
    pub last_status: Option<u32>,
    /// The bytes of its body, as far as it was read.
    pub last_size: Option<u64>,
    /// Why the last try failed, in one word.
    pub last_error: Option<String>,
}
from_row!(Delivery {
    id,
    event,
    created_at,
    next_at,
    attempts,
    state,
    last_status,
    last_size,
    last_error,
});

/// A delivery that this owner is to try now.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DueDelivery {
    /// The webhook.
    pub webhook_id: String,
    /// The id of the event.
    pub id: String,
    /// The body.
    pub payload: String,
    /// How often it was tried, this time included.
    pub attempts: u32,
}
from_row!(DueDelivery { webhook_id, id, payload, attempts });

/// How a try ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Settled {
    /// Where the delivery is now.
    pub state: DeliveryState,
    /// When it is tried next; once settled, now.
    pub next_at: UnixSeconds,
    /// The status of the reply, if there was one.
    pub status: Option<u16>,
    /// The bytes of its body, as far as it was read.
    pub size_bytes: Option<u64>,
    /// Why it failed, in one word.
    pub error: Option<&'static str>,
}

impl Webhooks {
    /// Takes deliveries that are due, of each webhook at most `most_each` and at most `most`
    /// altogether, until `lease_until`. What another owner holds is left alone.
    pub async fn lease(
        &self,
        owner: &str,
        most_each: u32,
        most: u32,
        lease_until: UnixSeconds,
        now: UnixSeconds,
    ) -> Result<Vec<DueDelivery>, StorageError> {
        Ok(on!(write self.db, |c| sqlx::query_as(DELIVERY_LEASE)
            .bind(owner).bind(lease_until.0).bind(now.0).bind(i64::from(most_each))
            .bind(i64::from(most)).fetch_all(c).await)?)
    }

    /// Where a webhook is told; `None` if it was deleted meanwhile.
    pub async fn url(&self, webhook: &str) -> Result<Option<String>, StorageError> {
        Ok(on!(read self.db, |c| sqlx::query_scalar(DELIVERY_TARGET)
            .bind(webhook).fetch_optional(c).await)?)
    }

    /// Records how a try ended; `false` if the lease went to somebody else.
    pub async fn settle(
        &self,
        due: &DueDelivery,
        owner: &str,
        settled: &Settled,
    ) -> Result<bool, StorageError> {
        Ok(on!(write self.db, |c| sqlx::query(DELIVERY_SETTLE)
            .bind(&due.webhook_id).bind(&due.id).bind(owner).bind(settled.state.place())
            .bind(settled.next_at.0).bind(settled.status.map(i64::from))
            .bind(settled.size_bytes.map(stored_size)).bind(settled.error)
            .execute(c).await.map(|done| done.rows_affected() > 0))?)
    }

    /// A page of the deliveries of a webhook, the newest first, in one state or all, from behind
    /// the place `(created_at, id)` on.
    pub async fn deliveries(
        &self,
        app: &AppId,
        webhook: &str,
        state: Option<DeliveryState>,
        behind: Option<(UnixSeconds, &str)>,
        limit: u32,
    ) -> Result<Vec<Delivery>, StorageError> {
        let (created_at, id) = behind.unwrap_or((UnixSeconds(i64::MAX), ""));
        Ok(on!(read self.db, |c| sqlx::query_as(DELIVERY_PAGE)
            .bind(app.as_str()).bind(webhook).bind(state.map_or(-1, Place::place))
            .bind(created_at.0).bind(id).bind(i64::from(limit)).fetch_all(c).await)?)
    }

    /// Sends a delivered or dead event once more; `false` if there is none such.
    pub async fn replay(
        &self,
        app: &AppId,
        webhook: &str,
        id: &str,
        now: UnixSeconds,
    ) -> Result<bool, StorageError> {
        let mut tx = self.db.begin().await?;
        let done = on!(tx tx, |c| sqlx::query(DELIVERY_REPLAY)
            .bind(app.as_str()).bind(webhook).bind(id).bind(now.0)
            .execute(c).await.map(|done| done.rows_affected()))?;
        tx.note_posted(done);
        tx.commit().await?;
        Ok(done > 0)
    }

    /// Sends all dead events of a webhook once more; says how many.
    pub async fn replay_dead(
        &self,
        app: &AppId,
        webhook: &str,
        now: UnixSeconds,
    ) -> Result<u64, StorageError> {
        let mut tx = self.db.begin().await?;
        let done = on!(tx tx, |c| sqlx::query(DELIVERY_REPLAY_DEAD)
            .bind(app.as_str()).bind(webhook).bind(now.0)
            .execute(c).await.map(|done| done.rows_affected()))?;
        tx.note_posted(done);
        tx.commit().await?;
        Ok(done)
    }

    /// Forgets what was delivered before one moment and given up before another; says how many.
    pub async fn prune(
        &self,
        delivered_before: UnixSeconds,
        dead_before: UnixSeconds,
    ) -> Result<u64, StorageError> {
        Ok(on!(write self.db, |c| sqlx::query(DELIVERY_PRUNE)
            .bind(delivered_before.0).bind(dead_before.0)
            .execute(c).await.map(|done| done.rows_affected()))?)
    }

    /// Changes when this process has committed something to send.
    #[must_use]
    pub fn posted_here(&self) -> watch::Receiver<u64> {
        self.db.posted()
    }
}
