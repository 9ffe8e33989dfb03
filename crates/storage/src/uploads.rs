//! Uploads that are announced before their bytes: presigned forms, and tus.

use cloakroom_token::{AppId, BlobKey, ContentHash, MediaId, SessionId, Uid, UnixSeconds};

use crate::changes::{self, Change, Reach};
use crate::column::{Place, from_row, stored_as_place, stored_size};
use crate::db::{Db, Tx, TxInner, on};
use crate::error::StorageError;
use crate::expiry::lapses;
use crate::jobs::{self, JobKind};
use crate::media::{NewMedia, settle};
use crate::outbox::{self, WebhookEvent};
use crate::quota;
use crate::secret_hash::SecretHash;
use crate::statement::sql;

sql! {
    Both {
        UPLOAD_MEDIA = "INSERT INTO media (app_id, id, uploader, audience, file_name, extension,
            content_type, size_bytes, received_sha256, created_at, state)
            VALUES ($1, $2, $3, 0, $4, $5, $6, $7, $8, $9, 0)";
        UPLOAD_ADD = "INSERT INTO upload (app_id, media_id, kind, uploader, session_id,
            secret_hash, declared_type, metadata, size_bytes, created_at, expires_at, sha256)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
        UPLOAD_OPEN = "SELECT COUNT(*) FROM upload u
            JOIN media f ON f.app_id = u.app_id AND f.id = u.media_id
            WHERE u.app_id = $1 AND u.uploader = $2 AND f.state = 0";
        UPLOAD_BY_ID = "SELECT * FROM upload WHERE app_id = $1 AND media_id = $2";
        UPLOAD_BY_SECRET = "SELECT * FROM upload WHERE secret_hash = $1 AND media_id = $2";
        UPLOAD_ADVANCE = "UPDATE upload SET offset_bytes = offset_bytes + $4
            WHERE app_id = $1 AND media_id = $2 AND offset_bytes = $3
            AND offset_bytes + $4 <= size_bytes
            AND EXISTS (SELECT 1 FROM media f WHERE f.app_id = $1 AND f.id = $2 AND f.state = 0)
            RETURNING *";
        UPLOAD_ADD_PART = "INSERT INTO upload_part (app_id, media_id, at_byte, size_bytes, blob_key)
            VALUES ($1, $2, $3, $4, $5)";
        UPLOAD_COUNT_PARTS = "SELECT COUNT(*) FROM upload_part WHERE app_id = $1 AND media_id = $2";
        UPLOAD_PARTS = "SELECT size_bytes, blob_key FROM upload_part
            WHERE app_id = $1 AND media_id = $2 ORDER BY at_byte";
        UPLOAD_FINISH = "UPDATE media SET state = $3, extension = $4, content_type = $5,
            size_bytes = $6, width = $7, height = $8, duration_ms = $9, received_sha256 = $10,
            thumb_hash = $11 WHERE app_id = $1 AND id = $2 AND state = 0";
        UPLOAD_DROP_PARTS = "DELETE FROM upload_part WHERE app_id = $1 AND media_id = $2";
        UPLOAD_DROP = "DELETE FROM upload WHERE app_id = $1 AND media_id = $2";
        UPLOAD_ABANDON = concat!("UPDATE media SET state = 4, deleted_at = $3, generation = $4, ",
            lapses!(), " WHERE app_id = $1 AND id = $2 AND (state = 0 OR
            (state IN (1, 2) AND audience = 0 AND NOT ever_carried))");
        UPLOAD_OVER = "SELECT u.* FROM upload u
            JOIN media f ON f.app_id = u.app_id AND f.id = u.media_id
            WHERE u.expires_at <= $1 AND (f.state IN (0, 3, 4) OR u.expires_at <= $2)
            AND NOT (f.state = 0 AND u.offset_bytes = u.size_bytes AND u.expires_at > $2)
            ORDER BY u.expires_at, u.media_id LIMIT $3";
    }
    Postgres {
        UPLOAD_ONE_AT_A_TIME =
            "SELECT 1 FROM app_user WHERE app_id = $1 AND uid = $2 FOR NO KEY UPDATE";
    }
}

