//! Sessions. A session is one auth token.

use cloakroom_token::{AppId, KeyId, Seq, SessionId, Uid, UnixSeconds};
use serde_json::json;

use crate::changes::{self, Change, Reach};
use crate::column::from_row;
use crate::db::{Db, Tx, on};
use crate::error::StorageError;
use crate::outbox::{self, WebhookEvent};
use crate::secret_hash::SecretHash;
use crate::statement::sql;

sql! {
    Both {
        SESSION_ADD = "INSERT INTO session (app_id, id, uid, auth_token_hash, created_at,
            expires_at, sdk, last_seen_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $5)";
        SESSION_BY_TOKEN = "SELECT id, uid, created_at, expires_at, ended_at, sdk, last_seen_at,
            generation, fat_issued_at, fat_expires_at, fat_key FROM session WHERE app_id = $1 AND auth_token_hash = $2
            AND ended_at IS NULL AND (expires_at IS NULL OR expires_at > $3)";
        SESSION_BY_ID = "SELECT id, uid, created_at, expires_at, ended_at, sdk, last_seen_at,
            generation, fat_issued_at, fat_expires_at, fat_key FROM session WHERE app_id = $1 AND id = $2";
        SESSION_OF_UID = "SELECT id, uid, created_at, expires_at, ended_at, sdk, last_seen_at,
            generation, fat_issued_at, fat_expires_at, fat_key FROM session WHERE app_id = $1 AND uid = $2 ORDER BY created_at, id";
        SESSION_PAGE = "SELECT id, uid, created_at, expires_at, ended_at, sdk, last_seen_at,
            generation, fat_issued_at, fat_expires_at, fat_key FROM session
            WHERE app_id = $1 AND uid = $2 AND (created_at, id) < ($3, $4)
            ORDER BY created_at DESC, id DESC LIMIT $5";
        SESSION_TOUCH = "UPDATE session SET sdk = COALESCE($3, sdk), last_seen_at = $4,
            fat_issued_at = COALESCE($5, fat_issued_at),
            fat_expires_at = COALESCE($6, fat_expires_at), fat_key = COALESCE($7, fat_key)
            WHERE app_id = $1 AND id = $2 AND ended_at IS NULL";
        SESSION_NOTE_FAT = "UPDATE session SET fat_issued_at = $3, fat_expires_at = $4, fat_key = $5
            WHERE app_id = $1 AND id = $2 AND ended_at IS NULL";
        SESSION_LIVE = "SELECT COUNT(*), COALESCE(SUM(CASE WHEN fat_expires_at > $2 THEN 0
            ELSE 1 END), 0) FROM session WHERE app_id = $1 AND ended_at IS NULL
            AND (expires_at IS NULL OR expires_at > $2)";
        SESSION_BY_FAT_KEY = "SELECT COUNT(*) FROM session
            WHERE fat_key = $1 AND ended_at IS NULL AND fat_expires_at > $2";
        SESSION_END = "UPDATE session SET ended_at = $3, generation = $4
            WHERE app_id = $1 AND id = $2 AND ended_at IS NULL RETURNING uid";
        SESSION_END_ALL = "UPDATE session SET ended_at = $3, generation = $4
            WHERE app_id = $1 AND uid = $2 AND ended_at IS NULL RETURNING id";
    }
}

/// One login of one user.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub uid: Uid,
    /// When it began.
    pub created_at: UnixSeconds,
    /// When it ends by itself; `None` if it does not.
    pub expires_at: Option<UnixSeconds>,
    /// When it was ended by logout or revocation.
    pub ended_at: Option<UnixSeconds>,
    /// The SDK that used it last, as it names itself.
    pub sdk: Option<String>,
    /// When it was used last, as far as that was recorded.
    pub last_seen_at: UnixSeconds,
    /// Its last revocation.
    pub generation: Seq,
    /// When its last File Access Token was issued; `None` if none ever was.
    pub fat_issued_at: Option<UnixSeconds>,
    /// Until when that token is good.
    pub fat_expires_at: Option<UnixSeconds>,
    /// The key that signed it.
    pub fat_key: Option<KeyId>,
}
from_row!(Session {
    id,
    uid,
    created_at,
    expires_at,
    ended_at,
    sdk,
    last_seen_at,
    generation,
    fat_issued_at,
    fat_expires_at,
    fat_key,
});

/// What is recorded of a File Access Token.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct IssuedFat {
    /// The key that signed it.
    pub key: KeyId,
    /// Until when it is good.
    pub expires_at: UnixSeconds,
}

