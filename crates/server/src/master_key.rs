//! The key that wraps the signing keys in the database: a file of its own, mode 0600.
//!
//! While it is rotated the file holds two: `next` is known and wraps nothing yet, `old` wraps nothing
//! any more. A server that runs meanwhile reads the file again when it must.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};
use std::time::SystemTime;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use cloakroom_token::KeyId;
use zeroize::Zeroizing;

use crate::secret::random;

/// Wraps and unwraps other keys (AES-256-GCM, the key id as associated data).
pub(crate) struct MasterKey {
    path: PathBuf,
    keys: RwLock<Keys>,
}

struct Keys {
    current: LessSafeKey,
    /// The next one, or the one before.
    other: Option<LessSafeKey>,
    /// The file's, when it was read.
    modified: Option<SystemTime>,
}

/// Why the master key cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MasterKeyError {
    /// The file does not hold 64 hexadecimal digits.
    #[error("{0} is not a master key: it must hold 64 hexadecimal digits")]
    Malformed(PathBuf),
    /// A key in the database was wrapped with another master key.
    #[error("key {0} was wrapped with another master key; put the right one in place")]
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

/// How far a rotation is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Rotation {
    /// There is one key.
    None,
    /// The next key is in the file and wraps nothing yet.
    Prepared,
    /// The next key wraps; the old one is still in the file.
    Switched,
}

/// What stands in the file.
struct Text {
    current: Zeroizing<String>,
    other: Option<(Rotation, Zeroizing<String>)>,
}

impl Text {
    fn read(path: &Path) -> Result<Self, MasterKeyError> {
        let file = |source| MasterKeyError::File { path: path.to_owned(), source };
        let text = Zeroizing::new(std::fs::read_to_string(path).map_err(file)?);
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let malformed = || MasterKeyError::Malformed(path.to_owned());
        let current = Zeroizing::new(lines.next().ok_or_else(malformed)?.to_owned());
        let other = match lines.next().map(|line| line.split_once(' ')) {
            None => None,
            Some(Some(("next", key))) => Some((Rotation::Prepared, key)),
            Some(Some(("old", key))) => Some((Rotation::Switched, key)),
            Some(_) => return Err(malformed()),
        };
        let other = other.map(|(state, key)| (state, Zeroizing::new(key.to_owned())));
        if lines.next().is_some() { Err(malformed()) } else { Ok(Self { current, other }) }
    }

    /// Writes the file anew, so that at each moment it is whole.
    fn write(&self, path: &Path) -> Result<(), MasterKeyError> {
        let file = |source| MasterKeyError::File { path: path.to_owned(), source };
        let mut text = Zeroizing::new(format!("{}\n", self.current.as_str()));
        if let Some((state, key)) = &self.other {
            let name = if *state == Rotation::Prepared { "next" } else { "old" };
            text.extend([name, " ", key.as_str(), "\n"]);
        }
        let fresh = path.with_extension("new");
        let _ = std::fs::remove_file(&fresh);
        write_private(&fresh, text.as_bytes()).map_err(file)?;
        std::fs::rename(&fresh, path).map_err(file)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = std::fs::File::open(folder.unwrap_or_else(|| Path::new(".")));
        folder.and_then(|folder| folder.sync_all()).map_err(file)
    }
}

impl Keys {
    fn read(path: &Path) -> Result<Self, MasterKeyError> {
        let modified = modified(path);
        let text = Text::read(path)?;
        let key = |text: &str| {
            let mut key = Zeroizing::new([0; 32]);
            hex::decode_to_slice(text, key.as_mut())
                .ok()
                .and_then(|()| UnboundKey::new(&AES_256_GCM, key.as_ref()).ok())
                .map(LessSafeKey::new)
                .ok_or_else(|| MasterKeyError::Malformed(path.to_owned()))
        };
        let other = text.other.as_ref().map(|(_, text)| key(text)).transpose()?;
        Ok(Self { current: key(&text.current)?, other, modified })
    }

    fn open(&self, id: &KeyId, wrapped: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
        std::iter::once(&self.current).chain(&self.other).find_map(|key| open(key, id, wrapped))
    }
}

fn modified(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|data| data.modified()).ok()
}

fn open(key: &LessSafeKey, id: &KeyId, wrapped: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    let (nonce, sealed) = wrapped.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut sealed = Zeroizing::new(sealed.to_vec());
    let opened = key.open_in_place(nonce, Aad::from(id.as_str().as_bytes()), &mut sealed).ok()?;
    let mut secret = Zeroizing::new([0; 32]);
    if opened.len() != secret.len() {
        return None;
    }
    secret.copy_from_slice(opened);
    Some(secret)
}

