//! Why a media request failed, and the one place that says with which status.

use std::sync::Arc;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use cloakroom_storage::StorageError;
use cloakroom_token::{MediaPathError, Refusal};
use cloakroom_wire::{Details, ErrorBody, ErrorCode, ErrorEnvelope, Reason};

use crate::access::reason;
use crate::limits::Wait;
use crate::metrics::Outcome;

/// Why a media request failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MediaError {
    /// The database did not answer in time; it may the next time.
    #[error("the database is busy; try again")]
    Busy,
    /// Another method than GET, HEAD or OPTIONS.
    #[error("media is read with GET or HEAD")]
    MethodNotAllowed,
    /// The request names another host than this listener serves.
    #[error("this host is not served here")]
    Misdirected,
    /// A browser fetches a URL with a number of views ahead of what somebody looks at.
    #[error("a URL with a number of views is not fetched ahead of time")]
    Prefetch,
    /// Too many refused credentials from this address, or too many bytes for this reader.
    #[error("too much was asked for; wait {} seconds", .0.seconds)]
    RateLimited(Wait),
    /// A rule of the refusal table.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The node has no fresh news from the database, so it cannot know what was revoked.
    #[error("this node cannot decide at the moment; try again")]
    Stale,
    /// Our fault: the caller sees only the status, the log sees the cause.
    #[error("storage failed")]
    Storage(Arc<StorageError>),
}

impl From<StorageError> for MediaError {
    fn from(error: StorageError) -> Self {
        Arc::new(error).into()
    }
}

impl From<Arc<StorageError>> for MediaError {
    fn from(error: Arc<StorageError>) -> Self {
        if matches!(*error, StorageError::Busy) { Self::Busy } else { Self::Storage(error) }
    }
}

impl From<Wait> for MediaError {
    fn from(wait: Wait) -> Self {
        Self::RateLimited(wait)
    }
}

impl From<MediaPathError> for MediaError {
    fn from(_: MediaPathError) -> Self {
        Self::Refused(Refusal::FileMissing)
    }
}

impl MediaError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::MethodNotAllowed => ErrorCode::MethodNotAllowed,
            Self::Misdirected => ErrorCode::MisdirectedRequest,
            Self::RateLimited(_) => ErrorCode::RateLimited,
            Self::Refused(refusal) => reason(*refusal).code(),
            Self::Busy | Self::Prefetch | Self::Stale => ErrorCode::RetryLater,
            Self::Storage(_) => ErrorCode::Internal,
        }
    }

    /// What an operator counts it as.
    pub(crate) fn outcome(&self) -> Outcome {
        match self {
            Self::RateLimited(_) => Outcome::Limited,
            Self::Refused(refusal) => Outcome::Refused(reason(*refusal)),
            Self::Stale => Outcome::Stale,
            Self::Busy | Self::Storage(_) => Outcome::Failed,
            Self::MethodNotAllowed | Self::Misdirected | Self::Prefetch => Outcome::Other,
        }
    }

    fn envelope(&self) -> ErrorEnvelope {
        match self {
            Self::Refused(refusal) => ErrorEnvelope::refused(reason(*refusal), self.to_string()),
            Self::RateLimited(_) => {
                let details = Some(Details::of(Reason::RetryLater).into());
                let message = self.to_string();
                ErrorEnvelope { error: ErrorBody { code: self.code(), message, details } }
            }
            Self::Busy | Self::Prefetch | Self::Stale => {
                ErrorEnvelope::refused(Reason::RetryLater, self.to_string())
            }
            Self::Storage(_) => {
                ErrorEnvelope::new(self.code(), "the server failed; its log names the cause")
            }
            _ => ErrorEnvelope::new(self.code(), self.to_string()),
        }
    }
}

impl IntoResponse for MediaError {
    fn into_response(self) -> Response {
        if let Self::Storage(error) = &self {
            tracing::error!(%error, "media request failed");
        }
        let status =
            StatusCode::from_u16(self.code().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self.envelope())).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::METHOD_NOT_ALLOWED => {
                headers.insert(header::ALLOW, HeaderValue::from_static("GET, HEAD, OPTIONS"));
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        if let Self::RateLimited(wait) = &self {
            headers.insert(header::RETRY_AFTER, wait.seconds.into());
        }
        if matches!(self, Self::Refused(Refusal::NotReady)) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_database_is_a_reason_to_ask_again() {
        for error in [StorageError::Busy.into(), Arc::new(StorageError::Busy).into()] {
            let error: MediaError = error;
            let response = error.into_response();
            assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(response.headers()[header::RETRY_AFTER], "1");
        }
        let full = MediaError::from(StorageError::NoSpace).into_response();
        assert_eq!(full.status(), StatusCode::INTERNAL_SERVER_ERROR);
    }

    #[test]
    fn every_refusal_goes_out_with_the_status_of_the_table() {
        let refusals = [
            Refusal::FatExpired,
            Refusal::FatInvalid,
            Refusal::FatMissing,
            Refusal::FatSuperseded,
            Refusal::FileMissing,
            Refusal::FileRevoked,
            Refusal::NotInAudience,
            Refusal::NotReady,
            Refusal::PresignAltered,
            Refusal::PresignExpired,
            Refusal::PresignSuperseded,
            Refusal::SessionEnded,
            Refusal::TwoCredentials,
            Refusal::UnknownApp,
            Refusal::UserInactive,
        ];
        for refusal in refusals {
            let response = MediaError::from(refusal).into_response();
            assert_eq!(response.status().as_u16(), refusal.status(), "{refusal:?}");
            assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
        }
    }
}
