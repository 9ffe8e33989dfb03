//! Files of the folder that stay open, and reads that do not wait for a disk.
//!
//! What is in the page cache is read at once, on the thread that asks; only what a disk has to be
//! waited for crosses to a thread that may block.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use cloakroom_token::BlobKey;
use quick_cache::sync::Cache;

use crate::chunks::blocking;
use crate::error::StorageError;
use crate::folder::Folder;

/// Files that stay open after they were read.
const MOST_OPEN: usize = 16_384;
/// How much is read at once of what is not in the page cache.
const PAGE_BYTES: usize = 64 * 1024;
/// How far apart the looks are whether a file is in the page cache.
const LOOK_BYTES: usize = 128 * 1024;
/// A longer file is not looked at as a whole.
const MOST_BYTES_AT_ONCE: u64 = 1024 * 1024;

/// Open files of blobs, bounded by how many files the process may have open.
#[derive(Clone, Debug)]
pub(crate) struct OpenFiles {
    folder: Folder,
    open: Arc<Cache<BlobKey, Arc<OpenFile>>>,
}

/// A file, and in which second it was last found in the page cache; 0 if it never was.
#[derive(Debug)]
struct OpenFile {
    file: Arc<File>,
    seen_in: AtomicU64,
}

impl OpenFiles {
    /// Keeps a quarter of the files open that this process may have: the others are for
    /// connections.
    pub(crate) fn new(folder: Folder) -> Self {
        let most = may_have_open().map_or(MOST_OPEN, |most| (most / 4).clamp(1, MOST_OPEN));
        Self { folder, open: Arc::new(Cache::new(most)) }
    }

    /// Whether the file of a blob is open.
    pub(crate) fn has(&self, key: BlobKey) -> bool {
        self.open.contains_key(&key)
    }

    /// The file of a blob; `None` if there is none.
    pub(crate) async fn get(&self, key: BlobKey) -> Result<Option<Arc<File>>, StorageError> {
        if let Some(open) = self.open.get(&key) {
            return Ok(Some(Arc::clone(&open.file)));
        }
        let path = self.folder.path(key);
        let file = match open_now(&path) {
            Some(file) => Some(file),
            None => blocking(move || absent_as_none(File::open(path))).await?,
        };
        let Some(file) = file.map(Arc::new) else { return Ok(None) };
        let open = OpenFile { file: Arc::clone(&file), seen_in: AtomicU64::new(0) };
        self.open.insert(key, Arc::new(open));
        if !has_a_name(&file) {
            // Deleted since it was opened: kept, it would hold its room on the disk.
            self.open.remove(&key);
        }
        Ok(Some(file))
    }

    /// The file of a blob of `size` bytes, if it is open and all of it in the page cache, as far as
    /// looks once a second can tell. Of more than [`MOST_BYTES_AT_ONCE`] it is none.
    ///
    /// `second` counts from 1, by whatever clock.
    pub(crate) fn in_page_cache(&self, key: BlobKey, size: u64, second: u64) -> Option<Arc<File>> {
        let open = self.open.get(&key).filter(|_| size <= MOST_BYTES_AT_ONCE)?;
        if open.seen_in.load(Ordering::Relaxed) != second {
            if first_missing(&open.file, 0, size).is_some() {
                return None;
            }
            open.seen_in.store(second, Ordering::Relaxed);
        }
        Some(Arc::clone(&open.file))
    }

    /// Closes the file of a blob that was deleted, once nobody reads it.
    pub(crate) fn close(&self, key: BlobKey) {
        self.open.remove(&key);
    }
}

#[cfg(unix)]
fn has_a_name(file: &File) -> bool {
    use std::os::unix::fs::MetadataExt;
    file.metadata().is_ok_and(|metadata| metadata.nlink() > 0)
}

#[cfg(not(unix))]
fn has_a_name(_: &File) -> bool {
    true
}

/// How many files this process may have open; `None` if there is no bound.
#[cfg(unix)]
fn may_have_open() -> Option<usize> {
    use rustix::process::{Resource, getrlimit};
    usize::try_from(getrlimit(Resource::Nofile).current?).ok()
}

#[cfg(not(unix))]
fn may_have_open() -> Option<usize> {
    Some(MOST_OPEN)
}

fn absent_as_none(opened: io::Result<File>) -> io::Result<Option<File>> {
    match opened {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        opened => opened.map(Some),
    }
}

