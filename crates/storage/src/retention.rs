//! Messages whose files go by themselves: after a time, or once everybody looked.

use cloakroom_token::{AppId, MediaId, Uid, UnixSeconds};

use crate::changes::{self, Change, Reach};
use crate::db::{Db, on};
use crate::error::StorageError;
use crate::statement::sql;
use crate::url_views::VIEW_WINDOW_SECONDS;

/// A message of `$1` and type `$2` (`*`: any that is not in the list `$3`) that stands, carries
/// files, none of them held.
macro_rules! due {
    ($more:literal) => {
        concat!(
            "SELECT m.id FROM message m WHERE m.app_id = $1 AND m.deleted_at IS NULL
            AND (m.kind = $2 OR ($2 = '*' AND $3 NOT LIKE '% ' || m.kind || ' %'))
            AND EXISTS (SELECT 1 FROM message_media k WHERE k.app_id = m.app_id
            AND k.message_id = m.id AND k.removed_at IS NULL)
            AND NOT EXISTS (SELECT 1 FROM message_media k JOIN media f
            ON f.app_id = k.app_id AND f.id = k.media_id WHERE k.app_id = m.app_id
            AND k.message_id = m.id AND k.removed_at IS NULL AND f.legal_hold) ",
            $more,
            " ORDER BY m.id LIMIT $5"
        )
    };
}

sql! {
    Both {
        RETENTION_DUE_BY_AGE = due!("AND m.sent_at <= $4");
        RETENTION_DUE_BY_VIEW = due!("AND EXISTS (SELECT 1 FROM message_view w
            WHERE w.app_id = m.app_id AND w.message_id = m.id)
            AND NOT EXISTS (SELECT 1 FROM message_view w
            WHERE w.app_id = m.app_id AND w.message_id = m.id AND w.seen_at > $4)
            AND (m.receiver_kind = 0 OR NOT EXISTS (SELECT 1 FROM group_member g
            WHERE g.app_id = m.app_id AND g.guid = m.receiver AND g.uid <> m.sender
            AND NOT EXISTS (SELECT 1 FROM message_view w WHERE w.app_id = m.app_id
            AND w.message_id = m.id AND w.uid = g.uid)))");
        RETENTION_VIEW = "INSERT INTO message_view (app_id, message_id, uid, seen_at)
            SELECT m.app_id, m.id, CAST($3 AS TEXT), CAST($4 AS BIGINT) FROM message_media k
            JOIN message m ON m.app_id = k.app_id AND m.id = k.message_id
            WHERE k.app_id = $1 AND k.media_id = $2 AND k.removed_at IS NULL
            AND m.deleted_at IS NULL AND m.sender <> $3
            AND ((m.receiver_kind = 0 AND m.receiver = $3) OR (m.receiver_kind = 1
            AND EXISTS (SELECT 1 FROM group_member g WHERE g.app_id = m.app_id
            AND g.guid = m.receiver AND g.uid = $3)))
            ON CONFLICT (app_id, message_id, uid) DO NOTHING";
        RETENTION_SWEEP_VIEWS = "DELETE FROM message_view WHERE EXISTS (SELECT 1 FROM message m
            WHERE m.id = message_view.message_id AND m.deleted_at IS NOT NULL)";
        RETENTION_HOLD = "UPDATE media SET legal_hold = $3
            WHERE app_id = $1 AND id = $2 AND legal_hold <> $3";
    }
}

/// Retention in all apps.
#[derive(Clone, Debug)]
pub struct Retention {
    db: Db,
}

impl Db {
    /// Retention.
    #[must_use]
    pub fn retention(&self) -> Retention {
        Retention { db: self.clone() }
    }
}

impl Retention {
    /// At most `limit` messages of this type that were sent at `until` or before. The type `*` means
    /// all that are not `others`.
    pub async fn due_by_age(
        &self,
        app: &AppId,
        kind: &str,
        others: &[&str],
        until: UnixSeconds,
        limit: u32,
    ) -> Result<Vec<i64>, StorageError> {
        self.due(RETENTION_DUE_BY_AGE, app, (kind, others), until, limit).await
    }

    /// At most `limit` messages of this type that every receiver looked at, the last of them ten
    /// minutes before `now` or more.
    pub async fn due_by_view(
        &self,
        app: &AppId,
        kind: &str,
        others: &[&str],
        limit: u32,
        now: UnixSeconds,
    ) -> Result<Vec<i64>, StorageError> {
        let until = now.plus(-VIEW_WINDOW_SECONDS);
        self.due(RETENTION_DUE_BY_VIEW, app, (kind, others), until, limit).await
    }

    async fn due(
        &self,
        statement: &'static str,
        app: &AppId,
        (kind, others): (&str, &[&str]),
        until: UnixSeconds,
        limit: u32,
    ) -> Result<Vec<i64>, StorageError> {
        let others = format!(" {} ", others.join(" "));
        Ok(on!(read self.db, |c| sqlx::query_scalar(statement)
            .bind(app.as_str()).bind(kind).bind(others).bind(until.0).bind(i64::from(limit))
            .fetch_all(c).await)?)
    }

    /// Notes that a user looked at a file, for each message through which it came to that user. The
    /// first look counts.
    pub async fn viewed(
        &self,
        app: &AppId,
        media: MediaId,
        uid: &Uid,
        now: UnixSeconds,
    ) -> Result<(), StorageError> {
        on!(write self.db, |c| sqlx::query(RETENTION_VIEW)
            .bind(app.as_str()).bind(media.to_string()).bind(uid.as_str()).bind(now.0)
            .execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Forgets who looked at messages that are gone; says how many rows.
    pub async fn sweep(&self) -> Result<u64, StorageError> {
        Ok(on!(write self.db, |c| sqlx::query(RETENTION_SWEEP_VIEWS)
            .execute(c).await.map(|done| done.rows_affected()))?)
    }

    /// Holds a file, or lets it go; `false` if it was so before or there is no such file.
    pub async fn hold(
        &self,
        app: &AppId,
        media: MediaId,
        hold: bool,
        now: UnixSeconds,
    ) -> Result<bool, StorageError> {
        let mut tx = self.db.begin().await?;
        let done = on!(tx tx, |c| sqlx::query(RETENTION_HOLD)
            .bind(app.as_str()).bind(media.to_string()).bind(hold)
            .execute(c).await.map(|done| done.rows_affected()))?;
        if done == 0 {
            return Ok(false);
        }
        changes::append(&mut tx, &Change::File(app.clone(), media), Reach::Widens, now).await?;
        tx.commit().await?;
        Ok(true)
    }
}
