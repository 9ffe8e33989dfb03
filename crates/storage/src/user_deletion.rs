//! What goes with a deleted user.

use cloakroom_token::{AppId, Guid, MediaId, Seq, SessionId, Uid, UnixSeconds};
use serde_json::json;

use crate::changes::{self, Change, Reach};
use crate::db::{Tx, on};
use crate::error::StorageError;
use crate::expiry::lapses;
use crate::outbox::{self, WebhookEvent};
use crate::sessions::tell_of_end;
use crate::statement::sql;
use crate::users::Users;

sql! {
    Both {
        USER_DELETE = "UPDATE app_user SET deleted_at = $3, updated_at = $3, generation = $4
            WHERE app_id = $1 AND uid = $2 AND deleted_at IS NULL";
        USER_END_SESSIONS = "UPDATE session SET ended_at = $3, generation = $4
            WHERE app_id = $1 AND uid = $2 AND ended_at IS NULL RETURNING id";
        USER_LEAVE_GROUPS = "DELETE FROM group_member WHERE app_id = $1 AND uid = $2
            RETURNING guid";
        USER_DELETE_MEDIA = concat!("UPDATE media SET state = 4, deleted_at = $3, generation = $4, ",
            lapses!(), " WHERE app_id = $1 AND uploader = $2 AND state <> 4 RETURNING id");
    }
}

/// What becomes of the files of a deleted user.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MediaOfDeletedUser {
    /// They go too.
    Delete,
    /// Whoever may read them still may.
    Keep,
}

impl Users {
    /// Deletes the user: sessions end, groups are left, the uid stays taken. Messages stay.
    ///
    /// Returns the place of the last revocation, or `None` if there is no such user.
    pub async fn delete(
        &self,
        app: &AppId,
        uid: &Uid,
        media: MediaOfDeletedUser,
        now: UnixSeconds,
    ) -> Result<Option<Seq>, StorageError> {
        let mut tx = self.db.begin().await?;
        let change = Change::UserState(app.clone(), uid.clone());
        let seq = changes::append(&mut tx, &change, Reach::Narrows, now).await?;
        let done = on!(tx tx, |c| sqlx::query(USER_DELETE)
            .bind(app.as_str()).bind(uid.as_str()).bind(now.0).bind(seq.0)
            .execute(c).await.map(|done| done.rows_affected()))?;
        if done == 0 {
            return Ok(None);
        }
        let data = json!({ "uid": uid.as_str(), "deleted": true });
        let event = WebhookEvent::UserDeactivated;
        outbox::append(&mut tx, app, event, &data, Some(seq), now).await?;
        let mut last = seq;
        for id in named(&mut tx, USER_END_SESSIONS, app, uid, now, seq).await? {
            let session = SessionId::parse(&id).map_err(|e| StorageError::Corrupt(e.into()))?;
            let change = Change::Session(app.clone(), session);
            last = changes::append(&mut tx, &change, Reach::Narrows, now).await?;
            tell_of_end(&mut tx, app, &session, uid.as_str(), last, now).await?;
        }
        let guids: Vec<String> = on!(tx tx, |c| sqlx::query_scalar(USER_LEAVE_GROUPS)
            .bind(app.as_str()).bind(uid.as_str()).fetch_all(c).await)?;
        for guid in guids {
            let guid = Guid::parse(&guid).map_err(|e| StorageError::Corrupt(e.into()))?;
            let change = Change::GroupMember(app.clone(), guid, uid.clone());
            last = changes::append(&mut tx, &change, Reach::Narrows, now).await?;
        }
        if media == MediaOfDeletedUser::Delete {
            for id in named(&mut tx, USER_DELETE_MEDIA, app, uid, now, seq).await? {
                let media = MediaId::parse(&id).map_err(|e| StorageError::Corrupt(e.into()))?;
                let change = Change::File(app.clone(), media);
                last = changes::append(&mut tx, &change, Reach::Narrows, now).await?;
                let data = json!({ "mediaId": media.to_string(), "uid": uid.as_str() });
                let event = WebhookEvent::MediaDeleted;
                outbox::append(&mut tx, app, event, &data, Some(last), now).await?;
            }
        }
        tx.commit().await?;
        Ok(Some(last))
    }
}

/// Runs a statement over what belongs to a user; gives the ids it touched.
async fn named(
    tx: &mut Tx,
    statement: &'static str,
    app: &AppId,
    uid: &Uid,
    now: UnixSeconds,
    seq: Seq,
) -> Result<Vec<String>, StorageError> {
    Ok(on!(tx tx, |c| sqlx::query_scalar(statement)
        .bind(app.as_str()).bind(uid.as_str()).bind(now.0).bind(seq.0).fetch_all(c).await)?)
}
