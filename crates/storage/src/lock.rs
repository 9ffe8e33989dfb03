//! One server a data folder.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use crate::error::StorageError;
use crate::folder::create_private_dir;

/// Keeps other servers off a data folder for as long as it lives; a crash frees the folder too.
#[derive(Debug)]
pub struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Takes a data folder, made if it is missing.
    ///
    /// # Errors
    ///
    /// [`StorageError::FolderInUse`] if another process has it.
    pub fn acquire(folder: &Path) -> Result<Self, StorageError> {
        create_private_dir(folder)?;
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join("lock"))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(StorageError::FolderInUse),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }
}
