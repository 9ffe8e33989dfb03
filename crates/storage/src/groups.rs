//! Groups of a chat app.

use cloakroom_token::{AppId, Guid, Seq, Uid, UnixSeconds};
use serde_json::Value;

use crate::changes::{self, Change, Reach};
use crate::column::{Place, from_row, stored_as_place, stored_size};
use crate::db::{Db, Tx, on};
use crate::error::StorageError;
use crate::members;
use crate::page::Page;
use crate::statement::sql;

sql! {
    Both {
        GROUP_ADD = "INSERT INTO chat_group (app_id, guid, name, kind, password_hash, owner, icon,
            description, metadata, history_from_join, created_at, updated_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)";
        GROUP_BY_GUID = "SELECT g.*, (SELECT COUNT(*) FROM group_member m
            WHERE m.app_id = g.app_id AND m.guid = g.guid) AS members_count
            FROM chat_group g WHERE g.app_id = $1 AND g.guid = $2 AND g.deleted_at IS NULL";
        GROUP_COUNT = "SELECT COUNT(*) FROM chat_group WHERE app_id = $1
            AND deleted_at IS NULL";
        GROUP_LIST = "SELECT g.*, (SELECT COUNT(*) FROM group_member m
            WHERE m.app_id = g.app_id AND m.guid = g.guid) AS members_count
            FROM chat_group g WHERE g.app_id = $1 AND g.deleted_at IS NULL ORDER BY g.guid LIMIT $2 OFFSET $3";
        GROUP_COUNT_VISIBLE = "SELECT COUNT(*) FROM chat_group g WHERE g.app_id = $1
            AND g.deleted_at IS NULL AND (g.kind <> 2 OR EXISTS (SELECT 1 FROM group_member m
            WHERE m.app_id = g.app_id AND m.guid = g.guid AND m.uid = $2))";
        GROUP_LIST_VISIBLE = "SELECT g.*, (SELECT COUNT(*) FROM group_member m
            WHERE m.app_id = g.app_id AND m.guid = g.guid) AS members_count
            FROM chat_group g WHERE g.app_id = $1
            AND g.deleted_at IS NULL AND (g.kind <> 2 OR EXISTS (SELECT 1 FROM group_member m
            WHERE m.app_id = g.app_id AND m.guid = g.guid AND m.uid = $2))
            ORDER BY g.guid LIMIT $3 OFFSET $4";
        GROUP_LOCK = "UPDATE chat_group SET updated_at = updated_at
            WHERE app_id = $1 AND guid = $2 AND deleted_at IS NULL
            RETURNING *, CAST(0 AS BIGINT) AS members_count";
        GROUP_UPDATE = "UPDATE chat_group SET name = $3, kind = $4, password_hash = $5,
            owner = $6, icon = $7, description = $8, metadata = $9, history_from_join = $10,
            updated_at = $11 WHERE app_id = $1 AND guid = $2 AND deleted_at IS NULL";
        GROUP_DELETE = "UPDATE chat_group SET deleted_at = $3, updated_at = $3
            WHERE app_id = $1 AND guid = $2 AND deleted_at IS NULL";
        GROUP_EMPTY = "DELETE FROM group_member WHERE app_id = $1 AND guid = $2";
    }
}

/// Who may join a group.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum GroupKind {
    /// Every user.
    #[default]
    Public,
    /// Who knows the password.
    Password,
    /// Who is added.
    Private,
}

stored_as_place! { GroupKind: Public Password Private; }

/// What is set for a group.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GroupProfile {
    /// The shown name.
    pub name: String,
    /// Who may join.
    pub kind: GroupKind,
    /// The password, hashed for slow guessing; only where the kind is [`GroupKind::Password`].
    pub password_hash: Option<String>,
    /// The user who owns it; `None` if the app's back end does.
    pub owner: Option<Uid>,
    /// URL of the picture.
    pub icon: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// What the app keeps beside it.
    pub metadata: Option<Value>,
    /// Whether members see only what was sent since they joined.
    pub history_from_join: bool,
}