/// By which protocol the bytes come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum UploadKind {
    /// One form, authorised by a secret in it.
    Form,
    /// tus 1.0, in as many parts as it takes.
    Tus,
}
stored_as_place! { UploadKind: Form Tus; }

/// An upload to announce. Its file is `receiving` from now on.
#[derive(Clone, Debug)]
pub struct NewUpload<'a> {
    /// A fresh random id, that of the file.
    pub media: MediaId,
    /// By which protocol the bytes come.
    pub kind: UploadKind,
    /// Who sends it.
    pub uploader: &'a Uid,
    /// The session that asks; `None` if the back end asks in the uploader's name.
    pub session: Option<SessionId>,
    /// Proves the right to send the bytes of a form.
    pub secret: Option<SecretHash>,
    /// The name under which it is sent.
    pub file_name: &'a str,
    /// The media type its sender says it has; may be empty.
    pub declared_type: &'a str,
    /// The extension it has until its bytes are known.
    pub extension: &'a str,
    /// The `Upload-Metadata` of tus, as it came.
    pub metadata: Option<&'a str>,
    /// How many bytes will come.
    pub size_bytes: u64,
    /// Their SHA-256, if the sender said it.
    pub sha256: Option<ContentHash>,
    /// Until when.
    pub expires_at: UnixSeconds,
}

/// An announced upload.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Upload {
    /// The app.
    pub app_id: AppId,
    /// The file it becomes.
    pub media_id: MediaId,
    /// By which protocol its bytes come.
    pub kind: UploadKind,
    /// Who sends it.
    pub uploader: Uid,
    /// The session that asked; `None` if the back end did.
    pub session_id: Option<SessionId>,
    /// The media type its sender says it has; may be empty.
    pub declared_type: String,
    /// The `Upload-Metadata` of tus, as it came.
    pub metadata: Option<String>,
    /// How many bytes will come.
    pub size_bytes: u64,
    /// How many have come and will not be lost.
    pub offset_bytes: u64,
    /// Their SHA-256, if the sender said it.
    pub sha256: Option<ContentHash>,
    /// Until when they may come.
    pub expires_at: UnixSeconds,
}
from_row!(Upload {
    app_id,
    media_id,
    kind,
    uploader,
    session_id,
    declared_type,
    metadata,
    size_bytes,
    offset_bytes,
    sha256,
    expires_at,
});

impl Upload {
    /// Whether all its bytes have come.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.offset_bytes == self.size_bytes
    }
}

/// Some bytes of an upload, stored under a key of their own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct UploadPart {
    /// How many.
    pub size_bytes: u64,
    /// Where they lie.
    pub blob_key: BlobKey,
}
from_row!(UploadPart { size_bytes, blob_key });

/// The announced uploads of all apps.
#[derive(Clone, Debug)]
pub struct Uploads {
    db: Db,
}

impl Db {
    /// The announced uploads.
    #[must_use]
    pub fn uploads(&self) -> Uploads {
        Uploads { db: self.clone() }
    }
}

