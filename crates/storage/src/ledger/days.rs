//! The days of a chain: open, closed with a signed head, or removed when their time is over.

use cloakroom_token::{AppId, ContentHash, UnixSeconds};

use super::chain::first_hash;
use super::day::LedgerDay;
use super::records::read_hash;
use super::{Ledger, LedgerTx, chain_name};
use crate::db::on;
use crate::error::StorageError;
use crate::statement::sql;

sql! {
    Both {
        DAY_ADD = "INSERT INTO ledger_day (app_id, day, records, hash) VALUES ($1, $2, 0, $3)
            ON CONFLICT (app_id, day) DO NOTHING";
        DAY_LOCK = "UPDATE ledger_day SET records = records WHERE app_id = $1 AND day = $2
            RETURNING records, hash, closed_at";
        DAY_LIST = "SELECT day, records, hash, head, closed_at, removed_at FROM ledger_day
            WHERE app_id = $1 AND day >= $2 AND day <= $3 ORDER BY day LIMIT $4";
        DAY_OPEN = "SELECT app_id, day FROM ledger_day WHERE closed_at IS NULL AND day < $1
            ORDER BY app_id, day LIMIT $2";
        DAY_BEFORE = "SELECT day, records, hash, head, closed_at, removed_at FROM ledger_day
            WHERE app_id = $1 AND day < $2 AND closed_at IS NOT NULL ORDER BY day DESC LIMIT 1";
        DAY_CLOSE = "UPDATE ledger_day SET head = $4, closed_at = $5
            WHERE app_id = $1 AND day = $2 AND closed_at IS NULL AND records = $3";
        DAY_UNTOLD = "SELECT app_id, day FROM ledger_day
            WHERE head IS NOT NULL AND told_at IS NULL ORDER BY app_id, day LIMIT $1";
        DAY_TOLD = "UPDATE ledger_day SET told_at = $3 WHERE app_id = $1 AND day = $2";
        DAY_EMPTY = "DELETE FROM ledger_record WHERE app_id = $1 AND day IN
            (SELECT day FROM ledger_day WHERE app_id = $1 AND day < $2 AND closed_at IS NOT NULL
            AND removed_at IS NULL)";
        DAY_REMOVED = "UPDATE ledger_day SET removed_at = $3 WHERE app_id = $1 AND day < $2
            AND closed_at IS NOT NULL AND removed_at IS NULL";
        DAY_CHAINS = "SELECT DISTINCT app_id FROM ledger_day ORDER BY app_id";
    }
}

/// A day of a chain.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DayRow {
    /// Which.
    pub day: LedgerDay,
    /// How many records were written.
    pub records: i64,
    /// The hash of the last one.
    pub hash: ContentHash,
    /// The signed head; `None` while the day is open.
    pub head: Option<String>,
    /// When it was closed.
    pub closed_at: Option<UnixSeconds>,
    /// When its records were removed, their time being over.
    pub removed_at: Option<UnixSeconds>,
}

type Row = (i64, i64, Vec<u8>, Option<String>, Option<i64>, Option<i64>);

fn day_row((day, records, hash, head, closed_at, removed_at): Row) -> Result<DayRow, StorageError> {
    Ok(DayRow {
        day: LedgerDay(day),
        records,
        hash: read_hash(hash)?,
        head,
        closed_at: closed_at.map(UnixSeconds),
        removed_at: removed_at.map(UnixSeconds),
    })
}

fn named(rows: Vec<(String, i64)>) -> Result<Vec<(Option<AppId>, LedgerDay)>, StorageError> {
    rows.into_iter().map(|(app, day)| Ok((chain_app(&app)?, LedgerDay(day)))).collect()
}

fn chain_app(name: &str) -> Result<Option<AppId>, StorageError> {
    if name.is_empty() {
        return Ok(None);
    }
    AppId::parse(name).map(Some).map_err(|error| StorageError::Corrupt(error.into()))
}

