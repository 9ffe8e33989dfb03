//! The SDK against a server that answers what a test says, over real HTTP on loopback.

#![expect(clippy::unwrap_used, reason = "a test helper may panic")]

mod download;
mod messages;
mod presigned;
mod session;
mod support;