impl Uploads {
    /// Announces an upload; its bytes count against the quota at once. `false` if the uploader has
    /// `most_open` of them under way.
    ///
    /// # Errors
    ///
    /// [`StorageError::Missing`] if there is no such uploader, [`StorageError::QuotaExceeded`] if
    /// the app's files have no room for it.
    pub async fn create(
        &self,
        app: &AppId,
        new: &NewUpload<'_>,
        most_open: u32,
        now: UnixSeconds,
    ) -> Result<bool, StorageError> {
        let mut tx = self.db.begin().await?;
        if let TxInner::Pg(pg) = &mut tx.inner {
            let lock = sqlx::query(UPLOAD_ONE_AT_A_TIME);
            lock.bind(app.as_str()).bind(new.uploader.as_str()).execute(&mut **pg).await?;
        }
        let open: i64 = on!(tx tx, |c| sqlx::query_scalar(UPLOAD_OPEN)
            .bind(app.as_str()).bind(new.uploader.as_str()).fetch_one(c).await)?;
        if open >= i64::from(most_open) {
            return Ok(false);
        }
        on!(tx tx, |c| sqlx::query(UPLOAD_MEDIA)
            .bind(app.as_str()).bind(new.media.to_string()).bind(new.uploader.as_str())
            .bind(new.file_name).bind(new.extension).bind(new.declared_type)
            .bind(stored_size(new.size_bytes)).bind(vec![0_u8; 32]).bind(now.0)
            .execute(c).await.map(|_| ()))?;
        on!(tx tx, |c| sqlx::query(UPLOAD_ADD)
            .bind(app.as_str()).bind(new.media.to_string()).bind(new.kind.place())
            .bind(new.uploader.as_str()).bind(new.session.map(|id| id.to_string()))
            .bind(new.secret.map(SecretHash::stored)).bind(new.declared_type)
            .bind(new.metadata).bind(stored_size(new.size_bytes)).bind(now.0)
            .bind(new.expires_at.0).bind(new.sha256.map(|hash| hash.0.to_vec())).execute(c).await.map(|_| ()))?;
        quota::check(&mut tx, app).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The upload that becomes this file, if it was announced.
    pub async fn by_id(&self, app: &AppId, media: MediaId) -> Result<Option<Upload>, StorageError> {
        Ok(on!(read self.db, |c| sqlx::query_as(UPLOAD_BY_ID)
            .bind(app.as_str()).bind(media.to_string()).fetch_optional(c).await)?)
    }

    /// The presigned form that this secret is for.
    pub async fn by_secret(
        &self,
        secret: SecretHash,
        media: MediaId,
    ) -> Result<Option<Upload>, StorageError> {
        Ok(on!(read self.db, |c| sqlx::query_as(UPLOAD_BY_SECRET)
            .bind(secret.stored()).bind(media.to_string()).fetch_optional(c).await)?)
    }

    /// Adds bytes that are stored, at the offset they begin at; the last ones ask for the job that
    /// takes the file in. `None` if the upload is at another offset, over, or would grow too long:
    /// then nothing is added.
    pub async fn append(
        &self,
        upload: &Upload,
        offset: u64,
        part: UploadPart,
        now: UnixSeconds,
    ) -> Result<Option<Upload>, StorageError> {
        let (app, media) = (&upload.app_id, upload.media_id.to_string());
        let (at, size) = (stored_size(offset), stored_size(part.size_bytes));
        let mut tx = self.db.begin().await?;
        let advanced: Option<Upload> = on!(tx tx, |c| sqlx::query_as(UPLOAD_ADVANCE)
            .bind(app.as_str()).bind(&media).bind(at).bind(size).fetch_optional(c).await)?;
        let Some(advanced) = advanced else { return Ok(None) };
        on!(tx tx, |c| sqlx::query(UPLOAD_ADD_PART)
            .bind(app.as_str()).bind(&media).bind(at).bind(size)
            .bind(part.blob_key.to_string()).execute(c).await.map(|_| ()))?;
        if advanced.is_complete() {
            let key = jobs::file_key(app, upload.media_id);
            jobs::append(&mut tx, JobKind::Assemble, &key, now).await?;
        }
        tx.commit().await?;
        Ok(Some(advanced))
    }

    /// In how many parts the bytes have come.
    pub async fn count_parts(&self, app: &AppId, media: MediaId) -> Result<u64, StorageError> {
        let parts: i64 = on!(read self.db, |c| sqlx::query_scalar(UPLOAD_COUNT_PARTS)
            .bind(app.as_str()).bind(media.to_string()).fetch_one(c).await)?;
        Ok(u64::try_from(parts).unwrap_or(0))
    }

    /// The bytes that have come, in order.
    pub async fn parts(
        &self,
        app: &AppId,
        media: MediaId,
    ) -> Result<Vec<UploadPart>, StorageError> {
        Ok(on!(read self.db, |c| sqlx::query_as(UPLOAD_PARTS)
            .bind(app.as_str()).bind(media.to_string()).fetch_all(c).await)?)
    }

    /// Makes a file of an upload whose bytes are looked at and stored. `false` if it was one
    /// already, or is over. Its parts are no longer named by any row.
    ///
    /// # Errors
    ///
    /// [`StorageError::QuotaExceeded`] if the app's files have no room for it.
    pub async fn finish(
        &self,
        app: &AppId,
        new: &NewMedia<'_>,
        now: UnixSeconds,
    ) -> Result<bool, StorageError> {
        let mut tx = self.db.begin().await?;
        let done = on!(tx tx, |c| sqlx::query(UPLOAD_FINISH)
            .bind(app.as_str()).bind(new.id.to_string()).bind(new.state().place())
            .bind(&*new.original.extension).bind(&*new.original.content_type)
            .bind(stored_size(new.original.size_bytes)).bind(new.width.map(i64::from))
            .bind(new.height.map(i64::from)).bind(new.duration_ms.map(stored_size))
            .bind(new.received_sha256.0.to_vec()).bind(new.thumb_hash)
            .execute(c).await.map(|done| done.rows_affected()))?;
        if done == 0 {
            return Ok(false);
        }
        drop_parts(&mut tx, app, new.id).await?;
        settle(&mut tx, app, new, now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Forgets the parts of an upload; their bytes are the caller's to remove afterwards.
    pub async fn drop_parts(&self, app: &AppId, media: MediaId) -> Result<(), StorageError> {
        let mut tx = self.db.begin().await?;
        drop_parts(&mut tx, app, media).await?;
        tx.commit().await
    }

    /// Ends an upload: what arrived is deleted, and a file that came of it too unless a message
    /// ever carried it or it is for the whole app. The bytes of its parts are the caller's to
    /// remove afterwards.
    pub async fn abandon(
        &self,
        app: &AppId,
        media: MediaId,
        now: UnixSeconds,
    ) -> Result<(), StorageError> {
        let mut tx = self.db.begin().await?;
        drop_parts(&mut tx, app, media).await?;
        on!(tx tx, |c| sqlx::query(UPLOAD_DROP)
            .bind(app.as_str()).bind(media.to_string()).execute(c).await.map(|_| ()))?;
        let change = Change::File(app.clone(), media);
        let seq = changes::append(&mut tx, &change, Reach::Narrows, now).await?;
        let ended = on!(tx tx, |c| sqlx::query(UPLOAD_ABANDON)
            .bind(app.as_str()).bind(media.to_string()).bind(now.0).bind(seq.0)
            .execute(c).await.map(|done| done.rows_affected()))?;
        if ended > 0 {
            let data = serde_json::json!({ "mediaId": media.to_string() });
            outbox::append(&mut tx, app, WebhookEvent::MediaDeleted, &data, Some(seq), now).await?;
        }
        tx.commit().await
    }

    /// At most `limit` uploads that are over: not finished when they expired, or finished, and
    /// expired at `unused_since` or before.
    pub async fn over(
        &self,
        unused_since: UnixSeconds,
        limit: u32,
        now: UnixSeconds,
    ) -> Result<Vec<Upload>, StorageError> {
        Ok(on!(read self.db, |c| sqlx::query_as(UPLOAD_OVER)
            .bind(now.0).bind(unused_since.0).bind(i64::from(limit)).fetch_all(c).await)?)
    }
}

async fn drop_parts(tx: &mut Tx, app: &AppId, media: MediaId) -> Result<(), StorageError> {
    on!(tx tx, |c| sqlx::query(UPLOAD_DROP_PARTS)
        .bind(app.as_str()).bind(media.to_string()).execute(c).await.map(|_| ()))?;
    Ok(())
}
