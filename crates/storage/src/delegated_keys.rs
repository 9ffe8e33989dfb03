//! Delegated keys: with each an app's back end presigns by itself, within its bounds.

use cloakroom_token::{AppId, DelegatedBounds, KeyId, Seq, Uid, UnixSeconds, UrlPurpose};

use crate::changes::{self, Change, Reach};
use crate::column::{OutOfRange, from_row, json_list};
use crate::db::{Db, on};
use crate::error::StorageError;
use crate::statement::sql;

sql! {
    Both {
        DELEGATED_KEY_ADD = "INSERT INTO delegated_key (id, app_id, name, wrapped, max_ttl_seconds,
            purposes, uid_prefix, fetches_per_minute, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        DELEGATED_KEY_BY_ID = "SELECT * FROM delegated_key WHERE app_id = $1 AND id = $2";
        DELEGATED_KEY_LIST = "SELECT * FROM delegated_key WHERE app_id = $1
            AND (created_at > $2 OR (created_at = $2 AND id > $3))
            ORDER BY created_at, id LIMIT $4";
        DELEGATED_KEY_LIVE = "SELECT * FROM delegated_key WHERE revoked_at IS NULL
            ORDER BY created_at, id";
        DELEGATED_KEY_COUNT = "SELECT COUNT(*) FROM delegated_key
            WHERE app_id = $1 AND revoked_at IS NULL";
        DELEGATED_KEY_REVOKE = "UPDATE delegated_key SET revoked_at = $3, generation = $4
            WHERE app_id = $1 AND id = $2 AND revoked_at IS NULL";
    }
}

/// A delegated key; its secret is wrapped with the master key.
#[derive(Clone, Eq, PartialEq)]
pub struct DelegatedKeyRow {
    /// Its id, as its URLs name it.
    pub id: KeyId,
    /// The app for whose files it signs.
    pub app_id: AppId,
    /// What the back end calls it.
    pub name: String,
    /// Its secret, wrapped with the master key.
    pub wrapped: Vec<u8>,
    /// What it may sign.
    pub bounds: DelegatedBounds,
    /// Fetches of its URLs that one node answers in a minute; `None`: no bound.
    pub fetches_per_minute: Option<u32>,
    /// When it was made.
    pub created_at: UnixSeconds,
    /// When it was revoked.
    pub revoked_at: Option<UnixSeconds>,
    /// Its revocation in the feed.
    pub generation: Seq,
}

impl std::fmt::Debug for DelegatedKeyRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DelegatedKeyRow")
            .field("id", &self.id)
            .field("app_id", &self.app_id)
            .field("bounds", &self.bounds)
            .field("revoked_at", &self.revoked_at)
            .finish_non_exhaustive()
    }
}

/// A delegated key to be kept.
#[derive(Clone, Copy, Debug)]
pub struct NewDelegatedKey<'a> {
    /// Its id.
    pub id: &'a KeyId,
    /// What the back end calls it.
    pub name: &'a str,
    /// Its secret, wrapped with the master key.
    pub wrapped: &'a [u8],
    /// What it may sign.
    pub bounds: &'a DelegatedBounds,
    /// Fetches of its URLs that one node answers in a minute; `None`: no bound.
    pub fetches_per_minute: Option<u32>,
}

struct Row {
    id: KeyId,
    app_id: AppId,
    name: String,
    wrapped: Vec<u8>,
    max_ttl_seconds: i64,
    purposes: Purposes,
    uid_prefix: Option<Uid>,
    fetches_per_minute: Option<u32>,
    created_at: UnixSeconds,
    revoked_at: Option<UnixSeconds>,
    generation: Seq,
}
from_row!(Row {
    id,
    app_id,
    name,
    wrapped,
    max_ttl_seconds,
    purposes,
    uid_prefix,
    fetches_per_minute,
    created_at,
    revoked_at,
    generation,
});

struct Purposes(Vec<UrlPurpose>);

impl crate::column::Column for Purposes {
    type Sql = String;

    fn from_sql(stored: String) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let words: Vec<String> = serde_json::from_str(&stored)?;
        let purposes = words.iter().map(|word| UrlPurpose::parse(word).ok_or(OutOfRange));
        Ok(Self(purposes.collect::<Result<_, _>>()?))
    }
}

impl From<Row> for DelegatedKeyRow {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            app_id: row.app_id,
            name: row.name,
            wrapped: row.wrapped,
            bounds: DelegatedBounds {
                max_ttl_seconds: row.max_ttl_seconds,
                purposes: row.purposes.0,
                uid_prefix: row.uid_prefix,
            },
            fetches_per_minute: row.fetches_per_minute,
            created_at: row.created_at,
            revoked_at: row.revoked_at,
            generation: row.generation,
        }
    }
}

