//! The ledger: who read what and who changed what, each day of each app a chain of hashes.
//!
//! It has a database of its own (`ledger.db`, or a schema and a pool of its own in PostgreSQL), so
//! that its writes and theirs never wait for each other. See `docs/adr/0006`.

mod chain;
mod day;
mod days;
mod people;
mod records;
mod runs;

use std::path::Path;

use cloakroom_token::AppId;
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, Executor, PgConnection};

pub use chain::{ChainCheck, Fault, RecordIndex, StoredRecord};
pub use day::LedgerDay;
pub use days::DayRow;
pub use records::{NewRecord, RecordFilter};

use crate::db::{Pools, PostgresOptions, SqliteOptions, TxInner, create_private};
use crate::error::StorageError;
use crate::statement::Statement;

const SCHEMA: &str = "cloakroom_ledger";

static SQLITE: Migrator = sqlx::migrate!("migrations/ledger/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/ledger/postgres");

const ALL_SQL: &[&[Statement]] = &[days::ALL_SQL, people::ALL_SQL, records::ALL_SQL, runs::ALL_SQL];

/// The ledger's database. A clone is another handle to the same one.
#[derive(Clone, Debug)]
pub struct Ledger {
    pub(crate) pools: Pools,
}

impl Ledger {
    /// Opens a `SQLite` file, made if it is missing, and brings its tables up to date.
    ///
    /// What was appended survives the end of the process; a power cut may take the last seconds,
    /// which then show as a gap.
    pub async fn open_sqlite(path: &Path, options: SqliteOptions) -> Result<Self, StorageError> {
        create_private(path)?;
        let connect = SqliteConnectOptions::new()
            .filename(path)
            .synchronous(SqliteSynchronous::Normal)
            // What is erased is not left on the disk.
            .pragma("secure_delete", "ON")
            .busy_timeout(options.busy_timeout);
        let w = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(options.busy_timeout.saturating_mul(2))
            .before_acquire(|connection, _| {
                let usable = !connection.is_in_transaction();
                Box::pin(async move { Ok(usable) })
            })
            .connect_with(connect.clone().journal_mode(SqliteJournalMode::Wal))
            .await?;
        SQLITE.run(&w).await?;
        let reading = connect.read_only(true);
        let r = SqlitePoolOptions::new()
            .max_connections(options.readers.max(1))
            .acquire_timeout(options.busy_timeout.saturating_mul(2))
            .connect_with(reading.clone())
            .await?;
        Ok(Self { pools: Pools::Lite { r, w, reading: Box::new(reading) } })
    }

    /// Connects to the PostgreSQL of the metadata, with a small pool and a schema of its own.
    ///
    /// # Errors
    ///
    /// [`StorageError::Database`] if `url` is no PostgreSQL URL or nobody answers there.
    pub async fn open_postgres(url: &str, options: PostgresOptions) -> Result<Self, StorageError> {
        let connect: PgConnectOptions = url.parse()?;
        let mut first = PgConnection::connect_with(&connect).await?;
        // Two nodes that start at once may both try; the one that fails finds it made.
        let made = first.execute("CREATE SCHEMA IF NOT EXISTS cloakroom_ledger").await;
        if made.is_err() {
            first.execute("CREATE SCHEMA IF NOT EXISTS cloakroom_ledger").await?;
        }
        first.close().await?;
        let pool = PgPoolOptions::new()
            .max_connections(3)
            .acquire_timeout(options.acquire_timeout)
            .connect_with(connect.options([("search_path", SCHEMA)]))
            .await?;
        POSTGRES.run(&pool).await?;
        Ok(Self { pools: Pools::Pg(pool) })
    }

    /// Whether other servers may write to it.
    #[must_use]
    pub const fn is_shared(&self) -> bool {
        matches!(self.pools, Pools::Pg(_))
    }

    /// Ends all connections; waits for running statements.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Lite { r, w, .. } => {
                r.close().await;
                w.close().await;
            }
            Pools::Pg(p) => p.close().await,
        }
    }

    /// Prepares every statement of the ledger, and says how many there are.
    ///
    /// # Errors
    ///
    /// [`StorageError::Database`] for the first that does not fit the tables.
    pub async fn prepare_all(&self) -> Result<usize, StorageError> {
        crate::db::prepare(&self.pools, ALL_SQL).await
    }

    async fn begin(&self) -> Result<LedgerTx, StorageError> {
        let inner = match &self.pools {
            Pools::Lite { w, .. } => TxInner::Lite(w.begin_with("BEGIN IMMEDIATE").await?),
            Pools::Pg(p) => TxInner::Pg(p.begin().await?),
        };
        Ok(LedgerTx { inner })
    }
}

/// One transaction. Dropping it without [`LedgerTx::commit`] undoes it.
struct LedgerTx {
    inner: TxInner,
}

impl LedgerTx {
    async fn commit(self) -> Result<(), StorageError> {
        match self.inner {
            TxInner::Lite(tx) => tx.commit().await?,
            TxInner::Pg(tx) => tx.commit().await?,
        }
        Ok(())
    }
}

/// How a chain is named: by its app, or as the installation's.
fn chain_name(app: Option<&AppId>) -> &str {
    app.map_or("", AppId::as_str)
}