impl MasterKey {
    /// Reads the key, or makes it if the file is missing.
    pub(crate) fn load_or_make(path: &Path) -> Result<Self, MasterKeyError> {
        let file = |source| MasterKeyError::File { path: path.to_owned(), source };
        if matches!(path.try_exists(), Ok(false)) {
            write_private(path, format!("{}\n", new_key().as_str()).as_bytes()).map_err(file)?;
        }
        Ok(Self { keys: RwLock::new(Keys::read(path)?), path: path.to_owned() })
    }

    /// Wraps a 32-byte secret: nonce, then sealed bytes and tag.
    pub(crate) fn wrap(&self, id: &KeyId, secret: &[u8; 32]) -> Vec<u8> {
        if self.keys.read().unwrap_or_else(PoisonError::into_inner).modified != modified(&self.path)
        {
            self.reload();
        }
        let nonce = random::<NONCE_LEN>();
        let mut sealed = secret.to_vec();
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.current
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
        let open = || self.keys.read().unwrap_or_else(PoisonError::into_inner).open(id, wrapped);
        if let Some(secret) = open() {
            return Ok(secret);
        }
        self.reload();
        open().ok_or_else(|| MasterKeyError::OtherKey(id.clone()))
    }

    /// Whether this was wrapped with the key that wraps now.
    pub(crate) fn is_current(&self, id: &KeyId, wrapped: &[u8]) -> bool {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        open(&keys.current, id, wrapped).is_some()
    }

    /// Reads the file again; what cannot be read leaves everything as it was.
    fn reload(&self) {
        match Keys::read(&self.path) {
            Ok(keys) => *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys,
            Err(error) => tracing::warn!(%error, "the master key file cannot be read again"),
        }
    }

    /// How far a rotation is.
    pub(crate) fn rotation(&self) -> Result<Rotation, MasterKeyError> {
        Ok(Text::read(&self.path)?.other.map_or(Rotation::None, |(state, _)| state))
    }

    /// Takes the next step of a rotation in the file: a next key; the next key wraps; the old one is
    /// forgotten. Says where it is then.
    pub(crate) fn advance(&self) -> Result<Rotation, MasterKeyError> {
        let Text { current, other } = Text::read(&self.path)?;
        let text = match other {
            None => Text { current, other: Some((Rotation::Prepared, new_key())) },
            Some((Rotation::Prepared, next)) => {
                Text { current: next, other: Some((Rotation::Switched, current)) }
            }
            Some(_) => Text { current, other: None },
        };
        text.write(&self.path)?;
        self.reload();
        self.rotation()
    }
}

fn new_key() -> Zeroizing<String> {
    Zeroizing::new(hex::encode(Zeroizing::new(random::<32>())))
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
        for bad in ["no key", "", "00\nnext 11", &format!("{0}\n{0}", "0".repeat(64))] {
            std::fs::write(&path, bad).unwrap();
            let error = MasterKey::load_or_make(&path).err();
            assert!(matches!(error, Some(MasterKeyError::Malformed(_))), "{bad}");
        }
    }

    #[test]
    fn a_rotation_goes_step_by_step_and_a_running_server_follows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let id = KeyId::parse("k1").unwrap();
        let (server, command) =
            (MasterKey::load_or_make(&path).unwrap(), MasterKey::load_or_make(&path).unwrap());
        let first = server.wrap(&id, &[1; 32]);
        assert_eq!(command.advance().unwrap(), Rotation::Prepared);
        assert!(command.is_current(&id, &first), "the next one wraps nothing yet");
        assert_eq!(command.advance().unwrap(), Rotation::Switched);
        let second = command.wrap(&id, &[2; 32]);
        assert!(!command.is_current(&id, &first) && command.is_current(&id, &second));
        assert_eq!(*server.unwrap_key(&id, &second).unwrap(), [2; 32], "it reads the file again");
        assert_eq!(*command.unwrap_key(&id, &first).unwrap(), [1; 32]);
        assert_eq!(command.advance().unwrap(), Rotation::None);
        assert!(command.unwrap_key(&id, &first).is_err());
        assert_eq!(*command.unwrap_key(&id, &second).unwrap(), [2; 32]);
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let key = MasterKey::load_or_make(&path).unwrap();
        let mode = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(), 0o600);
        key.advance().unwrap();
        assert_eq!(mode(), 0o600);
    }
}
