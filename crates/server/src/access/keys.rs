//! The key ring in memory, from its wrapped form in the database.

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cloakroom_storage::{Db, KeyPurpose, NewSigningKey, SigningKey, StorageError};
use cloakroom_token::{FatKey, KeyError, KeyId, KeyRing, PresignKey, Seq, UnixSeconds};
use serde_json::{Value, json};

use crate::master_key::{MasterKey, MasterKeyError};
use crate::secret::{key_id, random};

static LOADINGS: AtomicU64 = AtomicU64::new(0);

/// The keys for File Access Tokens, for presigned URLs, and for statements.
pub(crate) struct Keys {
    /// Which loading of the key ring this is; never the same twice in a process.
    pub(super) ring: u64,
    pub(crate) fat: KeyRing<FatKey>,
    pub(crate) presign: KeyRing<PresignKey>,
    pub(crate) statement: KeyRing<FatKey>,
    /// When another key begins to sign; `None` if none waits.
    pub(super) next_at: Option<UnixSeconds>,
}

/// Why there is no key ring.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeysError {
    /// A stored key is not one.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A stored key cannot be unwrapped.
    #[error(transparent)]
    Master(#[from] MasterKeyError),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<KeysError> for StorageError {
    fn from(error: KeysError) -> Self {
        match error {
            KeysError::Storage(error) => error,
            error => Self::Corrupt(error.into()),
        }
    }
}

impl Keys {
    /// Loads the keys that are not revoked; makes the first of each purpose.
    pub(crate) async fn load_or_make(
        db: &Db,
        master: &MasterKey,
        now: UnixSeconds,
    ) -> Result<Self, KeysError> {
        let mut rows = live(db).await?;
        let missing = PURPOSES.map(|purpose| signing(&rows, purpose, now).is_none());
        for (purpose, _) in PURPOSES.into_iter().zip(missing).filter(|(_, missing)| *missing) {
            add_key(db, master, purpose, now, now).await?;
        }
        if missing.contains(&true) {
            rows = live(db).await?;
        }
        let fat = ed25519(secrets(&rows, master, KeyPurpose::Fat, now)?)?;
        let statement = ed25519(secrets(&rows, master, KeyPurpose::Statement, now)?)?;
        let (presigns, secrets) = secrets(&rows, master, KeyPurpose::Presign, now)?;
        let keys = secrets.into_iter().map(|(id, secret)| (id, PresignKey::native(&secret)));
        let presign = KeyRing::new(presigns, keys)?;
        let waiting = rows.iter().filter(|row| is_in_force(row) && row.signs_from > now);
        let next_at = waiting.map(|row| row.signs_from).min();
        let ring = LOADINGS.fetch_add(1, Ordering::Relaxed);
        Ok(Self { ring, fat, presign, statement, next_at })
    }

    /// The public keys, listed one by one so that nothing else can slip in.
    pub(crate) fn jwks(&self) -> Vec<Value> {
        let public = |(id, key): (&KeyId, &FatKey)| {
            json!({
                "kty": "OKP",
                "crv": "Ed25519",
                "use": "sig",
                "alg": "EdDSA",
                "kid": id.as_str(),
                "x": URL_SAFE_NO_PAD.encode(key.public_bytes()),
            })
        };
        self.fat.iter().chain(self.statement.iter()).map(public).collect()
    }
}

fn ed25519((signing, secrets): Secrets) -> Result<KeyRing<FatKey>, KeyError> {
    let keys = secrets
        .into_iter()
        .map(|(id, secret)| Ok((id, FatKey::from_seed(&secret)?)))
        .collect::<Result<Vec<_>, KeyError>>()?;
    KeyRing::new(signing, keys)
}

type Secrets = (KeyId, Vec<(KeyId, zeroize::Zeroizing<[u8; 32]>)>);

const PURPOSES: [KeyPurpose; 3] = [KeyPurpose::Fat, KeyPurpose::Presign, KeyPurpose::Statement];

/// The keys that were not revoked.
async fn live(db: &Db) -> Result<Vec<SigningKey>, StorageError> {
    let mut rows = db.signing_keys().list().await?;
    rows.retain(|row| row.revoked_at.is_none());
    Ok(rows)
}

fn is_in_force(row: &SigningKey) -> bool {
    row.retired_at.is_none() && row.revoked_at.is_none()
}

/// The key of a purpose that signs at `now`: the one that began last, or else, where the others were
/// revoked, the one that waits shortest.
pub(crate) fn signing(
    rows: &[SigningKey],
    purpose: KeyPurpose,
    now: UnixSeconds,
) -> Option<&SigningKey> {
    let in_force = || rows.iter().filter(|row| row.purpose == purpose && is_in_force(row));
    in_force()
        .filter(|row| row.signs_from <= now)
        .max_by_key(|row| (row.signs_from, row.created_at, row.id.clone()))
        .or_else(|| in_force().min_by_key(|row| row.signs_from))
}

/// Makes a key that verifies at once and signs from `signs_from` on.
pub(crate) async fn add_key(
    db: &Db,
    master: &MasterKey,
    purpose: KeyPurpose,
    signs_from: UnixSeconds,
    now: UnixSeconds,
) -> Result<KeyId, StorageError> {
    let id = key_id();
    let wrapped = master.wrap(&id, &random());
    let algorithm = match purpose {
        KeyPurpose::Fat | KeyPurpose::Statement => "EdDSA",
        KeyPurpose::Presign => "HMAC-SHA-256",
    };
    let key =
        NewSigningKey { id: &id, purpose, algorithm, wrapped: &wrapped, public: None, signs_from };
    db.signing_keys().insert(&key, now).await?;
    Ok(id)
}

/// Revokes a key; if it is the last of its purpose, a successor is in the feed before that, so that
/// all nodes go on with the same one. `None` if no such key is in force.
pub(crate) async fn revoke_key(
    db: &Db,
    master: &MasterKey,
    id: &KeyId,
    now: UnixSeconds,
) -> Result<Option<Seq>, StorageError> {
    let rows = live(db).await?;
    let Some(revoked) = rows.iter().find(|row| row.id == *id) else { return Ok(None) };
    let is_other = |row: &SigningKey| row.purpose == revoked.purpose && row.id != *id;
    if !rows.iter().any(|row| is_other(row) && is_in_force(row)) {
        add_key(db, master, revoked.purpose, now, now).await?;
    }
    db.signing_keys().revoke(id, now).await
}

/// The id of the key that signs, and the secrets of all that verify.
fn secrets(
    rows: &[SigningKey],
    master: &MasterKey,
    purpose: KeyPurpose,
    now: UnixSeconds,
) -> Result<Secrets, KeysError> {
    let signing = signing(rows, purpose, now).ok_or(KeyError::NoSigningKey)?.id.clone();
    let secrets = rows
        .iter()
        .filter(|row| row.purpose == purpose)
        .map(|row| Ok((row.id.clone(), master.unwrap_key(&row.id, &row.wrapped)?)))
        .collect::<Result<Vec<_>, MasterKeyError>>()?;
    Ok((signing, secrets))
}
