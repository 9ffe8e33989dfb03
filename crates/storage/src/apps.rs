//! Apps and their settings.

use cloakroom_token::{AppId, Seq, UnixSeconds};

use crate::changes::{self, Change, Reach};
use crate::column::{Place, from_row, json_list, stored_as_place, stored_size};
use crate::db::{Db, on};
use crate::error::StorageError;
use crate::policy::AppPolicy;
use crate::statement::sql;

sql! {
    Both {
        APP_ADD = "INSERT INTO app (id, name, region, token_based_file_access,
            presign_ttl_seconds, fat_lifetime_seconds, client_login_by_auth_key, file_size_max,
            file_count_max, allowed_origins, created_at, updated_at, policy)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12)";
        APP_LOCK = "UPDATE app SET updated_at = updated_at WHERE id = $1 RETURNING *";
        APP_BY_ID = "SELECT * FROM app WHERE id = $1";
        APP_LIST = "SELECT * FROM app ORDER BY created_at, id";
        APP_UPDATE = "UPDATE app SET name = $2, presign_ttl_seconds = $3,
            fat_lifetime_seconds = $4, client_login_by_auth_key = $5, file_size_max = $6,
            file_count_max = $7, allowed_origins = $8, updated_at = $9, policy = $10 WHERE id = $1 RETURNING *";
        APP_ADVANCE = "UPDATE app SET token_based_file_access = $2, updated_at = $3
            WHERE id = $1 AND token_based_file_access < $2";
        APP_RETREAT = "UPDATE app SET token_based_file_access = $2, updated_at = $3
            WHERE id = $1 AND token_based_file_access > $2";
        APP_REVOKE_ALL = "UPDATE app SET generation = $2, updated_at = $3
            WHERE id = $1 AND generation < $2";
    }
}

/// Whether an app protects its files.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum TokenBasedFileAccess {
    /// Media work without any token.
    #[default]
    Off,
    /// Media work without any token; what would be refused is counted.
    Observe,
    /// Every media URL needs a token.
    On,
}

stored_as_place! { TokenBasedFileAccess: Off Observe On; }

/// What an operator sets for an app.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AppSettings {
    /// The name operators see.
    pub name: String,
    /// How long a presigned URL lives at most.
    pub presign_ttl_seconds: u32,
    /// How long a File Access Token lives.
    pub fat_lifetime_seconds: u32,
    /// Whether an `authOnly` key in a web page may log a user in.
    pub client_login_by_auth_key: bool,
    /// Bytes of one file at most.
    pub file_size_max: u64,
    /// Files of one message at most.
    pub file_count_max: u32,
    /// Origins whose pages may read media; empty: all.
    pub allowed_origins: Vec<String>,
    /// Limits, retention and what else grew later.
    pub policy: AppPolicy,
}

/// An app.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct App {
    /// Its id.
    pub id: AppId,
    /// Where it is hosted; part of its host names.
    pub region: String,
    /// Whether it protects its files.
    pub token_based_file_access: TokenBasedFileAccess,
    /// What an operator sets.
    pub settings: AppSettings,
    /// The last revocation of all its tokens and URLs.
    pub generation: Seq,
    /// When it was made.
    pub created_at: UnixSeconds,
    /// When it was changed last.
    pub updated_at: UnixSeconds,
}

struct Row {
    id: AppId,
    name: String,
    region: String,
    token_based_file_access: TokenBasedFileAccess,
    presign_ttl_seconds: u32,
    fat_lifetime_seconds: u32,
    client_login_by_auth_key: bool,
    file_size_max: u64,
    file_count_max: u32,
    allowed_origins: Vec<String>,
    policy: AppPolicy,
    generation: Seq,
    created_at: UnixSeconds,
    updated_at: UnixSeconds,
}
from_row!(Row {
    id,
    name,
    region,
    token_based_file_access,
    presign_ttl_seconds,
    fat_lifetime_seconds,
    client_login_by_auth_key,
    file_size_max,
    file_count_max,
    allowed_origins,
    policy,
    generation,
    created_at,
    updated_at,
});

