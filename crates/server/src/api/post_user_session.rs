//! `POST user_sessions`: where the official SDK sends its telemetry.

use axum::Json;
use cloakroom_wire::{Envelope, Success};

use super::caller::UserCaller;

/// Takes the telemetry of the official SDK and keeps nothing of it.
#[utoipa::path(
    post, path = "/user_sessions", tag = "sessions",
    responses((status = 200, body = Envelope<Success>)),
    security(("authtoken" = [])),
)]
pub(super) async fn post_user_session(_: UserCaller) -> Json<Envelope<Success>> {
    Json(Envelope::new(Success::DONE))
}
