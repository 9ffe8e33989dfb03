//! `POST users`.

use axum::Json;
use axum::extract::State;
use cloakroom_storage::{StorageError, UserProfile};
use cloakroom_token::Uid;
use cloakroom_wire::{CreateUser, Envelope, User};
use serde_json::Value;

use super::Api;
use super::body::JsonBody;
use super::caller::UserMaker;
use super::cast::user_of;
use super::defuse::answer;
use super::error::ApiError;
use super::incoming::{self, optional, value_without_credentials, without_credentials};

/// Makes a user. An `authOnly` key does where the app lets clients log in by it: whoever has it can
/// be any user already.
#[utoipa::path(
    post, path = "/users", tag = "users",
    request_body(content = CreateUser),
    responses((status = 200, body = Envelope<User>)),
    security(("apikey" = [])),
)]
pub(super) async fn post_user(
    State(api): State<Api>,
    caller: UserMaker,
    JsonBody(new): JsonBody<CreateUser>,
) -> Result<Json<Value>, ApiError> {
    let CreateUser { uid, name, avatar, role, mut metadata } = new;
    let uid = Uid::parse(&uid).map_err(|_| ApiError::BadField {
        field: "uid",
        rule: "must be 1 to 100 letters, digits, _ or -",
    })?;
    incoming::name("name", &name, 200)?;
    optional("avatar", avatar.as_deref(), 2048)?;
    optional("role", role.as_deref(), 100)?;
    let origin = api.access.origin();
    if let Some(metadata) = &mut metadata {
        value_without_credentials(origin, metadata);
    }
    let profile = UserProfile {
        name,
        avatar: avatar.map(|url| without_credentials(origin, url)),
        role: role.filter(|role| !role.is_empty()).unwrap_or_else(|| "default".to_owned()),
        metadata,
        ..UserProfile::default()
    };
    let user =
        api.db.users().create(&caller.app.id, &uid, &profile, api.access.now()).await.map_err(
            |error| match error {
                StorageError::Conflict => ApiError::UidAlreadyExists,
                other => other.into(),
            },
        )?;
    answer(&api, &caller.app.id, &Envelope::new(user_of(user)))
}