impl From<Row> for App {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            region: row.region,
            token_based_file_access: row.token_based_file_access,
            settings: AppSettings {
                name: row.name,
                presign_ttl_seconds: row.presign_ttl_seconds,
                fat_lifetime_seconds: row.fat_lifetime_seconds,
                client_login_by_auth_key: row.client_login_by_auth_key,
                file_size_max: row.file_size_max,
                file_count_max: row.file_count_max,
                allowed_origins: row.allowed_origins,
                policy: row.policy,
            },
            generation: row.generation,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// The apps of an installation.
#[derive(Clone, Debug)]
pub struct Apps {
    db: Db,
}

impl Db {
    /// The apps.
    #[must_use]
    pub fn apps(&self) -> Apps {
        Apps { db: self.clone() }
    }
}

impl Apps {
    /// Makes an app.
    ///
    /// # Errors
    ///
    /// [`StorageError::Conflict`] if the id is taken.
    pub async fn create(
        &self,
        id: &AppId,
        region: &str,
        access: TokenBasedFileAccess,
        settings: &AppSettings,
        now: UnixSeconds,
    ) -> Result<App, StorageError> {
        let policy = settings.policy.stored()?;
        let mut tx = self.db.begin().await?;
        on!(tx tx, |c| sqlx::query(APP_ADD)
            .bind(id.as_str()).bind(&settings.name).bind(region).bind(access.place())
            .bind(i64::from(settings.presign_ttl_seconds))
            .bind(i64::from(settings.fat_lifetime_seconds))
            .bind(settings.client_login_by_auth_key)
            .bind(stored_size(settings.file_size_max)).bind(i64::from(settings.file_count_max))
            .bind(json_list(&settings.allowed_origins)).bind(now.0).bind(&policy)
            .execute(c).await.map(|_| ()))?;
        changes::append(&mut tx, &Change::AppSettings(id.clone()), Reach::Widens, now).await?;
        tx.commit().await?;
        Ok(App {
            id: id.clone(),
            region: region.to_owned(),
            token_based_file_access: access,
            settings: settings.clone(),
            generation: Seq::default(),
            created_at: now,
            updated_at: now,
        })
    }

    /// The app of this id.
    pub async fn by_id(&self, id: &AppId) -> Result<Option<App>, StorageError> {
        let row: Option<Row> = on!(read self.db, |c| sqlx::query_as(APP_BY_ID)
            .bind(id.as_str()).fetch_optional(c).await)?;
        Ok(row.map(App::from))
    }

    /// All apps, the oldest first.
    pub async fn list(&self) -> Result<Vec<App>, StorageError> {
        let rows: Vec<Row> = on!(read self.db, |c| sqlx::query_as(APP_LIST).fetch_all(c).await)?;
        Ok(rows.into_iter().map(App::from).collect())
    }

    /// Replaces the settings, whatever they were; `None` if there is no such app.
    pub async fn update_settings(
        &self,
        id: &AppId,
        settings: &AppSettings,
        now: UnixSeconds,
    ) -> Result<Option<App>, StorageError> {
        self.change_settings(id, |was| was.clone_from(settings), now).await
    }

