//! `GET me`: the own user.

use axum::Json;
use axum::extract::State;
use cloakroom_wire::{Envelope, Me};
use serde_json::Value;

use super::Api;
use super::caller::UserCaller;
use super::cast::Cast;
use super::defuse::answer;
use super::error::ApiError;

/// Gives the own user, without settings and tokens.
#[utoipa::path(
    get, path = "/me", tag = "sessions",
    responses((status = 200, body = Envelope<Me>)),
    security(("authtoken" = [])),
)]
pub(super) async fn get_me(
    State(api): State<Api>,
    caller: UserCaller,
) -> Result<Json<Value>, ApiError> {
    let user = Cast::new(&api, &caller.app, None).user(&caller.uid).await?;
    let me =
        Me { user, auth_token: None, fat: None, fat_expires_at: None, jwt: None, settings: None };
    answer(&api, &caller.app.id, &Envelope::new(me))
}
