//! `DELETE me`: logout.

use axum::Json;
use axum::extract::State;
use cloakroom_wire::{Envelope, Success};

use super::Api;
use super::caller::UserCaller;
use super::error::ApiError;
use super::revoked::revoked;

/// Ends the session: its auth token, its File Access Tokens and its presigned URLs, at once.
#[utoipa::path(
    delete, path = "/me", tag = "sessions",
    responses((status = 200, body = Envelope<Success>)),
    security(("authtoken" = [])),
)]
pub(super) async fn delete_me(
    State(api): State<Api>,
    caller: UserCaller,
) -> Result<Json<Envelope<Success>>, ApiError> {
    let seq = api.db.sessions().end(&caller.app.id, caller.session, api.access.now()).await?;
    Ok(revoked(seq, Success::DONE))
}
