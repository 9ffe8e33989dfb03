//! The keys of the key ring, wrapped with the master key.

use cloakroom_token::{KeyId, Seq, UnixSeconds};

use crate::changes::{self, Change, Reach};
use crate::column::{Place, from_row, stored_as_place};
use crate::db::{Db, on};
use crate::error::StorageError;
use crate::statement::sql;

sql! {
    Both {
        KEY_ADD = "INSERT INTO signing_key (id, purpose, algorithm, wrapped, public, created_at,
            signs_from) VALUES ($1, $2, $3, $4, $5, $6, $7)";
        KEY_LIST = "SELECT * FROM signing_key ORDER BY created_at, id";
        KEY_RETIRE = "UPDATE signing_key SET retired_at = $2
            WHERE id = $1 AND retired_at IS NULL AND revoked_at IS NULL";
        KEY_REVOKE = "UPDATE signing_key SET revoked_at = $2
            WHERE id = $1 AND revoked_at IS NULL";
    }
}

/// What a key signs.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum KeyPurpose {
    /// File Access Tokens.
    Fat,
    /// Presigned URLs.
    Presign,
    /// Statements of the installation: receipts and ledger heads.
    Statement,
}

stored_as_place! { KeyPurpose: Fat Presign Statement; }

/// A key to keep.
#[derive(Clone, Copy)]
pub struct NewSigningKey<'a> {
    /// A fresh id.
    pub id: &'a KeyId,
    /// What it signs.
    pub purpose: KeyPurpose,
    /// Its algorithm, such as `EdDSA`.
    pub algorithm: &'a str,
    /// The secret part, wrapped with the master key.
    pub wrapped: &'a [u8],
    /// The public part, if the algorithm has one.
    pub public: Option<&'a [u8]>,
    /// When it begins to sign; it verifies from the start.
    pub signs_from: UnixSeconds,
}

impl std::fmt::Debug for NewSigningKey<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewSigningKey")
            .field("id", &self.id)
            .field("purpose", &self.purpose)
            .finish_non_exhaustive()
    }
}

/// A key of the key ring.
#[derive(Clone, Eq, PartialEq)]
pub struct SigningKey {
    /// Its id, as tokens and URLs name it.
    pub id: KeyId,
    /// What it signs.
    pub purpose: KeyPurpose,
    /// Its algorithm, such as `EdDSA`.
    pub algorithm: String,
    /// The secret part, wrapped with the master key.
    pub wrapped: Vec<u8>,
    /// The public part, if the algorithm has one.
    pub public: Option<Vec<u8>>,
    /// When it was made.
    pub created_at: UnixSeconds,
    /// When it begins to sign; it verifies from the start.
    pub signs_from: UnixSeconds,
    /// Since when it signs no more; it still verifies.
    pub retired_at: Option<UnixSeconds>,
    /// Since when it does not even verify.
    pub revoked_at: Option<UnixSeconds>,
}
from_row!(SigningKey {
    id,
    purpose,
    algorithm,
    wrapped,
    public,
    created_at,
    signs_from,
    retired_at,
    revoked_at,
});

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey")
            .field("id", &self.id)
            .field("purpose", &self.purpose)
            .field("retired_at", &self.retired_at)
            .field("revoked_at", &self.revoked_at)
            .finish_non_exhaustive()
    }
}

/// The key ring as it is stored.
#[derive(Clone, Debug)]
pub struct SigningKeys {
    db: Db,
}

impl Db {
    /// The signing keys.
    #[must_use]
    pub fn signing_keys(&self) -> SigningKeys {
        SigningKeys { db: self.clone() }
    }
}

impl SigningKeys {
    /// Keeps a new key.
    ///
    /// # Errors
    ///
    /// [`StorageError::Conflict`] if the id is taken.
    pub async fn insert(
        &self,
        key: &NewSigningKey<'_>,
        now: UnixSeconds,
    ) -> Result<(), StorageError> {
        let mut tx = self.db.begin().await?;
        on!(tx tx, |c| sqlx::query(KEY_ADD)
            .bind(key.id.as_str()).bind(key.purpose.place()).bind(key.algorithm).bind(key.wrapped)
            .bind(key.public).bind(now.0).bind(key.signs_from.0).execute(c).await.map(|_| ()))?;
        changes::append(&mut tx, &Change::SigningKey(key.id.clone()), Reach::Widens, now).await?;
        tx.commit().await
    }

    /// All keys, the oldest first.
    pub async fn list(&self) -> Result<Vec<SigningKey>, StorageError> {
        Ok(on!(read self.db, |c| sqlx::query_as(KEY_LIST).fetch_all(c).await)?)
    }

    /// Lets a key sign no more; what it signed stays good. `None` if no such key signs.
    pub async fn retire(&self, id: &KeyId, now: UnixSeconds) -> Result<Option<Seq>, StorageError> {
        self.end(KEY_RETIRE, Reach::Widens, id, now).await
    }

    /// Ends a key and all it signed. `None` if no such key is in force.
    pub async fn revoke(&self, id: &KeyId, now: UnixSeconds) -> Result<Option<Seq>, StorageError> {
        self.end(KEY_REVOKE, Reach::Narrows, id, now).await
    }

    async fn end(
        &self,
        statement: &'static str,
        reach: Reach,
        id: &KeyId,
        now: UnixSeconds,
    ) -> Result<Option<Seq>, StorageError> {
        let mut tx = self.db.begin().await?;
        let done = on!(tx tx, |c| sqlx::query(statement)
            .bind(id.as_str()).bind(now.0)
            .execute(c).await.map(|done| done.rows_affected()))?;
        if done == 0 {
            return Ok(None);
        }
        let change = Change::SigningKey(id.clone());
        let seq = changes::append(&mut tx, &change, reach, now).await?;
        tx.commit().await?;
        Ok(Some(seq))
    }
}
