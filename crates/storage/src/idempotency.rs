//! Answers to calls with an `Idempotency-Key`, so that sending a call again does it once.
//!
//! ```text
//! reserve ─▶ Mine ─▶ keep (the answer, for a day)
//!    │          └──▶ release (it failed for a while: the next attempt does it)
//!    └─▶ Answered | UnderWay | AnotherCall
//! ```

use cloakroom_token::UnixSeconds;

use crate::column::from_row;
use crate::db::{Db, on};
use crate::error::StorageError;
use crate::statement::sql;

sql! {
    Both {
        IDEMPOTENCY_RESERVE = "INSERT INTO idempotency (scope, fingerprint, attempt, expires_at)
            VALUES ($1, $2, $3, $4) ON CONFLICT (scope) DO UPDATE SET
            fingerprint = excluded.fingerprint, attempt = excluded.attempt, status = NULL,
            body = NULL, created_id = NULL, expires_at = excluded.expires_at
            WHERE idempotency.expires_at <= $5";
        IDEMPOTENCY_FIND = "SELECT fingerprint, status, body, created_id FROM idempotency
            WHERE scope = $1";
        IDEMPOTENCY_KEEP = "UPDATE idempotency SET status = $3, body = $4, created_id = $5,
            expires_at = $6 WHERE scope = $1 AND attempt = $2 AND status IS NULL";
        IDEMPOTENCY_RELEASE = "DELETE FROM idempotency
            WHERE scope = $1 AND attempt = $2 AND status IS NULL";
        IDEMPOTENCY_SWEEP = "DELETE FROM idempotency WHERE expires_at <= $1";
    }
}

/// One attempt at a call: what it is known by, and what it asks for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Attempt {
    /// SHA-256 of app, caller, method, path and key.
    pub scope: [u8; 32],
    /// SHA-256 of the whole call.
    pub fingerprint: [u8; 32],
    /// Random: tells this attempt from others at the same call.
    pub id: [u8; 16],
}

/// What stands under a key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Reservation {
    /// The key was sent before with another call.
    AnotherCall,
    /// The call was answered before.
    Answered(KeptAnswer),
    /// Nothing stood there: this attempt does the call.
    Mine,
    /// Another attempt does it at this moment, here or on another node.
    UnderWay,
}

/// An answer as it is kept.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct KeptAnswer {
    /// The HTTP status.
    pub status: u32,
    /// The bytes; `None` where they are not kept: they hold a secret, or are too many.
    pub body: Option<Vec<u8>>,
    /// The id of what the call made, beside an answer without a body.
    pub created_id: Option<String>,
}

struct Row {
    fingerprint: Vec<u8>,
    status: Option<u32>,
    body: Option<Vec<u8>>,
    created_id: Option<String>,
}
from_row!(Row { fingerprint, status, body, created_id });

/// The kept answers of an installation.
#[derive(Clone, Debug)]
pub struct Idempotency {
    db: Db,
}

impl Db {
    /// The answers kept for calls with an `Idempotency-Key`.
    #[must_use]
    pub fn idempotency(&self) -> Idempotency {
        Idempotency { db: self.clone() }
    }
}

impl Idempotency {
    /// Takes the key for this attempt until `lease_until`, unless an answer or another attempt that
    /// has not expired by `now` holds it. One statement decides, so of two nodes one wins.
    pub async fn reserve(
        &self,
        attempt: &Attempt,
        lease_until: UnixSeconds,
        now: UnixSeconds,
    ) -> Result<Reservation, StorageError> {
        let taken = on!(write self.db, |c| sqlx::query(IDEMPOTENCY_RESERVE)
            .bind(attempt.scope.to_vec()).bind(attempt.fingerprint.to_vec())
            .bind(attempt.id.to_vec()).bind(lease_until.0).bind(now.0)
            .execute(c).await.map(|done| done.rows_affected() > 0))?;
        if taken {
            return Ok(Reservation::Mine);
        }
        let found: Option<Row> = on!(write self.db, |c| sqlx::query_as(IDEMPOTENCY_FIND)
            .bind(attempt.scope.to_vec()).fetch_optional(c).await)?;
        Ok(match found {
            Some(row) if row.fingerprint != attempt.fingerprint => Reservation::AnotherCall,
            Some(Row { status: Some(status), body, created_id, .. }) => {
                Reservation::Answered(KeptAnswer { status, body, created_id })
            }
            // Of the two, the key that was given back this moment is free at the next try.
            Some(Row { status: None, .. }) | None => Reservation::UnderWay,
        })
    }

    /// Keeps the answer until `expires_at`; `false` if the attempt lost its lease to another.
    pub async fn keep(
        &self,
        attempt: &Attempt,
        answer: &KeptAnswer,
        expires_at: UnixSeconds,
    ) -> Result<bool, StorageError> {
        Ok(on!(write self.db, |c| sqlx::query(IDEMPOTENCY_KEEP)
            .bind(attempt.scope.to_vec()).bind(attempt.id.to_vec()).bind(i64::from(answer.status))
            .bind(answer.body.as_deref()).bind(answer.created_id.as_deref()).bind(expires_at.0)
            .execute(c).await.map(|done| done.rows_affected() > 0))?)
    }

    /// Gives the key back without an answer; `false` if the attempt does not hold it.
    pub async fn release(&self, attempt: &Attempt) -> Result<bool, StorageError> {
        Ok(on!(write self.db, |c| sqlx::query(IDEMPOTENCY_RELEASE)
            .bind(attempt.scope.to_vec()).bind(attempt.id.to_vec())
            .execute(c).await.map(|done| done.rows_affected() > 0))?)
    }

    /// Removes what has expired, and says how much.
    pub async fn sweep(&self, now: UnixSeconds) -> Result<u64, StorageError> {
        Ok(on!(write self.db, |c| sqlx::query(IDEMPOTENCY_SWEEP)
            .bind(now.0).execute(c).await.map(|done| done.rows_affected()))?)
    }
}
