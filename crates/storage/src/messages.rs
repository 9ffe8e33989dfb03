//! Messages and the files they carry.

use cloakroom_token::{AppId, Guid, Seq, SessionId, Uid, UnixSeconds};
use serde_json::{Value, json};

use crate::attachments::{Attachment, link, unlink};
use crate::changes::{self, Change, Reach};
use crate::column::column;
use crate::db::{Db, Tx, on};
use crate::error::StorageError;
use crate::expiry::lapses;
use crate::media::{NewMedia, insert};
use crate::message_news::{MessageEvent, MessageNews};
use crate::outbox::{self, WebhookEvent};
use crate::statement::sql;

sql! {
    Both {
        MESSAGE_ADD = "INSERT INTO message (app_id, muid, sender, receiver_kind, receiver,
            conversation_id, category, kind, data, sent_at, updated_at, parent_id)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11) RETURNING *";
        MESSAGE_BY_ID = "SELECT * FROM message WHERE app_id = $1 AND id = $2";
        MESSAGE_BY_MUID = "SELECT * FROM message
            WHERE app_id = $1 AND sender = $2 AND muid = $3";
        MESSAGE_EDIT = "UPDATE message SET data = $3, edited_at = $4, updated_at = $4
            WHERE app_id = $1 AND id = $2 AND deleted_at IS NULL RETURNING *";
        MESSAGE_DELETE = "UPDATE message SET deleted_at = $3, updated_at = $3, deleted_by = $4
            WHERE app_id = $1 AND id = $2 AND deleted_at IS NULL RETURNING *";
        FILE_DELETE_CARRIED = concat!("UPDATE media SET state = 4, deleted_at = $3,
            generation = $4, ", lapses!(), " WHERE app_id = $1 AND id = $2 AND state <> 4
            AND (CAST($5 AS TEXT) IS NULL OR uploader = $5)");
    }
}

/// To whom a message goes.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Receiver {
    /// The members of a group.
    Group(Guid),
    /// One user.
    User(Uid),
}

impl Receiver {
    pub(crate) fn stored(&self) -> (i16, &str) {
        match self {
            Self::User(uid) => (0, uid.as_str()),
            Self::Group(guid) => (1, guid.as_str()),
        }
    }

    /// The conversation that a message of `sender` to this receiver belongs to, as clients name
    /// it. Never the ground of a right: two names may join to the same text.
    #[must_use]
    pub fn conversation_id(&self, sender: &Uid) -> String {
        match self {
            Self::Group(guid) => format!("group_{guid}"),
            Self::User(uid) => {
                let (first, second) = if sender < uid { (sender, uid) } else { (uid, sender) };
                format!("{first}_user_{second}")
            }
        }
    }
}

/// A message, deleted or not.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Message {
    /// Its id, rising with time.
    pub id: i64,
    /// The sender's own name for it.
    pub muid: Option<String>,
    /// Who sent it.
    pub sender: Uid,
    /// To whom.
    pub receiver: Receiver,
    /// The conversation, as clients name it.
    pub conversation_id: String,
    /// `message`, `custom`, `action` or `call`.
    pub category: String,
    /// The type, such as `text` or `image`.
    pub kind: String,
    /// Its content.
    pub data: Value,
    /// When it was sent.
    pub sent_at: UnixSeconds,
    /// When it was changed last.
    pub updated_at: UnixSeconds,
    /// When it was edited last.
    pub edited_at: Option<UnixSeconds>,
    /// When it was deleted.
    pub deleted_at: Option<UnixSeconds>,
    /// Who deleted it; `None` if the app's back end did.
    pub deleted_by: Option<Uid>,
    /// The message whose thread it is in.
    pub parent_id: Option<i64>,
}

