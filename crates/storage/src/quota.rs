//! The room that an app was given for its files.

use cloakroom_token::AppId;

use crate::column::Column;
use crate::db::{Tx, TxInner, on};
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
    // A row of what is counted would not do: two that come at once add different ones.
    Postgres { QUOTA_ONE_AT_A_TIME = "SELECT 1 FROM app WHERE id = $1 FOR NO KEY UPDATE"; }
}

/// Refuses what the transaction has added if the app's files, announced ones included, take more
/// than their room now. Of two transactions that come at once, the second sees what the first added.
pub(crate) async fn check(tx: &mut Tx, app: &AppId) -> Result<(), StorageError> {
    let policy: String = on!(tx tx, |c| sqlx::query_scalar(QUOTA_POLICY)
        .bind(app.as_str()).fetch_one(c).await)?;
    let policy = AppPolicy::from_sql(policy).map_err(StorageError::Corrupt)?;
    let Some(quota_bytes) = policy.storage_quota_bytes else { return Ok(()) };
    if let TxInner::Pg(pg) = &mut tx.inner {
        sqlx::query(QUOTA_ONE_AT_A_TIME).bind(app.as_str()).execute(&mut **pg).await?;
    }
    let used: i64 = on!(tx tx, |c| sqlx::query_scalar(QUOTA_USED)
        .bind(app.as_str()).fetch_one(c).await)?;
    if u64::try_from(used).unwrap_or(0) > quota_bytes {
        return Err(StorageError::QuotaExceeded);
    }
    Ok(())
}
