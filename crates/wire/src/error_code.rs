//! The one registry of error codes, and of the reasons a media request is refused for.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

macro_rules! error_codes {
    ($($code:ident = $text:tt, $status:tt, $meaning:tt;)*) => {
        /// A stable error code; what programs decide on. A promise: codes are added, never changed.
        #[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize, ToSchema)]
        #[non_exhaustive]
        #[schema(example = "ERR_FAT_EXPIRED")]
        pub enum ErrorCode {
            $(#[doc = $meaning] #[serde(rename = $text)] $code,)*
            /// A code this version does not know. Read from a later server, never sent.
            #[serde(other, rename = "ERR_UNRECOGNIZED")]
            Unrecognized,
        }

        impl ErrorCode {
            /// Every code that may be sent, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$code),*];

            /// The code as it is written on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$code => $text,)*
                    Self::Unrecognized => "ERR_UNRECOGNIZED",
                }
            }

            /// What it means, in one line.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$code => $meaning,)*
                    Self::Unrecognized => "A code this version does not know.",
                }
            }

            /// The HTTP status the code travels with; 0 for codes that only an SDK makes.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self {
                    $(Self::$code => $status,)*
                    Self::Unrecognized => 0,
                }
            }
        }
    };
}

error_codes! {
    FatMissing = "ERR_FAT_MISSING", 401, "The file is protected and the request carries no credential.";
    FatInvalid = "ERR_FAT_INVALID", 401, "The File Access Token is malformed, forged, superseded or of another app.";
    FatExpired = "ERR_FAT_EXPIRED", 401, "The File Access Token has expired.";
    SessionEnded = "ERR_SESSION_ENDED", 401, "The session behind the credential has ended; log in again.";
    PresignExpired = "ERR_PRESIGN_EXPIRED", 403, "The presigned URL has expired; fetch a fresh one.";
    PresignAltered = "ERR_PRESIGN_ALTERED", 403, "The presigned URL is incomplete, altered or superseded; fetch a fresh one.";
    TwoCredentials = "ERR_TWO_CREDENTIALS", 401, "The request carries two different credentials; send one.";
    NotPermitted = "ERR_NOT_PERMITTED", 403, "The file may not be opened by this caller, or not any more.";
    NotReady = "ERR_NOT_READY", 404, "The file is still being processed; try again after Retry-After.";
    RetryLater = "ERR_RETRY_LATER", 503, "This node cannot decide at the moment; try again after Retry-After.";
    FileNotFound = "ERR_FILE_NOT_FOUND", 404, "There is no such file, or it is not yours to know.";
    RangeNotSatisfiable = "ERR_RANGE_NOT_SATISFIABLE", 416, "The asked range lies outside the file.";
    MisdirectedRequest = "ERR_MISDIRECTED_REQUEST", 421, "The Host header names another host than this listener serves.";
    MethodNotAllowed = "ERR_METHOD_NOT_ALLOWED", 405, "The path exists, but not for this method.";
    AuthTokenNotFound = "AUTH_ERR_AUTH_TOKEN_NOT_FOUND", 401, "The auth token is unknown, or its session has ended; log in again.";
    NoAuth = "ERR_NO_AUTH", 401, "The call needs an authtoken or an apikey header.";
    AppNotFound = "ERR_APP_NOT_FOUND", 404, "The appid header is missing or names no app.";
    ApiKeyNotFound = "ERR_API_KEY_NOT_FOUND", 401, "The API key is unknown or was revoked.";
    ScopeRequired = "ERR_SCOPE_REQUIRED", 403, "The API key lacks the scope that this call needs.";
    ClientLoginOff = "ERR_CLIENT_LOGIN_OFF", 403, "This app does not allow login by auth key from a client; let your back end make an auth token.";
    ApiKeyFromBrowser = "ERR_API_KEY_FROM_BROWSER", 403, "A fullAccess key came from a web page; such keys belong in a back end.";
    UserDeactivated = "ERR_USER_DEACTIVATED", 403, "The user is deactivated.";
    UidNotFound = "ERR_UID_NOT_FOUND", 404, "There is no such user in this app.";
    UidAlreadyExists = "ERR_UID_ALREADY_EXISTS", 409, "A user with this uid exists already.";
    GuidNotFound = "ERR_GUID_NOT_FOUND", 404, "There is no such group in this app.";
    GuidAlreadyExists = "ERR_GUID_ALREADY_EXISTS", 409, "A group with this guid exists already.";
    MessageIdNotFound = "ERR_MESSAGE_ID_NOT_FOUND", 404, "There is no such message, or it is not yours to know.";
    NotAMember = "ERR_NOT_A_MEMBER", 403, "The caller is not a member of this group.";
    BadRequest = "ERR_BAD_REQUEST", 400, "A field or parameter is missing or out of bounds; the message names it.";
    InvalidJson = "ERR_INVALID_JSON", 400, "The body is not the JSON that this call reads.";
    InvalidUrl = "ERR_INVALID_URL", 400, "The text is not a media URL of this app.";
    TooManyUrls = "ERR_TOO_MANY_URLS", 400, "More URLs in one call than allowed.";
    ForeignUrl = "ERR_FOREIGN_URL", 400, "An attachment may not point to another host.";
    AttachmentForbidden = "ERR_ATTACHMENT_FORBIDDEN", 403, "A message may only carry files that its sender may read.";
    FileSizeExceeded = "ERR_FILE_SIZE_EXCEEDED", 413, "The file is larger than this app allows.";
    FileCountExceeded = "ERR_FILE_COUNT_EXCEEDED", 400, "The message carries more files than this app allows.";
    FileTypeRefused = "ERR_FILE_TYPE_REFUSED", 415, "Files of this type are not taken.";
    FileEmpty = "ERR_FILE_EMPTY", 400, "The file has no bytes.";
    UploadTruncated = "ERR_UPLOAD_TRUNCATED", 400, "The upload ended early; nothing was kept.";
    BodyTooLarge = "ERR_BODY_TOO_LARGE", 413, "The body is larger than this call reads.";
    RateLimited = "ERR_RATE_LIMITED", 429, "Too many calls; try again after Retry-After.";
    RouteNotFound = "ERR_ROUTE_NOT_FOUND", 404, "There is no such path.";
    Busy = "ERR_BUSY", 503, "The server is busy or shutting down; try again after Retry-After.";
    Internal = "ERR_INTERNAL", 500, "Our fault; the log of the server names the cause.";
    AlreadyCreated = "ERR_ALREADY_CREATED", 409, "This Idempotency-Key made the thing already; details name its id, its secret is not shown twice.";
    IdempotencyMismatch = "ERR_IDEMPOTENCY_MISMATCH", 422, "This Idempotency-Key was sent before with another call.";
    CursorInvalid = "ERR_CURSOR_INVALID", 400, "The cursor is not one of this list; begin at the first page.";
    UnknownField = "ERR_UNKNOWN_FIELD", 400, "The body or the query has a field that this call does not know; the message names it.";
    AppAlreadyExists = "ERR_APP_ALREADY_EXISTS", 409, "An app with this id exists already.";
    OperatorTokenNotFound = "ERR_OPERATOR_TOKEN_NOT_FOUND", 401, "The operator token is unknown or has expired; make one with `cloakroom operator token`.";
    SessionNotFound = "ERR_SESSION_NOT_FOUND", 404, "There is no such session of this user.";
    ApiKeyIdNotFound = "ERR_API_KEY_ID_NOT_FOUND", 404, "There is no API key of this id in this app.";
    SigningKeyNotFound = "ERR_SIGNING_KEY_NOT_FOUND", 404, "There is no signing key of this id.";
    DelegatedKeyNotFound = "ERR_DELEGATED_KEY_NOT_FOUND", 404, "There is no delegated key of this id in this app.";
    ReceiptNotFound = "ERR_RECEIPT_NOT_FOUND", 404, "There is no revocation of this id in this app.";
    WebhookNotFound = "ERR_WEBHOOK_NOT_FOUND", 404, "There is no webhook or delivery of this id in this app.";
    WebhookTargetRefused = "ERR_WEBHOOK_TARGET_REFUSED", 400, "A webhook may not point there: private addresses must be listed in the configuration file.";
    Banned = "ERR_BANNED", 403, "The user is banned from this group.";
    TooManyMembers = "ERR_TOO_MANY_MEMBERS", 400, "More members in one call than allowed; split the list.";
    StepNotAllowed = "ERR_STEP_NOT_ALLOWED", 409, "Token Based File Access only goes forward: off, observe, on.";
    StorageQuotaExceeded = "ERR_STORAGE_QUOTA_EXCEEDED", 507, "The files of this app take all the room that it was given.";
    StoreFull = "ERR_STORE_FULL", 507, "The server has no room left; nothing was kept.";
    HashMismatch = "ERR_HASH_MISMATCH", 422, "The bytes of the file are not those whose SHA-256 was announced; nothing was kept.";
    ChecksumMismatch = "ERR_CHECKSUM_MISMATCH", 460, "The bytes of this call are not those of Upload-Checksum; nothing of it was kept.";
    FileInfected = "ERR_FILE_INFECTED", 422, "The scanner found malware in the file.";
    FileTooComplex = "ERR_FILE_TOO_COMPLEX", 422, "The work on the file takes longer than the server allows.";
    FileUnscannable = "ERR_FILE_UNSCANNABLE", 422, "The file is beyond what the scanner looks at, so nobody can say that it is clean.";
    UploadNotFound = "ERR_UPLOAD_NOT_FOUND", 404, "There is no such upload, or it is not the caller's.";
    UploadExpired = "ERR_UPLOAD_EXPIRED", 410, "The time of this upload is over; begin it again.";
    UploadOffset = "ERR_UPLOAD_OFFSET", 409, "The bytes would not go on where the last ended; ask for the offset and go on there.";
    TooManyUploads = "ERR_TOO_MANY_UPLOADS", 429, "The user has too many uploads under way; end one or try again after Retry-After.";
    TooManyParts = "ERR_TOO_MANY_PARTS", 400, "The bytes of this upload came in too many parts; begin it again and send more at a time.";
    TusVersion = "ERR_TUS_VERSION", 412, "The client speaks another version of tus than 1.0.0.";
    NotLoggedIn = "ERR_NOT_LOGGED_IN", 0, "SDK: nobody is logged in, or the session has ended.";
    Cancelled = "ERR_CANCELLED", 0, "SDK: the caller ended the call before it was done.";
    Network = "ERR_NETWORK", 0, "SDK: the server could not be reached; asking again may help.";
    InvalidResponse = "ERR_INVALID_RESPONSE", 0, "SDK: the answer is not what this version understands.";
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The rule that refused a media request; coarse on purpose, `explain` alone says more.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize, ToSchema)]
#[non_exhaustive]
#[serde(rename_all = "snake_case")]
#[schema(example = "fat_expired")]
pub enum Reason {
    /// No credential on a protected file.
    FatMissing,
    /// A FAT that is malformed, forged, superseded or of another app.
    FatInvalid,
    /// A FAT past its expiry.
    FatExpired,
    /// The session behind the credential is over.
    SessionEnded,
    /// A presigned URL past its expiry.
    PresignExpired,
    /// A presigned URL that is incomplete, altered or superseded.
    PresignAltered,
    /// Two different credentials on one request.
    TwoCredentials,
    /// The caller is not in the file's audience, or the file was revoked.
    NotPermitted,
    /// The file is still being processed.
    NotReady,
    /// The node cannot decide now.
    RetryLater,
    /// No such file.
    NotFound,
    /// A reason this version does not know. Read from a later server, never sent.
    #[serde(other)]
    Unrecognized,
}