macro_rules! message_from_row {
    ($($row:ty),*) => { $(
        impl sqlx::FromRow<'_, $row> for Message {
            fn from_row(row: &$row) -> sqlx::Result<Self> {
                let receiver = match column(row, "receiver_kind")? {
                    ReceiverKind::User => Receiver::User(column(row, "receiver")?),
                    ReceiverKind::Group => Receiver::Group(column(row, "receiver")?),
                };
                Ok(Self {
                    id: column(row, "id")?,
                    muid: column(row, "muid")?,
                    sender: column(row, "sender")?,
                    receiver,
                    conversation_id: column(row, "conversation_id")?,
                    category: column(row, "category")?,
                    kind: column(row, "kind")?,
                    data: column(row, "data")?,
                    sent_at: column(row, "sent_at")?,
                    updated_at: column(row, "updated_at")?,
                    edited_at: column(row, "edited_at")?,
                    deleted_at: column(row, "deleted_at")?,
                    deleted_by: column(row, "deleted_by")?,
                    parent_id: column(row, "parent_id")?,
                })
            }
        }
    )* };
}
message_from_row!(sqlx::sqlite::SqliteRow, sqlx::postgres::PgRow);

#[derive(Clone, Copy)]
pub(crate) enum ReceiverKind {
    User,
    Group,
}

crate::column::stored_as_place! { ReceiverKind: User Group; }

/// A message to send.
#[derive(Clone, Debug)]
pub struct NewMessage<'a> {
    /// The sender's own name for it. Sending it twice keeps one message.
    pub muid: Option<&'a str>,
    /// Who sends.
    pub sender: &'a Uid,
    /// The session that sends; `None` if a back end does.
    pub session: Option<SessionId>,
    /// To whom.
    pub receiver: &'a Receiver,
    /// `message`, `custom`, `action` or `call`.
    pub category: &'a str,
    /// The type, such as `text` or `image`.
    pub kind: &'a str,
    /// Its content.
    pub data: &'a Value,
    /// The message whose thread it joins.
    pub parent_id: Option<i64>,
    /// The files it carries, in order. That the sender may read them is for the caller to decide.
    pub attachments: &'a [Attachment],
}

/// What became of a message to send.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Sent {
    /// The sender had sent it before under the same muid.
    Before(Message),
    /// It is new.
    New(Message),
}

/// What goes with a deleted message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DeletionScope {
    /// The files it carries, from every other message too: where a user deletes, those this user
    /// uploaded.
    Everywhere,
    /// Only this message's link to them.
    Message,
}

/// The messages of all apps.
#[derive(Clone, Debug)]
pub struct Messages {
    pub(crate) db: Db,
}

impl Db {
    /// The messages.
    #[must_use]
    pub fn messages(&self) -> Messages {
        Messages { db: self.clone() }
    }
}

impl Messages {
    /// Keeps a message with its links to the files it carries, in one transaction.
    ///
    /// # Errors
    ///
    /// [`StorageError::Missing`] if the sender or the parent does not exist or a file is not ready
    /// or was taken back; then nothing is kept.
    pub async fn send(
        &self,
        app: &AppId,
        new: &NewMessage<'_>,
        now: UnixSeconds,
    ) -> Result<Sent, StorageError> {
        self.send_with_files(app, new, &[], now).await
    }

    /// Keeps files whose bytes are stored, and the message that carries them, in one transaction.
    /// `new.attachments` links them.
    ///
    /// # Errors
    ///
    /// As [`Messages::send`]; then neither message nor file is kept, nor if it was
    /// [`Sent::Before`].
    pub async fn send_with_files(
        &self,
        app: &AppId,
        new: &NewMessage<'_>,
        files: &[NewMedia<'_>],
        now: UnixSeconds,
    ) -> Result<Sent, StorageError> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = sent_before(&mut tx, app, new).await? {
            return Ok(Sent::Before(before));
        }
        for file in files {
            insert(&mut tx, app, file, now).await?;
        }
        let (receiver_kind, receiver) = new.receiver.stored();
        let message: Message = on!(tx tx, |c| sqlx::query_as(MESSAGE_ADD)
            .bind(app.as_str()).bind(new.muid).bind(new.sender.as_str()).bind(receiver_kind)
            .bind(receiver).bind(new.receiver.conversation_id(new.sender)).bind(new.category)
            .bind(new.kind).bind(new.data.to_string()).bind(now.0).bind(new.parent_id)
            .fetch_one(c).await)?;
        link(&mut tx, app, message.id, new.attachments, now).await?;
        tell(&mut tx, app, message.id, MessageEvent::Sent, new.session, now).await?;
        tx.commit().await?;
        Ok(Sent::New(message))
    }

