//! Who is in a group, and who is kept out.

use cloakroom_token::{AppId, Guid, Seq, Uid, UnixSeconds};

use crate::changes::{self, Change, Reach};
use crate::column::{Place, from_row, stored_as_place, stored_size};
use crate::db::{Tx, on};
use crate::error::StorageError;
use crate::groups::Groups;
use crate::page::Page;
use crate::statement::sql;

sql! {
    Both {
        MEMBER_ADD = "INSERT INTO group_member (app_id, guid, uid, scope, joined_at)
            SELECT $1, $2, $3, $4, $5 WHERE NOT EXISTS (SELECT 1 FROM group_ban
            WHERE app_id = $1 AND guid = $2 AND uid = $3)
            AND NOT EXISTS (SELECT 1 FROM chat_group
            WHERE app_id = $1 AND guid = $2 AND deleted_at IS NOT NULL) ON CONFLICT DO NOTHING";
        MEMBER_REMOVE = "DELETE FROM group_member WHERE app_id = $1 AND guid = $2 AND uid = $3";
        MEMBER_SET_SCOPE = "UPDATE group_member SET scope = $4
            WHERE app_id = $1 AND guid = $2 AND uid = $3";
        MEMBER_COUNT = "SELECT COUNT(*) FROM group_member WHERE app_id = $1 AND guid = $2";
        MEMBER_LIST = "SELECT uid, scope, joined_at FROM group_member
            WHERE app_id = $1 AND guid = $2 ORDER BY uid LIMIT $3 OFFSET $4";
        MEMBER_GROUPS = "SELECT guid FROM group_member WHERE app_id = $1 AND uid = $2
            ORDER BY guid";
        MEMBERSHIP = "SELECT m.scope, m.joined_at, g.history_from_join
            FROM group_member m JOIN chat_group g ON g.app_id = m.app_id AND g.guid = m.guid
            WHERE m.app_id = $1 AND m.guid = $2 AND m.uid = $3";
        BAN_ADD = "INSERT INTO group_ban (app_id, guid, uid, banned_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT DO NOTHING";
        BAN_REMOVE = "DELETE FROM group_ban WHERE app_id = $1 AND guid = $2 AND uid = $3";
        BAN_SINCE = "SELECT banned_at FROM group_ban
            WHERE app_id = $1 AND guid = $2 AND uid = $3";
    }
}

/// What a member may do in a group.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum MemberScope {
    /// Take part.
    #[default]
    Participant,
    /// Remove participants too.
    Moderator,
    /// Everything.
    Admin,
}

stored_as_place! { MemberScope: Participant Moderator Admin; }

/// A present member of a group.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Member {
    /// Who.
    pub uid: Uid,
    /// What the member may do.
    pub scope: MemberScope,
    /// Since when.
    pub joined_at: UnixSeconds,
}
from_row!(Member { uid, scope, joined_at });

/// How a present member stands to a group.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Membership {
    /// What the member may do.
    pub scope: MemberScope,
    /// Since when.
    pub joined_at: UnixSeconds,
    /// Whether the group hides what was sent before that.
    pub history_from_join: bool,
}
from_row!(Membership { scope, joined_at, history_from_join });

impl Groups {
    /// Adds a user to a group.
    ///
    /// Returns the place of the change, or `None` if the user is in it already or banned, or
    /// if the group was deleted.
    ///
    /// # Errors
    ///
    /// [`StorageError::Missing`] if there is no such group or user.
    pub async fn add_member(
        &self,
        app: &AppId,
        guid: &Guid,
        uid: &Uid,
        scope: MemberScope,
        now: UnixSeconds,
    ) -> Result<Option<Seq>, StorageError> {
        let mut tx = self.db.begin().await?;
        let done = on!(tx tx, |c| sqlx::query(MEMBER_ADD)
            .bind(app.as_str()).bind(guid.as_str()).bind(uid.as_str()).bind(scope.place())
            .bind(now.0).execute(c).await.map(|done| done.rows_affected()))?;
        if done == 0 {
            return Ok(None);
        }
        finish(tx, app, guid, uid, Reach::Widens, now).await.map(Some)
    }

    /// Takes a user out of a group: leave and kick alike.
    ///
    /// Returns the place of the change, or `None` if the user was not in it.
    pub async fn remove_member(
        &self,
        app: &AppId,
        guid: &Guid,
        uid: &Uid,
        now: UnixSeconds,
    ) -> Result<Option<Seq>, StorageError> {
        let mut tx = self.db.begin().await?;
        if !run(&mut tx, MEMBER_REMOVE, app, guid, uid).await? {
            return Ok(None);
        }
        finish(tx, app, guid, uid, Reach::Narrows, now).await.map(Some)
    }

