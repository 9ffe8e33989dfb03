//! The room that an app was given for its files.

use cloakroom_token::AppId;

use crate::column::Column;
use crate::db::{Tx, on};
use crate::error::StorageError;
use crate::policy::AppPolicy;
use crate::statement::sql;

sql! {
    Both {
        QUOTA_POLICY = "SELECT policy FROM app WHERE id = $1";
        QUOTA_USED = "SELECT CAST(COALESCE((SELECT SUM(size_bytes) FROM media_version
            WHERE app_id = $1), 0) + COALESCE((SELECT SUM(u.size_bytes) FROM upload u
            JOIN media f ON f.app_id = u.app_id AND f.id = u.media_id
            WHERE u.app_id = $1 AND f.state = 0), 0) AS BIGINT)";
    }
}

/// Refuses what the transaction has added if the app's files, announced ones included, take more
/// than their room now.
pub(crate) async fn check(tx: &mut Tx, app: &AppId) -> Result<(), StorageError> {
    let policy: String = on!(tx tx, |c| sqlx::query_scalar(QUOTA_POLICY)
        .bind(app.as_str()).fetch_one(c).await)?;
    let policy = AppPolicy::from_sql(policy).map_err(StorageError::Corrupt)?;
    let Some(quota_bytes) = policy.storage_quota_bytes else { return Ok(()) };
    let used: i64 = on!(tx tx, |c| sqlx::query_scalar(QUOTA_USED)
        .bind(app.as_str()).fetch_one(c).await)?;
    if u64::try_from(used).unwrap_or(0) > quota_bytes {
        return Err(StorageError::QuotaExceeded);
    }
    Ok(())
}
