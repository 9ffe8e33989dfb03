//! How far each reader has come in each conversation, and what is left to read.

use cloakroom_token::{AppId, Guid, Uid, UnixSeconds};

use crate::changes::{self, Change, Reach};
use crate::column::{column, from_row};
use crate::db::{Db, on};
use crate::error::StorageError;
use crate::message_news::{Mark, MarkNews};
use crate::messages::{Receiver, ReceiverKind};
use crate::statement::sql;

sql! {
    Both {
        MARK_ADVANCE = "INSERT INTO read_mark
            (app_id, uid, receiver_kind, peer, delivered_id, read_id, updated_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (app_id, uid, receiver_kind, peer) DO UPDATE SET
            delivered_id = CASE WHEN excluded.delivered_id > read_mark.delivered_id
            THEN excluded.delivered_id ELSE read_mark.delivered_id END,
            read_id = CASE WHEN excluded.read_id > read_mark.read_id
            THEN excluded.read_id ELSE read_mark.read_id END,
            updated_at = excluded.updated_at
            WHERE excluded.delivered_id > read_mark.delivered_id
            OR excluded.read_id > read_mark.read_id";
        MARK_FIND = "SELECT delivered_id, read_id FROM read_mark
            WHERE app_id = $1 AND uid = $2 AND receiver_kind = $3 AND peer = $4";
        UNREAD = "SELECT CAST(0 AS SMALLINT) AS receiver_kind, m.sender AS peer, COUNT(*) AS count
            FROM message m
            LEFT JOIN read_mark r ON r.app_id = m.app_id AND r.uid = m.receiver
            AND r.receiver_kind = 0 AND r.peer = m.sender
            WHERE m.app_id = $1 AND m.receiver_kind = 0 AND m.receiver = $2 AND m.sender <> $2
            AND m.deleted_at IS NULL AND m.parent_id IS NULL AND m.id > COALESCE(r.read_id, 0)
            AND (CAST($3 AS SMALLINT) = -1 OR (CAST($3 AS SMALLINT) = 0 AND m.sender = $4))
            GROUP BY m.sender
            UNION ALL
            SELECT CAST(1 AS SMALLINT), gm.guid, COUNT(*)
            FROM group_member gm
            LEFT JOIN read_mark r ON r.app_id = gm.app_id AND r.uid = gm.uid
            AND r.receiver_kind = 1 AND r.peer = gm.guid
            JOIN message m ON m.app_id = gm.app_id AND m.receiver_kind = 1
            AND m.receiver = gm.guid AND m.id > COALESCE(r.read_id, 0)
            WHERE gm.app_id = $1 AND gm.uid = $2 AND m.sender <> $2
            AND m.deleted_at IS NULL AND m.parent_id IS NULL AND m.sent_at >= gm.joined_at
            AND (CAST($3 AS SMALLINT) = -1 OR (CAST($3 AS SMALLINT) = 1 AND gm.guid = $4))
            GROUP BY gm.guid";
    }
}

/// What a user has not read of one conversation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unread {
    /// The other side.
    pub with: Receiver,
    /// Messages of others after the user's mark, at least 1. Of a group those since the user
    /// joined; without threads and deleted ones.
    pub count: u64,
}

macro_rules! unread_from_row {
    ($($row:ty),*) => { $(
        impl sqlx::FromRow<'_, $row> for Unread {
            fn from_row(row: &$row) -> sqlx::Result<Self> {
                let with = match column(row, "receiver_kind")? {
                    ReceiverKind::User => Receiver::User(column::<_, Uid>(row, "peer")?),
                    ReceiverKind::Group => Receiver::Group(column::<_, Guid>(row, "peer")?),
                };
                Ok(Self { with, count: column(row, "count")? })
            }
        }
    )* };
}
unread_from_row!(sqlx::sqlite::SqliteRow, sqlx::postgres::PgRow);

/// How far one reader has come in one conversation; ids of messages, 0 if at none.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ReadMark {
    /// The last one received.
    pub delivered_id: i64,
    /// The last one read, never beyond the last one received.
    pub read_id: i64,
}
from_row!(ReadMark { delivered_id, read_id });

/// The marks of all readers.
#[derive(Clone, Debug)]
pub struct ReadMarks {
    db: Db,
}

impl Db {
    /// How far readers have come.
    #[must_use]
    pub fn read_marks(&self) -> ReadMarks {
        ReadMarks { db: self.clone() }
    }
}

impl ReadMarks {
    /// Moves a mark of `news.reader` forward in the conversation with `with`, and tells the feed.
    /// That the reader may see the message is for the caller to decide.
    ///
    /// `false` if the mark was there or further already; then nothing changes.
    pub async fn advance(
        &self,
        app: &AppId,
        with: &Receiver,
        news: &MarkNews,
        now: UnixSeconds,
    ) -> Result<bool, StorageError> {
        let (receiver_kind, peer) = with.stored();
        let read_id = match news.mark {
            Mark::Delivered => 0,
            Mark::Read => news.id,
        };
        let mut tx = self.db.begin().await?;
        let moved = on!(tx tx, |c| sqlx::query(MARK_ADVANCE)
            .bind(app.as_str()).bind(news.reader.as_str()).bind(receiver_kind).bind(peer)
            .bind(news.id).bind(read_id).bind(now.0)
            .execute(c).await.map(|done| done.rows_affected() > 0))?;
        if moved {
            let change = Change::Mark(app.clone(), news.clone());
            changes::append(&mut tx, &change, Reach::Widens, now).await?;
            tx.commit().await?;
        }
        Ok(moved)
    }

    /// How far a reader has come in the conversation with `with`.
    pub async fn of(
        &self,
        app: &AppId,
        reader: &Uid,
        with: &Receiver,
    ) -> Result<ReadMark, StorageError> {
        let (receiver_kind, peer) = with.stored();
        let found: Option<ReadMark> = on!(read self.db, |c| sqlx::query_as(MARK_FIND)
            .bind(app.as_str()).bind(reader.as_str()).bind(receiver_kind).bind(peer)
            .fetch_optional(c).await)?;
        Ok(found.unwrap_or_default())
    }

    /// What a user has not read, of one conversation or of all; those with nothing are left out.
    pub async fn unread(
        &self,
        app: &AppId,
        reader: &Uid,
        with: Option<&Receiver>,
    ) -> Result<Vec<Unread>, StorageError> {
        let (receiver_kind, peer) = with.map_or((-1, ""), Receiver::stored);
        Ok(on!(read self.db, |c| sqlx::query_as(UNREAD)
            .bind(app.as_str()).bind(reader.as_str()).bind(receiver_kind).bind(peer)
            .fetch_all(c).await)?)
    }
}
