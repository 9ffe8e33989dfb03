//! Tickets that open a socket, each once, however many nodes are asked.

use cloakroom_token::UnixSeconds;

use crate::db::{Db, on};
use crate::error::StorageError;
use crate::statement::sql;

sql! {
    Both {
        TICKET_USE = "INSERT INTO socket_ticket (id, expires_at) VALUES ($1, $2)
            ON CONFLICT DO NOTHING";
        TICKET_SWEEP = "DELETE FROM socket_ticket WHERE expires_at < $1";
    }
}

/// The tickets that were used.
#[derive(Clone, Debug)]
pub struct SocketTickets {
    db: Db,
}

impl Db {
    /// The tickets that were used to open a socket.
    #[must_use]
    pub fn socket_tickets(&self) -> SocketTickets {
        SocketTickets { db: self.clone() }
    }
}

impl SocketTickets {
    /// Uses a ticket; `false` if it was used before. One statement decides, so of two nodes one
    /// wins.
    pub async fn take(&self, id: [u8; 16], expires_at: UnixSeconds) -> Result<bool, StorageError> {
        Ok(on!(write self.db, |c| sqlx::query(TICKET_USE)
            .bind(id.as_slice()).bind(expires_at.0)
            .execute(c).await.map(|done| done.rows_affected() > 0))?)
    }

    /// Forgets tickets that expired before `before`; says how many.
    ///
    /// Leave room for clocks that differ: a ticket that is forgotten while a node still takes it is
    /// good once more.
    pub async fn sweep(&self, before: UnixSeconds) -> Result<u64, StorageError> {
        Ok(on!(write self.db, |c| sqlx::query(TICKET_SWEEP)
            .bind(before.0).execute(c).await.map(|done| done.rows_affected()))?)
    }
}
