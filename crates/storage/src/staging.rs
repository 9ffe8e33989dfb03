//! Where uploads land before they are looked at. Nothing here is ever served.

use std::fmt;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest;
use cloakroom_token::ContentHash;
use tokio::io::AsyncWriteExt;

use crate::chunks::blocking;
use crate::error::StorageError;
use crate::folder::{create_private_dir, create_private_file};

/// How much is written at once, and where it begins. What is written bit by bit lies so in the page
/// cache, and is sent from there so: bits of a packet's size cost every read of a megabyte an eighth
/// more (docs/performance.md). Larger pieces gain little, and every upload under way holds one, and one
/// more while that is written.
const WRITE_BYTES: usize = 128 * 1024;

/// A private folder for uploads under way.
#[derive(Clone, Debug)]
pub struct Staging {
    folder: PathBuf,
}

impl Staging {
    /// Uses a folder, made if it is missing, and removes what a crash left there. Give it to one
    /// server only; on the file system of the blobs it saves a copy.
    pub fn open(folder: &Path) -> Result<Self, StorageError> {
        create_private_dir(folder)?;
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(Self { folder: folder.to_owned() })
    }

    /// Begins an upload of at most `limit_bytes`.
    pub async fn stage(&self, limit_bytes: u64) -> Result<StagedFile, StorageError> {
        let mut name = [0; 16];
        getrandom::fill(&mut name).map_err(|error| StorageError::Blob(error.into()))?;
        let path = self.folder.join(hex::encode(name));
        let (file, path) =
            blocking(move || Ok((create_private_file(&path)?, Removed(path)))).await?;
        Ok(StagedFile {
            file: tokio::fs::File::from_std(file),
            waiting: Vec::with_capacity(
                usize::try_from(limit_bytes).unwrap_or(WRITE_BYTES).min(WRITE_BYTES),
            ),
            path,
            hash: digest::Context::new(&digest::SHA256),
            size_bytes: 0,
            limit_bytes,
            failed: None,
        })
    }
}

/// A file that goes when this does.
#[derive(Debug)]
struct Removed(PathBuf);

impl Drop for Removed {
    fn drop(&mut self) {
        match std::fs::remove_file(&self.0) {
            // Whoever wrote to it may have removed it already.
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(%error, "a staged file could not be removed");
            }
            _ => {}
        }
    }
}

/// An upload under way; removed when dropped.
pub struct StagedFile {
    file: tokio::fs::File,
    /// What arrived and is not written yet: less than [`WRITE_BYTES`].
    waiting: Vec<u8>,
    path: Removed,
    hash: digest::Context,
    size_bytes: u64,
    limit_bytes: u64,
    /// Why its bytes are not all written; then it never becomes whole.
    failed: Option<io::ErrorKind>,
}

impl fmt::Debug for StagedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StagedFile").field("size_bytes", &self.size_bytes).finish_non_exhaustive()
    }
}

impl StagedFile {
    /// Writes the next bytes, at the latest when the upload ends.
    ///
    /// # Errors
    ///
    /// [`StorageError::TooLarge`] if they pass the limit; then nothing of them is written. Otherwise
    /// what went wrong with bytes of this call or of one before.
    pub async fn append(&mut self, bytes: &[u8]) -> Result<(), StorageError> {
        let size = self.size_bytes.saturating_add(bytes.len() as u64);
        if size > self.limit_bytes {
            return Err(StorageError::TooLarge { limit_bytes: self.limit_bytes });
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            let fits = rest.len().min(WRITE_BYTES - self.waiting.len());
            self.waiting.extend_from_slice(&rest[..fits]);
            rest = &rest[fits..];
            if self.waiting.len() == WRITE_BYTES {
                self.write().await?;
            }
        }
        self.hash.update(bytes);
        self.size_bytes = size;
        Ok(())
    }

    /// Writes what waits.
    async fn write(&mut self) -> Result<(), StorageError> {
        if let Err(error) = self.file.write_all(&self.waiting).await {
            // Writes go on behind the call: the missing bytes may be those of the call before.
            self.failed = Some(error.kind());
            return Err(error.into());
        }
        self.waiting.clear();
        Ok(())
    }

    /// How many bytes there are so far.
    #[must_use]
    pub const fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// Ends the upload; returns when its bytes survive a power cut.
    ///
    /// # Errors
    ///
    /// Whatever a call before failed with, [`StorageError::TooLarge`] aside: of bytes that are
    /// counted some may be missing then.
    pub async fn finish(mut self) -> Result<Staged, StorageError> {
        if let Some(failed) = self.failed {
            return Err(io::Error::from(failed).into());
        }
        self.write().await?;
        self.file.flush().await?;
        self.file.sync_all().await?;
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(self.hash.finish().as_ref());
        Ok(Staged { path: self.path, size_bytes: self.size_bytes, sha256: ContentHash(sha256) })
    }
}

/// A whole upload; removed when dropped.
#[derive(Debug)]
pub struct Staged {
    path: Removed,
    size_bytes: u64,
    sha256: ContentHash,
}

impl Staged {
    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path.0
    }

    /// How many bytes there are.
    #[must_use]
    pub const fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// SHA-256 of the bytes.
    #[must_use]
    pub const fn sha256(&self) -> ContentHash {
        self.sha256
    }

    /// Counts and hashes the bytes anew, after somebody wrote to [`Staged::path`]; returns when
    /// they survive a power cut.
    pub async fn reread(mut self) -> Result<Self, StorageError> {
        let path = self.path.0.clone();
        (self.size_bytes, self.sha256) = blocking(move || measure(&path)).await?;
        Ok(self)
    }
}

fn measure(path: &Path) -> io::Result<(u64, ContentHash)> {
    let mut file = std::fs::File::open(path)?;
    let mut hash = digest::Context::new(&digest::SHA256);
    let mut buffer = vec![0; 64 * 1024];
    let mut size_bytes = 0;
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            file.sync_all()?;
            let mut sha256 = [0; 32];
            sha256.copy_from_slice(hash.finish().as_ref());
            return Ok((size_bytes, ContentHash(sha256)));
        }
        hash.update(&buffer[..read]);
        size_bytes += read as u64;
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_did_not_reach_the_disk_never_counts_as_arrived() {
        let folder = tempfile::tempdir().unwrap();
        let staging = Staging::open(folder.path()).unwrap();
        let full = || std::fs::File::options().write(true).open("/dev/full").unwrap();
        let mut part = staging.stage(u64::MAX).await.unwrap();
        part.file = tokio::fs::File::from_std(full());
        let mut refused = None;
        for _ in 0..10 {
            // The first write is only told by the next.
            if let Err(error) = part.append(&vec![7; WRITE_BYTES]).await {
                refused = Some(error);
                break;
            }
        }
        assert!(matches!(refused, Some(StorageError::NoSpace)), "{refused:?}");
        assert!(part.size_bytes() > 0, "some were counted before anybody knew");
        part.file = tokio::fs::File::from_std(tempfile::tempfile().unwrap());
        let ended = part.finish().await;
        assert!(matches!(ended, Err(StorageError::NoSpace)), "{ended:?}");

        let mut small = staging.stage(u64::MAX).await.unwrap();
        small.file = tokio::fs::File::from_std(full());
        small.append(b"bytes").await.unwrap();
        let ended = small.finish().await;
        assert!(matches!(ended, Err(StorageError::NoSpace)), "only told at the end: {ended:?}");
    }
}