    /// Changes settings. Nobody else changes them between what `change` is given and what it
    /// leaves, so two writers keep each other's; nothing is written if it changes nothing.
    ///
    /// `None` if there is no such app.
    pub async fn change_settings(
        &self,
        id: &AppId,
        change: impl FnOnce(&mut AppSettings),
        now: UnixSeconds,
    ) -> Result<Option<App>, StorageError> {
        let mut tx = self.db.begin().await?;
        // The write lock of the row first, then its values: PostgreSQL lets others read and write
        // it until then.
        let row: Option<Row> = on!(tx tx, |c| sqlx::query_as(APP_LOCK)
            .bind(id.as_str()).fetch_optional(c).await)?;
        let Some(app) = row.map(App::from) else { return Ok(None) };
        let mut settings = app.settings.clone();
        change(&mut settings);
        if settings == app.settings {
            return Ok(Some(app));
        }
        let policy = settings.policy.stored()?;
        let row: Option<Row> = on!(tx tx, |c| sqlx::query_as(APP_UPDATE)
            .bind(id.as_str()).bind(&settings.name)
            .bind(i64::from(settings.presign_ttl_seconds))
            .bind(i64::from(settings.fat_lifetime_seconds))
            .bind(settings.client_login_by_auth_key)
            .bind(stored_size(settings.file_size_max)).bind(i64::from(settings.file_count_max))
            .bind(json_list(&settings.allowed_origins)).bind(now.0).bind(&policy)
            .fetch_optional(c).await)?;
        let Some(row) = row else { return Ok(None) };
        changes::append(&mut tx, &Change::AppSettings(id.clone()), Reach::Narrows, now).await?;
        tx.commit().await?;
        Ok(Some(row.into()))
    }

    /// Moves Token Based File Access forward: off, observe, on.
    ///
    /// Returns the state now in force, or `None` if there is no such app. A step back changes
    /// nothing. The change row is there if and only if the state changed.
    pub async fn advance_token_based_file_access(
        &self,
        id: &AppId,
        to: TokenBasedFileAccess,
        now: UnixSeconds,
    ) -> Result<Option<TokenBasedFileAccess>, StorageError> {
        self.move_token_based_file_access(APP_ADVANCE, id, to, now).await
    }

    /// Moves Token Based File Access back. For the command line alone.
    ///
    /// Returns the state now in force, or `None` if there is no such app.
    pub async fn retreat_token_based_file_access(
        &self,
        id: &AppId,
        to: TokenBasedFileAccess,
        now: UnixSeconds,
    ) -> Result<Option<TokenBasedFileAccess>, StorageError> {
        self.move_token_based_file_access(APP_RETREAT, id, to, now).await
    }

    async fn move_token_based_file_access(
        &self,
        step: &'static str,
        id: &AppId,
        to: TokenBasedFileAccess,
        now: UnixSeconds,
    ) -> Result<Option<TokenBasedFileAccess>, StorageError> {
        let mut tx = self.db.begin().await?;
        let moved = on!(tx tx, |c| sqlx::query(step)
            .bind(id.as_str()).bind(to.place()).bind(now.0)
            .execute(c).await.map(|done| done.rows_affected()))?;
        if moved > 0 {
            changes::append(&mut tx, &Change::AppSettings(id.clone()), Reach::Narrows, now).await?;
        }
        let row: Option<Row> = on!(tx tx, |c| sqlx::query_as(APP_BY_ID)
            .bind(id.as_str()).fetch_optional(c).await)?;
        tx.commit().await?;
        Ok(row.map(|row| row.token_based_file_access))
    }

    /// Takes back every token and presigned URL of the app that is out; logins stay.
    ///
    /// Returns the place of the revocation, or `None` if there is no such app.
    pub async fn revoke_all(
        &self,
        id: &AppId,
        now: UnixSeconds,
    ) -> Result<Option<Seq>, StorageError> {
        let mut tx = self.db.begin().await?;
        let change = Change::AppSettings(id.clone());
        let seq = changes::append(&mut tx, &change, Reach::Narrows, now).await?;
        let done = on!(tx tx, |c| sqlx::query(APP_REVOKE_ALL)
            .bind(id.as_str()).bind(seq.0).bind(now.0)
            .execute(c).await.map(|done| done.rows_affected()))?;
        if done == 0 {
            return Ok(None);
        }
        tx.commit().await?;
        Ok(Some(seq))
    }
}
