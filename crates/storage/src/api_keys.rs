//! API keys: secrets of an app's back end, stored as a hash only.

use cloakroom_token::{AppId, KeyId, Seq, UnixSeconds};

use crate::changes::{self, Change, Reach};
use crate::column::{Place, from_row, stored_as_place};
use crate::db::{Db, on};
use crate::error::StorageError;
use crate::secret_hash::SecretHash;
use crate::statement::sql;

sql! {
    Both {
        API_KEY_ADD = "INSERT INTO api_key (id, app_id, name, scope, hash, created_at)
            VALUES ($1, $2, $3, $4, $5, $6)";
        API_KEY_BY_HASH = "SELECT id, app_id, name, scope, created_at, revoked_at, generation
            FROM api_key WHERE app_id = $1 AND hash = $2 AND revoked_at IS NULL";
        API_KEY_BY_ID = "SELECT id, app_id, name, scope, created_at, revoked_at, generation
            FROM api_key WHERE app_id = $1 AND id = $2";
        API_KEY_LIST = "SELECT id, app_id, name, scope, created_at, revoked_at, generation
            FROM api_key WHERE app_id = $1 ORDER BY created_at, id";
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
    /// When it was revoked.
    pub revoked_at: Option<UnixSeconds>,
    /// Its revocation in the feed.
    pub generation: Seq,
}
from_row!(ApiKey { id, app_id, name, scope, created_at, revoked_at, generation });

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
        on!(tx tx, |c| sqlx::query(API_KEY_ADD)
            .bind(id.as_str()).bind(app.as_str()).bind(name).bind(scope.place())
            .bind(hash.stored()).bind(now.0).execute(c).await.map(|_| ()))?;
        let change = Change::ApiKey(app.clone(), id.clone());
        changes::append(&mut tx, &change, Reach::Widens, now).await?;
        tx.commit().await?;
        Ok(ApiKey {
            id: id.clone(),
            app_id: app.clone(),
            name: name.to_owned(),
            scope,
            created_at: now,
            revoked_at: None,
            generation: Seq::default(),
        })
    }

    /// The key with this secret, unless it is revoked or another app's.
    pub async fn by_secret(
        &self,
        app: &AppId,
        hash: SecretHash,
    ) -> Result<Option<ApiKey>, StorageError> {
        Ok(on!(read self.db, |c| sqlx::query_as(API_KEY_BY_HASH)
            .bind(app.as_str()).bind(hash.stored()).fetch_optional(c).await)?)
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