impl LedgerTx {
    /// The end of a day that is open, made if it is missing and kept from others until the
    /// transaction ends; `None` if it is closed.
    pub(super) async fn open_day(
        &mut self,
        app: Option<&AppId>,
        day: LedgerDay,
    ) -> Result<Option<(i64, ContentHash)>, StorageError> {
        let first = first_hash(app, day);
        on!(tx self, |c| sqlx::query(DAY_ADD)
            .bind(chain_name(app)).bind(day.0).bind(first.0.as_slice())
            .execute(c).await.map(|_| ()))?;
        let (records, hash, closed_at): (i64, Vec<u8>, Option<i64>) = on!(tx self, |c| sqlx::query_as(DAY_LOCK)
                .bind(chain_name(app)).bind(day.0).fetch_one(c).await)?;
        if closed_at.is_some() {
            return Ok(None);
        }
        Ok(Some((records, read_hash(hash)?)))
    }
}

impl Ledger {
    /// The apps that have a chain; `None` is the installation.
    pub async fn chains(&self) -> Result<Vec<Option<AppId>>, StorageError> {
        let names: Vec<String> =
            on!(read self, |c| sqlx::query_scalar(DAY_CHAINS).fetch_all(c).await)?;
        names.iter().map(|name| chain_app(name)).collect()
    }

    /// At most `limit` days of a chain, in order.
    pub async fn days(
        &self,
        app: Option<&AppId>,
        from: Option<LedgerDay>,
        to: Option<LedgerDay>,
        limit: u32,
    ) -> Result<Vec<DayRow>, StorageError> {
        let from = from.map_or(i64::MIN, |day| day.0);
        let to = to.map_or(i64::MAX, |day| day.0);
        let rows: Vec<Row> = on!(read self, |c| sqlx::query_as(DAY_LIST)
            .bind(chain_name(app)).bind(from).bind(to).bind(i64::from(limit))
            .fetch_all(c).await)?;
        rows.into_iter().map(day_row).collect()
    }

    /// At most `limit` days before `before` that are still open.
    pub async fn open_days(
        &self,
        before: LedgerDay,
        limit: u32,
    ) -> Result<Vec<(Option<AppId>, LedgerDay)>, StorageError> {
        named(on!(read self, |c| sqlx::query_as(DAY_OPEN)
            .bind(before.0).bind(i64::from(limit)).fetch_all(c).await)?)
    }

    /// The last closed day before another one.
    pub async fn day_before(
        &self,
        app: Option<&AppId>,
        day: LedgerDay,
    ) -> Result<Option<DayRow>, StorageError> {
        let row: Option<Row> = on!(read self, |c| sqlx::query_as(DAY_BEFORE)
            .bind(chain_name(app)).bind(day.0).fetch_optional(c).await)?;
        row.map(day_row).transpose()
    }

    /// Closes a day that still has `records` records, with its signed head; says whether it did.
    pub async fn close_day(
        &self,
        app: Option<&AppId>,
        day: &DayRow,
        head: &str,
        now: UnixSeconds,
    ) -> Result<bool, StorageError> {
        let done = on!(write self, |c| sqlx::query(DAY_CLOSE)
            .bind(chain_name(app)).bind(day.day.0).bind(day.records).bind(head).bind(now.0)
            .execute(c).await.map(|done| done.rows_affected()))?;
        Ok(done > 0)
    }

    /// At most `limit` closed days whose head was not sent out yet.
    pub async fn untold(
        &self,
        limit: u32,
    ) -> Result<Vec<(Option<AppId>, LedgerDay)>, StorageError> {
        named(on!(read self, |c| sqlx::query_as(DAY_UNTOLD)
            .bind(i64::from(limit)).fetch_all(c).await)?)
    }

    /// Notes that the head of a day was sent out.
    pub async fn told(
        &self,
        app: Option<&AppId>,
        day: LedgerDay,
        now: UnixSeconds,
    ) -> Result<(), StorageError> {
        on!(write self, |c| sqlx::query(DAY_TOLD)
            .bind(chain_name(app)).bind(day.0).bind(now.0).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Removes the records of closed days before `before`; their heads stay. Says how many days.
    pub async fn remove_days(
        &self,
        app: Option<&AppId>,
        before: LedgerDay,
        now: UnixSeconds,
    ) -> Result<u64, StorageError> {
        let mut tx = self.begin().await?;
        on!(tx tx, |c| sqlx::query(DAY_EMPTY)
            .bind(chain_name(app)).bind(before.0).execute(c).await.map(|_| ()))?;
        let done = on!(tx tx, |c| sqlx::query(DAY_REMOVED)
            .bind(chain_name(app)).bind(before.0).bind(now.0)
            .execute(c).await.map(|done| done.rows_affected()))?;
        tx.commit().await?;
        Ok(done)
    }
}
