//! Who is kept out of a group.

use cloakroom_token::{AppId, Guid, Seq, Uid, UnixSeconds};

use crate::changes::Reach;
use crate::column::{from_row, stored_size};
use crate::db::on;
use crate::error::StorageError;
use crate::groups::Groups;
use crate::members;
use crate::page::Page;
use crate::statement::sql;

sql! {
    Both {
        BAN_ADD = "INSERT INTO group_ban (app_id, guid, uid, banned_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT DO NOTHING";
        BAN_COUNT = "SELECT COUNT(*) FROM group_ban WHERE app_id = $1 AND guid = $2";
        BAN_LIST = "SELECT uid, banned_at FROM group_ban
            WHERE app_id = $1 AND guid = $2 ORDER BY uid LIMIT $3 OFFSET $4";
        BAN_REMOVE = "DELETE FROM group_ban WHERE app_id = $1 AND guid = $2 AND uid = $3";
        BAN_SINCE = "SELECT banned_at FROM group_ban
            WHERE app_id = $1 AND guid = $2 AND uid = $3";
    }
}

/// A user who is kept out of a group.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Ban {
    /// Who.
    pub uid: Uid,
    /// Since when.
    pub banned_at: UnixSeconds,
}
from_row!(Ban { uid, banned_at });

impl Groups {
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
        members::remove(&mut tx, app, guid, uid).await?;
        members::finish(tx, app, guid, uid, Reach::Narrows, now).await.map(Some)
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
        if !members::run(&mut tx, BAN_REMOVE, app, guid, uid).await? {
            return Ok(false);
        }
        members::finish(tx, app, guid, uid, Reach::Widens, now).await.map(|_| true)
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

    /// One page of the users kept out of a group, by uid, and how many there are in all.
    pub async fn banned(
        &self,
        app: &AppId,
        guid: &Guid,
        limit: u32,
        offset: u64,
    ) -> Result<Page<Ban>, StorageError> {
        let total: i64 = on!(read self.db, |c| sqlx::query_scalar(BAN_COUNT)
            .bind(app.as_str()).bind(guid.as_str()).fetch_one(c).await)?;
        let bans = on!(read self.db, |c| sqlx::query_as(BAN_LIST)
            .bind(app.as_str()).bind(guid.as_str()).bind(i64::from(limit))
            .bind(stored_size(offset)).fetch_all(c).await)?;
        Ok(Page::new(bans, total))
    }
}
