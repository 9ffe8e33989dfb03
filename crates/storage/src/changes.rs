//! The append-only change feed: one mechanism for revocation, caches and clusters.

use std::time::Duration;

use cloakroom_token::{AppId, Guid, KeyId, MediaId, Seq, SessionId, Uid, UnixSeconds};
use sqlx::postgres::PgListener;
use sqlx::{Connection, SqliteConnection};
use tokio::sync::watch;

use crate::column::{Place, from_row, stored_as_place};
use crate::db::{Db, Pools, Tx, TxInner, on};
use crate::error::StorageError;
use crate::message_news::{MarkNews, MessageNews};
use crate::statement::sql;

sql! {
    Both {
        CHANGE_APPEND = "INSERT INTO change (app_id, kind, key, at) VALUES ($1, $2, $3, $4)
            RETURNING seq";
        CHANGE_AFTER = "SELECT seq, app_id, kind, key, at FROM change WHERE seq > $1
            ORDER BY seq LIMIT $2";
        CHANGE_BETWEEN = "SELECT seq, app_id, kind, key, at FROM change
            WHERE seq BETWEEN $1 AND $2 ORDER BY seq";
        CHANGE_HEAD = "SELECT CAST(COALESCE(MAX(seq), 0) AS BIGINT) FROM change";
        CHANGE_WINDOW = "SELECT seq, app_id, kind, key, at FROM change
            WHERE seq <= $1 AND (seq > $2 OR (at >= $3 AND kind NOT IN ($4, $5))) ORDER BY seq";
    }
    Postgres { CHANGE_NOTIFY = "SELECT pg_notify('cloakroom_change', $1)"; }
    Sqlite { CHANGE_DATA_VERSION = "PRAGMA data_version"; }
}

const CHANNEL: &str = "cloakroom_change";
const SQLITE_POLL: Duration = Duration::from_millis(250);
const POSTGRES_POLL: Duration = Duration::from_secs(1);
const WINDOW_ROWS: i64 = 1000;
const WINDOW_SECONDS: i64 = 60;

/// What a write changed, as far as it bears on who may read or is told to open sockets.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Change {
    /// An API key was made or revoked.
    ApiKey(AppId, KeyId),
    /// The settings of an app, or all its outstanding tokens and URLs.
    AppSettings(AppId),
    /// The entries from one place to another are committed: apply them, if they were passed over.
    Barrier {
        /// The first.
        from: Seq,
        /// The last.
        to: Seq,
    },
    /// The first user blocks the second, or no longer does.
    Block(AppId, Uid, Uid),
    /// A delegated key was made or revoked.
    DelegatedKey(AppId, KeyId),
    /// A file, its audience, its state, or the messages that carry it.
    File(AppId, MediaId),
    /// A group was changed or deleted.
    Group(AppId, Guid),
    /// A user joined or left a group, or was removed.
    GroupMember(AppId, Guid, Uid),
    /// A reader received or read messages up to one.
    Mark(AppId, MarkNews),
    /// A message was sent, edited or deleted.
    Message(AppId, MessageNews),
    /// A session began or ended.
    Session(AppId, SessionId),
    /// A key of the key ring.
    SigningKey(KeyId),
    /// A user was made, deactivated, reactivated or deleted.
    UserState(AppId, Uid),
}

/// One row of the feed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FeedEntry {
    /// Its place.
    pub seq: Seq,
    /// What changed; `None` if a later release wrote it, then everything may have.
    pub change: Option<Change>,
    /// When it was written.
    pub at: UnixSeconds,
}

/// Whether a write takes a right away; only then are other nodes told at once.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Reach {
    Narrows,
    Widens,
}

#[derive(Clone, Copy)]
enum Kind {
    AppSettings,
    UserState,
    Session,
    GroupMember,
    Group,
    Block,
    File,
    ApiKey,
    SigningKey,
    Barrier,
    DelegatedKey,
    Message,
    Mark,
}

stored_as_place! {
    Kind: AppSettings UserState Session GroupMember Group Block File ApiKey SigningKey Barrier
        DelegatedKey Message Mark;
}