    /// Changes what a member may do; `false` if the user is not in the group.
    pub async fn set_member_scope(
        &self,
        app: &AppId,
        guid: &Guid,
        uid: &Uid,
        scope: MemberScope,
        now: UnixSeconds,
    ) -> Result<bool, StorageError> {
        let mut tx = self.db.begin().await?;
        let done = on!(tx tx, |c| sqlx::query(MEMBER_SET_SCOPE)
            .bind(app.as_str()).bind(guid.as_str()).bind(uid.as_str()).bind(scope.place())
            .execute(c).await.map(|done| done.rows_affected()))?;
        if done == 0 {
            return Ok(false);
        }
        finish(tx, app, guid, uid, Reach::Widens, now).await.map(|_| true)
    }

    /// Takes a user out of a group and keeps the user out.
    ///
    /// Returns the place of the change, or `None` if the user was banned before.
    pub async fn ban(
        &self,
        app: &AppId,
        guid: &Guid,
        uid: &Uid,
        now: UnixSeconds,
    ) -> Result<Option<Seq>, StorageError> {
        let mut tx = self.db.begin().await?;
        let done = on!(tx tx, |c| sqlx::query(BAN_ADD)
            .bind(app.as_str()).bind(guid.as_str()).bind(uid.as_str()).bind(now.0)
            .execute(c).await.map(|done| done.rows_affected()))?;
        if done == 0 {
            return Ok(None);
        }
        run(&mut tx, MEMBER_REMOVE, app, guid, uid).await?;
        finish(tx, app, guid, uid, Reach::Narrows, now).await.map(Some)
    }

    /// Ends a ban, which does not bring the user back; `false` if there was none.
    pub async fn unban(
        &self,
        app: &AppId,
        guid: &Guid,
        uid: &Uid,
        now: UnixSeconds,
    ) -> Result<bool, StorageError> {
        let mut tx = self.db.begin().await?;
        if !run(&mut tx, BAN_REMOVE, app, guid, uid).await? {
            return Ok(false);
        }
        finish(tx, app, guid, uid, Reach::Widens, now).await.map(|_| true)
    }

    /// Since when the user is banned from the group.
    pub async fn banned_since(
        &self,
        app: &AppId,
        guid: &Guid,
        uid: &Uid,
    ) -> Result<Option<UnixSeconds>, StorageError> {
        let since: Option<i64> = on!(read self.db, |c| sqlx::query_scalar(BAN_SINCE)
            .bind(app.as_str()).bind(guid.as_str()).bind(uid.as_str())
            .fetch_optional(c).await)?;
        Ok(since.map(UnixSeconds))
    }

    /// One page of the present members, by uid, and how many there are in all.
    pub async fn members(
        &self,
        app: &AppId,
        guid: &Guid,
        limit: u32,
        offset: u64,
    ) -> Result<Page<Member>, StorageError> {
        let total: i64 = on!(read self.db, |c| sqlx::query_scalar(MEMBER_COUNT)
            .bind(app.as_str()).bind(guid.as_str()).fetch_one(c).await)?;
        let members = on!(read self.db, |c| sqlx::query_as(MEMBER_LIST)
            .bind(app.as_str()).bind(guid.as_str()).bind(i64::from(limit))
            .bind(stored_size(offset)).fetch_all(c).await)?;
        Ok(Page::new(members, total))
    }

    /// The groups a user is in.
    pub async fn of_user(&self, app: &AppId, uid: &Uid) -> Result<Vec<Guid>, StorageError> {
        let guids: Vec<String> = on!(read self.db, |c| sqlx::query_scalar(MEMBER_GROUPS)
            .bind(app.as_str()).bind(uid.as_str()).fetch_all(c).await)?;
        guids
            .iter()
            .map(|guid| Guid::parse(guid).map_err(|error| StorageError::Corrupt(error.into())))
            .collect()
    }

    /// How a user stands to a group; `None` if not in it, or if there is no such group.
    pub async fn membership(
        &self,
        app: &AppId,
        guid: &Guid,
        uid: &Uid,
    ) -> Result<Option<Membership>, StorageError> {
        Ok(on!(read self.db, |c| sqlx::query_as(MEMBERSHIP)
            .bind(app.as_str()).bind(guid.as_str()).bind(uid.as_str())
            .fetch_optional(c).await)?)
    }
}

async fn run(
    tx: &mut Tx,
    statement: &'static str,
    app: &AppId,
    guid: &Guid,
    uid: &Uid,
) -> Result<bool, StorageError> {
    Ok(on!(tx tx, |c| sqlx::query(statement)
        .bind(app.as_str()).bind(guid.as_str()).bind(uid.as_str())
        .execute(c).await.map(|done| done.rows_affected() > 0))?)
}

async fn finish(
    mut tx: Tx,
    app: &AppId,
    guid: &Guid,
    uid: &Uid,
    reach: Reach,
    now: UnixSeconds,
) -> Result<Seq, StorageError> {
    let change = Change::GroupMember(app.clone(), guid.clone(), uid.clone());
    let seq = changes::append(&mut tx, &change, reach, now).await?;
    tx.commit().await?;
    Ok(seq)
}
