//! The key ring in memory, from its wrapped form in the database.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cloakroom_storage::{Db, KeyPurpose, NewSigningKey, SigningKey, StorageError};
use cloakroom_token::{FatKey, KeyError, KeyId, KeyRing, PresignKey, UnixSeconds};
use serde_json::{Value, json};

use crate::master_key::{MasterKey, MasterKeyError};
use crate::secret::random;

/// The keys for File Access Tokens, for presigned URLs, and for statements.
pub(crate) struct Keys {
    pub(crate) fat: KeyRing<FatKey>,
    pub(crate) presign: KeyRing<PresignKey>,
    pub(crate) statement: KeyRing<FatKey>,
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

impl Keys {
    /// Loads the keys that are not revoked; makes the first of each purpose.
    pub(crate) async fn load_or_make(
        db: &Db,
        master: &MasterKey,
        now: UnixSeconds,
    ) -> Result<Self, KeysError> {
        let fat = ed25519(secrets(db, master, KeyPurpose::Fat, now).await?)?;
        let statement = ed25519(secrets(db, master, KeyPurpose::Statement, now).await?)?;
        let presign = secrets(db, master, KeyPurpose::Presign, now).await?;
        let presign_keys =
            presign.1.into_iter().map(|(id, secret)| (id, PresignKey::native(&secret)));
        Ok(Self { fat, presign: KeyRing::new(presign.0, presign_keys)?, statement })
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

/// The keys of a purpose that were not revoked.
async fn live(db: &Db, purpose: KeyPurpose) -> Result<Vec<SigningKey>, StorageError> {
    let mut rows = db.signing_keys().list().await?;
    rows.retain(|row| row.purpose == purpose && row.revoked_at.is_none());
    Ok(rows)
}

/// The id of the key that signs, the newest not retired, and the secrets of all.
async fn secrets(
    db: &Db,
    master: &MasterKey,
    purpose: KeyPurpose,
    now: UnixSeconds,
) -> Result<Secrets, KeysError> {
    let mut rows = live(db, purpose).await?;
    if !rows.iter().any(|row| row.retired_at.is_none()) {
        let id = KeyId::parse(&hex::encode(random::<8>())).expect("16 hexadecimal digits");
        let wrapped = master.wrap(&id, &random());
        let algorithm = match purpose {
            KeyPurpose::Fat | KeyPurpose::Statement => "EdDSA",
            KeyPurpose::Presign => "HMAC-SHA-256",
        };
        let key = NewSigningKey {
            id: &id,
            purpose,
            algorithm,
            wrapped: &wrapped,
            public: None,
            signs_from: now,
        };
        db.signing_keys().insert(&key, now).await?;
        rows = live(db, purpose).await?;
    }
    let signing = rows
        .iter()
        .filter(|row| row.retired_at.is_none())
        .max_by_key(|row| (row.created_at, row.id.clone()))
        .map(|row| row.id.clone())
        .ok_or(KeyError::NoSigningKey)?;
    let secrets = rows
        .into_iter()
        .map(|row| {
            let secret = master.unwrap_key(&row.id, &row.wrapped)?;
            Ok((row.id, secret))
        })
        .collect::<Result<Vec<_>, MasterKeyError>>()?;
    Ok((signing, secrets))
}