impl Change {
    fn stored(&self) -> (Option<&str>, Kind, String) {
        match self {
            Self::ApiKey(app, key) => (Some(app.as_str()), Kind::ApiKey, key.to_string()),
            Self::AppSettings(app) => (Some(app.as_str()), Kind::AppSettings, String::new()),
            Self::Barrier { from, to } => (None, Kind::Barrier, format!("{}-{}", from.0, to.0)),
            Self::Block(app, by, whom) => (Some(app.as_str()), Kind::Block, format!("{by}/{whom}")),
            Self::DelegatedKey(app, key) => {
                (Some(app.as_str()), Kind::DelegatedKey, key.to_string())
            }
            Self::File(app, media) => (Some(app.as_str()), Kind::File, media.to_string()),
            Self::Group(app, guid) => (Some(app.as_str()), Kind::Group, guid.to_string()),
            Self::GroupMember(app, guid, uid) => {
                (Some(app.as_str()), Kind::GroupMember, format!("{guid}/{uid}"))
            }
            Self::Mark(app, news) => (Some(app.as_str()), Kind::Mark, news.key()),
            Self::Message(app, news) => (Some(app.as_str()), Kind::Message, news.key()),
            Self::Session(app, session) => (Some(app.as_str()), Kind::Session, session.to_string()),
            Self::SigningKey(key) => (None, Kind::SigningKey, key.to_string()),
            Self::UserState(app, uid) => (Some(app.as_str()), Kind::UserState, uid.to_string()),
        }
    }

    fn of_row(row: &Row) -> Option<Self> {
        let kind = <Kind as crate::column::Column>::from_sql(row.kind.0).ok()?;
        if let Kind::SigningKey = kind {
            return Some(Self::SigningKey(KeyId::parse(&row.key).ok()?));
        }
        if let Kind::Barrier = kind {
            let (from, to) = row.key.split_once('-')?;
            return Some(Self::Barrier {
                from: Seq(from.parse().ok()?),
                to: Seq(to.parse().ok()?),
            });
        }
        let app = row.app_id.clone()?;
        let pair = || row.key.split_once('/');
        Some(match kind {
            Kind::ApiKey => Self::ApiKey(app, KeyId::parse(&row.key).ok()?),
            Kind::AppSettings => Self::AppSettings(app),
            Kind::Block => {
                Self::Block(app, Uid::parse(pair()?.0).ok()?, Uid::parse(pair()?.1).ok()?)
            }
            Kind::DelegatedKey => Self::DelegatedKey(app, KeyId::parse(&row.key).ok()?),
            Kind::File => Self::File(app, MediaId::parse(&row.key).ok()?),
            Kind::Group => Self::Group(app, Guid::parse(&row.key).ok()?),
            Kind::GroupMember => {
                Self::GroupMember(app, Guid::parse(pair()?.0).ok()?, Uid::parse(pair()?.1).ok()?)
            }
            Kind::Mark => Self::Mark(app, MarkNews::of_key(&row.key)?),
            Kind::Message => Self::Message(app, MessageNews::of_key(&row.key)?),
            Kind::Session => Self::Session(app, SessionId::parse(&row.key).ok()?),
            Kind::Barrier | Kind::SigningKey => return None,
            Kind::UserState => Self::UserState(app, Uid::parse(&row.key).ok()?),
        })
    }
}

struct Row {
    seq: Seq,
    app_id: Option<AppId>,
    kind: SmallNumber,
    key: String,
    at: UnixSeconds,
}
from_row!(Row { seq, app_id, kind, key, at });

struct SmallNumber(i16);

impl crate::column::Column for SmallNumber {
    type Sql = i16;

    fn from_sql(stored: i16) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self(stored))
    }
}

impl From<Row> for FeedEntry {
    fn from(row: Row) -> Self {
        Self { seq: row.seq, change: Change::of_row(&row), at: row.at }
    }
}

/// Appends to the feed within the transaction of the write itself.
pub(crate) async fn append(
    tx: &mut Tx,
    change: &Change,
    reach: Reach,
    now: UnixSeconds,
) -> Result<Seq, StorageError> {
    let (app, kind, key) = change.stored();
    let seq: i64 = on!(tx tx, |c| sqlx::query_scalar(CHANGE_APPEND)
        .bind(app).bind(kind.place()).bind(key).bind(now.0).fetch_one(c).await)?;
    if let (TxInner::Pg(pg), Reach::Narrows) = (&mut tx.inner, reach) {
        sqlx::query(CHANGE_NOTIFY).bind(seq.to_string()).execute(&mut **pg).await?;
    }
    tx.note(Seq(seq));
    Ok(Seq(seq))
}

/// Reads the change feed.
#[derive(Clone, Debug)]
pub struct Changes {
    db: Db,
}

