//! Who blocks whom.

use cloakroom_token::{AppId, Seq, Uid, UnixSeconds};

use crate::changes::{self, Change, Reach};
use crate::column::{from_row, stored_size};
use crate::db::{Db, on};
use crate::error::StorageError;
use crate::page::Page;
use crate::statement::sql;

sql! {
    Both {
        BLOCK_ADD = "INSERT INTO block (app_id, blocker, blocked, since) VALUES ($1, $2, $3, $4)
            ON CONFLICT DO NOTHING";
        BLOCK_COUNT = "SELECT COUNT(*) FROM block b JOIN app_user u ON u.app_id = b.app_id
            AND u.uid = b.blocked AND u.deleted_at IS NULL WHERE b.app_id = $1 AND b.blocker = $2";
        BLOCK_LIST = "SELECT b.blocked AS uid, b.since FROM block b JOIN app_user u
            ON u.app_id = b.app_id AND u.uid = b.blocked AND u.deleted_at IS NULL
            WHERE b.app_id = $1 AND b.blocker = $2 ORDER BY b.blocked LIMIT $3 OFFSET $4";
        BLOCK_REMOVE = "DELETE FROM block WHERE app_id = $1 AND blocker = $2 AND blocked = $3";
        BLOCK_SINCE = "SELECT since FROM block
            WHERE app_id = $1 AND blocker = $2 AND blocked = $3";
    }
}

/// A user whom another blocks.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Block {
    /// Who is blocked.
    pub uid: Uid,
    /// Since when.
    pub since: UnixSeconds,
}
from_row!(Block { uid, since });

/// The blocks of all apps.
#[derive(Clone, Debug)]
pub struct Blocks {
    db: Db,
}

impl Db {
    /// The blocks.
    #[must_use]
    pub fn blocks(&self) -> Blocks {
        Blocks { db: self.clone() }
    }
}

impl Blocks {
    /// Lets one user block another from now on.
    ///
    /// Returns the place of the change, or `None` if it was so before.
    pub async fn add(
        &self,
        app: &AppId,
        by: &Uid,
        whom: &Uid,
        now: UnixSeconds,
    ) -> Result<Option<Seq>, StorageError> {
        let mut tx = self.db.begin().await?;
        let done = on!(tx tx, |c| sqlx::query(BLOCK_ADD)
            .bind(app.as_str()).bind(by.as_str()).bind(whom.as_str()).bind(now.0)
            .execute(c).await.map(|done| done.rows_affected()))?;
        if done == 0 {
            return Ok(None);
        }
        let change = Change::Block(app.clone(), by.clone(), whom.clone());
        let seq = changes::append(&mut tx, &change, Reach::Narrows, now).await?;
        tx.commit().await?;
        Ok(Some(seq))
    }

    /// Ends a block; `None` if there was none.
    pub async fn remove(
        &self,
        app: &AppId,
        by: &Uid,
        whom: &Uid,
        now: UnixSeconds,
    ) -> Result<Option<Seq>, StorageError> {
        let mut tx = self.db.begin().await?;
        let done = on!(tx tx, |c| sqlx::query(BLOCK_REMOVE)
            .bind(app.as_str()).bind(by.as_str()).bind(whom.as_str())
            .execute(c).await.map(|done| done.rows_affected()))?;
        if done == 0 {
            return Ok(None);
        }
        let change = Change::Block(app.clone(), by.clone(), whom.clone());
        let seq = changes::append(&mut tx, &change, Reach::Widens, now).await?;
        tx.commit().await?;
        Ok(Some(seq))
    }

    /// One page of the users whom a user blocks, by uid, and how many there are in all; without
    /// those who were deleted.
    pub async fn list(
        &self,
        app: &AppId,
        by: &Uid,
        limit: u32,
        offset: u64,
    ) -> Result<Page<Block>, StorageError> {
        let total: i64 = on!(read self.db, |c| sqlx::query_scalar(BLOCK_COUNT)
            .bind(app.as_str()).bind(by.as_str()).fetch_one(c).await)?;
        let blocks = on!(read self.db, |c| sqlx::query_as(BLOCK_LIST)
            .bind(app.as_str()).bind(by.as_str()).bind(i64::from(limit))
            .bind(stored_size(offset)).fetch_all(c).await)?;
        Ok(Page::new(blocks, total))
    }

    /// Since when one user blocks another; `None` if not at all.
    pub async fn since(
        &self,
        app: &AppId,
        by: &Uid,
        whom: &Uid,
    ) -> Result<Option<UnixSeconds>, StorageError> {
        let since: Option<i64> = on!(read self.db, |c| sqlx::query_scalar(BLOCK_SINCE)
            .bind(app.as_str()).bind(by.as_str()).bind(whom.as_str())
            .fetch_optional(c).await)?;
        Ok(since.map(UnixSeconds))
    }
}