/// A session to begin.
#[derive(Clone, Debug)]
pub struct NewSession<'a> {
    /// A fresh random id.
    pub id: SessionId,
    /// Whose it is.
    pub uid: &'a Uid,
    /// The auth token.
    pub auth_token: SecretHash,
    /// When it ends by itself; `None` if it does not.
    pub expires_at: Option<UnixSeconds>,
    /// The SDK that logs in.
    pub sdk: Option<&'a str>,
}

/// The sessions of all apps.
#[derive(Clone, Debug)]
pub struct Sessions {
    db: Db,
}

impl Db {
    /// The sessions.
    #[must_use]
    pub fn sessions(&self) -> Sessions {
        Sessions { db: self.clone() }
    }
}

impl Sessions {
    /// Begins a session.
    ///
    /// # Errors
    ///
    /// [`StorageError::Missing`] if there is no such user, [`StorageError::Conflict`] if the id or
    /// the auth token is taken.
    pub async fn create(
        &self,
        app: &AppId,
        new: &NewSession<'_>,
        now: UnixSeconds,
    ) -> Result<Session, StorageError> {
        let mut tx = self.db.begin().await?;
        on!(tx tx, |c| sqlx::query(SESSION_ADD)
            .bind(app.as_str()).bind(new.id.to_string()).bind(new.uid.as_str())
            .bind(new.auth_token.stored()).bind(now.0).bind(new.expires_at.map(|at| at.0))
            .bind(new.sdk).execute(c).await.map(|_| ()))?;
        let change = Change::Session(app.clone(), new.id);
        changes::append(&mut tx, &change, Reach::Widens, now).await?;
        tx.commit().await?;
        Ok(Session {
            id: new.id,
            uid: new.uid.clone(),
            created_at: now,
            expires_at: new.expires_at,
            ended_at: None,
            sdk: new.sdk.map(str::to_owned),
            last_seen_at: now,
            generation: Seq::default(),
            fat_issued_at: None,
            fat_expires_at: None,
            fat_key: None,
        })
    }

    /// The session of this auth token, if it has neither ended nor expired.
    pub async fn by_auth_token(
        &self,
        app: &AppId,
        auth_token: SecretHash,
        now: UnixSeconds,
    ) -> Result<Option<Session>, StorageError> {
        Ok(on!(read self.db, |c| sqlx::query_as(SESSION_BY_TOKEN)
            .bind(app.as_str()).bind(auth_token.stored()).bind(now.0)
            .fetch_optional(c).await)?)
    }

    /// The session, ended or not.
    pub async fn by_id(&self, app: &AppId, id: SessionId) -> Result<Option<Session>, StorageError> {
        Ok(on!(read self.db, |c| sqlx::query_as(SESSION_BY_ID)
            .bind(app.as_str()).bind(id.to_string()).fetch_optional(c).await)?)
    }

    /// All sessions of a user, ended ones included, the oldest first.
    pub async fn of_user(&self, app: &AppId, uid: &Uid) -> Result<Vec<Session>, StorageError> {
        Ok(on!(read self.db, |c| sqlx::query_as(SESSION_OF_UID)
            .bind(app.as_str()).bind(uid.as_str()).fetch_all(c).await)?)
    }

    /// At most `limit` sessions of a user, ended ones included, the newest first; `after`: those
    /// that come after this one.
    pub async fn page(
        &self,
        app: &AppId,
        uid: &Uid,
        after: Option<(UnixSeconds, SessionId)>,
        limit: u32,
    ) -> Result<Vec<Session>, StorageError> {
        let (at, id) = after.map_or((i64::MAX, String::new()), |(at, id)| (at.0, id.to_string()));
        Ok(on!(read self.db, |c| sqlx::query_as(SESSION_PAGE)
            .bind(app.as_str()).bind(uid.as_str()).bind(at).bind(&id).bind(i64::from(limit))
            .fetch_all(c).await)?)
    }

