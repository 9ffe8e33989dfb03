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
        // What is stored is counted where renditions come and go (triggers on `media_version`); of
        // what is announced there is only as much as is under way.
        QUOTA_USED = "SELECT CAST(COALESCE((SELECT size_bytes FROM app_usage
            WHERE app_id = $1), 0) + COALESCE((SELECT SUM(u.size_bytes) FROM media f
            JOIN upload u ON u.app_id = f.app_id AND u.media_id = f.id
            WHERE f.app_id = $1 AND f.state = 0), 0) AS BIGINT)";
    }
    // The row that counts would not do: what is announced is in none.
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

#[cfg(test)]
mod tests {
    use super::QUOTA_USED;
    use crate::statement::sqlite_plan;

    #[tokio::test]
    async fn no_file_that_is_stored_is_looked_at() {
        let steps = sqlite_plan(QUOTA_USED).await;
        let files: Vec<_> = steps.iter().filter(|step| step.contains(" f ")).collect();
        assert!(files[0].contains("media_receiving"), "{steps:?}");
        assert!(!steps.concat().contains("media_version"), "{steps:?}");
    }
}
