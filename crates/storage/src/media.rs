//! Stored files and their renditions.

use std::ops::RangeInclusive;

use cloakroom_token::{
    AppId, Audience, ContentHash, FileState, FileVersion, MediaId, Seq, Uid, UnixSeconds, Variant,
};
use serde_json::json;

use crate::changes::{self, Change, Reach};
use crate::column::{Place, from_row, stored_size};
use crate::db::{Db, Tx, on};
use crate::error::StorageError;
use crate::expiry::lapses;
use crate::file_facts::Conversation;
use crate::jobs::{self, JobKind};
use crate::outbox::{self, WebhookEvent};
use crate::page::Page;
use crate::quota;
use crate::statement::sql;

sql! {
    Both {
        MEDIA_ADD = "INSERT INTO media (app_id, id, uploader, audience, conversation,
            file_name, extension, content_type, size_bytes, width, height, duration_ms,
            received_sha256, created_at, state, thumb_hash)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
        VERSION_ADD = "INSERT INTO media_version (app_id, media_id, variant, blob_key,
            content_type, extension, size_bytes, content_sha256, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        MEDIA_BY_ID = "SELECT * FROM media WHERE app_id = $1 AND id = $2";
        MEDIA_COUNT = "SELECT COUNT(*) FROM media WHERE app_id = $1 AND state <> 4";
        MEDIA_LIST = "SELECT * FROM media WHERE app_id = $1 AND state <> 4
            ORDER BY created_at DESC, id DESC LIMIT $2 OFFSET $3";
        MEDIA_DELETE = concat!("UPDATE media SET state = 4, deleted_at = $3, generation = $4, ",
            lapses!(), " WHERE app_id = $1 AND id = $2 AND state <> 4");
        MEDIA_REVOKE = "UPDATE media SET revoked_at = $3, generation = $4
            WHERE app_id = $1 AND id = $2 AND state <> 4 AND revoked_at IS NULL";
        MEDIA_OF_USERS = "SELECT DISTINCT l.media_id FROM message_media l
            JOIN message m ON m.id = l.message_id
            JOIN media f ON f.app_id = l.app_id AND f.id = l.media_id
            WHERE m.app_id = $1 AND m.receiver_kind = 0 AND m.deleted_at IS NULL
            AND ((m.sender = $2 AND m.receiver = $3) OR (m.sender = $3 AND m.receiver = $2))
            AND l.removed_at IS NULL AND f.state <> 4 AND f.revoked_at IS NULL";
        MEDIA_OF_GROUP = "SELECT DISTINCT l.media_id FROM message_media l
            JOIN message m ON m.id = l.message_id
            JOIN media f ON f.app_id = l.app_id AND f.id = l.media_id
            WHERE m.app_id = $1 AND m.receiver_kind = 1 AND m.deleted_at IS NULL
            AND m.receiver = $2 AND l.removed_at IS NULL AND f.state <> 4
            AND f.revoked_at IS NULL";
        MEDIA_SET_AUDIENCE = "UPDATE media SET audience = $3
            WHERE app_id = $1 AND id = $2 AND state <> 4 AND audience <> $3";
        MEDIA_SET_THUMB_HASH = "UPDATE media SET thumb_hash = $3
            WHERE app_id = $1 AND id = $2 AND state IN (1, 2)";
        MEDIA_RELEASE = "UPDATE media SET state = 2 WHERE app_id = $1 AND id = $2 AND state = 1
            RETURNING uploader";
        MEDIA_REFUSE = concat!("UPDATE media SET state = 3, refusal = $4, deleted_at = $3,
            generation = $5, ", lapses!(),
            " WHERE app_id = $1 AND id = $2 AND state IN (0, 1) RETURNING uploader");
        MEDIA_STATES = "SELECT state, COUNT(*) AS files FROM media WHERE app_id = $1
            GROUP BY state ORDER BY state";
        USAGE = "SELECT COALESCE(MAX(files), 0) AS files,
            COALESCE(MAX(size_bytes), 0) AS size_bytes FROM app_usage WHERE app_id = $1";
    }
}

