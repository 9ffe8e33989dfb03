//! The files that messages carry.

use cloakroom_token::{AppId, MediaId, Seq, UnixSeconds, Variant};

use crate::changes::{self, Change, Reach};
use crate::column::{Place, from_row};
use crate::db::{Tx, on};
use crate::error::StorageError;
use crate::expiry::lapses;
use crate::messages::Messages;
use crate::statement::sql;

sql! {
    Both {
        LINK_MARK_CARRIED = "UPDATE media SET ever_carried = TRUE WHERE app_id = $1 AND id = $2
            AND state IN (1, 2) AND revoked_at IS NULL";
        LINK_ADD = "INSERT INTO message_media (app_id, message_id, media_id, variant, position)
            VALUES ($1, $2, $3, $4, $5) ON CONFLICT (app_id, message_id, media_id, variant)
            DO UPDATE SET position = excluded.position, removed_at = NULL";
        LINK_REMOVE_ALL = "UPDATE message_media SET removed_at = $3
            WHERE app_id = $1 AND message_id = $2 AND removed_at IS NULL RETURNING media_id";
        LINK_LAPSES = concat!("UPDATE media SET ", lapses!(), " WHERE app_id = $1 AND id = $2
            AND state IN (1, 2) AND lapsed_at IS NULL");
        LINK_FILES = "SELECT media_id, variant FROM message_media
            WHERE app_id = $1 AND message_id = $2 AND removed_at IS NULL
            ORDER BY position, media_id, variant";
    }
}

/// A file as a message carries it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Attachment {
    /// Which file.
    pub media: MediaId,
    /// Which rendition.
    pub variant: Variant,
}

impl Messages {
    /// The files a message carries, in order.
    pub async fn attachments(&self, app: &AppId, id: i64) -> Result<Vec<Attachment>, StorageError> {
        let rows: Vec<AttachmentRow> = on!(read self.db, |c| sqlx::query_as(LINK_FILES)
            .bind(app.as_str()).bind(id).fetch_all(c).await)?;
        Ok(rows
            .iter()
            .map(|row| Attachment { media: row.media_id, variant: row.variant })
            .collect())
    }
}

struct AttachmentRow {
    media_id: MediaId,
    variant: Variant,
}
from_row!(AttachmentRow { media_id, variant });

/// Puts files on a message.
pub(crate) async fn link(
    tx: &mut Tx,
    app: &AppId,
    message: i64,
    attachments: &[Attachment],
    now: UnixSeconds,
) -> Result<(), StorageError> {
    for (position, attachment) in (0_i64..).zip(attachments) {
        let media = attachment.media.to_string();
        let marked = on!(tx tx, |c| sqlx::query(LINK_MARK_CARRIED)
            .bind(app.as_str()).bind(&media)
            .execute(c).await.map(|done| done.rows_affected()))?;
        if marked == 0 {
            return Err(StorageError::Missing);
        }
        on!(tx tx, |c| sqlx::query(LINK_ADD)
            .bind(app.as_str()).bind(message).bind(&media).bind(attachment.variant.place())
            .bind(position).execute(c).await.map(|_| ()))?;
        let change = Change::File(app.clone(), attachment.media);
        changes::append(tx, &change, Reach::Widens, now).await?;
    }
    Ok(())
}

/// Takes all files off a message; gives each once, with its change.
pub(crate) async fn unlink(
    tx: &mut Tx,
    app: &AppId,
    message: i64,
    now: UnixSeconds,
) -> Result<Vec<(MediaId, Seq)>, StorageError> {
    let mut carried: Vec<String> = on!(tx tx, |c| sqlx::query_scalar(LINK_REMOVE_ALL)
        .bind(app.as_str()).bind(message).bind(now.0).fetch_all(c).await)?;
    carried.sort_unstable();
    carried.dedup();
    let mut changed = Vec::with_capacity(carried.len());
    for media in carried {
        on!(tx tx, |c| sqlx::query(LINK_LAPSES)
            .bind(app.as_str()).bind(&media).bind(now.0).execute(c).await.map(|_| ()))?;
        let media = MediaId::parse(&media).map_err(|error| StorageError::Corrupt(error.into()))?;
        let change = Change::File(app.clone(), media);
        changed.push((media, changes::append(tx, &change, Reach::Narrows, now).await?));
    }
    Ok(changed)
}
