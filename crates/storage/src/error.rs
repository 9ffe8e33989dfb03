//! Why storage failed, for the caller.

use std::error::Error;
use std::io;

/// Why storage failed. Absence is never an error: it is `None` or `false`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// The blob store failed.
    #[error("the blob store failed")]
    Blob(#[source] Box<dyn Error + Send + Sync>),
    /// Another write holds the database for longer than the configured wait; try again.
    #[error("the database is busy")]
    Busy,
    /// There is one of this name already.
    #[error("there is one of this name already")]
    Conflict,
    /// What is stored is not what was written.
    #[error("stored data is damaged")]
    Corrupt(#[source] Box<dyn Error + Send + Sync>),
    /// The database failed.
    #[error("the database failed")]
    Database(#[source] Box<dyn Error + Send + Sync>),
    /// Another server uses this data folder.
    #[error("another server uses this data folder")]
    FolderInUse,
    /// What the write refers to does not exist, or was taken back.
    #[error("what the write refers to does not exist")]
    Missing,
    /// The disk or the quota is full.
    #[error("there is no space left")]
    NoSpace,
    /// The database or the folder cannot be written.
    #[error("storage cannot be written")]
    NotWritable,
    /// The files of the app have no room for another one.
    #[error("the files of the app take all the room that it was given")]
    QuotaExceeded,
    /// More bytes arrived than this file may have.
    #[error("the file is larger than {limit_bytes} bytes")]
    TooLarge {
        /// How many it may have.
        limit_bytes: u64,
    },
}

impl From<sqlx::Error> for StorageError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
                Self::Corrupt(error.into())
            }
            sqlx::Error::Database(cause) if cause.is_unique_violation() => Self::Conflict,
            sqlx::Error::Database(cause) if cause.is_foreign_key_violation() => Self::Missing,
            sqlx::Error::Database(cause) => match cause.code().as_deref().map(Cause::of_code) {
                Some(Cause::Busy) => Self::Busy,
                Some(Cause::Corrupt) => Self::Corrupt(error.into()),
                Some(Cause::NoSpace) => Self::NoSpace,
                Some(Cause::NotWritten) => {
                    tracing::error!(%error, "the database file was not written");
                    Self::NoSpace
                }
                Some(Cause::NotWritable) => Self::NotWritable,
                Some(Cause::Other) | None => Self::Database(error.into()),
            },
            sqlx::Error::PoolTimedOut => Self::Busy,
            _ => Self::Database(error.into()),
        }
    }
}

impl From<sqlx::migrate::MigrateError> for StorageError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        match error {
            sqlx::migrate::MigrateError::Execute(cause) => cause.into(),
            _ => Self::Database(error.into()),
        }
    }
}

impl From<io::Error> for StorageError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            // A limit on the size of one file, of the process or of the file system, is met like a
            // full disk: by making room, not by sending again.
            io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge => Self::NoSpace,
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Self::NotWritable
            }
            _ => Self::Blob(error.into()),
        }
    }
}

impl From<object_store::Error> for StorageError {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::AlreadyExists { .. } => Self::Conflict,
            object_store::Error::PermissionDenied { .. }
            | object_store::Error::Unauthenticated { .. } => Self::NotWritable,
            _ => Self::Blob(error.into()),
        }
    }
}

enum Cause {
    Busy,
    Corrupt,
    NoSpace,
    NotWritable,
    /// `SQLite` does not say whether a quota, a limit on the file's size or the disk itself refused.
    NotWritten,
    Other,
}

/// The index of the log has no room to grow; `SQLite` calls only a full log or database full.
const SQLITE_IOERR_SHMSIZE: u32 = 4874;
/// A write failed, and not for want of room on the whole disk.
const SQLITE_IOERR_WRITE: u32 = 778;

impl Cause {
    /// `SQLite` gives numbers whose low byte is the primary code, PostgreSQL five characters.
    fn of_code(code: &str) -> Self {
        match code {
            "40001" | "40P01" | "55P03" | "53300" => return Self::Busy,
            "53100" => return Self::NoSpace,
            "25006" => return Self::NotWritable,
            "XX001" | "XX002" => return Self::Corrupt,
            _ if code.len() == 5 => return Self::Other,
            _ => {}
        }
        let code = code.parse::<u32>();
        match code {
            Ok(SQLITE_IOERR_SHMSIZE) => return Self::NoSpace,
            Ok(SQLITE_IOERR_WRITE) => return Self::NotWritten,
            _ => {}
        }
        match code.map(|code| code & 0xff) {
            Ok(5 | 6) => Self::Busy,
            Ok(8 | 14) => Self::NotWritable,
            Ok(11 | 26) => Self::Corrupt,
            Ok(13) => Self::NoSpace,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_of_either_database_names_what_the_caller_can_do() {
        let cases = [
            ("5", "Busy"),
            ("261", "Busy"),
            ("517", "Busy"),
            ("40P01", "Busy"),
            ("8", "NotWritable"),
            ("25006", "NotWritable"),
            ("13", "NoSpace"),
            ("53100", "NoSpace"),
            ("4874", "NoSpace"),
            ("778", "NotWritten"),
            ("266", "Other"),
            ("267", "Corrupt"),
            ("1", "Other"),
            ("42601", "Other"),
        ];
        for (code, expected) in cases {
            let got = match Cause::of_code(code) {
                Cause::Busy => "Busy",
                Cause::Corrupt => "Corrupt",
                Cause::NoSpace => "NoSpace",
                Cause::NotWritable => "NotWritable",
                Cause::NotWritten => "NotWritten",
                Cause::Other => "Other",
            };
            assert_eq!(got, expected, "{code}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn whatever_has_no_room_is_named() {
        const EFBIG: i32 = 27;
        const ENOSPC: i32 = 28;
        const EDQUOT: i32 = 122;
        for number in [EFBIG, ENOSPC, EDQUOT] {
            let error = StorageError::from(io::Error::from_raw_os_error(number));
            assert!(matches!(error, StorageError::NoSpace), "{number}: {error:?}");
            // A staged file remembers the kind alone.
            let kind = io::Error::from_raw_os_error(number).kind();
            assert!(matches!(StorageError::from(io::Error::from(kind)), StorageError::NoSpace));
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_device_is_named() {
        let mut full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let error = io::Write::write_all(&mut full, b"bytes").unwrap_err();
        assert!(matches!(StorageError::from(error), StorageError::NoSpace));
    }
}
