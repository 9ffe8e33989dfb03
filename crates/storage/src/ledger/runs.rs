//! Runs of servers that keep the ledger: one that did not end well leaves a gap.

use cloakroom_token::UnixSeconds;

use super::Ledger;
use crate::db::on;
use crate::error::StorageError;
use crate::statement::sql;

sql! {
    Both {
        RUN_BEGIN = "INSERT INTO ledger_run (id, started_at, last_at) VALUES ($1, $2, $2)";
        RUN_ON = "UPDATE ledger_run SET last_at = $2 WHERE id = $1 AND ended_at IS NULL";
        RUN_END = "UPDATE ledger_run SET last_at = $2, ended_at = $2
            WHERE id = $1 AND ended_at IS NULL";
        RUN_BROKEN = "SELECT id, last_at FROM ledger_run
            WHERE ended_at IS NULL AND id <> $1 AND last_at <= $2 ORDER BY last_at, id";
        RUN_GIVE_UP = "UPDATE ledger_run SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL";
        RUN_FORGET = "DELETE FROM ledger_run WHERE ended_at < $1";
    }
}

impl Ledger {
    /// A server begins to keep the ledger.
    pub async fn begin_run(&self, id: &str, now: UnixSeconds) -> Result<(), StorageError> {
        on!(write self, |c| sqlx::query(RUN_BEGIN)
            .bind(id).bind(now.0).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// All that happened on this server before `now` is written. Says whether the run still counts:
    /// if not, another server took it for dead and wrote a gap.
    pub async fn run_goes_on(&self, id: &str, now: UnixSeconds) -> Result<bool, StorageError> {
        let done = on!(write self, |c| sqlx::query(RUN_ON)
            .bind(id).bind(now.0).execute(c).await.map(|done| done.rows_affected()))?;
        Ok(done > 0)
    }

    /// The run ends, and nothing of it is missing.
    pub async fn end_run(&self, id: &str, now: UnixSeconds) -> Result<(), StorageError> {
        on!(write self, |c| sqlx::query(RUN_END)
            .bind(id).bind(now.0).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// The runs of others that did not end and wrote nothing since `silent_since`, and until when
    /// each is complete. Write the gap, then [`Ledger::give_up_run`]: a gap may be written twice,
    /// never not at all.
    pub async fn broken_runs(
        &self,
        own: &str,
        silent_since: UnixSeconds,
    ) -> Result<Vec<(String, UnixSeconds)>, StorageError> {
        let broken: Vec<(String, i64)> = on!(read self, |c| sqlx::query_as(RUN_BROKEN)
            .bind(own).bind(silent_since.0).fetch_all(c).await)?;
        Ok(broken.into_iter().map(|(id, last)| (id, UnixSeconds(last))).collect())
    }

    /// The gap of a broken run is written.
    pub async fn give_up_run(&self, id: &str, now: UnixSeconds) -> Result<(), StorageError> {
        on!(write self, |c| sqlx::query(RUN_GIVE_UP)
            .bind(id).bind(now.0).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Forgets runs that ended before `before`.
    pub async fn forget_runs(&self, before: UnixSeconds) -> Result<(), StorageError> {
        on!(write self, |c| sqlx::query(RUN_FORGET)
            .bind(before.0).execute(c).await.map(|_| ()))?;
        Ok(())
    }
}
