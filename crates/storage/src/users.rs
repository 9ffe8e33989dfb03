//! The people of a chat app.

use cloakroom_token::{AppId, Seq, Uid, UnixSeconds};
use serde_json::{Value, json};

use crate::changes::{self, Change, Reach};
use crate::column::{from_row, json_list};
use crate::db::{Db, on};
use crate::error::StorageError;
use crate::outbox::{self, WebhookEvent};
use crate::statement::sql;

sql! {
    Both {
        USER_ADD = "INSERT INTO app_user (app_id, uid, name, avatar, link, role, status_message,
            metadata, tags, created_at, updated_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)";
        USER_BY_UID = "SELECT * FROM app_user
            WHERE app_id = $1 AND uid = $2 AND deleted_at IS NULL";
        USER_STATE = "SELECT deactivated_at IS NULL AND deleted_at IS NULL AS active, generation
            FROM app_user WHERE app_id = $1 AND uid = $2";
        USER_LOCK = "UPDATE app_user SET updated_at = updated_at
            WHERE app_id = $1 AND uid = $2 AND deleted_at IS NULL RETURNING *";
        USER_UPDATE = "UPDATE app_user SET name = $3, avatar = $4, link = $5, role = $6,
            status_message = $7, metadata = $8, tags = $9, updated_at = $10
            WHERE app_id = $1 AND uid = $2 AND deleted_at IS NULL RETURNING *";
        USER_DEACTIVATE = "UPDATE app_user SET deactivated_at = $3, updated_at = $3,
            generation = $4 WHERE app_id = $1 AND uid = $2 AND deactivated_at IS NULL
            AND deleted_at IS NULL";
        USER_REACTIVATE = "UPDATE app_user SET deactivated_at = NULL, updated_at = $3
            WHERE app_id = $1 AND uid = $2 AND deactivated_at IS NOT NULL
            AND deleted_at IS NULL";
        USER_REVOKE = "UPDATE app_user SET generation = $4, updated_at = $3
            WHERE app_id = $1 AND uid = $2 AND deleted_at IS NULL";
    }
}

/// What others see of a user.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct UserProfile {
    /// The shown name.
    pub name: String,
    /// URL of the picture.
    pub avatar: Option<String>,
    /// URL of the user's page.
    pub link: Option<String>,
    /// A role the app defines, such as `default`.
    pub role: String,
    /// What the user says about the moment.
    pub status_message: Option<String>,
    /// What the app keeps beside it.
    pub metadata: Option<Value>,
    /// Labels of the app.
    pub tags: Vec<String>,
}

/// A user who was not deleted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct User {
    /// The user's id in the app.
    pub uid: Uid,
    /// What others see.
    pub profile: UserProfile,
    /// When the user was made.
    pub created_at: UnixSeconds,
    /// When the user was changed last.
    pub updated_at: UnixSeconds,
    /// Since when the user is deactivated.
    pub deactivated_at: Option<UnixSeconds>,
    /// The user's last revocation.
    pub generation: Seq,
}

/// What a decision needs to know of a user.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct UserState {
    /// Neither deactivated nor deleted.
    pub active: bool,
    /// The user's last revocation.
    pub generation: Seq,
}
from_row!(UserState { active, generation });

/// A user as it is stored.
pub(crate) struct Row {
    uid: Uid,
    name: String,
    avatar: Option<String>,
    link: Option<String>,
    role: String,
    status_message: Option<String>,
    metadata: Option<Value>,
    tags: Vec<String>,
    created_at: UnixSeconds,
    updated_at: UnixSeconds,
    deactivated_at: Option<UnixSeconds>,
    generation: Seq,
}
from_row!(Row {
    uid,
    name,
    avatar,
    link,
    role,
    status_message,
    metadata,
    tags,
    created_at,
    updated_at,
    deactivated_at,
    generation,
});

impl From<Row> for User {
    fn from(row: Row) -> Self {
        Self {
            uid: row.uid,
            profile: UserProfile {
                name: row.name,
                avatar: row.avatar,
                link: row.link,
                role: row.role,
                status_message: row.status_message,
                metadata: row.metadata,
                tags: row.tags,
            },
            created_at: row.created_at,
            updated_at: row.updated_at,
            deactivated_at: row.deactivated_at,
            generation: row.generation,
        }
    }
}

/// The users of all apps.
#[derive(Clone, Debug)]
pub struct Users {
    pub(crate) db: Db,
}

impl Db {
    /// The users.
    #[must_use]
    pub fn users(&self) -> Users {
        Users { db: self.clone() }
    }
}

impl Users {
    /// Makes a user.
    ///
    /// # Errors
    ///
    /// [`StorageError::Conflict`] if the uid is taken or was ever taken: nobody inherits a deleted
    /// user's rights. [`StorageError::Missing`] if there is no such app.
    pub async fn create(
        &self,
        app: &AppId,
        uid: &Uid,
        profile: &UserProfile,
        now: UnixSeconds,
    ) -> Result<User, StorageError> {
        let mut tx = self.db.begin().await?;
        on!(tx tx, |c| sqlx::query(USER_ADD)
            .bind(app.as_str()).bind(uid.as_str()).bind(&profile.name).bind(&profile.avatar)
            .bind(&profile.link).bind(&profile.role).bind(&profile.status_message)
            .bind(profile.metadata.as_ref().map(Value::to_string))
            .bind(json_list(&profile.tags)).bind(now.0).execute(c).await.map(|_| ()))?;
        let change = Change::UserState(app.clone(), uid.clone());
        changes::append(&mut tx, &change, Reach::Widens, now).await?;
        tx.commit().await?;
        Ok(User {
            uid: uid.clone(),
            profile: profile.clone(),
            created_at: now,
            updated_at: now,
            deactivated_at: None,
            generation: Seq::default(),
        })
    }

