//! Operators, the people of the dashboard, and their logins.

use cloakroom_token::UnixSeconds;

use crate::column::from_row;
use crate::db::{Db, on};
use crate::error::StorageError;
use crate::secret_hash::SecretHash;
use crate::statement::sql;

sql! {
    Both {
        OPERATOR_ADD = "INSERT INTO operator (id, email, password_hash, created_at)
            VALUES ($1, $2, $3, $4)";
        OPERATOR_BY_EMAIL = "SELECT * FROM operator WHERE email = $1";
        OPERATOR_LIST = "SELECT * FROM operator ORDER BY created_at, id";
        OPERATOR_SET_PASSWORD = "UPDATE operator SET password_hash = $2 WHERE id = $1";
        OPERATOR_END_SESSIONS = "DELETE FROM operator_session WHERE operator_id = $1";
        OPERATOR_SESSION_ADD = "INSERT INTO operator_session (token_hash, operator_id, created_at,
            expires_at) VALUES ($1, $2, $3, $4)";
        OPERATOR_SESSION_FIND = "SELECT o.* FROM operator_session s
            JOIN operator o ON o.id = s.operator_id WHERE s.token_hash = $1 AND s.expires_at > $2";
        OPERATOR_SESSION_END = "DELETE FROM operator_session WHERE token_hash = $1";
        OPERATOR_SESSION_SWEEP = "DELETE FROM operator_session WHERE expires_at <= $1";
    }
}

/// A person of the dashboard.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Operator {
    /// The operator's id.
    pub id: String,
    /// The address to sign in with, in lower case.
    pub email: String,
    /// The password as an argon2id PHC string.
    pub password_hash: String,
    /// When the operator was made.
    pub created_at: UnixSeconds,
}
from_row!(Operator { id, email, password_hash, created_at });

/// The operators of an installation.
#[derive(Clone, Debug)]
pub struct Operators {
    db: Db,
}

impl Db {
    /// The operators.
    #[must_use]
    pub fn operators(&self) -> Operators {
        Operators { db: self.clone() }
    }
}

impl Operators {
    /// Makes an operator; the address is kept in lower case.
    ///
    /// # Errors
    ///
    /// [`StorageError::Conflict`] if the address is taken.
    pub async fn create(
        &self,
        id: &str,
        email: &str,
        password_hash: &str,
        now: UnixSeconds,
    ) -> Result<(), StorageError> {
        on!(write self.db, |c| sqlx::query(OPERATOR_ADD)
            .bind(id).bind(email.to_lowercase()).bind(password_hash).bind(now.0)
            .execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// The operator of this address, in whatever case.
    pub async fn by_email(&self, email: &str) -> Result<Option<Operator>, StorageError> {
        Ok(on!(read self.db, |c| sqlx::query_as(OPERATOR_BY_EMAIL)
            .bind(email.to_lowercase()).fetch_optional(c).await)?)
    }

    /// All operators, the oldest first.
    pub async fn list(&self) -> Result<Vec<Operator>, StorageError> {
        Ok(on!(read self.db, |c| sqlx::query_as(OPERATOR_LIST).fetch_all(c).await)?)
    }

    /// Sets a password and ends every login; `false` if there is no such operator.
    pub async fn set_password(&self, id: &str, password_hash: &str) -> Result<bool, StorageError> {
        let mut tx = self.db.begin().await?;
        let done = on!(tx tx, |c| sqlx::query(OPERATOR_SET_PASSWORD)
            .bind(id).bind(password_hash)
            .execute(c).await.map(|done| done.rows_affected()))?;
        on!(tx tx, |c| sqlx::query(OPERATOR_END_SESSIONS)
            .bind(id).execute(c).await.map(|_| ()))?;
        tx.commit().await?;
        Ok(done > 0)
    }

    /// Begins a login.
    ///
    /// # Errors
    ///
    /// [`StorageError::Missing`] if there is no such operator.
    pub async fn begin_session(
        &self,
        id: &str,
        token: SecretHash,
        expires_at: UnixSeconds,
        now: UnixSeconds,
    ) -> Result<(), StorageError> {
        on!(write self.db, |c| sqlx::query(OPERATOR_SESSION_ADD)
            .bind(token.stored()).bind(id).bind(now.0).bind(expires_at.0)
            .execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Who is logged in with this token, if it has neither ended nor expired.
    pub async fn by_session(
        &self,
        token: SecretHash,
        now: UnixSeconds,
    ) -> Result<Option<Operator>, StorageError> {
        Ok(on!(read self.db, |c| sqlx::query_as(OPERATOR_SESSION_FIND)
            .bind(token.stored()).bind(now.0).fetch_optional(c).await)?)
    }

    /// Ends a login; `false` if there was none.
    pub async fn end_session(&self, token: SecretHash) -> Result<bool, StorageError> {
        Ok(on!(write self.db, |c| sqlx::query(OPERATOR_SESSION_END)
            .bind(token.stored()).execute(c).await.map(|done| done.rows_affected() > 0))?)
    }

    /// Removes logins that have expired.
    pub async fn sweep_sessions(&self, now: UnixSeconds) -> Result<(), StorageError> {
        on!(write self.db, |c| sqlx::query(OPERATOR_SESSION_SWEEP)
            .bind(now.0).execute(c).await.map(|_| ()))?;
        Ok(())
    }
}
