//! The server through real HTTP: one binary, a module a topic.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod api_admin;
mod api_bad_input;
mod api_delegated_keys;
mod api_errors;
mod api_explain;
mod api_group_rules;
mod api_groups;
mod api_idempotency;
mod api_logins;
mod api_media;
mod api_messages;
mod api_presign;
mod api_presign_back_end;
mod api_sessions;
mod api_uploads;
mod api_users;
mod attacks;
mod docs_walkthrough;
mod event_stream;
mod ledger;
mod ledger_run;
mod limits;
mod logs;
mod media_access;
mod media_limits;
mod media_serving;
mod media_views;
mod observe;
mod revocation_race;
mod revocations;
mod rotate_master;
mod signing_keys;
mod start;
mod two_nodes;
mod webhooks;