    /// Makes a user, or else replaces the profile of the one there is.
    ///
    /// # Errors
    ///
    /// [`StorageError::Conflict`] if the user was deleted.
    pub async fn upsert(
        &self,
        app: &AppId,
        uid: &Uid,
        profile: &UserProfile,
        now: UnixSeconds,
    ) -> Result<User, StorageError> {
        match self.update(app, uid, profile, now).await? {
            Some(user) => Ok(user),
            None => self.create(app, uid, profile, now).await,
        }
    }

    /// The user, deactivated or not; `None` if there is none or it was deleted.
    pub async fn by_uid(&self, app: &AppId, uid: &Uid) -> Result<Option<User>, StorageError> {
        let row: Option<Row> = on!(read self.db, |c| sqlx::query_as(USER_BY_UID)
            .bind(app.as_str()).bind(uid.as_str()).fetch_optional(c).await)?;
        Ok(row.map(User::from))
    }

    /// What a decision needs to know; also of a deleted user. `None` if there never was one.
    pub async fn state(&self, app: &AppId, uid: &Uid) -> Result<Option<UserState>, StorageError> {
        Ok(on!(read self.db, |c| sqlx::query_as(USER_STATE)
            .bind(app.as_str()).bind(uid.as_str()).fetch_optional(c).await)?)
    }

    /// Replaces the profile, whatever it was; `None` if there is no such user.
    pub async fn update(
        &self,
        app: &AppId,
        uid: &Uid,
        profile: &UserProfile,
        now: UnixSeconds,
    ) -> Result<Option<User>, StorageError> {
        self.change(app, uid, |was| was.clone_from(profile), now).await
    }

    /// Changes the profile; two who change different parts of it keep each other's. `None` if there
    /// is no such user.
    pub async fn change(
        &self,
        app: &AppId,
        uid: &Uid,
        change: impl FnOnce(&mut UserProfile),
        now: UnixSeconds,
    ) -> Result<Option<User>, StorageError> {
        let mut tx = self.db.begin().await?;
        let row: Option<Row> = on!(tx tx, |c| sqlx::query_as(USER_LOCK)
            .bind(app.as_str()).bind(uid.as_str()).fetch_optional(c).await)?;
        let Some(user) = row.map(User::from) else { return Ok(None) };
        let mut profile = user.profile;
        change(&mut profile);
        let row: Option<Row> = on!(tx tx, |c| sqlx::query_as(USER_UPDATE)
            .bind(app.as_str()).bind(uid.as_str()).bind(&profile.name).bind(&profile.avatar)
            .bind(&profile.link).bind(&profile.role).bind(&profile.status_message)
            .bind(profile.metadata.as_ref().map(Value::to_string))
            .bind(json_list(&profile.tags)).bind(now.0).fetch_optional(c).await)?;
        tx.commit().await?;
        Ok(row.map(User::from))
    }

    /// Locks the user out and takes back every token and URL. Returns the place of the revocation,
    /// or `None` if no such user was active.
    pub async fn deactivate(
        &self,
        app: &AppId,
        uid: &Uid,
        now: UnixSeconds,
    ) -> Result<Option<Seq>, StorageError> {
        self.narrow(USER_DEACTIVATE, Some(WebhookEvent::UserDeactivated), app, uid, now).await
    }

    /// Takes back every token and URL of the user, whose sessions may get new ones. Returns the
    /// place of the revocation, or `None` if there is no such user.
    pub async fn revoke(
        &self,
        app: &AppId,
        uid: &Uid,
        now: UnixSeconds,
    ) -> Result<Option<Seq>, StorageError> {
        self.narrow(USER_REVOKE, None, app, uid, now).await
    }

    async fn narrow(
        &self,
        update: &'static str,
        event: Option<WebhookEvent>,
        app: &AppId,
        uid: &Uid,
        now: UnixSeconds,
    ) -> Result<Option<Seq>, StorageError> {
        let mut tx = self.db.begin().await?;
        let change = Change::UserState(app.clone(), uid.clone());
        let seq = changes::append(&mut tx, &change, Reach::Narrows, now).await?;
        let done = on!(tx tx, |c| sqlx::query(update)
            .bind(app.as_str()).bind(uid.as_str()).bind(now.0).bind(seq.0)
            .execute(c).await.map(|done| done.rows_affected()))?;
        if done == 0 {
            return Ok(None);
        }
        if let Some(event) = event {
            let data = json!({ "uid": uid.as_str(), "deleted": false });
            outbox::append(&mut tx, app, event, &data, Some(seq), now).await?;
        }
        tx.commit().await?;
        Ok(Some(seq))
    }

    /// Lets the user in again; what was taken back stays so. `false` if no such user was
    /// deactivated.
    pub async fn reactivate(
        &self,
        app: &AppId,
        uid: &Uid,
        now: UnixSeconds,
    ) -> Result<bool, StorageError> {
        let mut tx = self.db.begin().await?;
        let done = on!(tx tx, |c| sqlx::query(USER_REACTIVATE)
            .bind(app.as_str()).bind(uid.as_str()).bind(now.0)
            .execute(c).await.map(|done| done.rows_affected()))?;
        if done == 0 {
            return Ok(false);
        }
        let change = Change::UserState(app.clone(), uid.clone());
        changes::append(&mut tx, &change, Reach::Widens, now).await?;
        tx.commit().await?;
        Ok(true)
    }
}
