//! API keys: secrets of an app's back end, stored as a hash only.

use cloakroom_token::{AppId, KeyId, Seq, UnixSeconds};

use crate::changes::{self, Change, Reach};
use crate::column::{Place, from_row, stored_as_place};
use crate::db::{Db, Tx, on};
use crate::error::StorageError;
use crate::secret_hash::SecretHash;
use crate::statement::sql;

sql! {
    Both {
        API_KEY_ADD = "INSERT INTO api_key (id, app_id, name, scope, hash, created_at)
            VALUES ($1, $2, $3, $4, $5, $6)";
        API_KEY_BY_HASH = "SELECT id, app_id, name, scope, created_at, expires_at, revoked_at,
            generation FROM api_key WHERE app_id = $1 AND hash = $2 AND revoked_at IS NULL
            AND (expires_at IS NULL OR expires_at > $3)";
        API_KEY_BY_ID = "SELECT id, app_id, name, scope, created_at, expires_at, revoked_at,
            generation FROM api_key WHERE app_id = $1 AND id = $2";
        API_KEY_LIST = "SELECT id, app_id, name, scope, created_at, expires_at, revoked_at,
            generation FROM api_key WHERE app_id = $1 ORDER BY created_at, id";
        API_KEY_LIVE = "UPDATE api_key SET name = name WHERE app_id = $1 AND id = $2
            AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $3)
            RETURNING id, app_id, name, scope, created_at, expires_at, revoked_at, generation";
        API_KEY_LIMIT = "UPDATE api_key SET expires_at = $3 WHERE app_id = $1 AND id = $2";
        API_KEY_REVOKE = "UPDATE api_key SET revoked_at = $3, generation = $4
            WHERE app_id = $1 AND id = $2 AND revoked_at IS NULL";
    }
}

/// What an API key may do.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ApiKeyScope {
    /// Log users in.
    AuthOnly,
    /// Everything in the app.
    FullAccess,
}

stored_as_place! { ApiKeyScope: AuthOnly FullAccess; }

/// An API key; its secret is known to its holder alone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ApiKey {
    /// Its public name.
    pub id: KeyId,
    /// The app it opens.
    pub app_id: AppId,
    /// What the operator calls it.
    pub name: String,
    /// What it may do.
    pub scope: ApiKeyScope,
    /// When it was made.
    pub created_at: UnixSeconds,
    /// When it ends by itself, because another took its place; `None` if it does not.
    pub expires_at: Option<UnixSeconds>,
    /// When it was revoked.
    pub revoked_at: Option<UnixSeconds>,
    /// Its revocation in the feed.
    pub generation: Seq,
}
from_row!(ApiKey { id, app_id, name, scope, created_at, expires_at, revoked_at, generation });

/// The API keys of all apps.
#[derive(Clone, Debug)]
pub struct ApiKeys {
    db: Db,
}

impl Db {
    /// The API keys.
    #[must_use]
    pub fn api_keys(&self) -> ApiKeys {
        ApiKeys { db: self.clone() }
    }
}

impl ApiKeys {
    /// Keeps a new key.
    ///
    /// # Errors
    ///
    /// [`StorageError::Conflict`] if id or secret is taken, [`StorageError::Missing`] without app.
    pub async fn create(
        &self,
        app: &AppId,
        id: &KeyId,
        name: &str,
        scope: ApiKeyScope,
        hash: SecretHash,
        now: UnixSeconds,
    ) -> Result<ApiKey, StorageError> {
        let mut tx = self.db.begin().await?;
        let key = ApiKey {
            id: id.clone(),
            app_id: app.clone(),
            name: name.to_owned(),
            scope,
            created_at: now,
            expires_at: None,
            revoked_at: None,
            generation: Seq::default(),
        };
        insert(&mut tx, &key, hash).await?;
        tx.commit().await?;
        Ok(key)
    }

