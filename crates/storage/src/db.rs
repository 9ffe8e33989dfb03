//! One database of two kinds, and the statements that run on both.

use std::path::Path;
use std::time::Duration;

use cloakroom_token::Seq;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, Executor, PgPool, Postgres, Sqlite, SqlitePool, Transaction};
use tokio::sync::watch;

use crate::error::StorageError;
use crate::statement::{ALL_SQL, Statement};

/// The database: `SQLite` in a file, or PostgreSQL. A clone is another handle to the same one.
#[derive(Clone, Debug)]
pub struct Db {
    pub(crate) pools: Pools,
    committed: watch::Sender<Seq>,
    /// Counts commits with something to send to a webhook.
    posted: watch::Sender<u64>,
}

#[derive(Clone, Debug)]
pub(crate) enum Pools {
    Lite { r: SqlitePool, w: SqlitePool, reading: Box<SqliteConnectOptions> },
    Pg(PgPool),
}

/// How a `SQLite` file is opened.
#[derive(Clone, Copy, Debug)]
pub struct SqliteOptions {
    /// How long a write waits for another process before [`StorageError::Busy`].
    pub busy_timeout: Duration,
    /// Connections that read beside the one that writes.
    pub readers: u32,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self { busy_timeout: Duration::from_secs(5), readers: 4 }
    }
}

/// How PostgreSQL is reached.
#[derive(Clone, Copy, Debug)]
pub struct PostgresOptions {
    /// How long a call waits for a free connection before [`StorageError::Busy`].
    pub acquire_timeout: Duration,
    /// Connections at most.
    pub connections: u32,
    /// Whether a pooler in transaction mode stands between; then statements are not kept.
    pub behind_transaction_pooler: bool,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self {
            acquire_timeout: Duration::from_secs(5),
            connections: 10,
            behind_transaction_pooler: false,
        }
    }
}

impl Db {
    /// Opens a `SQLite` file, made if it is missing, and brings its tables up to date.
    ///
    /// Acknowledged writes survive a power cut.
    pub async fn open_sqlite(path: &Path, options: SqliteOptions) -> Result<Self, StorageError> {
        create_private(path)?;
        let connect = SqliteConnectOptions::new()
            .filename(path)
            .foreign_keys(true)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(options.busy_timeout);
        let w = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(options.busy_timeout.saturating_mul(2))
            // A full disk makes SQLite undo a transaction by itself, and sqlx still counts it:
            // no write would ever begin on that connection again.
            .before_acquire(|connection, _| {
                let usable = !connection.is_in_transaction();
                Box::pin(async move { Ok(usable) })
            })
            .connect_with(connect.clone().journal_mode(SqliteJournalMode::Wal))
            .await?;
        sqlx::migrate!("migrations/sqlite").run(&w).await?;
        let reading = connect.read_only(true);
        let r = SqlitePoolOptions::new()
            .max_connections(options.readers.max(1))
            .acquire_timeout(options.busy_timeout.saturating_mul(2))
            .connect_with(reading.clone())
            .await?;
        Self::of(Pools::Lite { r, w, reading: Box::new(reading) }).await
    }

    /// Connects to PostgreSQL (15 or later) and brings its tables up to date.
    ///
    /// # Errors
    ///
    /// [`StorageError::Database`] if `url` is no PostgreSQL URL or nobody answers there.
    pub async fn open_postgres(url: &str, options: PostgresOptions) -> Result<Self, StorageError> {
        let mut connect: PgConnectOptions = url.parse()?;
        if options.behind_transaction_pooler {
            connect = connect.statement_cache_capacity(0);
        }
        let pool = PgPoolOptions::new()
            .max_connections(options.connections.max(2))
            .acquire_timeout(options.acquire_timeout)
            .connect_with(connect)
            .await?;
        sqlx::migrate!("migrations/postgres").run(&pool).await?;
        Self::of(Pools::Pg(pool)).await
    }

    async fn of(pools: Pools) -> Result<Self, StorageError> {
        let db =
            Self { pools, committed: watch::Sender::default(), posted: watch::Sender::default() };
        let head = db.changes().head().await?;
        db.committed.send_replace(head);
        Ok(db)
    }

    /// Whether this is PostgreSQL, which several servers may share.
    #[must_use]
    pub const fn is_shared(&self) -> bool {
        matches!(self.pools, Pools::Pg(_))
    }

    /// Answers if the database does; for readiness.
    pub async fn ping(&self) -> Result<(), StorageError> {
        self.changes().head().await.map(|_| ())
    }

