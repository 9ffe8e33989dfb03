//! Everything that is wrapped with the master key, so that it can be wrapped with another.

use cloakroom_token::KeyId;

use crate::column::from_row;
use crate::db::{Db, on};
use crate::error::StorageError;
use crate::statement::sql;

sql! {
    Both {
        WRAPPED_SIGNING = "SELECT id, wrapped FROM signing_key ORDER BY id";
        WRAPPED_WEBHOOK = "SELECT id, wrapped FROM webhook_secret ORDER BY id";
        WRAPPED_DELEGATED = "SELECT id, wrapped FROM delegated_key ORDER BY id";
        REWRAP_SIGNING = "UPDATE signing_key SET wrapped = $3 WHERE id = $1 AND wrapped = $2";
        REWRAP_WEBHOOK = "UPDATE webhook_secret SET wrapped = $3 WHERE id = $1 AND wrapped = $2";
        REWRAP_DELEGATED = "UPDATE delegated_key SET wrapped = $3 WHERE id = $1 AND wrapped = $2";
    }
}

/// Where wrapped secrets are kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WrappedIn {
    /// Delegated keys.
    DelegatedKeys,
    /// The key ring.
    SigningKeys,
    /// Secrets of webhooks.
    WebhookSecrets,
}

impl WrappedIn {
    /// All places.
    pub const ALL: [Self; 3] = [Self::DelegatedKeys, Self::SigningKeys, Self::WebhookSecrets];

    const fn statements(self) -> (&'static str, &'static str) {
        match self {
            Self::DelegatedKeys => (WRAPPED_DELEGATED, REWRAP_DELEGATED),
            Self::SigningKeys => (WRAPPED_SIGNING, REWRAP_SIGNING),
            Self::WebhookSecrets => (WRAPPED_WEBHOOK, REWRAP_WEBHOOK),
        }
    }
}

/// A secret as it is stored.
#[derive(Clone, Eq, PartialEq)]
pub struct Wrapped {
    /// Its id, under which it was wrapped.
    pub id: KeyId,
    /// The wrapped secret.
    pub wrapped: Vec<u8>,
}
from_row!(Wrapped { id, wrapped });

impl std::fmt::Debug for Wrapped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wrapped").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Db {
    /// All secrets of one place, revoked ones included.
    pub async fn wrapped(&self, place: WrappedIn) -> Result<Vec<Wrapped>, StorageError> {
        let (select, _) = place.statements();
        Ok(on!(read self, |c| sqlx::query_as(select).fetch_all(c).await)?)
    }

    /// Replaces a secret by the same one wrapped anew; `false` if it was changed meanwhile.
    pub async fn rewrap(
        &self,
        place: WrappedIn,
        old: &Wrapped,
        new: &[u8],
    ) -> Result<bool, StorageError> {
        let (_, update) = place.statements();
        let done = on!(write self, |c| sqlx::query(update)
            .bind(old.id.as_str()).bind(old.wrapped.as_slice()).bind(new)
            .execute(c).await.map(|done| done.rows_affected()))?;
        Ok(done > 0)
    }
}
