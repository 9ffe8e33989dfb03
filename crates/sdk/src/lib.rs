#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![warn(clippy::missing_errors_doc)]

mod api;
#[cfg(feature = "blocking")]
pub mod blocking;
mod builder;
mod byte_range;
mod client;
mod clock;
mod download;
mod embed;
mod error;
mod fat;
mod media_message;
mod media_url;
mod messages;
mod open;
mod patience;
mod presign_batch;
mod presigned_cache;
mod resumable_upload;
mod save;
mod session;
mod tus;
mod upload;

pub use builder::{ClientBuilder, SecureMediaMode};
pub use client::Client;
pub use clock::Clock;
pub use download::Download;
pub use error::Error;
pub use fat::Fat;
pub use media_message::{MediaKind, MediaMessage};
pub use media_url::{has_fat_query_param, strip_fat_query_param};
pub use messages::{MessagesRequest, Receiver};
pub use resumable_upload::{ResumableUpload, UploadHandle, UploadProgress};
pub use save::SavedFile;
pub use upload::Upload;

/// Presigning in an app's own back end with a delegated key, without a call to the server.
///
/// ```
/// use cloakroom_sdk::signing::{DelegatedSigner, PresignTerms, UnixSeconds, UrlPurpose};
///
/// let secret = "ckr_dk_-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s";
/// let signer = DelegatedSigner::new("https://files.example.com", "demoapp", "dk_1", secret, 412)?;
/// let terms = PresignTerms { purpose: Some(UrlPurpose::Mail), ..PresignTerms::default() };
/// let url = "https://files.example.com/demoapp/media/0123456789abcdef0123456789abcdef.jpg";
/// let mail = signer.sign(url, "alice", &terms, 3600, UnixSeconds(1_790_000_000))?;
/// assert!(mail.url.contains("Principal=u:alice"));
/// # Ok::<(), cloakroom_sdk::signing::DelegatedSigningError>(())
/// ```
pub mod signing {
    pub use cloakroom_token::{
        DelegatedBounds, DelegatedSigner, DelegatedSigningError, DelegatedUrl, Disposition,
        PresignTerms, Seq, Uid, UnixSeconds, UrlPurpose, Views,
    };
}

/// The examples of the book, which are tested with those of this crate.
#[cfg(doctest)]
mod book {
    #[doc = include_str!("../../../docs/book/src/start/rust.md")]
    mod quick_start {}
    #[doc = include_str!("../../../docs/book/src/recipes/mail.md")]
    mod mail {}
}

pub use cloakroom_wire::{Attachment, Details, ErrorCode, Message, Reason, Refresh, User};
