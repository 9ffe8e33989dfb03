//! The key that wraps the signing keys in the database: a file of its own, mode 0600.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use cloakroom_token::KeyId;
use zeroize::Zeroizing;

use crate::secret::random;

/// Wraps and unwraps other keys (AES-256-GCM, the key id as associated data).
pub(crate) struct MasterKey(LessSafeKey);

/// Why the master key cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MasterKeyError {
    /// The file does not hold 64 hexadecimal digits.
    #[error("{0} is not a master key: it must hold 64 hexadecimal digits")]
    Malformed(PathBuf),
    /// A key in the database was wrapped with another master key.
    #[error("signing key {0} was wrapped with another master key; put the right one in place")]
    OtherKey(KeyId),
    /// The file cannot be read or made.
    #[error("cannot use the master key file {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl MasterKey {
    /// Reads the key, or makes it if the file is missing.
    pub(crate) fn load_or_make(path: &Path) -> Result<Self, MasterKeyError> {
        let file = |source| MasterKeyError::File { path: path.to_owned(), source };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let text = Zeroizing::new(hex::encode(random::<32>()) + "\n");
                write_private(path, text.as_bytes()).map_err(file)?;
                text
            }
            Err(error) => return Err(file(error)),
        };
        let mut key = Zeroizing::new([0; 32]);
        hex::decode_to_slice(text.trim(), key.as_mut())
            .map_err(|_| MasterKeyError::Malformed(path.to_owned()))?;
        let key = UnboundKey::new(&AES_256_GCM, key.as_ref())
            .map_err(|_| MasterKeyError::Malformed(path.to_owned()))?;
        Ok(Self(LessSafeKey::new(key)))
    }

    /// Wraps a 32-byte secret: nonce, then sealed bytes and tag.
    pub(crate) fn wrap(&self, id: &KeyId, secret: &[u8; 32]) -> Vec<u8> {
        let nonce = random::<NONCE_LEN>();
        let mut sealed = secret.to_vec();
        self.0
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(id.as_str().as_bytes()),
                &mut sealed,
            )
            .expect("32 bytes are never too long to seal");
        [nonce.as_slice(), &sealed].concat()
    }

    /// Unwraps what [`MasterKey::wrap`] made for the same id.
    pub(crate) fn unwrap_key(
        &self,
        id: &KeyId,
        wrapped: &[u8],
    ) -> Result<Zeroizing<[u8; 32]>, MasterKeyError> {
        let other = || MasterKeyError::OtherKey(id.clone());
        let (nonce, sealed) = wrapped.split_at_checked(NONCE_LEN).ok_or_else(other)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| other())?;
        let mut sealed = Zeroizing::new(sealed.to_vec());
        let opened = self
            .0
            .open_in_place(nonce, Aad::from(id.as_str().as_bytes()), &mut sealed)
            .map_err(|_| other())?;
        let mut secret = Zeroizing::new([0; 32]);
        if opened.len() != secret.len() {
            return Err(other());
        }
        secret.copy_from_slice(opened);
        Ok(secret)
    }
}

/// Makes a file that only its owner can read; fails if it is there already.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_opens_only_under_its_own_id_and_master_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let (id, other) = (KeyId::parse("k1").unwrap(), KeyId::parse("k2").unwrap());
        let wrapped = MasterKey::load_or_make(&path).unwrap().wrap(&id, &[5; 32]);
        let again = MasterKey::load_or_make(&path).unwrap();
        assert_eq!(*again.unwrap_key(&id, &wrapped).unwrap(), [5; 32]);
        assert!(again.unwrap_key(&other, &wrapped).is_err());
        assert!(again.unwrap_key(&id, &wrapped[1..]).is_err());
        let stranger = MasterKey::load_or_make(&folder.path().join("other.key")).unwrap();
        assert!(stranger.unwrap_key(&id, &wrapped).is_err());
        std::fs::write(&path, "no key").unwrap();
        assert!(matches!(MasterKey::load_or_make(&path), Err(MasterKeyError::Malformed(_))));
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        assert!(MasterKey::load_or_make(&path).is_ok());
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
