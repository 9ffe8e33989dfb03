//! The server through real HTTP: one binary, a module a topic.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod api_errors;
mod api_groups;
mod api_messages;
mod api_presign;
mod api_sessions;
mod api_uploads;
mod attacks;
mod limits;
mod logs;
mod media_access;
mod media_limits;
mod media_serving;
mod start;
mod webhooks;
