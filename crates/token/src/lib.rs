//! The formats of Cloakroom, their verification, and the one decision: may this caller read this
//! version of this file now?
//!
//! Pure: no I/O, no clock, no randomness, no environment. Time and random bytes are arguments.
#![forbid(unsafe_code)]
#![warn(clippy::missing_errors_doc)]

mod credential;
mod decide;
mod delegated_key;
mod delegated_secret;
mod delegated_signer;
mod fat;
mod grant;
mod id;
mod key_ring;
mod media_path;
mod media_url;
mod presign_terms;
mod presigned_url;
mod signature_text;
mod statement;
mod time;
mod views;

pub use credential::{Asides, Credential};
pub use decide::{
    Admitted, AppFacts, Audience, AudienceRule, CallerFacts, CarrierFacts, Claim, Facts, FileFacts,
    FileState, FileVersion, KeyFacts, Reader, Refusal, SessionFacts, Standing, UserFacts, admit,
    audience_rule, decide,
};
pub use delegated_key::{DelegatedBounds, DelegatedKey};
pub use delegated_secret::DelegatedSecret;
pub use delegated_signer::{DelegatedSigner, DelegatedSigningError, DelegatedUrl};
pub use fat::{CLOCK_SKEW_SECONDS, Fat, FatClaims, FatError, MAX_FAT_BYTES};
pub use grant::{Purpose, ReadGrant};
pub use id::{AppId, BlobKey, ContentHash, Guid, IdError, KeyId, MediaId, SessionId, Uid};
pub use key_ring::{FatKey, KeyError, KeyRing, PresignKey};
pub use media_path::{MediaPath, MediaPathError, Variant};
pub use media_url::{MediaOrigin, MediaUrl, MediaUrlError};
pub use presign_terms::{Disposition, PresignTerms, UrlPurpose};
pub use presigned_url::{
    MAX_LIFETIME_SECONDS, MIN_LIFETIME_SECONDS, PresignError, PresignedUrl, Principal, UrlId,
    expires_at, presign,
};
pub use statement::{
    MAX_STATEMENT_BYTES, StatementError, StatementKind, sign_statement, verify_statement,
};
pub use time::{Seq, UnixSeconds};
pub use views::Views;
