//! Webhooks: where an app is told of what happens, and the secrets that sign for them.

use cloakroom_token::{AppId, KeyId, UnixSeconds};
use serde_json::Value;

use crate::column::{from_row, json_list};
use crate::db::{Db, on};
use crate::error::StorageError;
use crate::outbox::{self, WebhookEvent};
use crate::statement::sql;

sql! {
    Both {
        WEBHOOK_COUNT = "SELECT COUNT(*) FROM webhook WHERE app_id = $1";
        WEBHOOK_ADD = "INSERT INTO webhook (id, app_id, url, events, created_at)
            VALUES ($1, $2, $3, $4, $5) RETURNING *";
        WEBHOOK_LIST = "SELECT * FROM webhook WHERE app_id = $1 ORDER BY created_at, id";
        WEBHOOK_BY_ID = "SELECT * FROM webhook WHERE app_id = $1 AND id = $2";
        WEBHOOK_DELETE = "DELETE FROM webhook WHERE app_id = $1 AND id = $2";
        WEBHOOK_ENABLE = "UPDATE webhook SET disabled_at = NULL
            WHERE app_id = $1 AND id = $2 AND disabled_at IS NOT NULL";
        WEBHOOK_DISABLE = "UPDATE webhook SET disabled_at = $2
            WHERE id = $1 AND disabled_at IS NULL";
        WEBHOOK_GIVE_UP = "UPDATE webhook_delivery SET state = 2, next_at = $2,
            last_error = 'webhook_disabled', lease_owner = NULL, lease_until = 0
            WHERE webhook_id = $1 AND state = 0";
        WEBHOOK_SECRET_ADD = "INSERT INTO webhook_secret (id, webhook_id, wrapped, created_at)
            VALUES ($1, $2, $3, $4)";
        WEBHOOK_SECRET_EXPIRE = "UPDATE webhook_secret SET expires_at = $2
            WHERE webhook_id = $1 AND expires_at IS NULL";
        WEBHOOK_SECRET_SWEEP = "DELETE FROM webhook_secret
            WHERE webhook_id = $1 AND expires_at IS NOT NULL";
        WEBHOOK_SECRETS = "SELECT id, wrapped FROM webhook_secret
            WHERE webhook_id = $1 AND (expires_at IS NULL OR expires_at > $2)
            ORDER BY expires_at IS NOT NULL, created_at DESC, id";
    }
}

/// A webhook of an app.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Webhook {
    /// Its id.
    pub id: String,
    /// Where it is told.
    pub url: String,
    /// The names of the events it subscribes to.
    pub events: Vec<String>,
    /// When it was made.
    pub created_at: UnixSeconds,
    /// Since when nothing is sent, because the receiver said that it is gone.
    pub disabled_at: Option<UnixSeconds>,
}
from_row!(Webhook { id, url, events, created_at, disabled_at });

/// A webhook to make.
#[derive(Clone, Debug)]
pub struct NewWebhook<'a> {
    /// A fresh random id.
    pub id: &'a str,
    /// Where it is told.
    pub url: &'a str,
    /// What it is told of.
    pub events: &'a [WebhookEvent],
    /// The id of its first secret.
    pub secret: &'a KeyId,
    /// That secret, wrapped with the master key.
    pub wrapped: &'a [u8],
}

/// What signs for a webhook, wrapped with the master key under `id`.
#[derive(Clone, Eq, PartialEq)]
pub struct WebhookSecret {
    /// Its id.
    pub id: KeyId,
    /// The wrapped secret.
    pub wrapped: Vec<u8>,
}
from_row!(WebhookSecret { id, wrapped });

impl std::fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WebhookSecret").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The webhooks of all apps.
#[derive(Clone, Debug)]
pub struct Webhooks {
    pub(crate) db: Db,
}

impl Db {
    /// The webhooks.
    #[must_use]
    pub fn webhooks(&self) -> Webhooks {
        Webhooks { db: self.clone() }
    }
}

impl Webhooks {
    /// Makes a webhook; `None` if the app has `most` already.
    ///
    /// # Errors
    ///
    /// [`StorageError::Missing`] if there is no such app.
    pub async fn create(
        &self,
        app: &AppId,
        new: &NewWebhook<'_>,
        most: u32,
        now: UnixSeconds,
    ) -> Result<Option<Webhook>, StorageError> {
        let events: Vec<String> =
            new.events.iter().map(|event| event.as_str().to_owned()).collect();
        let mut tx = self.db.begin().await?;
        let count: i64 = on!(tx tx, |c| sqlx::query_scalar(WEBHOOK_COUNT)
            .bind(app.as_str()).fetch_one(c).await)?;
        if count >= i64::from(most) {
            return Ok(None);
        }
        let webhook = on!(tx tx, |c| sqlx::query_as(WEBHOOK_ADD)
            .bind(new.id).bind(app.as_str()).bind(new.url).bind(json_list(&events)).bind(now.0)
            .fetch_one(c).await)?;
        on!(tx tx, |c| sqlx::query(WEBHOOK_SECRET_ADD)
            .bind(new.secret.as_str()).bind(new.id).bind(new.wrapped).bind(now.0)
            .execute(c).await.map(|_| ()))?;
        tx.commit().await?;
        Ok(Some(webhook))
    }

