#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![warn(clippy::missing_errors_doc)]

mod api;
mod builder;
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
mod presign_batch;
mod presigned_cache;
mod session;

pub use builder::{ClientBuilder, SecureMediaMode};
pub use client::Client;
pub use clock::Clock;
pub use download::Download;
pub use error::Error;
pub use fat::Fat;
pub use media_message::{MediaKind, MediaMessage, Upload};
pub use media_url::{has_fat_query_param, strip_fat_query_param};
pub use messages::{MessagesRequest, Receiver};

pub use cloakroom_wire::{Attachment, Details, ErrorCode, Message, Reason, Refresh, User};
