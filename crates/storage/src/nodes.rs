//! The servers of an installation. Their leases count by the database's clock.

use cloakroom_token::{Seq, UnixSeconds};

use crate::column::from_row;
use crate::db::{Db, Pools};
use crate::error::StorageError;
use crate::statement::sql;

macro_rules! lease {
    ($clock:literal) => {
        concat!(
            "INSERT INTO node (id, started_at, lease_until, applied_seq)
            VALUES ($1, ",
            $clock,
            ", ",
            $clock,
            " + $2, $3) ON CONFLICT (id) DO UPDATE SET
            lease_until = excluded.lease_until, applied_seq = CASE
            WHEN node.applied_seq < excluded.applied_seq THEN excluded.applied_seq
            ELSE node.applied_seq END
            RETURNING id, started_at, lease_until, applied_seq, ",
            $clock,
            " AS now"
        )
    };
}

macro_rules! list {
    ($clock:literal) => {
        concat!(
            "SELECT id, started_at, lease_until, applied_seq, ",
            $clock,
            " AS now FROM node
            WHERE lease_until > ",
            $clock,
            " - $1 ORDER BY id"
        )
    };
}

sql! {
    Both {
        NODE_LEAVE = "DELETE FROM node WHERE id = $1";
        NODE_LEAVE_ALL = "DELETE FROM node";
    }
    Sqlite {
        LITE_HEARTBEAT = lease!("CAST(strftime('%s', 'now') AS INTEGER)");
        LITE_LIST = list!("CAST(strftime('%s', 'now') AS INTEGER)");
    }
    Postgres {
        PG_HEARTBEAT = lease!("CAST(FLOOR(EXTRACT(EPOCH FROM clock_timestamp())) AS BIGINT)");
        PG_LIST = list!("CAST(FLOOR(EXTRACT(EPOCH FROM clock_timestamp())) AS BIGINT)");
    }
}

/// A server and its lease. All times are the database's.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Node {
    /// A random name for one run of the server.
    pub id: String,
    /// When it joined.
    pub started_at: UnixSeconds,
    /// Until when it may answer.
    pub lease_until: UnixSeconds,
    /// The place up to which it has applied the feed.
    pub applied_seq: Seq,
    /// The database's clock when this was read.
    pub now: UnixSeconds,
}
from_row!(Node { id, started_at, lease_until, applied_seq, now });

/// The servers of an installation.
#[derive(Clone, Debug)]
pub struct Nodes {
    db: Db,
}

impl Db {
    /// The nodes.
    #[must_use]
    pub fn nodes(&self) -> Nodes {
        Nodes { db: self.clone() }
    }
}

impl Nodes {
    /// Joins, or renews the lease for `lease_seconds`, and says how far the feed is applied.
    pub async fn heartbeat(
        &self,
        id: &str,
        applied: Seq,
        lease_seconds: u32,
    ) -> Result<Node, StorageError> {
        let seconds = i64::from(lease_seconds);
        Ok(match &self.db.pools {
            Pools::Lite { w, .. } => {
                let query = sqlx::query_as(LITE_HEARTBEAT).bind(id).bind(seconds).bind(applied.0);
                query.fetch_one(w).await?
            }
            Pools::Pg(pool) => {
                let query = sqlx::query_as(PG_HEARTBEAT).bind(id).bind(seconds).bind(applied.0);
                query.fetch_one(pool).await?
            }
        })
    }

    /// The nodes whose lease holds or ended less than `grace_seconds` ago.
    pub async fn list(&self, grace_seconds: u32) -> Result<Vec<Node>, StorageError> {
        let grace = i64::from(grace_seconds);
        Ok(match &self.db.pools {
            Pools::Lite { r, .. } => sqlx::query_as(LITE_LIST).bind(grace).fetch_all(r).await?,
            Pools::Pg(pool) => sqlx::query_as(PG_LIST).bind(grace).fetch_all(pool).await?,
        })
    }

    /// Ends all leases: for the one server of a folder, which knows that no other runs.
    pub async fn leave_all(&self) -> Result<(), StorageError> {
        crate::db::on!(write self.db, |c| sqlx::query(NODE_LEAVE_ALL)
            .execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Gives the lease back: the node answers no more.
    pub async fn leave(&self, id: &str) -> Result<(), StorageError> {
        crate::db::on!(write self.db, |c| sqlx::query(NODE_LEAVE)
            .bind(id).execute(c).await.map(|_| ()))?;
        Ok(())
    }
}
