//! Why a call failed, and the one place that says with which status.

use std::any::Any;
use std::error::Error;

use axum::Json;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use cloakroom_storage::StorageError;
use cloakroom_wire::{Created, ErrorBody, ErrorCode, ErrorDetails, ErrorEnvelope};

use super::plain::plain;
use crate::access::ReceiptError;
use crate::intake::IntakeError;

/// Characters of a message that come from the reader of a body.
const MOST_SAID: usize = 200;

use crate::limits::Wait;
use crate::webhooks::TargetRefused;

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum ApiError {
    /// The call was done before under this `Idempotency-Key`, and its answer is not given twice.
    #[error("this Idempotency-Key made the thing already; its secret is not shown twice")]
    AlreadyCreated {
        /// Of what was made.
        id: Option<String>,
    },
    /// A `fullAccess` key in a request of a web page.
    #[error("a fullAccess key came from a web page; keep such keys in your back end and revoke it")]
    ApiKeyFromBrowser,
    /// No API key of this id.
    #[error("there is no API key of this id in force in this app")]
    ApiKeyIdNotFound,
    /// No such key in this app.
    #[error("the apikey header names no key of this app; make one in the dashboard")]
    ApiKeyNotFound,
    /// The id of the app is taken.
    #[error("an app with this id exists already")]
    AppAlreadyExists,
    /// The `appid` header is missing or names no app.
    #[error("send the id of your app in the header appid")]
    AppNotFound,
    /// The sender may not read what the message is to carry.
    #[error("a message may only carry files that its sender may read")]
    AttachmentForbidden,
    /// The auth token is unknown, or its session has ended.
    #[error("the auth token is unknown or its session has ended; log in again")]
    AuthTokenNotFound,
    /// A field or parameter is missing or out of bounds.
    #[error("{field} {rule}")]
    BadField {
        /// Its name.
        field: &'static str,
        /// What it must be.
        rule: &'static str,
    },
    /// The group keeps the user out.
    #[error("the user is banned from this group")]
    Banned,
    /// The body is larger than this call reads.
    #[error("the body is larger than {limit_bytes} bytes; send files as multipart/form-data")]
    BodyTooLarge {
        /// What it may have.
        limit_bytes: usize,
    },
    /// The body ended before its time.
    #[error("the body ended early; send the call again")]
    BodyTruncated,
    /// No delegated key of this id in this app.
    #[error("there is no delegated key of this id in this app")]
    DelegatedKeyNotFound,
    /// Another attempt at the call with this `Idempotency-Key` has not ended yet.
    #[error("the first call with this Idempotency-Key is still under way; try again in a second")]
    CallUnderWay,
    /// The app does not let web pages log users in by an auth key.
    #[error("this app takes no auth key from a web page; let your back end make the auth token")]
    ClientLoginOff,
    /// A cursor of another list, or none at all.
    #[error("the cursor is not one of this list; begin at the first page")]
    CursorInvalid,
    /// More files than the app allows.
    #[error("a message of this app carries at most {limit} files")]
    FileCountExceeded {
        /// What it may carry.
        limit: u32,
    },
    /// A file without bytes.
    #[error("the file has no bytes")]
    FileEmpty,
    /// A file larger than the app allows.
    #[error("a file of this app has at most {limit_bytes} bytes")]
    FileSizeExceeded {
        /// What it may have.
        limit_bytes: u64,
    },
    /// A file whose bytes still arrive.
    #[error("the bytes of this file have not all come; send it when its upload has ended")]
    FileNotReady,
    /// A file that is not taken in.
    #[error("{0}")]
    FileRefused(#[source] IntakeError),
    /// An attachment on another host.
    #[error("an attachment is a file uploaded to this app; links belong into the text")]
    ForeignUrl,
    /// The guid is taken.
    #[error("a group with this guid exists already")]
    GuidAlreadyExists,
    /// No such group, or not the caller's to know.
    #[error("there is no such group in this app")]
    GuidNotFound,
    /// The key stands for another call.
    #[error("this Idempotency-Key was sent before with another call; use a new key for each call")]
    IdempotencyMismatch,
    /// Our fault: the caller sees only the status, the log sees the cause.
    #[error("the call failed")]
    Internal(#[source] Box<dyn Error + Send + Sync>),
    /// The body is not the JSON that this call reads.
    #[error("the body is not what this call reads: {}", plain(&.0.to_string(), MOST_SAID))]
    InvalidJson(#[source] serde_json::Error),
    /// An attachment that names no file.
    #[error("the URL names no file of this app")]
    InvalidUrl,
    /// No such file, or not the caller's to know.
    #[error("there is no such file, or it is not yours to know")]
    MediaNotFound,
    /// No such message, or not the caller's to know.
    #[error("there is no such message, or it is not yours to know")]
    MessageNotFound,
    /// The path exists, but not for this method.
    #[error("this path does not take this method; see /openapi.json")]
    MethodNotAllowed,
    /// The request names another host than this listener serves.
    #[error("this host is not served here")]
    Misdirected,
    /// Neither auth token nor API key, or not the one that is needed.
    #[error("this call needs the header {header}")]
    NoAuth {
        /// Which header helps.
        header: &'static str,
    },
    /// The caller is not in the group.
    #[error("only members of this group may do that")]
    NotAMember,
    /// The body is not declared as what this call reads.
    #[error("send the body with content-type: application/json")]
    NotJson,
    /// Somebody else's to do.
    #[error("{rule}")]
    NotYours {
        /// Whose it is to do.
        rule: &'static str,
    },
    /// The bearer token is no operator token in force.
    #[error("the operator token is unknown or has expired; make one with cloakroom operator token")]
    OperatorTokenNotFound,
    /// No revocation of this id in this app.
    #[error("there is no revocation of this id in this app")]
    ReceiptNotFound,
    /// A query that does not fit, in the words of its reader, fit to be shown.
    #[error("the query does not fit: {said}")]
    QueryUnfit {
        /// Which parameter, and why.
        said: String,
    },
    /// Too much was asked for in too short a time.
    #[error("too much was asked for; wait {} seconds", .0.seconds)]
    RateLimited(Wait),
    /// No such path.
    #[error("there is no such path; see /openapi.json")]
    RouteNotFound,
    /// The API key lacks the scope.
    #[error("this call needs an API key of scope fullAccess")]
    ScopeRequired,
    /// No signing key of this id.
    #[error("there is no signing key of this id")]
    SigningKeyNotFound,
    /// More event streams than a session may keep open.
    #[error("this session keeps too many event streams open; close one")]
    TooManyStreams,
    /// No such session, or another user's.
    #[error("there is no such session of this user")]
    SessionNotFound,
    /// A step back of Token Based File Access.
    #[error("Token Based File Access only goes forward: off, observe, on")]
    StepNotAllowed,
    /// Our fault, or the database is busy.
    #[error("storage failed")]
    Storage(#[source] StorageError),
    /// More users than one call about members takes.
    #[error("one call takes at most {limit} members; split the list")]
    TooManyMembers {
        /// What it takes.
        limit: usize,
    },
    /// The app's files have no room for more.
    #[error("the files of this app take all the room that it was given; nothing was kept")]
    StorageQuotaExceeded,
    /// An upload whose bytes come in crumbs.
    #[error("this upload came in too many parts; begin it again and send more bytes at a time")]
    TooManyParts,
    /// More uploads under way than a user may have.
    #[error("this user has {limit} uploads under way; end one or wait until one expires")]
    TooManyUploads {
        /// What a user may have.
        limit: u32,
    },
    /// The client speaks another version of tus, or none.
    #[error("send the header Tus-Resumable: 1.0.0")]
    TusVersion,
    /// More URLs than one call takes.
    #[error("one call takes at most {limit} URLs; split the list")]
    TooManyUrls {
        /// What it takes.
        limit: usize,
    },
    /// The uid is taken.
    #[error("a user with this uid exists already, or existed")]
    UidAlreadyExists,
    /// No such user.
    #[error("there is no such user in this app")]
    UidNotFound,
    /// A field or parameter that the call does not know.
    #[error("this call does not know the field {name}; see /openapi.json")]
    UnknownField {
        /// Its name, fit to be shown.
        name: String,
    },
    /// The bytes of one call are not those of their checksum; none of them were kept.
    #[error("the bytes are not those of Upload-Checksum; nothing of this call was kept")]
    UploadChecksum,
    /// An upload whose time is over.
    #[error("the time of this upload is over; begin it again")]
    UploadExpired,
    /// No such upload, or not the caller's.
    #[error("there is no such upload, or it is not yours")]
    UploadNotFound,
    /// The bytes would not go on where the last ended.
    #[error("the upload goes on at byte {at}")]
    UploadOffset {
        /// Where it goes on.
        at: u64,
    },
    /// The upload ended before its closing boundary, or is no multipart body.
    #[error("the upload ended early or is not multipart/form-data; nothing was kept")]
    UploadTruncated,
    /// The user is deactivated.
    #[error("the user is deactivated")]
    UserDeactivated,
    /// No such webhook or delivery.
    #[error("there is no such webhook or delivery in this app")]
    WebhookNotFound,
    /// A webhook that would point where it may not.
    #[error("the webhook was not made: {0}")]
    WebhookTargetRefused(#[source] TargetRefused),
}

impl From<StorageError> for ApiError {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

impl From<IntakeError> for ApiError {
    fn from(error: IntakeError) -> Self {
        match error {
            IntakeError::Storage(error) => error.into(),
            IntakeError::Cut(error) => Self::internal(error),
            other => Self::FileRefused(other),
        }
    }
}

impl From<ReceiptError> for ApiError {
    fn from(error: ReceiptError) -> Self {
        match error {
            ReceiptError::Storage(error) => error.into(),
            ReceiptError::Statement(error) => Self::internal(error),
        }
    }
}

impl From<Wait> for ApiError {
    fn from(wait: Wait) -> Self {
        Self::RateLimited(wait)
    }
}

impl ApiError {
    /// Our fault, with its cause.
    pub(super) fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }

    pub(super) fn code(&self) -> ErrorCode {
        match self {
            Self::AlreadyCreated { .. } => ErrorCode::AlreadyCreated,
            Self::ApiKeyFromBrowser => ErrorCode::ApiKeyFromBrowser,
            Self::ApiKeyIdNotFound => ErrorCode::ApiKeyIdNotFound,
            Self::ApiKeyNotFound => ErrorCode::ApiKeyNotFound,
            Self::AppAlreadyExists => ErrorCode::AppAlreadyExists,
            Self::AppNotFound => ErrorCode::AppNotFound,
            Self::AttachmentForbidden => ErrorCode::AttachmentForbidden,
            Self::AuthTokenNotFound => ErrorCode::AuthTokenNotFound,
            Self::BadField { .. } | Self::BodyTruncated | Self::QueryUnfit { .. } => {
                ErrorCode::BadRequest
            }
            Self::Banned => ErrorCode::Banned,
            Self::BodyTooLarge { .. } => ErrorCode::BodyTooLarge,
            Self::CallUnderWay | Self::Storage(StorageError::Busy) => ErrorCode::Busy,
            Self::ClientLoginOff => ErrorCode::ClientLoginOff,
            Self::CursorInvalid => ErrorCode::CursorInvalid,
            Self::FileCountExceeded { .. } => ErrorCode::FileCountExceeded,
            Self::FileEmpty => ErrorCode::FileEmpty,
            Self::FileSizeExceeded { .. } => ErrorCode::FileSizeExceeded,
            Self::FileNotReady => ErrorCode::NotReady,
            Self::FileRefused(error) => error.refusal().unwrap_or(ErrorCode::Busy),
            Self::ForeignUrl => ErrorCode::ForeignUrl,
            Self::GuidAlreadyExists => ErrorCode::GuidAlreadyExists,
            Self::GuidNotFound => ErrorCode::GuidNotFound,
            Self::IdempotencyMismatch => ErrorCode::IdempotencyMismatch,
            Self::InvalidJson(_) | Self::NotJson => ErrorCode::InvalidJson,
            Self::InvalidUrl => ErrorCode::InvalidUrl,
            Self::MediaNotFound => ErrorCode::FileNotFound,
            Self::MessageNotFound => ErrorCode::MessageIdNotFound,
            Self::MethodNotAllowed => ErrorCode::MethodNotAllowed,
            Self::Misdirected => ErrorCode::MisdirectedRequest,
            Self::NoAuth { .. } => ErrorCode::NoAuth,
            Self::NotAMember => ErrorCode::NotAMember,
            Self::DelegatedKeyNotFound => ErrorCode::DelegatedKeyNotFound,
            Self::NotYours { .. } => ErrorCode::NotPermitted,
            Self::OperatorTokenNotFound => ErrorCode::OperatorTokenNotFound,
            Self::ReceiptNotFound => ErrorCode::ReceiptNotFound,
            Self::RateLimited(_) | Self::TooManyStreams => ErrorCode::RateLimited,
            Self::RouteNotFound => ErrorCode::RouteNotFound,
            Self::ScopeRequired => ErrorCode::ScopeRequired,
            Self::SessionNotFound => ErrorCode::SessionNotFound,
            Self::SigningKeyNotFound => ErrorCode::SigningKeyNotFound,
            Self::StepNotAllowed => ErrorCode::StepNotAllowed,
            Self::Storage(StorageError::NoSpace) => ErrorCode::StoreFull,
            Self::Storage(StorageError::QuotaExceeded) | Self::StorageQuotaExceeded => {
                ErrorCode::StorageQuotaExceeded
            }
            Self::Internal(_) | Self::Storage(_) => ErrorCode::Internal,
            Self::TooManyParts => ErrorCode::TooManyParts,
            Self::TooManyUploads { .. } => ErrorCode::TooManyUploads,
            Self::TusVersion => ErrorCode::TusVersion,
            Self::UploadChecksum => ErrorCode::ChecksumMismatch,
            Self::UploadExpired => ErrorCode::UploadExpired,
            Self::UploadNotFound => ErrorCode::UploadNotFound,
            Self::UploadOffset { .. } => ErrorCode::UploadOffset,
            Self::TooManyMembers { .. } => ErrorCode::TooManyMembers,
            Self::TooManyUrls { .. } => ErrorCode::TooManyUrls,
            Self::UidAlreadyExists => ErrorCode::UidAlreadyExists,
            Self::UidNotFound => ErrorCode::UidNotFound,
            Self::UnknownField { .. } => ErrorCode::UnknownField,
            Self::UploadTruncated => ErrorCode::UploadTruncated,
            Self::UserDeactivated => ErrorCode::UserDeactivated,
            Self::WebhookNotFound => ErrorCode::WebhookNotFound,
            Self::WebhookTargetRefused(_) => ErrorCode::WebhookTargetRefused,
        }
    }

    /// What is said of one refused item of many.
    pub(super) fn body(&self) -> ErrorBody {
        self.envelope().error
    }

    fn envelope(&self) -> ErrorEnvelope {
        let message = match self.code() {
            _ if matches!(self, Self::CallUnderWay) => self.to_string(),
            ErrorCode::StorageQuotaExceeded => Self::StorageQuotaExceeded.to_string(),
            ErrorCode::StoreFull => "the server has no room left; nothing was kept".to_owned(),
            ErrorCode::Busy => "the server is busy; try again in a second".to_owned(),
            ErrorCode::Internal => "the server failed; its log names the cause".to_owned(),
            _ => self.to_string(),
        };
        let mut envelope = ErrorEnvelope::new(self.code(), message);
        if let Self::AlreadyCreated { id: Some(id) } = self {
            envelope.error.details = Some(ErrorDetails::Created(Created { id: id.clone() }));
        }
        envelope
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let code = self.code();
        let status =
            StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if status == StatusCode::INTERNAL_SERVER_ERROR {
            tracing::error!(error = causes(&self), "an API call failed");
        }
        let mut response = (status, Json(self.envelope())).into_response();
        if code == ErrorCode::Busy {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        match self {
            Self::RateLimited(wait) => {
                response.headers_mut().insert(header::RETRY_AFTER, wait.seconds.into());
            }
            Self::FileNotReady => {
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            Self::TooManyStreams | Self::TooManyUploads { .. } => {
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("30"));
            }
            _ => {}
        }
        response
    }
}

/// An error with everything behind it, for the log.
fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

/// Answers a handler that panicked. The panic itself is in the log already.
pub(super) fn of_panic(_: Box<dyn Any + Send + 'static>) -> Response<Body> {
    ApiError::internal("a handler panicked").into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_database_asks_to_come_back_and_other_faults_say_nothing_of_themselves() {
        let busy = ApiError::from(StorageError::Busy).into_response();
        assert_eq!(busy.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(busy.headers()[header::RETRY_AFTER], "1");
        let fault = ApiError::internal("disk sda7 melted");
        assert!(!serde_json::to_string(&fault.envelope()).unwrap().contains("sda7"));
        assert_eq!(fault.into_response().status(), StatusCode::INTERNAL_SERVER_ERROR);
    }

    #[test]
    fn the_log_sees_the_whole_chain() {
        let error = ApiError::from(StorageError::Corrupt("bad page".into()));
        assert_eq!(causes(&error), "storage failed: stored data is damaged: bad page");
    }
}
