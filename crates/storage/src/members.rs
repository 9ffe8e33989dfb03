//! Who is in a group.

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
        MEMBER_ADD_KNOWN = "INSERT INTO group_member (app_id, guid, uid, scope, joined_at)
            SELECT u.app_id, g.guid, u.uid, $4, $5 FROM app_user u
            JOIN chat_group g ON g.app_id = u.app_id AND g.guid = $2 AND g.deleted_at IS NULL
            WHERE u.app_id = $1 AND u.uid = $3 AND u.deleted_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM group_ban b
            WHERE b.app_id = u.app_id AND b.guid = g.guid AND b.uid = u.uid)
            ON CONFLICT DO NOTHING";
        MEMBER_RAISE = "UPDATE group_member SET scope = 2
            WHERE app_id = $1 AND guid = $2 AND uid = $3";
        MEMBER_REMOVE = "DELETE FROM group_member WHERE app_id = $1 AND guid = $2 AND uid = $3";
        MEMBER_SET_SCOPE = "UPDATE group_member SET scope = $4
            WHERE app_id = $1 AND guid = $2 AND uid = $3";
        MEMBER_COUNT = "SELECT COUNT(*) FROM group_member WHERE app_id = $1 AND guid = $2";
        MEMBER_LIST = "SELECT uid, scope, joined_at FROM group_member
            WHERE app_id = $1 AND guid = $2 ORDER BY uid LIMIT $3 OFFSET $4";
        MEMBER_UIDS = "SELECT uid FROM group_member WHERE app_id = $1 AND guid = $2";
        MEMBER_GROUPS = "SELECT guid FROM group_member WHERE app_id = $1 AND uid = $2
            ORDER BY guid";
        MEMBERSHIP = "SELECT m.scope, m.joined_at, g.history_from_join
            FROM group_member m JOIN chat_group g ON g.app_id = m.app_id AND g.guid = m.guid
            WHERE m.app_id = $1 AND m.guid = $2 AND m.uid = $3";
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

/// Takes a user out of a group; whether the user was in it.
pub(crate) async fn remove(
    tx: &mut Tx,
    app: &AppId,
    guid: &Guid,
    uid: &Uid,
) -> Result<bool, StorageError> {
    run(tx, MEMBER_REMOVE, app, guid, uid).await
}

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

    /// Adds many users to a group in one transaction.
    ///
    /// Returns for each, in order, the place of the change, or `None` if the user is in it already,
    /// banned, or not there, or if there is no such group.
    pub async fn add_members(
        &self,
        app: &AppId,
        guid: &Guid,
        members: &[(Uid, MemberScope)],
        now: UnixSeconds,
    ) -> Result<Vec<Option<Seq>>, StorageError> {
        let mut tx = self.db.begin().await?;
        let mut added = Vec::with_capacity(members.len());
        for (uid, scope) in members {
            let done = on!(tx tx, |c| sqlx::query(MEMBER_ADD_KNOWN)
                .bind(app.as_str()).bind(guid.as_str()).bind(uid.as_str()).bind(scope.place())
                .bind(now.0).execute(c).await.map(|done| done.rows_affected()))?;
            added.push(if done == 0 {
                None
            } else {
                let change = Change::GroupMember(app.clone(), guid.clone(), uid.clone());
                Some(changes::append(&mut tx, &change, Reach::Widens, now).await?)
            });
        }
        tx.commit().await?;
        Ok(added)
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
        if !remove(&mut tx, app, guid, uid).await? {
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

    /// All present members of a group, in no order.
    pub async fn member_uids(&self, app: &AppId, guid: &Guid) -> Result<Vec<Uid>, StorageError> {
        let uids: Vec<String> = on!(read self.db, |c| sqlx::query_scalar(MEMBER_UIDS)
            .bind(app.as_str()).bind(guid.as_str()).fetch_all(c).await)?;
        uids.iter()
            .map(|uid| Uid::parse(uid).map_err(|error| StorageError::Corrupt(error.into())))
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

/// Makes a member an admin, as part of another change.
///
/// # Errors
///
/// [`StorageError::Missing`] if the user is not in the group.
pub(crate) async fn raise(
    tx: &mut Tx,
    app: &AppId,
    guid: &Guid,
    uid: &Uid,
) -> Result<(), StorageError> {
    let raised = run(tx, MEMBER_RAISE, app, guid, uid).await?;
    if raised { Ok(()) } else { Err(StorageError::Missing) }
}

/// Runs a statement about one user of one group; whether it found a row.
pub(crate) async fn run(
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

/// Appends the change of one user of one group, and commits.
pub(crate) async fn finish(
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
