//! Delegated keys in memory: what each may sign, and the claims of URLs that one signed.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use cloakroom_storage::{Db, DelegatedKeyRow, StorageError};
use cloakroom_token::{
    AppId, Claim, DelegatedKey, KeyFacts, KeyId, MediaPath, PresignError, PresignKey, PresignedUrl,
    Seq,
};

use super::live::Access;
use crate::master_key::MasterKey;

/// A delegated key that is in force.
struct Delegate {
    key: DelegatedKey,
    fetches_per_minute: Option<u32>,
}

/// The delegated keys of all apps that are in force, all in memory: a name that somebody makes up
/// costs no look into the database.
pub(super) struct Delegates(RwLock<HashMap<KeyId, Arc<Delegate>>>);

impl Delegates {
    pub(super) async fn load(db: &Db, master: &MasterKey) -> Result<Self, StorageError> {
        let rows = db.delegated_keys().live().await?;
        let keys = rows.into_iter().filter_map(|row| unwrapped(row, master));
        Ok(Self(RwLock::new(keys.map(|one| (one.key.id.clone(), Arc::new(one))).collect())))
    }

    /// Learns what became of one key.
    pub(super) async fn refresh(
        &self,
        db: &Db,
        master: &MasterKey,
        app: &AppId,
        id: &KeyId,
    ) -> Result<(), StorageError> {
        let row = db.delegated_keys().by_id(app, id).await?;
        let live = row.filter(|row| row.revoked_at.is_none());
        let delegate = live.and_then(|row| unwrapped(row, master));
        let mut keys = self.0.write().unwrap_or_else(PoisonError::into_inner);
        match delegate {
            Some(delegate) => keys.insert(id.clone(), Arc::new(delegate)),
            None => keys.remove(id),
        };
        Ok(())
    }

    /// What a decision needs to know of a key; `None` if it is not in force, or another app's.
    pub(super) fn facts(&self, app: &AppId, id: &KeyId) -> Option<KeyFacts> {
        let delegate = self.get(id).filter(|delegate| delegate.key.app == *app)?;
        let active = delegate.key.id == *id;
        Some(KeyFacts { active, generation: Seq::default() })
    }

    fn get(&self, id: &KeyId) -> Option<Arc<Delegate>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }
}

/// A key that cannot be unwrapped signs nothing that is believed; others go on.
fn unwrapped(row: DelegatedKeyRow, master: &MasterKey) -> Option<Delegate> {
    match master.unwrap_key(&row.id, &row.wrapped) {
        Ok(secret) => Some(Delegate {
            fetches_per_minute: row.fetches_per_minute,
            key: DelegatedKey {
                id: row.id,
                app: row.app_id,
                key: PresignKey::native(&secret),
                bounds: row.bounds,
            },
        }),
        Err(error) => {
            tracing::error!(%error, "a delegated key cannot be unwrapped; its URLs are refused");
            None
        }
    }
}

impl Access {
    /// The claim of a URL that none of our own keys signed.
    ///
    /// Whoever signs it writes down which revocations it knows, so one that did not happen yet is
    /// refused: a URL that claimed to know the future could never be taken back.
    pub(super) async fn delegated_claim(
        &self,
        path: &MediaPath,
        query: &str,
    ) -> Result<Claim, StorageError> {
        let (inner, now) = (self.inner(), self.now());
        let named = PresignedUrl::key_id(query).and_then(|id| inner.delegates.get(&id));
        let Some(delegate) = named else {
            return Ok(Claim::BadPresigned(PresignError::UnknownKey));
        };
        let verified =
            PresignedUrl::verify_delegated(&delegate.key, self.origin(), path, query, now);
        let url = match verified {
            Err(error) => return Ok(Claim::BadPresigned(error)),
            Ok(url) => url,
        };
        let app = self.app(path.app()).await?;
        let most = app.map_or(0, |app| app.settings.policy.back_end_presign_ttl_max_seconds);
        if url.expires.since(now) > i64::from(most) {
            return Ok(Claim::BadPresigned(PresignError::OutOfBounds));
        }
        if url.generation > self.head() {
            self.catch_up().await?;
        }
        if url.generation > self.head() {
            return Ok(Claim::BadPresigned(PresignError::OutOfBounds));
        }
        Ok(url.into())
    }

    /// How many fetches in a minute a delegated key is good for; `None`: no bound.
    pub(crate) fn fetches_per_minute(&self, id: &KeyId) -> Option<u32> {
        self.inner().delegates.get(id)?.fetches_per_minute
    }
}
