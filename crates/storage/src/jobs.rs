//! Work that one node at a time takes by a lease.

use cloakroom_token::{AppId, MediaId, UnixSeconds};

use crate::column::{Place, from_row, stored_as_place};
use crate::db::{Db, Tx, on};
use crate::error::StorageError;
use crate::statement::sql;

sql! {
    Both {
        JOB_ADD = "INSERT INTO job (kind, key, run_after) VALUES ($1, $2, $3)
            ON CONFLICT (kind, key) DO NOTHING";
        JOB_LEASE = "UPDATE job SET owner = $2, lease_until = $3, attempts = attempts + 1
            WHERE id = (SELECT id FROM job WHERE kind = $1 AND run_after <= $4
            AND lease_until <= $4 ORDER BY run_after, id LIMIT 1) AND lease_until <= $4
            RETURNING id, kind, key, attempts";
        JOB_LEASE_OF = "UPDATE job SET owner = $3, lease_until = $4, attempts = attempts + 1
            WHERE kind = $1 AND key = $2 AND lease_until <= $5
            RETURNING id, kind, key, attempts";
        JOB_COMPLETE = "DELETE FROM job WHERE id = $1 AND owner = $2";
        JOB_FREE_ALL = "UPDATE job SET owner = NULL, lease_until = 0 WHERE lease_until > 0";
        JOB_AGAIN = "UPDATE job SET owner = NULL, lease_until = 0, run_after = $3
            WHERE id = $1 AND owner = $2";
    }
}

/// What is to be done.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum JobKind {
    /// Removing bytes that nobody may read any more, or that no row names.
    Sweep,
    /// Looking for malware.
    Scan,
    /// Making the poster of a video.
    Thumbnail,
    /// Putting the parts of an upload together, and taking it in.
    Assemble,
}

stored_as_place! { JobKind: Sweep Scan Thumbnail Assemble; }

/// The key of a job about a file.
pub(crate) fn file_key(app: &AppId, media: MediaId) -> String {
    format!("{app}/{media}")
}

/// Asks for work within the transaction of what it is about; asking twice asks once.
pub(crate) async fn append(
    tx: &mut Tx,
    kind: JobKind,
    key: &str,
    run_after: UnixSeconds,
) -> Result<(), StorageError> {
    on!(tx tx, |c| sqlx::query(JOB_ADD)
        .bind(kind.place()).bind(key).bind(run_after.0).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// A leased piece of work.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Job {
    /// Its id.
    pub id: i64,
    /// What is to be done.
    pub kind: JobKind,
    /// To what.
    pub key: String,
    /// How often it was taken, this time included.
    pub attempts: u32,
}
from_row!(Job { id, kind, key, attempts });

/// The work of an installation.
#[derive(Clone, Debug)]
pub struct Jobs {
    db: Db,
}

impl Db {
    /// The jobs.
    #[must_use]
    pub fn jobs(&self) -> Jobs {
        Jobs { db: self.clone() }
    }
}

impl Job {
    /// The file it is about; `None` if it is about none.
    #[must_use]
    pub fn file(&self) -> Option<(AppId, MediaId)> {
        let (app, media) = self.key.split_once('/')?;
        Some((AppId::parse(app).ok()?, MediaId::parse(media).ok()?))
    }
}

impl Jobs {
    /// Asks for work from `run_after` on; asking twice asks once.
    pub async fn add(
        &self,
        kind: JobKind,
        key: &str,
        run_after: UnixSeconds,
    ) -> Result<(), StorageError> {
        on!(write self.db, |c| sqlx::query(JOB_ADD)
            .bind(kind.place()).bind(key).bind(run_after.0).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Takes the work about one file, whether or not it is due, unless somebody has it. `None` if
    /// there is none to take.
    pub async fn lease_of(
        &self,
        kind: JobKind,
        (app, media): (&AppId, MediaId),
        owner: &str,
        lease_seconds: u32,
        now: UnixSeconds,
    ) -> Result<Option<Job>, StorageError> {
        let leased = on!(write self.db, |c| sqlx::query_as(JOB_LEASE_OF)
            .bind(kind.place()).bind(file_key(app, media)).bind(owner)
            .bind(now.plus(i64::from(lease_seconds)).0).bind(now.0)
            .fetch_all(c).await)?;
        Ok(only(leased))
    }

    /// Takes one piece of work that is due for `lease_seconds`. `None` if none is free, or another
    /// node was quicker.
    pub async fn lease(
        &self,
        kind: JobKind,
        owner: &str,
        lease_seconds: u32,
        now: UnixSeconds,
    ) -> Result<Option<Job>, StorageError> {
        let leased = on!(write self.db, |c| sqlx::query_as(JOB_LEASE)
            .bind(kind.place()).bind(owner).bind(now.plus(i64::from(lease_seconds)).0)
            .bind(now.0).fetch_all(c).await)?;
        Ok(only(leased))
    }

    /// Ends every lease. For a server that has just started and shares its database with nobody:
    /// whoever had work is gone, and nobody should wait for it.
    pub async fn free_all(&self) -> Result<(), StorageError> {
        on!(write self.db, |c| sqlx::query(JOB_FREE_ALL).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// The work is done; `false` if the lease went to somebody else.
    pub async fn complete(&self, job: &Job, owner: &str) -> Result<bool, StorageError> {
        Ok(on!(write self.db, |c| sqlx::query(JOB_COMPLETE)
            .bind(job.id).bind(owner).execute(c).await.map(|done| done.rows_affected() > 0))?)
    }

    /// The work is to be done again later; `false` if the lease went to somebody else.
    pub async fn again(
        &self,
        job: &Job,
        owner: &str,
        run_after: UnixSeconds,
    ) -> Result<bool, StorageError> {
        Ok(on!(write self.db, |c| sqlx::query(JOB_AGAIN)
            .bind(job.id).bind(owner).bind(run_after.0)
            .execute(c).await.map(|done| done.rows_affected() > 0))?)
    }
}

/// The one row of an `UPDATE … RETURNING`, all of whose rows were fetched: `SQLite` commits behind
/// the last one, and whoever stops at the first never hears that it could not.
fn only(rows: Vec<Job>) -> Option<Job> {
    rows.into_iter().next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SqliteOptions;
    use crate::db::Pools;

    #[tokio::test]
    async fn nobody_holds_a_lease_that_could_not_be_committed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("meta.db");
        let db = Db::open_sqlite(&path, SqliteOptions::default()).await.unwrap();
        let now = UnixSeconds(1);
        db.jobs().add(JobKind::Scan, "demo/1", now).await.unwrap();
        let Pools::Lite { w, .. } = &db.pools else { unreachable!("a file is SQLite") };
        let refuse_commits = async |refuse: bool| {
            let mut connection = w.acquire().await.unwrap();
            connection.lock_handle().await.unwrap().set_commit_hook(move || !refuse);
        };
        refuse_commits(true).await;
        assert!(db.jobs().lease(JobKind::Scan, "node", 60, now).await.is_err());
        refuse_commits(false).await;
        let job = db.jobs().lease(JobKind::Scan, "node", 60, now).await.unwrap().unwrap();
        assert_eq!(job.attempts, 1);
        assert!(db.jobs().again(&job, "node", now.plus(10)).await.unwrap());
    }
}