    /// The webhooks of an app, the oldest first.
    pub async fn list(&self, app: &AppId) -> Result<Vec<Webhook>, StorageError> {
        Ok(on!(read self.db, |c| sqlx::query_as(WEBHOOK_LIST)
            .bind(app.as_str()).fetch_all(c).await)?)
    }

    /// One webhook of an app.
    pub async fn by_id(&self, app: &AppId, id: &str) -> Result<Option<Webhook>, StorageError> {
        Ok(on!(read self.db, |c| sqlx::query_as(WEBHOOK_BY_ID)
            .bind(app.as_str()).bind(id).fetch_optional(c).await)?)
    }

    /// Deletes a webhook with its deliveries; `false` if there is none.
    pub async fn delete(&self, app: &AppId, id: &str) -> Result<bool, StorageError> {
        Ok(on!(write self.db, |c| sqlx::query(WEBHOOK_DELETE)
            .bind(app.as_str()).bind(id).execute(c).await.map(|done| done.rows_affected() > 0))?)
    }

    /// Gives a webhook a new secret; the one before signs beside it until `before_until`, and what
    /// was before that not any more. `false` if there is no such webhook.
    pub async fn rotate_secret(
        &self,
        app: &AppId,
        id: &str,
        secret: &WebhookSecret,
        before_until: UnixSeconds,
        now: UnixSeconds,
    ) -> Result<bool, StorageError> {
        if self.by_id(app, id).await?.is_none() {
            return Ok(false);
        }
        let mut tx = self.db.begin().await?;
        on!(tx tx, |c| sqlx::query(WEBHOOK_SECRET_SWEEP)
            .bind(id).execute(c).await.map(|_| ()))?;
        on!(tx tx, |c| sqlx::query(WEBHOOK_SECRET_EXPIRE)
            .bind(id).bind(before_until.0).execute(c).await.map(|_| ()))?;
        on!(tx tx, |c| sqlx::query(WEBHOOK_SECRET_ADD)
            .bind(secret.id.as_str()).bind(id).bind(secret.wrapped.as_slice()).bind(now.0)
            .execute(c).await.map(|_| ()))?;
        tx.commit().await?;
        Ok(true)
    }

    /// The secrets that sign for a webhook now, the newest first.
    pub async fn secrets(
        &self,
        id: &str,
        now: UnixSeconds,
    ) -> Result<Vec<WebhookSecret>, StorageError> {
        Ok(on!(read self.db, |c| sqlx::query_as(WEBHOOK_SECRETS)
            .bind(id).bind(now.0).fetch_all(c).await)?)
    }

    /// Sends nothing more to a webhook; what was pending is dead.
    pub async fn disable(&self, id: &str, now: UnixSeconds) -> Result<(), StorageError> {
        let mut tx = self.db.begin().await?;
        for statement in [WEBHOOK_DISABLE, WEBHOOK_GIVE_UP] {
            on!(tx tx, |c| sqlx::query(statement)
                .bind(id).bind(now.0).execute(c).await.map(|_| ()))?;
        }
        tx.commit().await
    }

    /// Sends to a webhook again; `false` if it was not disabled.
    pub async fn enable(&self, app: &AppId, id: &str) -> Result<bool, StorageError> {
        Ok(on!(write self.db, |c| sqlx::query(WEBHOOK_ENABLE)
            .bind(app.as_str()).bind(id).execute(c).await.map(|done| done.rows_affected() > 0))?)
    }

    /// Tells the subscribed webhooks of an app of an event that no other write tells of; says how
    /// many. `data` holds no credential.
    pub async fn enqueue(
        &self,
        app: &AppId,
        event: WebhookEvent,
        data: &Value,
        now: UnixSeconds,
    ) -> Result<u64, StorageError> {
        let mut tx = self.db.begin().await?;
        let written = outbox::append(&mut tx, app, event, data, None, now).await?;
        tx.commit().await?;
        Ok(written)
    }

    /// Tries one webhook, whatever it subscribes to; the event's id, or `None` if there is no such
    /// webhook.
    pub async fn enqueue_test(
        &self,
        app: &AppId,
        id: &str,
        now: UnixSeconds,
    ) -> Result<Option<String>, StorageError> {
        let mut tx = self.db.begin().await?;
        let event = outbox::append_to(&mut tx, app, id, WebhookEvent::WebhookTest, now).await?;
        tx.commit().await?;
        Ok(event)
    }
}