    /// Prepares every statement of this crate, and says how many there are.
    ///
    /// # Errors
    ///
    /// [`StorageError::Database`] for the first that does not fit the tables.
    pub async fn prepare_all(&self) -> Result<usize, StorageError> {
        prepare(&self.pools, ALL_SQL).await
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

    pub(crate) fn committed(&self) -> watch::Receiver<Seq> {
        self.committed.subscribe()
    }

    pub(crate) fn posted(&self) -> watch::Receiver<u64> {
        self.posted.subscribe()
    }

    /// A transaction that takes the right to write at once, so that it cannot fail half-way for
    /// want of it.
    pub(crate) async fn begin(&self) -> Result<Tx, StorageError> {
        let inner = match &self.pools {
            Pools::Lite { w, .. } => TxInner::Lite(w.begin_with("BEGIN IMMEDIATE").await?),
            Pools::Pg(p) => TxInner::Pg(p.begin().await?),
        };
        Ok(Tx {
            inner,
            appended: None,
            committed: self.committed.clone(),
            has_posted: false,
            posted: self.posted.clone(),
        })
    }
}

/// Prepares statements, and says how many there are.
pub(crate) async fn prepare(
    pools: &Pools,
    statements: &[&[Statement]],
) -> Result<usize, StorageError> {
    let mut prepared = 0;
    for statement in statements.iter().copied().flatten() {
        let fits = match (pools, statement) {
            (Pools::Lite { w, .. }, Statement::Both(_, sql) | Statement::Sqlite(_, sql)) => {
                w.acquire().await?.prepare(sqlx::SqlStr::from_static(sql)).await.map(|_| ())
            }
            (Pools::Pg(p), Statement::Both(_, sql) | Statement::Postgres(_, sql)) => {
                p.acquire().await?.prepare(sqlx::SqlStr::from_static(sql)).await.map(|_| ())
            }
            _ => continue,
        };
        fits.inspect_err(|error| {
            tracing::error!(statement = statement.name(), %error, "a statement does not fit");
        })?;
        prepared += 1;
    }
    Ok(prepared)
}

/// One transaction. Dropping it without [`Tx::commit`] undoes it.
pub(crate) struct Tx {
    pub(crate) inner: TxInner,
    appended: Option<Seq>,
    committed: watch::Sender<Seq>,
    has_posted: bool,
    posted: watch::Sender<u64>,
}

pub(crate) enum TxInner {
    Lite(Transaction<'static, Sqlite>),
    Pg(Transaction<'static, Postgres>),
}

impl Tx {
    pub(crate) fn note(&mut self, seq: Seq) {
        self.appended = self.appended.max(Some(seq));
    }

    /// Notes that `rows` are to be sent to webhooks.
    pub(crate) fn note_posted(&mut self, rows: u64) {
        self.has_posted |= rows > 0;
    }

    /// Commits, then tells this process that the feed has grown, or that there is something to send.
    pub(crate) async fn commit(self) -> Result<(), StorageError> {
        match self.inner {
            TxInner::Lite(tx) => tx.commit().await?,
            TxInner::Pg(tx) => tx.commit().await?,
        }
        if let Some(seq) = self.appended {
            self.committed.send_modify(|head| *head = seq.max(*head));
        }
        if self.has_posted {
            self.posted.send_modify(|count| *count = count.wrapping_add(1));
        }
        Ok(())
    }
}

#[cfg(unix)]
pub(crate) fn create_private(path: &Path) -> Result<(), StorageError> {
    use std::os::unix::fs::OpenOptionsExt;
    std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
    Ok(())
}

#[cfg(not(unix))]
pub(crate) fn create_private(path: &Path) -> Result<(), StorageError> {
    std::fs::OpenOptions::new().create(true).append(true).open(path)?;
    Ok(())
}

/// Expands one query body once per database; the compiler types each copy.
macro_rules! on {
    (read $db:expr, |$c:ident| $body:expr) => {
        match &$db.pools {
            $crate::db::Pools::Lite { r, .. } => {
                let $c = r;
                $body
            }
            $crate::db::Pools::Pg(p) => {
                let $c = p;
                $body
            }
        }
    };
    (write $db:expr, |$c:ident| $body:expr) => {
        match &$db.pools {
            $crate::db::Pools::Lite { w, .. } => {
                let $c = w;
                $body
            }
            $crate::db::Pools::Pg(p) => {
                let $c = p;
                $body
            }
        }
    };
    (tx $tx:expr, |$c:ident| $body:expr) => {
        match &mut $tx.inner {
            $crate::db::TxInner::Lite(t) => {
                let $c = &mut **t;
                $body
            }
            $crate::db::TxInner::Pg(t) => {
                let $c = &mut **t;
                $body
            }
        }
    };
}
pub(crate) use on;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn writes_go_on_after_sqlite_undid_a_transaction_by_itself() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("meta.db");
        let db = Db::open_sqlite(&path, SqliteOptions::default()).await.unwrap();
        let mut tx = db.begin().await.unwrap();
        match &mut tx.inner {
            TxInner::Lite(lite) => lite.execute("ROLLBACK").await.unwrap(),
            TxInner::Pg(_) => unreachable!("a file is SQLite"),
        };
        drop(tx);
        db.begin().await.unwrap().commit().await.unwrap();
    }
}
