//! Which bytes may go.

use cloakroom_token::{AppId, BlobKey, MediaId, UnixSeconds, Variant};

use crate::changes::{self, Change, Reach};
use crate::column::from_row;
use crate::db::on;
use crate::error::StorageError;
use crate::media::MediaFiles;
use crate::statement::sql;

sql! {
    Both {
        BLOB_REFERENCED = "SELECT EXISTS (SELECT 1 FROM media_version WHERE blob_key = $1)
            OR EXISTS (SELECT 1 FROM upload_part WHERE blob_key = $1)";
        VERSION_EXPIRED = r#"SELECT v.app_id, v.media_id, v.variant, v.blob_key
            FROM media_version v JOIN media f ON f.app_id = v.app_id AND f.id = v.media_id
            JOIN app a ON a.id = v.app_id
            WHERE NOT f.legal_hold AND a.policy NOT LIKE '%"legal_hold":true%' AND ((f.state IN (3, 4) AND f.deleted_at < $1) OR (f.state = 2 AND f.ever_carried
            AND f.audience = 0
            AND NOT EXISTS (SELECT 1 FROM message_media k
            WHERE k.app_id = f.app_id AND k.media_id = f.id
            AND (k.removed_at IS NULL OR k.removed_at >= $1))))
            ORDER BY v.blob_key LIMIT $2"#;
        VERSION_FORGET = "DELETE FROM media_version WHERE blob_key = $1";
    }
}

/// A rendition whose bytes may go: its file was deleted, or its last message long enough ago.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ExpiredVersion {
    /// The app.
    pub app_id: AppId,
    /// The file.
    pub media_id: MediaId,
    /// The rendition.
    pub variant: Variant,
    /// Where the bytes lie.
    pub blob_key: BlobKey,
}
from_row!(ExpiredVersion { app_id, media_id, variant, blob_key });

impl MediaFiles {
    /// Whether a row names these bytes. Bytes that none names are orphans once they are older than
    /// any upload under way.
    pub async fn is_blob_referenced(&self, blob: BlobKey) -> Result<bool, StorageError> {
        Ok(on!(read self.db, |c| sqlx::query_scalar(BLOB_REFERENCED)
            .bind(blob.to_string()).fetch_one(c).await)?)
    }

    /// At most `limit` renditions that nobody could read since before `since`.
    ///
    /// Delete the bytes first, then [`MediaFiles::forget_version`]: a crash between leaves a row
    /// that is found again, never bytes that are lost from sight.
    pub async fn expired_versions(
        &self,
        since: UnixSeconds,
        limit: u32,
    ) -> Result<Vec<ExpiredVersion>, StorageError> {
        Ok(on!(read self.db, |c| sqlx::query_as(VERSION_EXPIRED)
            .bind(since.0).bind(i64::from(limit)).fetch_all(c).await)?)
    }

    /// Forgets a rendition whose bytes are gone.
    pub async fn forget_version(
        &self,
        expired: &ExpiredVersion,
        now: UnixSeconds,
    ) -> Result<(), StorageError> {
        let mut tx = self.db.begin().await?;
        on!(tx tx, |c| sqlx::query(VERSION_FORGET)
            .bind(expired.blob_key.to_string()).execute(c).await.map(|_| ()))?;
        let change = Change::File(expired.app_id.clone(), expired.media_id);
        changes::append(&mut tx, &change, Reach::Narrows, now).await?;
        tx.commit().await
    }
}