/// Opens a file whose whole path the kernel knows without asking a disk; `None` otherwise
/// (openat2(2), `RESOLVE_CACHED`).
#[cfg(target_os = "linux")]
fn open_now(path: &Path) -> Option<File> {
    use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat2};
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    openat2(CWD, path, flags, Mode::empty(), ResolveFlags::CACHED).ok().map(File::from)
}

#[cfg(not(target_os = "linux"))]
fn open_now(_: &Path) -> Option<File> {
    None
}

/// Fills `into` from `offset` on, as far as that is possible without waiting for a disk; says how
/// many bytes came (preadv2(2), `RWF_NOWAIT`).
#[cfg(target_os = "linux")]
pub(crate) fn read_now(file: &File, into: &mut [u8], offset: u64) -> usize {
    use rustix::io::{IoSliceMut, ReadWriteFlags, preadv2};
    let mut filled = 0;
    while filled < into.len() {
        let rest = &mut [IoSliceMut::new(&mut into[filled..])];
        match preadv2(file, rest, offset + filled as u64, ReadWriteFlags::NOWAIT) {
            Ok(0) | Err(_) => break,
            Ok(bytes) => filled += bytes,
        }
    }
    filled
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn read_now(_: &File, _: &mut [u8], _: u64) -> usize {
    0
}

/// Returns once a stretch of a file is in the page cache, as far as a look at each 128 KiB of it can
/// tell, which is how far Linux reads ahead: sending it from there then waits for no disk.
///
/// # Errors
///
/// What the disk said.
pub async fn in_page_cache(file: &Arc<File>, offset: u64, bytes: usize) -> io::Result<()> {
    let end = offset + bytes as u64;
    let Some(missing) = first_missing(file, offset, end) else { return Ok(()) };
    let file = Arc::clone(file);
    let touch = move || {
        let mut page = vec![0; PAGE_BYTES];
        let mut at = missing;
        while at < end {
            let bytes = PAGE_BYTES.min(usize::try_from(end - at).unwrap_or(PAGE_BYTES));
            read_exact_at(&file, &mut page[..bytes], at)?;
            at += bytes as u64;
        }
        Ok(())
    };
    tokio::task::spawn_blocking(touch).await.map_err(io::Error::other)?
}

/// Where that begins in a stretch of a file which is not in the page cache, as far as a look at the
/// last byte of each 128 KiB can tell.
fn first_missing(file: &File, from: u64, to: u64) -> Option<u64> {
    let last = |at: u64| (at + LOOK_BYTES as u64).min(to) - 1;
    (from..to).step_by(LOOK_BYTES).find(|at| read_now(file, &mut [0], last(*at)) != 1)
}

/// Fills `into` from `offset` on, waiting for a disk where it has to.
///
/// # Errors
///
/// [`io::ErrorKind::UnexpectedEof`] if the file is shorter.
#[cfg(unix)]
pub(crate) fn read_exact_at(file: &File, into: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, into, offset)
}

#[cfg(not(unix))]
pub(crate) fn read_exact_at(mut file: &File, into: &mut [u8], offset: u64) -> io::Result<()> {
    use std::io::{Read, Seek, SeekFrom};
    file.seek(SeekFrom::Start(offset))?;
    file.read_exact(into)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_page_cache_is_asked_once_a_second() {
        let folder = tempfile::tempdir().unwrap();
        let files = OpenFiles::new(Folder::open(folder.path()).unwrap());
        let (key, bytes) = (BlobKey::from_bytes([7; 16]), vec![1; 2 * LOOK_BYTES]);
        let size = bytes.len() as u64;
        files.folder.put_bytes(key, &bytes).unwrap();
        let found = |size, second| files.in_page_cache(key, size, second).is_some();
        assert!(!found(size, 1), "it is not open");
        let file = files.get(key).await.unwrap().unwrap();
        assert!(found(size, 1));
        assert!(!found(MOST_BYTES_AT_ONCE + 1, 1), "too long to be looked at as a whole");
        // What is not there is not in the page cache either, and its first half still is.
        let half = LOOK_BYTES as u64;
        File::options().write(true).open(files.folder.path(key)).unwrap().set_len(half).unwrap();
        assert_eq!(file.metadata().unwrap().len(), half);
        assert_eq!(first_missing(&file, 0, size), Some(half));
        assert!(found(size, 1), "it was looked at in this second");
        assert!(!found(size, 2));
        files.close(key);
        assert!(!found(size, 1));
    }
}