/// A file, whatever its state.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Media {
    /// Its id in the app.
    pub id: MediaId,
    /// Who sent it.
    pub uploader: Uid,
    /// For whom it was sent.
    pub audience: Audience,
    /// A conversation it names without a message.
    pub conversation: Option<String>,
    /// Where it is between upload and deletion.
    pub state: FileState,
    /// When it was revoked.
    pub revoked_at: Option<UnixSeconds>,
    /// The name under which it was sent.
    pub file_name: String,
    /// The extension of the original.
    pub extension: String,
    /// The sniffed type of the original.
    pub content_type: String,
    /// Bytes of the original, as stored.
    pub size_bytes: u64,
    /// Pixels from left to right.
    pub width: Option<u32>,
    /// Pixels from top to bottom.
    pub height: Option<u32>,
    /// How long it plays.
    pub duration_ms: Option<u64>,
    /// When it was stored.
    pub created_at: UnixSeconds,
    /// When it was deleted.
    pub deleted_at: Option<UnixSeconds>,
    /// Whether a message ever carried it.
    pub ever_carried: bool,
    /// Its last revocation.
    pub generation: Seq,
    /// Why it was refused: an error code.
    pub refusal: Option<String>,
    /// What a page shows while it loads, a `ThumbHash`.
    pub thumb_hash: Option<Vec<u8>>,
    /// Whether neither it nor its bytes are removed.
    pub legal_hold: bool,
}
from_row!(Media {
    id,
    uploader,
    audience,
    conversation,
    state,
    revoked_at,
    file_name,
    extension,
    content_type,
    size_bytes,
    width,
    height,
    duration_ms,
    created_at,
    deleted_at,
    ever_carried,
    generation,
    refusal,
    thumb_hash,
    legal_hold,
});

/// A smaller picture of a file, and which.
pub type Rendition = (Variant, FileVersion);

/// What still has to be done before, or after, others may read a file.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Pending {
    /// It is held until a scanner found nothing.
    pub scan: bool,
    /// A poster has to be made of it.
    pub poster: bool,
}

/// A file to keep; its bytes are stored.
#[derive(Clone, Debug)]
pub struct NewMedia<'a> {
    /// A fresh random id.
    pub id: MediaId,
    /// Who sends it.
    pub uploader: &'a Uid,
    /// For whom.
    pub audience: Audience,
    /// A conversation it names without a message.
    pub conversation: Option<&'a str>,
    /// The name under which it is sent.
    pub file_name: &'a str,
    /// Pixels from left to right.
    pub width: Option<u32>,
    /// Pixels from top to bottom.
    pub height: Option<u32>,
    /// How long it plays.
    pub duration_ms: Option<u64>,
    /// SHA-256 of what the client sent, before metadata were taken off.
    pub received_sha256: ContentHash,
    /// The original as it is stored.
    pub original: &'a FileVersion,
    /// Smaller pictures of it.
    pub thumbnails: &'a [Rendition],
    /// What a page shows while it loads, a `ThumbHash`.
    pub thumb_hash: Option<&'a [u8]>,
    /// What is still to be done.
    pub pending: Pending,
}

impl NewMedia<'_> {
    pub(crate) const fn state(&self) -> FileState {
        if self.pending.scan { FileState::Checking } else { FileState::Ready }
    }
}

/// What an app stores.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Usage {
    /// Files whose original is stored.
    pub files: u64,
    /// Bytes of all their renditions.
    pub size_bytes: u64,
}
from_row!(Usage { files, size_bytes });

struct StateRow {
    state: FileState,
    files: u64,
}
from_row!(StateRow { state, files });

/// The files of all apps.
#[derive(Clone, Debug)]
pub struct MediaFiles {
    pub(crate) db: Db,
}

impl Db {
    /// The files.
    #[must_use]
    pub fn media(&self) -> MediaFiles {
        MediaFiles { db: self.clone() }
    }
}

impl MediaFiles {
    /// Keeps a file. Its bytes must be stored before.
    ///
    /// # Errors
    ///
    /// [`StorageError::Missing`] if there is no such uploader, [`StorageError::Conflict`] if the id
    /// or the blob key was used before, [`StorageError::QuotaExceeded`] if the app's files have no
    /// room for it.
    pub async fn create(
        &self,
        app: &AppId,
        new: &NewMedia<'_>,
        now: UnixSeconds,
    ) -> Result<(), StorageError> {
        let mut tx = self.db.begin().await?;
        insert(&mut tx, app, new, now).await?;
        tx.commit().await
    }

