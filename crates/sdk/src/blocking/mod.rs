//! The same client for threads that run no async code. It brings its own runtime.
//!
//! ```no_run
//! use cloakroom_sdk::blocking::Client;
//!
//! # fn start(auth_token: &str) -> Result<(), cloakroom_sdk::Error> {
//! let client = Client::new(cloakroom_sdk::Client::builder("demoapp", "127.0.0.1:8081"))?;
//! client.login_with_auth_token(auth_token)?;
//! for message in client.messages(cloakroom_sdk::Receiver::user("bob")).fetch_previous()? {
//!     for file in &message.data.attachments {
//!         client.download_to_file(&file.url, &file.name)?;
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! On a thread that runs async code a call would stop everything else there: it is refused with
//! [`Error::BlockingInsideRuntime`](crate::Error::BlockingInsideRuntime), and nothing is sent.

mod client;
mod download;
mod messages;
mod runtime;
mod upload;

pub use client::Client;
pub use download::Download;
pub use messages::MessagesRequest;
pub use upload::ResumableUpload;