/// A group.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Group {
    /// Its id in the app.
    pub guid: Guid,
    /// What is set for it.
    pub profile: GroupProfile,
    /// How many present members it has.
    pub members_count: u64,
    /// When it was made.
    pub created_at: UnixSeconds,
    /// When it was changed last.
    pub updated_at: UnixSeconds,
}

struct Row {
    guid: Guid,
    name: String,
    kind: GroupKind,
    password_hash: Option<String>,
    owner: Option<Uid>,
    icon: Option<String>,
    description: Option<String>,
    metadata: Option<Value>,
    history_from_join: bool,
    members_count: u64,
    created_at: UnixSeconds,
    updated_at: UnixSeconds,
}
from_row!(Row {
    guid,
    name,
    kind,
    password_hash,
    owner,
    icon,
    description,
    metadata,
    history_from_join,
    members_count,
    created_at,
    updated_at,
});

impl From<Row> for Group {
    fn from(row: Row) -> Self {
        Self {
            guid: row.guid,
            profile: GroupProfile {
                name: row.name,
                kind: row.kind,
                password_hash: row.password_hash,
                owner: row.owner,
                icon: row.icon,
                description: row.description,
                metadata: row.metadata,
                history_from_join: row.history_from_join,
            },
            members_count: row.members_count,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// The groups of all apps; who is in them too.
#[derive(Clone, Debug)]
pub struct Groups {
    pub(crate) db: Db,
}

impl Db {
    /// The groups.
    #[must_use]
    pub fn groups(&self) -> Groups {
        Groups { db: self.clone() }
    }
}

impl Groups {
    /// Makes a group without members.
    ///
    /// # Errors
    ///
    /// [`StorageError::Conflict`] if the guid is taken or was ever taken, [`StorageError::Missing`]
    /// without app.
    pub async fn create(
        &self,
        app: &AppId,
        guid: &Guid,
        profile: &GroupProfile,
        now: UnixSeconds,
    ) -> Result<Group, StorageError> {
        let mut tx = self.db.begin().await?;
        write(&mut tx, GROUP_ADD, app, guid, profile, Reach::Widens, now).await?;
        tx.commit().await?;
        Ok(Group {
            guid: guid.clone(),
            profile: profile.clone(),
            members_count: 0,
            created_at: now,
            updated_at: now,
        })
    }

    /// Replaces what is set for a group, whatever it was; `None` if there is no such group.
    pub async fn update(
        &self,
        app: &AppId,
        guid: &Guid,
        profile: &GroupProfile,
        now: UnixSeconds,
    ) -> Result<Option<Seq>, StorageError> {
        self.change(app, guid, |was| was.clone_from(profile), now).await
    }

    /// Changes what is set for a group; two who change different parts of it keep each other's. A
    /// new owner becomes an admin.
    ///
    /// Returns the place of the change, or `None` if there is no such group.
    ///
    /// # Errors
    ///
    /// [`StorageError::Missing`] if the new owner is not a member.
    pub async fn change(
        &self,
        app: &AppId,
        guid: &Guid,
        change: impl FnOnce(&mut GroupProfile),
        now: UnixSeconds,
    ) -> Result<Option<Seq>, StorageError> {
        let mut tx = self.db.begin().await?;
        let row: Option<Row> = on!(tx tx, |c| sqlx::query_as(GROUP_LOCK)
            .bind(app.as_str()).bind(guid.as_str()).fetch_optional(c).await)?;
        let Some(group) = row.map(Group::from) else { return Ok(None) };
        let mut profile = group.profile.clone();
        change(&mut profile);
        if let (Some(owner), true) = (&profile.owner, profile.owner != group.profile.owner) {
            members::raise(&mut tx, app, guid, owner).await?;
        }
        let seq = write(&mut tx, GROUP_UPDATE, app, guid, &profile, Reach::Narrows, now).await?;
        tx.commit().await?;
        Ok(Some(seq))
    }

    /// The group of this guid.
    pub async fn by_guid(&self, app: &AppId, guid: &Guid) -> Result<Option<Group>, StorageError> {
        let row: Option<Row> = on!(read self.db, |c| sqlx::query_as(GROUP_BY_GUID)
            .bind(app.as_str()).bind(guid.as_str()).fetch_optional(c).await)?;
        Ok(row.map(Group::from))
    }

    /// One page of the groups, by guid, and how many there are in all.
    pub async fn list(
        &self,
        app: &AppId,
        limit: u32,
        offset: u64,
    ) -> Result<Page<Group>, StorageError> {
        let total: i64 = on!(read self.db, |c| sqlx::query_scalar(GROUP_COUNT)
            .bind(app.as_str()).fetch_one(c).await)?;
        let rows: Vec<Row> = on!(read self.db, |c| sqlx::query_as(GROUP_LIST)
            .bind(app.as_str()).bind(i64::from(limit)).bind(stored_size(offset))
            .fetch_all(c).await)?;
        Ok(Page::new(rows.into_iter().map(Group::from).collect(), total))
    }

    /// One page of the groups a user may know of, by guid, and how many those are in all: private
    /// ones only where the user is in them.
    pub async fn list_visible(
        &self,
        app: &AppId,
        uid: &Uid,
        limit: u32,
        offset: u64,
    ) -> Result<Page<Group>, StorageError> {
        let total: i64 = on!(read self.db, |c| sqlx::query_scalar(GROUP_COUNT_VISIBLE)
            .bind(app.as_str()).bind(uid.as_str()).fetch_one(c).await)?;
        let rows: Vec<Row> = on!(read self.db, |c| sqlx::query_as(GROUP_LIST_VISIBLE)
            .bind(app.as_str()).bind(uid.as_str()).bind(i64::from(limit))
            .bind(stored_size(offset)).fetch_all(c).await)?;
        Ok(Page::new(rows.into_iter().map(Group::from).collect(), total))
    }

    /// Deletes the group with its memberships; its messages stay, unreadable by way of it, and its
    /// guid stays taken.
    ///
    /// Returns the place of the change, or `None` if there is no such group.
    pub async fn delete(
        &self,
        app: &AppId,
        guid: &Guid,
        now: UnixSeconds,
    ) -> Result<Option<Seq>, StorageError> {
        let mut tx = self.db.begin().await?;
        let done = on!(tx tx, |c| sqlx::query(GROUP_DELETE)
            .bind(app.as_str()).bind(guid.as_str()).bind(now.0)
            .execute(c).await.map(|done| done.rows_affected()))?;
        if done == 0 {
            return Ok(None);
        }
        on!(tx tx, |c| sqlx::query(GROUP_EMPTY)
            .bind(app.as_str()).bind(guid.as_str()).execute(c).await.map(|_| ()))?;
        let change = Change::Group(app.clone(), guid.clone());
        let seq = changes::append(&mut tx, &change, Reach::Narrows, now).await?;
        tx.commit().await?;
        Ok(Some(seq))
    }
}

async fn write(
    tx: &mut Tx,
    statement: &'static str,
    app: &AppId,
    guid: &Guid,
    profile: &GroupProfile,
    reach: Reach,
    now: UnixSeconds,
) -> Result<Seq, StorageError> {
    on!(tx tx, |c| sqlx::query(statement)
        .bind(app.as_str()).bind(guid.as_str()).bind(&profile.name)
        .bind(profile.kind.place()).bind(&profile.password_hash)
        .bind(profile.owner.as_ref().map(Uid::as_str)).bind(&profile.icon)
        .bind(&profile.description).bind(profile.metadata.as_ref().map(Value::to_string))
        .bind(profile.history_from_join).bind(now.0)
        .execute(c).await.map(|_| ()))?;
    let change = Change::Group(app.clone(), guid.clone());
    changes::append(tx, &change, reach, now).await
}