impl Reason {
    /// Every reason that may be sent.
    pub const ALL: &[Self] = &[
        Self::FatMissing,
        Self::FatInvalid,
        Self::FatExpired,
        Self::SessionEnded,
        Self::PresignExpired,
        Self::PresignAltered,
        Self::TwoCredentials,
        Self::NotPermitted,
        Self::NotReady,
        Self::RetryLater,
        Self::NotFound,
    ];

    /// The reason as it is written on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FatMissing => "fat_missing",
            Self::FatInvalid => "fat_invalid",
            Self::FatExpired => "fat_expired",
            Self::SessionEnded => "session_ended",
            Self::PresignExpired => "presign_expired",
            Self::PresignAltered => "presign_altered",
            Self::TwoCredentials => "two_credentials",
            Self::NotPermitted => "not_permitted",
            Self::NotReady => "not_ready",
            Self::RetryLater => "retry_later",
            Self::NotFound => "not_found",
            Self::Unrecognized => "unrecognized",
        }
    }

    /// The error code that goes with it.
    #[must_use]
    pub const fn code(self) -> ErrorCode {
        match self {
            Self::FatMissing => ErrorCode::FatMissing,
            Self::FatInvalid => ErrorCode::FatInvalid,
            Self::FatExpired => ErrorCode::FatExpired,
            Self::SessionEnded => ErrorCode::SessionEnded,
            Self::PresignExpired => ErrorCode::PresignExpired,
            Self::PresignAltered => ErrorCode::PresignAltered,
            Self::TwoCredentials => ErrorCode::TwoCredentials,
            Self::NotPermitted => ErrorCode::NotPermitted,
            Self::NotReady => ErrorCode::NotReady,
            Self::RetryLater => ErrorCode::RetryLater,
            Self::NotFound => ErrorCode::FileNotFound,
            Self::Unrecognized => ErrorCode::Unrecognized,
        }
    }

    /// What to fetch anew before asking again.
    #[must_use]
    pub const fn refresh(self) -> Refresh {
        match self {
            Self::FatMissing | Self::FatInvalid | Self::FatExpired => Refresh::Fat,
            Self::PresignExpired | Self::PresignAltered => Refresh::Presign,
            Self::SessionEnded => Refresh::Login,
            _ => Refresh::None,
        }
    }

    /// Whether asking again can help: after `refresh`, or after a while where that is `none`.
    #[must_use]
    pub const fn retry(self) -> bool {
        !matches!(
            self,
            Self::SessionEnded
                | Self::TwoCredentials
                | Self::NotPermitted
                | Self::NotFound
                | Self::Unrecognized
        )
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a client has to fetch anew before a refused file can open.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize, ToSchema)]
#[non_exhaustive]
#[serde(rename_all = "snake_case")]
#[schema(example = "fat")]
pub enum Refresh {
    /// A new File Access Token: `POST me/fat`.
    Fat,
    /// A new presigned URL: `POST media/presign`.
    Presign,
    /// A new session.
    Login,
    /// Nothing helps, or only time does. Also what this version reads for a word it does not know.
    #[default]
    #[serde(other)]
    None,
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_documentation_lists_every_code_with_its_status() {
        let page = include_str!("../../../docs/api.md");
        for code in ErrorCode::ALL {
            let status = match code.status() {
                0 => "SDK".to_owned(),
                status => status.to_string(),
            };
            assert!(page.contains(&format!("| `{code}` | {status} | ")), "{code}");
        }
    }