impl Db {
    /// The change feed.
    #[must_use]
    pub fn changes(&self) -> Changes {
        Changes { db: self.clone() }
    }
}

impl Changes {
    /// At most `limit` entries after `seq`, in order.
    pub async fn after(&self, seq: Seq, limit: u32) -> Result<Vec<FeedEntry>, StorageError> {
        let rows: Vec<Row> = on!(read self.db, |c| sqlx::query_as(CHANGE_AFTER)
            .bind(seq.0).bind(i64::from(limit)).fetch_all(c).await)?;
        Ok(rows.into_iter().map(FeedEntry::from).collect())
    }

    /// The entries from `from` to `to` that are visible, both included.
    pub async fn between(&self, from: Seq, to: Seq) -> Result<Vec<FeedEntry>, StorageError> {
        let rows: Vec<Row> = on!(read self.db, |c| sqlx::query_as(CHANGE_BETWEEN)
            .bind(from.0).bind(to.0).fetch_all(c).await)?;
        Ok(rows.into_iter().map(FeedEntry::from).collect())
    }

    /// The place of the newest entry; 0 if there is none.
    pub async fn head(&self) -> Result<Seq, StorageError> {
        let seq: i64 = on!(read self.db, |c| sqlx::query_scalar(CHANGE_HEAD).fetch_one(c).await)?;
        Ok(Seq(seq))
    }

    /// Entries up to `cursor` that may have become visible only after the cursor passed them.
    ///
    /// On PostgreSQL the last 1,000 and the last minute before `cursor`, of messages and marks,
    /// which are many and end no right, the former alone. Most were seen before: apply them again. On `SQLite`, where entries become visible in order, none.
    pub async fn watermark_window(
        &self,
        cursor: Seq,
        now: UnixSeconds,
    ) -> Result<Vec<FeedEntry>, StorageError> {
        let Pools::Pg(pool) = &self.db.pools else { return Ok(Vec::new()) };
        let rows: Vec<Row> = sqlx::query_as(CHANGE_WINDOW)
            .bind(cursor.0)
            .bind(cursor.0 - WINDOW_ROWS)
            .bind(now.plus(-WINDOW_SECONDS).0)
            .bind(Kind::Message.place())
            .bind(Kind::Mark.place())
            .fetch_all(pool)
            .await?;
        Ok(rows.into_iter().map(FeedEntry::from).collect())
    }

    /// The newest entry this process committed. Changes at the moment of the commit.
    #[must_use]
    pub fn committed_here(&self) -> watch::Receiver<Seq> {
        self.db.committed()
    }

    /// Starts to listen for entries of other processes and nodes. Read the feed after this, or
    /// what was written in between is heard of late.
    pub async fn hint(&self) -> Result<Hint, StorageError> {
        Ok(Hint(match &self.db.pools {
            Pools::Lite { reading, .. } => {
                let mut connection = SqliteConnection::connect_with(reading).await?;
                let seen = data_version(&mut connection).await?;
                HintInner::Lite { connection, seen }
            }
            Pools::Pg(pool) => {
                let mut listener = PgListener::connect_with(pool).await?;
                listener.listen(CHANNEL).await?;
                HintInner::Pg(listener)
            }
        }))
    }
}

/// Says when the feed is worth reading.
#[derive(Debug)]
pub struct Hint(HintInner);

#[derive(Debug)]
enum HintInner {
    Lite { connection: SqliteConnection, seen: i64 },
    Pg(PgListener),
}

impl Hint {
    /// Waits for a notification or the next poll, 250 ms on `SQLite` and 1 s on PostgreSQL.
    ///
    /// `false` says that the database was asked and nothing was committed since the last call;
    /// `true` that the feed has to be read to know. A lost notification costs at most one poll.
    pub async fn next(&mut self) -> Result<bool, StorageError> {
        match &mut self.0 {
            HintInner::Lite { connection, seen } => {
                tokio::time::sleep(SQLITE_POLL).await;
                let version = data_version(connection).await?;
                Ok(std::mem::replace(seen, version) != version)
            }
            HintInner::Pg(listener) => {
                if let Ok(heard) = tokio::time::timeout(POSTGRES_POLL, listener.try_recv()).await {
                    heard?;
                }
                Ok(true)
            }
        }
    }
}

async fn data_version(connection: &mut SqliteConnection) -> Result<i64, StorageError> {
    Ok(sqlx::query_scalar(CHANGE_DATA_VERSION).fetch_one(connection).await?)
}