    /// Adds a rendition to a file.
    ///
    /// # Errors
    ///
    /// [`StorageError::Missing`] without file, [`StorageError::Conflict`] if it has this one.
    pub async fn add_version(
        &self,
        app: &AppId,
        media: MediaId,
        variant: Variant,
        version: &FileVersion,
        now: UnixSeconds,
    ) -> Result<(), StorageError> {
        let mut tx = self.db.begin().await?;
        add(&mut tx, app, media, variant, version).await?;
        let change = Change::File(app.clone(), media);
        changes::append(&mut tx, &change, Reach::Widens, now).await?;
        tx.commit().await
    }

    /// Adds smaller pictures to a file that has none of these yet.
    ///
    /// # Errors
    ///
    /// [`StorageError::Missing`] without file, or if it was deleted or refused,
    /// [`StorageError::Conflict`] if it has one of these,
    /// [`StorageError::QuotaExceeded`] if the app's files have no room for them.
    pub async fn add_thumbnails(
        &self,
        app: &AppId,
        media: MediaId,
        thumbnails: &[Rendition],
        thumb_hash: Option<&[u8]>,
        now: UnixSeconds,
    ) -> Result<(), StorageError> {
        let mut tx = self.db.begin().await?;
        // First, so that who deletes the file meanwhile waits, and finds what is added here.
        let stands = on!(tx tx, |c| sqlx::query(MEDIA_SET_THUMB_HASH)
            .bind(app.as_str()).bind(media.to_string()).bind(thumb_hash)
            .execute(c).await.map(|done| done.rows_affected()))?;
        if stands == 0 {
            return Err(StorageError::Missing);
        }
        for (variant, version) in thumbnails {
            add(&mut tx, app, media, *variant, version).await?;
        }
        let change = Change::File(app.clone(), media);
        changes::append(&mut tx, &change, Reach::Widens, now).await?;
        quota::check(&mut tx, app).await?;
        tx.commit().await
    }