    #[test]
    fn codes_are_unique_prefixed_and_survive_json() {
        let mut seen = HashSet::new();
        for &code in ErrorCode::ALL {
            let text = code.as_str();
            assert!(seen.insert(text), "{text} stands twice");
            assert!(text.starts_with("ERR_") || text.starts_with("AUTH_ERR_"), "{text}");
            assert!(code.meaning().ends_with('.'), "{text}");
            assert_eq!(serde_json::to_string(&code).unwrap(), format!("\"{text}\""));
            assert_eq!(serde_json::from_str::<ErrorCode>(&format!("\"{text}\"")).unwrap(), code);
            assert!(matches!(code.status(), 0 | 400..=599), "{text}");
        }
        assert_eq!(seen.len(), 77);
    }

    #[test]
    fn reasons_name_their_code_and_what_helps() {
        let cases = [
            ("fat_missing", "ERR_FAT_MISSING", 401, true, "fat"),
            ("fat_invalid", "ERR_FAT_INVALID", 401, true, "fat"),
            ("fat_expired", "ERR_FAT_EXPIRED", 401, true, "fat"),
            ("session_ended", "ERR_SESSION_ENDED", 401, false, "login"),
            ("presign_expired", "ERR_PRESIGN_EXPIRED", 403, true, "presign"),
            ("presign_altered", "ERR_PRESIGN_ALTERED", 403, true, "presign"),
            ("two_credentials", "ERR_TWO_CREDENTIALS", 401, false, "none"),
            ("not_permitted", "ERR_NOT_PERMITTED", 403, false, "none"),
            ("not_ready", "ERR_NOT_READY", 404, true, "none"),
            ("retry_later", "ERR_RETRY_LATER", 503, true, "none"),
            ("not_found", "ERR_FILE_NOT_FOUND", 404, false, "none"),
        ];
        assert_eq!(cases.len(), Reason::ALL.len());
        for ((text, code, status, retry, refresh), &reason) in cases.into_iter().zip(Reason::ALL) {
            assert_eq!(reason.as_str(), text);
            assert_eq!(serde_json::to_value(reason).unwrap(), text);
            assert_eq!(serde_json::from_value::<Reason>(text.into()).unwrap(), reason);
            assert_eq!((reason.code().as_str(), reason.code().status()), (code, status), "{text}");
            assert_eq!(reason.retry(), retry, "{text}");
            assert_eq!(serde_json::to_value(reason.refresh()).unwrap(), refresh, "{text}");
        }
    }

    #[test]
    fn words_of_a_later_server_are_read_and_change_nothing() {
        assert_eq!(serde_json::from_str::<Reason>("\"moon_phase\"").unwrap(), Reason::Unrecognized);
        assert_eq!(serde_json::from_str::<Refresh>("\"moon\"").unwrap(), Refresh::None);
        assert_eq!(serde_json::from_str::<ErrorCode>("\"E\"").unwrap(), ErrorCode::Unrecognized);
    }
}
