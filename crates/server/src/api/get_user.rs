//! `GET users/{uid}`.

use axum::Json;
use axum::extract::State;
use cloakroom_token::Uid;
use cloakroom_wire::{Envelope, User};
use serde_json::Value;

use super::Api;
use super::caller::Caller;
use super::cast::user_of;
use super::defuse::answer;
use super::error::ApiError;
use super::path::InPath;

/// Gives one user.
#[utoipa::path(
    get, path = "/users/{uid}", tag = "users",
    params(("uid" = String, Path, description = "Whom.")),
    responses((status = 200, body = Envelope<User>)),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(super) async fn get_user(
    State(api): State<Api>,
    caller: Caller,
    InPath(uid): InPath<Uid>,
) -> Result<Json<Value>, ApiError> {
    let app = caller.app();
    let user = api.db.users().by_uid(&app.id, &uid).await?.ok_or(ApiError::UidNotFound)?;
    answer(&api, &app.id, &Envelope::new(user_of(user)))
}
