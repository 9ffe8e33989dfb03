//! What can go wrong, as the caller sees it.

use std::sync::Arc;

use cloakroom_wire::{Details, ErrorCode, Reason, Refresh};

/// Why a call failed. [`Error::code`] is stable; no message holds a token or a URL.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A blocking call was made on a thread that runs async code, which it would have stopped.
    #[error("a blocking call inside an async runtime: use the async client there")]
    BlockingInsideRuntime,
    /// The caller ended an upload; the server was told to forget it.
    #[error("cancelled by the caller")]
    Cancelled,
    /// A file to be sent is larger than the app allows; nothing was sent.
    #[error("the file has {size_bytes} bytes, the app allows {max_bytes}")]
    FileTooLarge {
        /// Of the file.
        size_bytes: u64,
        /// Of the app's settings.
        max_bytes: u64,
    },
    /// What was passed in cannot be sent to a server.
    #[error("not possible: {0}")]
    InvalidArgument(&'static str),
    /// The answer is not what this version understands; the text says what was missing.
    #[error("the server's answer is not understood (status {status}): {what}")]
    InvalidResponse {
        /// HTTP status of the answer; 0 if it is not about one answer.
        status: u16,
        /// What was expected of it.
        what: &'static str,
    },
    /// The text is no URL, or no media URL of this app.
    #[error("not a media URL of this app")]
    InvalidUrl,
    /// The server could not be reached, or the connection broke. Asking again may help.
    #[error("the server could not be reached")]
    Network(#[source] Arc<reqwest::Error>),
    /// Nobody is logged in, or the session has ended.
    #[error("nobody is logged in: log in first")]
    NotLoggedIn,
    /// The server said no.
    #[error("{message} ({code})")]
    Refused {
        /// Stable; what to decide on.
        code: ErrorCode,
        /// HTTP status; 0 for one refused item of a list.
        status: u16,
        /// The server's words.
        message: String,
        /// For media: why, and what helps.
        details: Option<Details>,
        /// How long the server asks to wait, in seconds.
        retry_after_seconds: Option<u64>,
    },
    /// More files than the app allows in one message; nothing was sent.
    #[error("{count} files in one message, the app allows {max}")]
    TooManyFiles {
        /// Of the message.
        count: usize,
        /// Of the app's settings.
        max: usize,
    },
    /// A file to be sent cannot be read, or is not what it was when the sending began.
    #[error("the file cannot be read")]
    UnreadableFile(#[source] Arc<std::io::Error>),
    /// What was downloaded cannot be written where the caller wanted it.
    #[error("the download cannot be written")]
    UnwritableFile(#[source] Arc<std::io::Error>),
}

impl Error {
    /// The stable code: the server's own, or the one that the SDKs share for such a failure.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Cancelled => ErrorCode::Cancelled,
            Self::FileTooLarge { .. } => ErrorCode::FileSizeExceeded,
            Self::BlockingInsideRuntime
            | Self::InvalidArgument(_)
            | Self::UnreadableFile(_)
            | Self::UnwritableFile(_) => ErrorCode::BadRequest,
            Self::InvalidResponse { .. } => ErrorCode::InvalidResponse,
            Self::InvalidUrl => ErrorCode::InvalidUrl,
            Self::Network(_) => ErrorCode::Network,
            Self::NotLoggedIn => ErrorCode::NotLoggedIn,
            Self::Refused { code, .. } => *code,
            Self::TooManyFiles { .. } => ErrorCode::FileCountExceeded,
        }
    }

    /// For media: why it was refused, as coarse as the server tells it.
    #[must_use]
    pub const fn reason(&self) -> Option<Reason> {
        match self {
            Self::Refused { details: Some(details), .. } => Some(details.reason),
            _ => None,
        }
    }

    /// HTTP status of the answer that failed; `None` if there was none, or for an item of a list.
    #[must_use]
    pub const fn status(&self) -> Option<u16> {
        match self {
            Self::InvalidResponse { status, .. } | Self::Refused { status, .. } if *status > 0 => {
                Some(*status)
            }
            _ => None,
        }
    }

    /// Whether the same call may succeed later without anybody doing anything.
    #[must_use]
    pub fn may_help_to_retry(&self) -> bool {
        match self {
            Self::Network(_) => true,
            Self::InvalidResponse { status, .. } => *status >= 500,
            Self::Refused { status, details, .. } => {
                matches!(status, 429 | 500..) || details.is_some_and(|details| details.retry)
            }
            _ => false,
        }
    }

    pub(crate) fn network(source: reqwest::Error) -> Self {
        Self::Network(Arc::new(source.without_url()))
    }

    /// Whether a moment later it may work: what a transfer waits for by itself.
    pub(crate) const fn is_passing(&self) -> bool {
        match self {
            Self::Network(_) => true,
            Self::InvalidResponse { status, .. } | Self::Refused { status, .. } => {
                matches!(*status, 429 | 500 | 502..=504)
            }
            _ => false,
        }
    }

    /// How long the server asks to wait, in seconds.
    pub(crate) const fn retry_after_seconds(&self) -> Option<u64> {
        match self {
            Self::Refused { retry_after_seconds, .. } => *retry_after_seconds,
            _ => None,
        }
    }

    pub(crate) fn unreadable(source: std::io::Error) -> Self {
        Self::UnreadableFile(Arc::new(source))
    }

    pub(crate) fn unwritable(source: std::io::Error) -> Self {
        Self::UnwritableFile(Arc::new(source))
    }

    /// The server does not know the auth token any more.
    pub(crate) const fn is_session_gone(&self) -> bool {
        matches!(self, Self::Refused { code: ErrorCode::AuthTokenNotFound, .. })
    }

    /// What the refusal asks to fetch anew.
    pub(crate) fn refresh(&self) -> Refresh {
        match self {
            Self::Refused { details: Some(details), .. } => details.refresh,
            _ => Refresh::None,
        }
    }
}
