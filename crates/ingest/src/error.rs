use std::io;

use crate::ContentType;

/// Why a file was not taken in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IngestError {
    /// The file has no bytes.
    #[error("the file is empty")]
    Empty,
    /// An image larger than we hold in memory.
    #[error("the image is larger than {limit_bytes} bytes")]
    ImageTooLarge {
        /// The limit that applies.
        limit_bytes: u64,
    },
    /// Our fault or the disk's: reading or writing failed.
    #[error("reading or writing the file failed")]
    Io(#[from] io::Error),
    /// The file starts like this type and does not go on like it.
    #[error("the file is not valid {content_type}")]
    Malformed {
        /// What the first bytes promised.
        content_type: ContentType,
    },
    /// The header states more pixels than we let anyone decode.
    #[error("the image has more than {limit} pixels")]
    TooManyPixels {
        /// The limit that applies.
        limit: u64,
    },
    /// The work on the file takes longer than the limits allow.
    #[error("the work on the file takes too long")]
    TooSlow,
}

impl IngestError {
    /// Splits what a stream parser reports into the sender's fault and ours.
    pub(crate) fn from_parser(error: io::Error, content_type: ContentType) -> Self {
        match error.kind() {
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
                Self::Malformed { content_type }
            }
            io::ErrorKind::TimedOut => Self::TooSlow,
            _ => Self::Io(error),
        }
    }
}