    /// Puts a new key of the same name and scope in the place of one in force, which goes on for
    /// `grace_seconds` and then ends; at 0 it is revoked, with every URL made with it.
    ///
    /// Returns the new key and the place where the old one was limited, or `None` if no such key
    /// was in force.
    ///
    /// # Errors
    ///
    /// [`StorageError::Conflict`] if id or secret is taken.
    pub async fn rotate(
        &self,
        app: &AppId,
        old: &KeyId,
        new: (&KeyId, SecretHash),
        grace_seconds: i64,
        now: UnixSeconds,
    ) -> Result<Option<(ApiKey, Seq)>, StorageError> {
        let mut tx = self.db.begin().await?;
        let row: Option<ApiKey> = on!(tx tx, |c| sqlx::query_as(API_KEY_LIVE)
            .bind(app.as_str()).bind(old.as_str()).bind(now.0).fetch_optional(c).await)?;
        let Some(was) = row else { return Ok(None) };
        let key = ApiKey {
            id: new.0.clone(),
            created_at: now,
            expires_at: None,
            generation: Seq::default(),
            ..was.clone()
        };
        insert(&mut tx, &key, new.1).await?;
        let change = Change::ApiKey(app.clone(), old.clone());
        let seq = changes::append(&mut tx, &change, Reach::Narrows, now).await?;
        if grace_seconds > 0 {
            let end = now.plus(grace_seconds);
            let end = was.expires_at.map_or(end, |before| before.min(end));
            on!(tx tx, |c| sqlx::query(API_KEY_LIMIT)
                .bind(app.as_str()).bind(old.as_str()).bind(end.0).execute(c).await.map(|_| ()))?;
        } else {
            on!(tx tx, |c| sqlx::query(API_KEY_REVOKE)
                .bind(app.as_str()).bind(old.as_str()).bind(now.0).bind(seq.0)
                .execute(c).await.map(|_| ()))?;
        }
        tx.commit().await?;
        Ok(Some((key, seq)))
    }

    /// The key with this secret, unless it is revoked, has expired or is another app's.
    pub async fn by_secret(
        &self,
        app: &AppId,
        hash: SecretHash,
        now: UnixSeconds,
    ) -> Result<Option<ApiKey>, StorageError> {
        Ok(on!(read self.db, |c| sqlx::query_as(API_KEY_BY_HASH)
            .bind(app.as_str()).bind(hash.stored()).bind(now.0).fetch_optional(c).await)?)
    }

    /// The key of this id, revoked or not.
    pub async fn by_id(&self, app: &AppId, id: &KeyId) -> Result<Option<ApiKey>, StorageError> {
        Ok(on!(read self.db, |c| sqlx::query_as(API_KEY_BY_ID)
            .bind(app.as_str()).bind(id.as_str()).fetch_optional(c).await)?)
    }

    /// All keys of the app, revoked ones included, the oldest first.
    pub async fn list(&self, app: &AppId) -> Result<Vec<ApiKey>, StorageError> {
        Ok(on!(read self.db, |c| sqlx::query_as(API_KEY_LIST)
            .bind(app.as_str()).fetch_all(c).await)?)
    }

    /// Ends the key and every URL made with it.
    ///
    /// Returns the place of the revocation, or `None` if no such key was in force.
    pub async fn revoke(
        &self,
        app: &AppId,
        id: &KeyId,
        now: UnixSeconds,
    ) -> Result<Option<Seq>, StorageError> {
        let mut tx = self.db.begin().await?;
        let change = Change::ApiKey(app.clone(), id.clone());
        let seq = changes::append(&mut tx, &change, Reach::Narrows, now).await?;
        let done = on!(tx tx, |c| sqlx::query(API_KEY_REVOKE)
            .bind(app.as_str()).bind(id.as_str()).bind(now.0).bind(seq.0)
            .execute(c).await.map(|done| done.rows_affected()))?;
        if done == 0 {
            return Ok(None);
        }
        tx.commit().await?;
        Ok(Some(seq))
    }
}

async fn insert(tx: &mut Tx, key: &ApiKey, hash: SecretHash) -> Result<(), StorageError> {
    on!(tx tx, |c| sqlx::query(API_KEY_ADD)
        .bind(key.id.as_str()).bind(key.app_id.as_str()).bind(&key.name).bind(key.scope.place())
        .bind(hash.stored()).bind(key.created_at.0).execute(c).await.map(|_| ()))?;
    let change = Change::ApiKey(key.app_id.clone(), key.id.clone());
    changes::append(tx, &change, Reach::Widens, key.created_at).await?;
    Ok(())
}
