//! The Cloakroom server: the secure media host, the REST API and the dashboard.
#![deny(unsafe_code)]

mod access;
mod api;
mod app_defaults;
pub mod cli;
mod client_address;
mod client_name;
mod clock;
pub mod config;
mod dashboard;
mod data_dir;
mod headers;
mod hosts;
mod intake;
mod janitor;
mod ledger;
mod limits;
mod listener;
mod log;
mod master_key;
mod media;
mod metrics;
mod objects;
mod observe;
mod password;
mod patient_stream;
mod request_log;
mod retention;
mod secret;
mod sockets;
mod start;
mod tls;
mod views;
mod webhooks;
mod zero_copy;

pub use access::KeysError;
pub use clock::Clock;
pub use data_dir::DataDirError;
pub use listener::BindError;
pub use master_key::MasterKeyError;
pub use start::{Installation, Running, Sockets, StartError};
pub use tls::TlsError;
pub use webhooks::{AddressRange, AddressRangeError};
