//! Which bytes may go.

use std::collections::HashSet;

use cloakroom_token::{AppId, BlobKey, MediaId, UnixSeconds, Variant};

use crate::changes::{self, Change, Reach};
use crate::column::from_row;
use crate::db::on;
use crate::error::StorageError;
use crate::media::MediaFiles;
use crate::statement::sql;

/// What `lapsed_at` of a file becomes when it is deleted or refused at `$3`. Without bytes there is
/// nothing that could go.
macro_rules! lapses {
    () => {
        "lapsed_at = CASE WHEN EXISTS (SELECT 1 FROM media_version v
            WHERE v.app_id = media.app_id AND v.media_id = media.id) THEN CAST($3 AS BIGINT) END"
    };
}
pub(crate) use lapses;

sql! {
    Both {
        // Keys are hexadecimal, so none sorts behind a `g`.
        BLOBS_REFERENCED = "SELECT blob_key FROM media_version WHERE blob_key BETWEEN $1 AND $1 || 'g'
            UNION ALL SELECT blob_key FROM upload_part WHERE blob_key BETWEEN $1 AND $1 || 'g'";
        // `lapsed_at` only names those worth a look: what it names may be carried elsewhere.
        VERSION_EXPIRED = r#"SELECT v.app_id, v.media_id, v.variant, v.blob_key
            FROM media f JOIN media_version v ON v.app_id = f.app_id AND v.media_id = f.id
            JOIN app a ON a.id = f.app_id
            WHERE f.lapsed_at < $1
            AND NOT f.legal_hold AND a.policy NOT LIKE '%"legal_hold":true%'
            AND ((f.state IN (3, 4) AND f.deleted_at < $1)
            OR (f.state = 2 AND f.ever_carried AND f.audience = 0
            AND NOT EXISTS (SELECT 1 FROM message_media k
            WHERE k.app_id = f.app_id AND k.media_id = f.id
            AND (k.removed_at IS NULL OR k.removed_at >= $1))))
            ORDER BY f.lapsed_at, v.blob_key LIMIT $2"#;
        VERSION_FORGET = "DELETE FROM media_version WHERE blob_key = $1";
        LAPSE_OVER = "UPDATE media SET lapsed_at = NULL WHERE app_id = $1 AND id = $2
            AND NOT EXISTS (SELECT 1 FROM media_version v
            WHERE v.app_id = media.app_id AND v.media_id = media.id)";
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
    /// The bytes that rows name, of those whose key begins with this byte. Bytes that none names are
    /// orphans once they are older than any upload under way.
    pub async fn referenced_blobs(&self, shard: u8) -> Result<HashSet<BlobKey>, StorageError> {
        let keys: Vec<String> = on!(read self.db, |c| sqlx::query_scalar(BLOBS_REFERENCED)
            .bind(format!("{shard:02x}")).fetch_all(c).await)?;
        keys.iter()
            .map(|key| BlobKey::parse(key).map_err(|e| StorageError::Corrupt(e.into())))
            .collect()
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
        on!(tx tx, |c| sqlx::query(LAPSE_OVER)
            .bind(expired.app_id.as_str()).bind(expired.media_id.to_string())
            .execute(c).await.map(|_| ()))?;
        let change = Change::File(expired.app_id.clone(), expired.media_id);
        changes::append(&mut tx, &change, Reach::Narrows, now).await?;
        tx.commit().await
    }
}

#[cfg(test)]
mod tests {
    use super::VERSION_EXPIRED;
    use crate::statement::sqlite_plan;

    #[tokio::test]
    async fn only_files_that_lapsed_are_looked_at() {
        let steps = sqlite_plan(VERSION_EXPIRED).await;
        assert!(steps[0].contains("media_by_lapse"), "{steps:?}");
        assert!(steps.iter().all(|step| !step.starts_with("SCAN")), "{steps:?}");
    }
}
