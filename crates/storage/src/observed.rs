//! What would have been refused, of apps that only observe: counts, never single requests.

use cloakroom_token::{AppId, UnixSeconds};

use crate::column::from_row;
use crate::db::{Db, on};
use crate::error::StorageError;
use crate::ledger::LedgerDay;
use crate::statement::sql;

sql! {
    Both {
        OBSERVED_MORE = "UPDATE observed SET count = count + $6, last_at = $8
            WHERE app_id = $1 AND day = $2 AND reason = $3 AND path = $4 AND client = $5
            AND first_at <= $7";
        OBSERVED_KINDS = "SELECT COUNT(*) FROM observed WHERE app_id = $1 AND day = $2";
        OBSERVED_ADD = "INSERT INTO observed (app_id, day, reason, path, client, count, first_at,
            last_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (app_id, day, reason, path, client) DO UPDATE
            SET count = observed.count + excluded.count, last_at = excluded.last_at";
        OBSERVED_LIST = "SELECT reason, path, client, CAST(SUM(count) AS BIGINT) AS count,
            MIN(first_at) AS first_at, MAX(last_at) AS last_at FROM observed
            WHERE app_id = $1 AND day >= $2 GROUP BY reason, path, client
            ORDER BY 4 DESC, reason, path, client LIMIT $3";
        OBSERVED_SWEEP = "DELETE FROM observed WHERE day < $1";
    }
}

/// Kinds of requests that are told apart in a day of an app; the rest are `other`.
const MOST_KINDS: i64 = 500;

/// Requests of one kind.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Observed {
    /// Why they would have been refused.
    pub reason: String,
    /// What they asked for, without the name of the file: `/demoapp/media/*.jpg`.
    pub path: String,
    /// Which client asked.
    pub client: String,
    /// How many.
    pub count: i64,
    /// The first of them.
    pub first_at: UnixSeconds,
    /// The last of them.
    pub last_at: UnixSeconds,
}
from_row!(Observed { reason, path, client, count, first_at, last_at });

/// The counts of all apps.
#[derive(Clone, Debug)]
pub struct Observations {
    db: Db,
}

impl Db {
    /// What would have been refused.
    #[must_use]
    pub fn observations(&self) -> Observations {
        Observations { db: self.clone() }
    }
}

impl Observations {
    /// Adds requests of one kind to what was counted before.
    pub async fn add(&self, app: &AppId, seen: &Observed) -> Result<(), StorageError> {
        let day = LedgerDay::of(seen.first_at).0;
        let mut tx = self.db.begin().await?;
        let known = on!(tx tx, |c| sqlx::query(OBSERVED_MORE)
            .bind(app.as_str()).bind(day).bind(&seen.reason).bind(&seen.path).bind(&seen.client)
            .bind(seen.count).bind(seen.first_at.0).bind(seen.last_at.0)
            .execute(c).await.map(|done| done.rows_affected()))?;
        if known == 0 {
            let kinds: i64 = on!(tx tx, |c| sqlx::query_scalar(OBSERVED_KINDS)
                .bind(app.as_str()).bind(day).fetch_one(c).await)?;
            let (path, client) = if kinds < MOST_KINDS {
                (seen.path.as_str(), seen.client.as_str())
            } else {
                ("other", "other")
            };
            on!(tx tx, |c| sqlx::query(OBSERVED_ADD)
                .bind(app.as_str()).bind(day).bind(&seen.reason).bind(path).bind(client)
                .bind(seen.count).bind(seen.first_at.0).bind(seen.last_at.0)
                .execute(c).await.map(|_| ()))?;
        }
        tx.commit().await
    }

    /// At most `limit` kinds of requests since the beginning of a day, the most frequent first.
    pub async fn list(
        &self,
        app: &AppId,
        since: LedgerDay,
        limit: u32,
    ) -> Result<Vec<Observed>, StorageError> {
        Ok(on!(read self.db, |c| sqlx::query_as(OBSERVED_LIST)
            .bind(app.as_str()).bind(since.0).bind(i64::from(limit)).fetch_all(c).await)?)
    }

    /// Forgets the days before one.
    pub async fn sweep(&self, before: LedgerDay) -> Result<u64, StorageError> {
        Ok(on!(write self.db, |c| sqlx::query(OBSERVED_SWEEP)
            .bind(before.0).execute(c).await.map(|done| done.rows_affected()))?)
    }
}
