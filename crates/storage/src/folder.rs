//! Blobs as files of a private folder.
//!
//! ```text
//! ab/cd/abcd0123456789abcdef0123456789ab    the bytes of one blob
//! incoming/abcd…                            bytes that are not whole yet; never served. What a
//!                                           crash left here is listed and deleted as a blob is
//! ```

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use cloakroom_token::{BlobKey, UnixSeconds};

use crate::blobs::StoredBlob;

const INCOMING: &str = "incoming";

#[derive(Clone, Debug)]
pub(crate) struct Folder {
    root: PathBuf,
}

impl Folder {
    pub(crate) fn open(root: &Path) -> io::Result<Self> {
        create_private_dir(&root.join(INCOMING))?;
        private(root)?;
        sync_dir(root)?;
        Ok(Self { root: root.to_owned() })
    }

    pub(crate) fn path(&self, key: BlobKey) -> PathBuf {
        let name = key.to_string();
        self.root.join(&name[..2]).join(&name[2..4]).join(name)
    }

    fn incoming(&self, key: BlobKey) -> PathBuf {
        self.root.join(INCOMING).join(key.to_string())
    }

    /// Takes a whole file in under a fresh key, without copying it where the file system can.
    pub(crate) fn put_file(&self, key: BlobKey, from: &Path) -> io::Result<()> {
        match self.publish(key, from) {
            Err(error) if cannot_link(&error) => {
                self.put_with(key, |file| io::copy(&mut File::open(from)?, file).map(|_| ()))
            }
            done => done,
        }
    }

    pub(crate) fn put_bytes(&self, key: BlobKey, bytes: &[u8]) -> io::Result<()> {
        self.put_with(key, |file| file.write_all(bytes))
    }

    fn put_with(
        &self,
        key: BlobKey,
        write: impl FnOnce(&mut File) -> io::Result<()>,
    ) -> io::Result<()> {
        let incoming = self.incoming(key);
        let done = create_private_file(&incoming).and_then(|mut file| {
            write(&mut file)?;
            file.sync_all()?;
            self.publish(key, &incoming)
        });
        let removed = fs::remove_file(&incoming);
        done.and(removed)
    }

    /// A link fails where the name is taken, so nothing is ever overwritten.
    fn publish(&self, key: BlobKey, whole: &Path) -> io::Result<()> {
        let path = self.path(key);
        let inner = path.parent().unwrap_or(&self.root);
        let outer = inner.parent().unwrap_or(&self.root);
        create_private_dir(inner)?;
        fs::hard_link(whole, &path)?;
        sync_dir(inner)?;
        sync_dir(outer)?;
        sync_dir(&self.root)
    }

    pub(crate) fn delete(&self, key: BlobKey) -> io::Result<()> {
        for path in [self.incoming(key), self.path(key)] {
            match fs::remove_file(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
                Ok(()) => path.parent().map_or(Ok(()), sync_dir)?,
            }
        }
        Ok(())
    }

    pub(crate) fn list(&self, shard: u8) -> io::Result<Vec<StoredBlob>> {
        let mut blobs = Vec::new();
        for inner in entries(&self.root.join(format!("{shard:02x}")))? {
            for entry in entries(&inner.path())? {
                blobs.extend(stored(&entry)?);
            }
        }
        for entry in entries(&self.root.join(INCOMING))? {
            let is_only_here = |blob: &StoredBlob| {
                blob.key.as_bytes()[0] == shard && !self.path(blob.key).exists()
            };
            blobs.extend(stored(&entry)?.filter(is_only_here));
        }
        Ok(blobs)
    }
}

/// What an entry holds; `None` if it is no blob, or was removed since it was listed.
fn stored(entry: &fs::DirEntry) -> io::Result<Option<StoredBlob>> {
    let Some(key) = entry.file_name().to_str().and_then(|name| BlobKey::parse(name).ok()) else {
        return Ok(None);
    };
    let metadata = match entry.metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        metadata => metadata?,
    };
    let age = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(Some(StoredBlob {
        key,
        size_bytes: metadata.len(),
        stored_at: UnixSeconds(i64::try_from(age.as_secs()).unwrap_or(i64::MAX)),
    }))
}

fn cannot_link(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::CrossesDevices | io::ErrorKind::Unsupported | io::ErrorKind::TooManyLinks
    )
}

fn entries(dir: &Path) -> io::Result<Vec<fs::DirEntry>> {
    match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
        Ok(entries) => entries.collect(),
    }
}

#[cfg(unix)]
pub(crate) fn create_private_dir(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

#[cfg(not(unix))]
pub(crate) fn create_private_dir(dir: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).create(dir)
}

#[cfg(unix)]
fn private(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(dir, fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn private(_dir: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
pub(crate) fn create_private_file(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
pub(crate) fn create_private_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

#[cfg(unix)]
fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

#[cfg(not(unix))]
fn sync_dir(_dir: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_that_goes_while_it_is_listed_is_no_error() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::open(root.path()).unwrap();
        let key = BlobKey::from_bytes([7; 16]);
        folder.put_bytes(key, b"here").unwrap();
        let listed = entries(folder.path(key).parent().unwrap()).unwrap();
        assert_eq!(stored(&listed[0]).unwrap().unwrap().size_bytes, 4);
        folder.delete(key).unwrap();
        assert!(stored(&listed[0]).unwrap().is_none());
    }

    #[test]
    fn what_a_crash_left_half_written_is_listed_and_deleted() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::open(root.path()).unwrap();
        let (half, whole) = (
            BlobKey::from_bytes([7; 16]),
            BlobKey::from_bytes([7, 8].repeat(8).try_into().unwrap()),
        );
        create_private_file(&folder.incoming(half)).unwrap().write_all(b"ha").unwrap();
        folder.put_bytes(whole, b"whole").unwrap();
        fs::hard_link(folder.path(whole), folder.incoming(whole)).unwrap();
        let listed = |shard| {
            let mut sizes: Vec<_> = folder
                .list(shard)
                .unwrap()
                .iter()
                .map(|blob| (blob.key, blob.size_bytes))
                .collect();
            sizes.sort_by_key(|(_, size)| *size);
            sizes
        };
        assert_eq!(listed(7), [(half, 2), (whole, 5)], "each once");
        assert_eq!(listed(8), []);
        for key in [half, whole] {
            folder.delete(key).unwrap();
        }
        assert_eq!(listed(7), []);
        assert_eq!(entries(&folder.root.join(INCOMING)).unwrap().len(), 0);
    }
}
