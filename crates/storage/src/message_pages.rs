//! Pages of messages: between two users, in a group, of one user, of a thread, and the last one
//! each.

use cloakroom_token::{AppId, Guid, Uid, UnixSeconds};

use crate::db::on;
use crate::error::StorageError;
use crate::messages::{Message, Messages, Receiver};
use crate::statement::sql;

macro_rules! page_sql {
    ($where:literal, $direction:literal) => {
        concat!(
            "SELECT * FROM message m WHERE m.app_id = $1 AND m.id > $2 AND m.id < $3 AND ",
            "m.sent_at >= $4 AND m.sent_at <= $5 AND ",
            $where,
            " ORDER BY m.id ",
            $direction,
            " LIMIT $6"
        )
    };
}

macro_rules! pair {
    () => {
        "m.conversation_id = $7 AND m.receiver_kind = 0 AND m.parent_id IS NULL AND
        ((m.sender = $8 AND m.receiver = $9) OR (m.sender = $9 AND m.receiver = $8))"
    };
}

sql! {
    Both {
        PAGE_PAIR_BACK = concat!("SELECT * FROM message m WHERE m.app_id = $1 AND m.id > $2
            AND m.id < $3 AND m.sent_at >= $4 AND m.sent_at <= $5 AND ", pair!(),
            " ORDER BY m.id DESC LIMIT $6");
        PAGE_PAIR_FORTH = concat!("SELECT * FROM message m WHERE m.app_id = $1 AND m.id > $2
            AND m.id < $3 AND m.sent_at >= $4 AND m.sent_at <= $5 AND ", pair!(),
            " ORDER BY m.id LIMIT $6");
        PAGE_GROUP_BACK = page_sql!("m.conversation_id = $7 AND m.receiver_kind = 1
            AND m.receiver = $8 AND m.parent_id IS NULL", "DESC");
        PAGE_GROUP_FORTH = page_sql!("m.conversation_id = $7 AND m.receiver_kind = 1
            AND m.receiver = $8 AND m.parent_id IS NULL", "ASC");
        PAGE_UID_BACK = page_sql!("((m.receiver_kind = 0 AND (m.sender = $7 OR m.receiver = $7))
            OR (m.receiver_kind = 1 AND EXISTS (SELECT 1 FROM group_member gm
            JOIN chat_group g ON g.app_id = gm.app_id AND g.guid = gm.guid
            WHERE gm.app_id = m.app_id AND gm.guid = m.receiver AND gm.uid = $7
            AND (NOT g.history_from_join OR m.sent_at >= gm.joined_at))))", "DESC");
        PAGE_UID_FORTH = page_sql!("((m.receiver_kind = 0 AND (m.sender = $7 OR m.receiver = $7))
            OR (m.receiver_kind = 1 AND EXISTS (SELECT 1 FROM group_member gm
            JOIN chat_group g ON g.app_id = gm.app_id AND g.guid = gm.guid
            WHERE gm.app_id = m.app_id AND gm.guid = m.receiver AND gm.uid = $7
            AND (NOT g.history_from_join OR m.sent_at >= gm.joined_at))))", "ASC");
        PAGE_THREAD_BACK = page_sql!("m.parent_id = $7", "DESC");
        PAGE_THREAD_FORTH = page_sql!("m.parent_id = $7", "ASC");
        CONVERSATIONS = "SELECT * FROM message WHERE app_id = $1 AND id IN (
            SELECT MAX(m.id) FROM message m WHERE m.app_id = $1 AND m.receiver_kind = 0
            AND (m.sender = $2 OR m.receiver = $2) AND m.deleted_at IS NULL
            AND m.parent_id IS NULL
            GROUP BY CASE WHEN m.sender = $2 THEN m.receiver ELSE m.sender END
            UNION ALL
            SELECT MAX(m.id) FROM message m
            JOIN group_member gm ON gm.app_id = m.app_id AND gm.guid = m.receiver AND gm.uid = $2
            JOIN chat_group g ON g.app_id = gm.app_id AND g.guid = gm.guid
            WHERE m.app_id = $1 AND m.receiver_kind = 1 AND m.deleted_at IS NULL
            AND m.parent_id IS NULL AND (NOT g.history_from_join OR m.sent_at >= gm.joined_at)
            GROUP BY m.receiver) ORDER BY id DESC LIMIT $3";
        LAST_IN_PAIR = "SELECT * FROM message m WHERE m.app_id = $1 AND m.conversation_id = $2
            AND m.receiver_kind = 0 AND m.parent_id IS NULL AND m.deleted_at IS NULL
            AND ((m.sender = $3 AND m.receiver = $4) OR (m.sender = $4 AND m.receiver = $3))
            ORDER BY m.id DESC LIMIT 1";
        LAST_IN_GROUP = "SELECT * FROM message m WHERE m.app_id = $1 AND m.conversation_id = $2
            AND m.receiver_kind = 1 AND m.receiver = $3 AND m.parent_id IS NULL
            AND m.deleted_at IS NULL AND m.sent_at >= $4 ORDER BY m.id DESC LIMIT 1";
    }
}

/// Which way a page goes from its cursor.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Direction {
    /// To older messages.
    #[default]
    Back,
    /// To newer messages.
    Forth,
}

/// Which part of a conversation is asked for.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct MessageCursor {
    /// Which way to go.
    pub direction: Direction,
    /// The message to go from, itself excluded; `None` for the end of the conversation, or going
    /// forth its start.
    pub id: Option<i64>,
    /// The moment to go from, itself included.
    pub sent_at: Option<UnixSeconds>,
    /// Messages at most.
    pub limit: u32,
}