    /// Records a use; `sdk` if the request named one, `fat` if a token was issued. Bears on no right,
    /// so the feed is silent.
    pub async fn touch(
        &self,
        app: &AppId,
        id: SessionId,
        sdk: Option<&str>,
        fat: Option<&IssuedFat>,
        now: UnixSeconds,
    ) -> Result<(), StorageError> {
        on!(write self.db, |c| sqlx::query(SESSION_TOUCH)
            .bind(app.as_str()).bind(id.to_string()).bind(sdk).bind(now.0)
            .bind(fat.map(|_| now.0)).bind(fat.map(|fat| fat.expires_at.0))
            .bind(fat.map(|fat| fat.key.as_str())).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// How many sessions of all apps hold a File Access Token that this key signed and that is good
    /// at `now`: so many need a new one if the key is revoked.
    pub async fn count_by_fat_key(
        &self,
        key: &KeyId,
        now: UnixSeconds,
    ) -> Result<u64, StorageError> {
        let count: i64 = on!(read self.db, |c| sqlx::query_scalar(SESSION_BY_FAT_KEY)
            .bind(key.as_str()).bind(now.0).fetch_one(c).await)?;
        Ok(count.unsigned_abs())
    }

    /// How many sessions of an app are alive, and how many of them have no File Access Token that
    /// is good at `now`.
    pub async fn live_without_fat(
        &self,
        app: &AppId,
        now: UnixSeconds,
    ) -> Result<(u64, u64), StorageError> {
        let (live, without): (i64, i64) = on!(read self.db, |c| sqlx::query_as(SESSION_LIVE)
            .bind(app.as_str()).bind(now.0).fetch_one(c).await)?;
        Ok((live.unsigned_abs(), without.unsigned_abs()))
    }

    /// Records that a File Access Token was issued. Bears on no right, so the feed is silent.
    pub async fn note_fat(
        &self,
        app: &AppId,
        id: SessionId,
        fat: &IssuedFat,
        now: UnixSeconds,
    ) -> Result<(), StorageError> {
        on!(write self.db, |c| sqlx::query(SESSION_NOTE_FAT)
            .bind(app.as_str()).bind(id.to_string()).bind(now.0).bind(fat.expires_at.0)
            .bind(fat.key.as_str()).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Ends the session, its auth token, its tokens and URLs.
    ///
    /// Returns the place of the revocation, or `None` if no such session was under way.
    pub async fn end(
        &self,
        app: &AppId,
        id: SessionId,
        now: UnixSeconds,
    ) -> Result<Option<Seq>, StorageError> {
        let mut tx = self.db.begin().await?;
        let change = Change::Session(app.clone(), id);
        let seq = changes::append(&mut tx, &change, Reach::Narrows, now).await?;
        let uid: Option<String> = on!(tx tx, |c| sqlx::query_scalar(SESSION_END)
            .bind(app.as_str()).bind(id.to_string()).bind(now.0).bind(seq.0)
            .fetch_optional(c).await)?;
        let Some(uid) = uid else { return Ok(None) };
        tell_of_end(&mut tx, app, &id, &uid, seq, now).await?;
        tx.commit().await?;
        Ok(Some(seq))
    }

    /// Ends every session of the user.
    ///
    /// Returns the place of the last revocation, or `None` if none was under way.
    pub async fn end_all(
        &self,
        app: &AppId,
        uid: &Uid,
        now: UnixSeconds,
    ) -> Result<Option<Seq>, StorageError> {
        let mut tx = self.db.begin().await?;
        // The place of the user's own change is the generation of them all: it comes before
        // whatever is issued to a later session.
        let change = Change::UserState(app.clone(), uid.clone());
        let seq = changes::append(&mut tx, &change, Reach::Narrows, now).await?;
        let ended: Vec<String> = on!(tx tx, |c| sqlx::query_scalar(SESSION_END_ALL)
            .bind(app.as_str()).bind(uid.as_str()).bind(now.0).bind(seq.0).fetch_all(c).await)?;
        if ended.is_empty() {
            return Ok(None);
        }
        let mut last = seq;
        for id in ended {
            let id = SessionId::parse(&id).map_err(|e| StorageError::Corrupt(e.into()))?;
            let change = Change::Session(app.clone(), id);
            last = changes::append(&mut tx, &change, Reach::Narrows, now).await?;
            tell_of_end(&mut tx, app, &id, uid.as_str(), last, now).await?;
        }
        tx.commit().await?;
        Ok(Some(last))
    }
}

/// Tells webhooks that a session has ended, within the transaction that ends it.
pub(crate) async fn tell_of_end(
    tx: &mut Tx,
    app: &AppId,
    session: &SessionId,
    uid: &str,
    seq: Seq,
    now: UnixSeconds,
) -> Result<(), StorageError> {
    let data = json!({ "sessionId": session.to_string(), "uid": uid });
    outbox::append(tx, app, WebhookEvent::SessionEnded, &data, Some(seq), now).await?;
    Ok(())
}
