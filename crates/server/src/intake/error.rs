use cloakroom_ingest::{IngestError, ScanError};
use cloakroom_storage::StorageError;
use cloakroom_wire::ErrorCode;

use super::apart::Cut;

/// Why a file is not taken in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IntakeError {
    /// Too many files wait already.
    #[error("too many files are being worked on")]
    Busy,
    /// It is not what its first bytes promise, or an image beyond bounds.
    #[error("the file is damaged or has too many pixels, so its metadata cannot be removed")]
    Damaged,
    /// It has no bytes.
    #[error("the file has no bytes")]
    Empty,
    /// Its bytes are not those whose hash the sender said.
    #[error("the bytes are not those whose SHA-256 was announced")]
    HashMismatch,
    /// The work on it takes longer than it may.
    #[error("the work on the file takes longer than ingest.file_time_limit_ms")]
    TooSlow,
    /// An image of more bytes than we hold in memory.
    #[error("an image has at most {limit_bytes} bytes")]
    TooLarge {
        /// What it may have.
        limit_bytes: u64,
    },
    /// The app takes no files of this type.
    #[error("this app takes no files of type {content_type}")]
    TypeNotAllowed {
        /// What its bytes are.
        content_type: &'static str,
    },
    /// It is held, and there is nothing that could look at it.
    #[error("files are held for a scan, and ingest.clamd names no scanner")]
    NoScanner,
    /// The scanner gave no verdict.
    #[error(transparent)]
    Scan(#[from] ScanError),
    /// It was announced as a picture, a sound or a video, and is none.
    #[error("the file was announced as {declared} and is {content_type}")]
    TypeMismatch {
        /// What was said.
        declared: &'static str,
        /// What its bytes are.
        content_type: &'static str,
    },
    /// The database, the disk or the store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Our own work on it ended early.
    #[error(transparent)]
    Cut(#[from] Cut),
}

impl IntakeError {
    /// The code by which the file is refused for good; `None` if the same bytes may do later.
    pub(crate) const fn refusal(&self) -> Option<ErrorCode> {
        match self {
            Self::Busy | Self::Storage(_) | Self::Cut(_) | Self::NoScanner | Self::Scan(_) => None,
            Self::Damaged | Self::TypeNotAllowed { .. } | Self::TypeMismatch { .. } => {
                Some(ErrorCode::FileTypeRefused)
            }
            Self::Empty => Some(ErrorCode::FileEmpty),
            Self::HashMismatch => Some(ErrorCode::HashMismatch),
            Self::TooLarge { .. } => Some(ErrorCode::FileSizeExceeded),
            Self::TooSlow => Some(ErrorCode::FileTooComplex),
        }
    }
}

impl From<IngestError> for IntakeError {
    fn from(error: IngestError) -> Self {
        match error {
            IngestError::Empty => Self::Empty,
            IngestError::ImageTooLarge { limit_bytes } => Self::TooLarge { limit_bytes },
            IngestError::Io(error) => Self::Storage(error.into()),
            IngestError::TooSlow => Self::TooSlow,
            _ => Self::Damaged,
        }
    }
}