    /// Lets a file be read that was held; `false` if none was.
    pub async fn release(
        &self,
        app: &AppId,
        media: MediaId,
        now: UnixSeconds,
    ) -> Result<bool, StorageError> {
        let mut tx = self.db.begin().await?;
        let uploader: Option<String> = on!(tx tx, |c| sqlx::query_scalar(MEDIA_RELEASE)
            .bind(app.as_str()).bind(media.to_string()).fetch_optional(c).await)?;
        let Some(uploader) = uploader else { return Ok(false) };
        let change = Change::File(app.clone(), media);
        let seq = changes::append(&mut tx, &change, Reach::Widens, now).await?;
        let data = json!({ "mediaId": media.to_string(), "uid": uploader });
        outbox::append(&mut tx, app, WebhookEvent::MediaReady, &data, Some(seq), now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Refuses a file that arrives or is held, for good; its bytes go later. `code` says why.
    /// `false` if there was none to refuse.
    pub async fn refuse(
        &self,
        app: &AppId,
        media: MediaId,
        code: &str,
        now: UnixSeconds,
    ) -> Result<bool, StorageError> {
        let mut tx = self.db.begin().await?;
        let change = Change::File(app.clone(), media);
        let seq = changes::append(&mut tx, &change, Reach::Narrows, now).await?;
        let uploader: Option<String> = on!(tx tx, |c| sqlx::query_scalar(MEDIA_REFUSE)
            .bind(app.as_str()).bind(media.to_string()).bind(now.0).bind(code).bind(seq.0)
            .fetch_optional(c).await)?;
        let Some(uploader) = uploader else { return Ok(false) };
        let data = json!({ "mediaId": media.to_string(), "uid": uploader, "code": code });
        outbox::append(&mut tx, app, WebhookEvent::MediaRefused, &data, Some(seq), now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The file, whatever its state.
    pub async fn by_id(&self, app: &AppId, id: MediaId) -> Result<Option<Media>, StorageError> {
        Ok(on!(read self.db, |c| sqlx::query_as(MEDIA_BY_ID)
            .bind(app.as_str()).bind(id.to_string()).fetch_optional(c).await)?)
    }

    /// One page of the files that were not deleted, the newest first, and how many there are.
    pub async fn list(
        &self,
        app: &AppId,
        limit: u32,
        offset: u64,
    ) -> Result<Page<Media>, StorageError> {
        let total: i64 = on!(read self.db, |c| sqlx::query_scalar(MEDIA_COUNT)
            .bind(app.as_str()).fetch_one(c).await)?;
        let items = on!(read self.db, |c| sqlx::query_as(MEDIA_LIST)
            .bind(app.as_str()).bind(i64::from(limit)).bind(stored_size(offset))
            .fetch_all(c).await)?;
        Ok(Page::new(items, total))
    }

    /// Deletes a file; its bytes go later. Returns the place of the revocation, or `None` if there
    /// is no such file.
    pub async fn delete(
        &self,
        app: &AppId,
        id: MediaId,
        now: UnixSeconds,
    ) -> Result<Option<Seq>, StorageError> {
        self.narrow(MEDIA_DELETE, WebhookEvent::MediaDeleted, app, id, now).await
    }

    /// Takes a file back from everybody, for good. Returns the place of the revocation, or `None`
    /// if there is no such file or it was taken back before.
    pub async fn revoke(
        &self,
        app: &AppId,
        id: MediaId,
        now: UnixSeconds,
    ) -> Result<Option<Seq>, StorageError> {
        self.narrow(MEDIA_REVOKE, WebhookEvent::MediaRevoked, app, id, now).await
    }

    /// Takes back every file that a message of this conversation carries, for good.
    ///
    /// Returns the places of the revocations, or `None` if none was to take back.
    pub async fn revoke_conversation(
        &self,
        app: &AppId,
        conversation: &Conversation,
        now: UnixSeconds,
    ) -> Result<Option<RangeInclusive<Seq>>, StorageError> {
        let mut tx = self.db.begin().await?;
        let ids: Vec<String> = match conversation {
            Conversation::Users(one, other) => on!(tx tx, |c| sqlx::query_scalar(MEDIA_OF_USERS)
                .bind(app.as_str()).bind(one.as_str()).bind(other.as_str()).fetch_all(c).await)?,
            Conversation::Group(guid) => on!(tx tx, |c| sqlx::query_scalar(MEDIA_OF_GROUP)
                .bind(app.as_str()).bind(guid.as_str()).fetch_all(c).await)?,
        };
        let mut places: Option<RangeInclusive<Seq>> = None;
        for id in ids {
            let media =
                MediaId::parse(&id).map_err(|error| StorageError::Corrupt(Box::new(error)))?;
            let change = Change::File(app.clone(), media);
            let seq = changes::append(&mut tx, &change, Reach::Narrows, now).await?;
            on!(tx tx, |c| sqlx::query(MEDIA_REVOKE)
                .bind(app.as_str()).bind(&id).bind(now.0).bind(seq.0)
                .execute(c).await.map(|_| ()))?;
            let data = json!({ "mediaId": id });
            let event = WebhookEvent::MediaRevoked;
            outbox::append(&mut tx, app, event, &data, Some(seq), now).await?;
            let first = places.as_ref().map_or(seq, |places| *places.start());
            places = Some(first..=seq);
        }
        tx.commit().await?;
        Ok(places)
    }

    async fn narrow(
        &self,
        update: &'static str,
        event: WebhookEvent,
        app: &AppId,
        id: MediaId,
        now: UnixSeconds,
    ) -> Result<Option<Seq>, StorageError> {
        let mut tx = self.db.begin().await?;
        let change = Change::File(app.clone(), id);
        let seq = changes::append(&mut tx, &change, Reach::Narrows, now).await?;
        let done = on!(tx tx, |c| sqlx::query(update)
            .bind(app.as_str()).bind(id.to_string()).bind(now.0).bind(seq.0)
            .execute(c).await.map(|done| done.rows_affected()))?;
        if done == 0 {
            return Ok(None);
        }
        let data = json!({ "mediaId": id.to_string() });
        outbox::append(&mut tx, app, event, &data, Some(seq), now).await?;
        tx.commit().await?;
        Ok(Some(seq))
    }

    /// Sets for whom a file is. Returns the place of the change, or `None` if nothing changed.
    pub async fn set_audience(
        &self,
        app: &AppId,
        id: MediaId,
        audience: Audience,
        now: UnixSeconds,
    ) -> Result<Option<Seq>, StorageError> {
        let mut tx = self.db.begin().await?;
        let done = on!(tx tx, |c| sqlx::query(MEDIA_SET_AUDIENCE)
            .bind(app.as_str()).bind(id.to_string()).bind(audience.place())
            .execute(c).await.map(|done| done.rows_affected()))?;
        if done == 0 {
            return Ok(None);
        }
        let change = Change::File(app.clone(), id);
        let seq = changes::append(&mut tx, &change, Reach::Narrows, now).await?;
        tx.commit().await?;
        Ok(Some(seq))
    }

    /// How many files an app has in each state that there are any in, from arrival to deletion.
    pub async fn states(&self, app: &AppId) -> Result<Vec<(FileState, u64)>, StorageError> {
        let rows: Vec<StateRow> = on!(read self.db, |c| sqlx::query_as(MEDIA_STATES)
            .bind(app.as_str()).fetch_all(c).await)?;
        Ok(rows.into_iter().map(|row| (row.state, row.files)).collect())
    }

    /// How much an app stores; it costs the same however much that is.
    pub async fn usage(&self, app: &AppId) -> Result<Usage, StorageError> {
        Ok(on!(read self.db, |c| sqlx::query_as(USAGE)
            .bind(app.as_str()).fetch_one(c).await)?)
    }
}

/// Adds a file, within the transaction of what it comes with.
pub(crate) async fn insert(
    tx: &mut Tx,
    app: &AppId,
    new: &NewMedia<'_>,
    now: UnixSeconds,
) -> Result<(), StorageError> {
    on!(tx tx, |c| sqlx::query(MEDIA_ADD)
        .bind(app.as_str()).bind(new.id.to_string()).bind(new.uploader.as_str())
        .bind(new.audience.place()).bind(new.conversation).bind(new.file_name)
        .bind(&*new.original.extension).bind(&*new.original.content_type)
        .bind(stored_size(new.original.size_bytes)).bind(new.width.map(i64::from))
        .bind(new.height.map(i64::from)).bind(new.duration_ms.map(stored_size))
        .bind(new.received_sha256.0.to_vec()).bind(now.0).bind(new.state().place())
        .bind(new.thumb_hash).execute(c).await.map(|_| ()))?;
    settle(tx, app, new, now).await
}

/// What goes with the row of a file whose bytes are there: versions, work to do, news.
pub(crate) async fn settle(
    tx: &mut Tx,
    app: &AppId,
    new: &NewMedia<'_>,
    now: UnixSeconds,
) -> Result<(), StorageError> {
    add(tx, app, new.id, Variant::Original, new.original).await?;
    for (variant, version) in new.thumbnails {
        add(tx, app, new.id, *variant, version).await?;
    }
    let key = jobs::file_key(app, new.id);
    if new.pending.scan {
        jobs::append(tx, JobKind::Scan, &key, now).await?;
    }
    if new.pending.poster {
        jobs::append(tx, JobKind::Thumbnail, &key, now).await?;
    }
    let change = Change::File(app.clone(), new.id);
    let seq = changes::append(tx, &change, Reach::Widens, now).await?;
    quota::check(tx, app).await?;
    let mut events = vec![WebhookEvent::MediaUploaded];
    if new.state() == FileState::Ready {
        events.push(WebhookEvent::MediaReady);
    }
    for event in events {
        let data = json!({ "mediaId": new.id.to_string(), "uid": new.uploader.as_str() });
        outbox::append(tx, app, event, &data, Some(seq), now).await?;
    }
    Ok(())
}

async fn add(
    tx: &mut Tx,
    app: &AppId,
    media: MediaId,
    variant: Variant,
    version: &FileVersion,
) -> Result<(), StorageError> {
    on!(tx tx, |c| sqlx::query(VERSION_ADD)
        .bind(app.as_str()).bind(media.to_string()).bind(variant.place())
        .bind(version.blob.to_string()).bind(&*version.content_type).bind(&*version.extension)
        .bind(stored_size(version.size_bytes)).bind(version.content_sha256.0.to_vec())
        .bind(version.stored_at.0).execute(c).await.map(|_| ()))?;
    Ok(())
}