/// The delegated keys of all apps.
#[derive(Clone, Debug)]
pub struct DelegatedKeys {
    db: Db,
}

impl Db {
    /// The delegated keys.
    #[must_use]
    pub fn delegated_keys(&self) -> DelegatedKeys {
        DelegatedKeys { db: self.clone() }
    }
}

impl DelegatedKeys {
    /// Keeps a new key, and gives its place in the feed: the last revocation that a URL signed with
    /// it can know of.
    ///
    /// # Errors
    ///
    /// [`StorageError::Conflict`] if the id is taken, [`StorageError::Missing`] without app.
    pub async fn create(
        &self,
        app: &AppId,
        new: &NewDelegatedKey<'_>,
        now: UnixSeconds,
    ) -> Result<Seq, StorageError> {
        let words: Vec<_> =
            new.bounds.purposes.iter().map(|purpose| purpose.as_str().to_owned()).collect();
        let mut tx = self.db.begin().await?;
        on!(tx tx, |c| sqlx::query(DELEGATED_KEY_ADD)
            .bind(new.id.as_str()).bind(app.as_str()).bind(new.name).bind(new.wrapped)
            .bind(new.bounds.max_ttl_seconds).bind(json_list(&words))
            .bind(new.bounds.uid_prefix.as_ref().map(Uid::as_str))
            .bind(new.fetches_per_minute.map(i64::from)).bind(now.0)
            .execute(c).await.map(|_| ()))?;
        let change = Change::DelegatedKey(app.clone(), new.id.clone());
        let seq = changes::append(&mut tx, &change, Reach::Widens, now).await?;
        tx.commit().await?;
        Ok(seq)
    }

    /// The key of this id, revoked or not.
    pub async fn by_id(
        &self,
        app: &AppId,
        id: &KeyId,
    ) -> Result<Option<DelegatedKeyRow>, StorageError> {
        let row: Option<Row> = on!(read self.db, |c| sqlx::query_as(DELEGATED_KEY_BY_ID)
            .bind(app.as_str()).bind(id.as_str()).fetch_optional(c).await)?;
        Ok(row.map(DelegatedKeyRow::from))
    }

    /// At most `limit` keys of the app, revoked ones included, the oldest first, behind the one
    /// made at `after.0` with id `after.1`.
    pub async fn list(
        &self,
        app: &AppId,
        after: Option<(UnixSeconds, &str)>,
        limit: u32,
    ) -> Result<Vec<DelegatedKeyRow>, StorageError> {
        let (made, id) = after.unwrap_or((UnixSeconds(i64::MIN), ""));
        let rows: Vec<Row> = on!(read self.db, |c| sqlx::query_as(DELEGATED_KEY_LIST)
            .bind(app.as_str()).bind(made.0).bind(id).bind(i64::from(limit))
            .fetch_all(c).await)?;
        Ok(rows.into_iter().map(DelegatedKeyRow::from).collect())
    }

    /// The keys of all apps that are in force, the oldest first.
    pub async fn live(&self) -> Result<Vec<DelegatedKeyRow>, StorageError> {
        let rows: Vec<Row> =
            on!(read self.db, |c| sqlx::query_as(DELEGATED_KEY_LIVE).fetch_all(c).await)?;
        Ok(rows.into_iter().map(DelegatedKeyRow::from).collect())
    }

    /// How many keys of the app are in force.
    pub async fn count_live(&self, app: &AppId) -> Result<u64, StorageError> {
        let count: i64 = on!(read self.db, |c| sqlx::query_scalar(DELEGATED_KEY_COUNT)
            .bind(app.as_str()).fetch_one(c).await)?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    /// Ends the key and every URL that was signed with it.
    ///
    /// Returns the place of the revocation, or `None` if no such key was in force.
    pub async fn revoke(
        &self,
        app: &AppId,
        id: &KeyId,
        now: UnixSeconds,
    ) -> Result<Option<Seq>, StorageError> {
        let mut tx = self.db.begin().await?;
        let change = Change::DelegatedKey(app.clone(), id.clone());
        let seq = changes::append(&mut tx, &change, Reach::Narrows, now).await?;
        let done = on!(tx tx, |c| sqlx::query(DELEGATED_KEY_REVOKE)
            .bind(app.as_str()).bind(id.as_str()).bind(now.0).bind(seq.0)
            .execute(c).await.map(|done| done.rows_affected()))?;
        if done == 0 {
            return Ok(None);
        }
        tx.commit().await?;
        Ok(Some(seq))
    }
}