impl MessageCursor {
    /// Bounds of id (excluded) and time (included).
    fn bounds(&self) -> (i64, i64, i64, i64) {
        match self.direction {
            Direction::Back => {
                (i64::MIN, self.id.unwrap_or(i64::MAX), i64::MIN, time(self, i64::MAX))
            }
            Direction::Forth => {
                (self.id.unwrap_or(i64::MIN), i64::MAX, time(self, i64::MIN), i64::MAX)
            }
        }
    }

    fn ascending(&self, mut messages: Vec<Message>) -> Vec<Message> {
        if self.direction == Direction::Back {
            messages.reverse();
        }
        messages
    }

    fn choose(&self, back: &'static str, forth: &'static str) -> &'static str {
        match self.direction {
            Direction::Back => back,
            Direction::Forth => forth,
        }
    }
}

fn time(cursor: &MessageCursor, otherwise: i64) -> i64 {
    cursor.sent_at.map_or(otherwise, |at| at.0)
}

impl Messages {
    /// Messages between two users, the oldest first, deleted ones included.
    pub async fn between(
        &self,
        app: &AppId,
        one: &Uid,
        other: &Uid,
        cursor: &MessageCursor,
    ) -> Result<Vec<Message>, StorageError> {
        let (after, before, from, to) = cursor.bounds();
        let messages = on!(read self.db, |c| sqlx::query_as(
            cursor.choose(PAGE_PAIR_BACK, PAGE_PAIR_FORTH))
            .bind(app.as_str()).bind(after).bind(before).bind(from).bind(to)
            .bind(i64::from(cursor.limit))
            .bind(Receiver::User(other.clone()).conversation_id(one))
            .bind(one.as_str()).bind(other.as_str()).fetch_all(c).await)?;
        Ok(cursor.ascending(messages))
    }

    /// Messages of a group since `visible_from`, the oldest first, deleted ones included.
    pub async fn in_group(
        &self,
        app: &AppId,
        guid: &Guid,
        visible_from: Option<UnixSeconds>,
        cursor: &MessageCursor,
    ) -> Result<Vec<Message>, StorageError> {
        let (after, before, from, to) = cursor.bounds();
        let from = visible_from.map_or(from, |at| from.max(at.0));
        let messages = on!(read self.db, |c| sqlx::query_as(
            cursor.choose(PAGE_GROUP_BACK, PAGE_GROUP_FORTH))
            .bind(app.as_str()).bind(after).bind(before).bind(from).bind(to)
            .bind(i64::from(cursor.limit)).bind(format!("group_{guid}")).bind(guid.as_str())
            .fetch_all(c).await)?;
        Ok(cursor.ascending(messages))
    }

    /// All messages a user may see, of users and of present groups, threads included, the oldest
    /// first, deleted ones included.
    pub async fn of_user(
        &self,
        app: &AppId,
        uid: &Uid,
        cursor: &MessageCursor,
    ) -> Result<Vec<Message>, StorageError> {
        let (after, before, from, to) = cursor.bounds();
        let messages = on!(read self.db, |c| sqlx::query_as(
            cursor.choose(PAGE_UID_BACK, PAGE_UID_FORTH))
            .bind(app.as_str()).bind(after).bind(before).bind(from).bind(to)
            .bind(i64::from(cursor.limit)).bind(uid.as_str()).fetch_all(c).await)?;
        Ok(cursor.ascending(messages))
    }

    /// The thread under a message, the oldest first. Who may see the parent may see it.
    pub async fn in_thread(
        &self,
        app: &AppId,
        parent_id: i64,
        cursor: &MessageCursor,
    ) -> Result<Vec<Message>, StorageError> {
        let (after, before, from, to) = cursor.bounds();
        let messages = on!(read self.db, |c| sqlx::query_as(
            cursor.choose(PAGE_THREAD_BACK, PAGE_THREAD_FORTH))
            .bind(app.as_str()).bind(after).bind(before).bind(from).bind(to)
            .bind(i64::from(cursor.limit)).bind(parent_id).fetch_all(c).await)?;
        Ok(cursor.ascending(messages))
    }

    /// The last message of each conversation of a user, the newest first, deleted ones left out.
    pub async fn conversations(
        &self,
        app: &AppId,
        uid: &Uid,
        limit: u32,
    ) -> Result<Vec<Message>, StorageError> {
        Ok(on!(read self.db, |c| sqlx::query_as(CONVERSATIONS)
            .bind(app.as_str()).bind(uid.as_str()).bind(i64::from(limit)).fetch_all(c).await)?)
    }

    /// The last message between two users that stands; `None` if there is none.
    pub async fn last_between(
        &self,
        app: &AppId,
        one: &Uid,
        other: &Uid,
    ) -> Result<Option<Message>, StorageError> {
        Ok(on!(read self.db, |c| sqlx::query_as(LAST_IN_PAIR)
            .bind(app.as_str()).bind(Receiver::User(other.clone()).conversation_id(one))
            .bind(one.as_str()).bind(other.as_str()).fetch_optional(c).await)?)
    }

    /// The last message of a group since `visible_from` that stands; `None` if there is none.
    pub async fn last_in_group(
        &self,
        app: &AppId,
        guid: &Guid,
        visible_from: Option<UnixSeconds>,
    ) -> Result<Option<Message>, StorageError> {
        let from = visible_from.map_or(i64::MIN, |at| at.0);
        Ok(on!(read self.db, |c| sqlx::query_as(LAST_IN_GROUP)
            .bind(app.as_str()).bind(format!("group_{guid}")).bind(guid.as_str()).bind(from)
            .fetch_optional(c).await)?)
    }
}