    /// The message, deleted or not.
    pub async fn by_id(&self, app: &AppId, id: i64) -> Result<Option<Message>, StorageError> {
        Ok(on!(read self.db, |c| sqlx::query_as(MESSAGE_BY_ID)
            .bind(app.as_str()).bind(id).fetch_optional(c).await)?)
    }

    /// Replaces the content and the files of a message; `None` if there is none or it was deleted.
    /// `session` is the one that edits, if any.
    ///
    /// # Errors
    ///
    /// [`StorageError::Missing`] if a file is not ready or was taken back; then nothing changes.
    pub async fn edit(
        &self,
        app: &AppId,
        id: i64,
        data: &Value,
        attachments: &[Attachment],
        session: Option<SessionId>,
        now: UnixSeconds,
    ) -> Result<Option<Message>, StorageError> {
        let mut tx = self.db.begin().await?;
        let message: Option<Message> = on!(tx tx, |c| sqlx::query_as(MESSAGE_EDIT)
            .bind(app.as_str()).bind(id).bind(data.to_string()).bind(now.0)
            .fetch_optional(c).await)?;
        if message.is_none() {
            return Ok(None);
        }
        unlink(&mut tx, app, id, now).await?;
        link(&mut tx, app, id, attachments, now).await?;
        tell(&mut tx, app, id, MessageEvent::Edited, session, now).await?;
        tx.commit().await?;
        Ok(message)
    }

    /// Deletes a message; `by` is `None` where the app's back end does, and `session` the user's
    /// that does, if any. Returns it, or `None` if
    /// there is none or it was deleted before, with the place of the last change if it carried
    /// files.
    pub async fn delete(
        &self,
        app: &AppId,
        id: i64,
        by: Option<&Uid>,
        session: Option<SessionId>,
        scope: DeletionScope,
        now: UnixSeconds,
    ) -> Result<Option<(Message, Option<Seq>)>, StorageError> {
        let mut tx = self.db.begin().await?;
        let message: Option<Message> = on!(tx tx, |c| sqlx::query_as(MESSAGE_DELETE)
            .bind(app.as_str()).bind(id).bind(now.0).bind(by.map(Uid::as_str))
            .fetch_optional(c).await)?;
        let Some(message) = message else { return Ok(None) };
        tell(&mut tx, app, id, MessageEvent::Deleted, session, now).await?;
        let mut last = None;
        for (media, seq) in unlink(&mut tx, app, id, now).await? {
            if scope == DeletionScope::Everywhere {
                let done = on!(tx tx, |c| sqlx::query(FILE_DELETE_CARRIED)
                    .bind(app.as_str()).bind(media.to_string()).bind(now.0).bind(seq.0)
                    .bind(by.map(Uid::as_str)).execute(c).await.map(|done| done.rows_affected()))?;
                if done > 0 {
                    let data = json!({ "mediaId": media.to_string(), "messageId": id });
                    let event = WebhookEvent::MediaDeleted;
                    outbox::append(&mut tx, app, event, &data, Some(seq), now).await?;
                }
            }
            last = last.max(Some(seq));
        }
        tx.commit().await?;
        Ok(Some((message, last)))
    }
}

/// Tells the feed what became of a message.
async fn tell(
    tx: &mut Tx,
    app: &AppId,
    id: i64,
    event: MessageEvent,
    by: Option<SessionId>,
    now: UnixSeconds,
) -> Result<(), StorageError> {
    let change = Change::Message(app.clone(), MessageNews { id, event, by });
    changes::append(tx, &change, Reach::Widens, now).await.map(|_| ())
}

async fn sent_before(
    tx: &mut Tx,
    app: &AppId,
    new: &NewMessage<'_>,
) -> Result<Option<Message>, StorageError> {
    let Some(muid) = new.muid else { return Ok(None) };
    Ok(on!(tx tx, |c| sqlx::query_as(MESSAGE_BY_MUID)
        .bind(app.as_str()).bind(new.sender.as_str()).bind(muid).fetch_optional(c).await)?)
}
