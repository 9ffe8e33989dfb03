//! `POST users/{uid}/auth_tokens`: what logs one user in.

use axum::Json;
use axum::extract::State;
use cloakroom_storage::{NewSession, SecretHash};
use cloakroom_token::{SessionId, Uid};
use cloakroom_wire::{AuthToken, ClientInfo, Envelope, Secret};

use super::Api;
use super::api_limits::Address;
use super::body::OptionalJsonBody;
use super::caller::{KeyCaller, active};
use super::error::ApiError;
use super::path::InPath;
use super::sdk::Sdk;
use crate::secret;

/// Makes an auth token, which is a session of the user. Shown once.
#[utoipa::path(
    post, path = "/users/{uid}/auth_tokens", tag = "sessions",
    params(("uid" = String, Path, description = "Whom it logs in.")),
    request_body(content = ClientInfo),
    responses((status = 200, body = Envelope<AuthToken>)),
    security(("apikey" = [])),
)]
pub(super) async fn post_auth_token(
    State(api): State<Api>,
    caller: KeyCaller,
    Address(address): Address,
    InPath(uid): InPath<Uid>,
    Sdk(sdk): Sdk,
    OptionalJsonBody(_client): OptionalJsonBody<ClientInfo>,
) -> Result<Json<Envelope<AuthToken>>, ApiError> {
    if caller.is_auth_only() {
        api.limits.log_in(&caller.app.id, &uid, address)?;
    }
    active(&api, &caller.app.id, &uid).await?;
    let (auth_token, _) = secret::mint("ckr_at_");
    let new = NewSession {
        id: SessionId::from_bytes(secret::random()),
        uid: &uid,
        auth_token: SecretHash::of(&auth_token),
        expires_at: None,
        sdk: sdk.as_deref(),
    };
    let session = api.db.sessions().create(&caller.app.id, &new, api.access.now()).await?;
    Ok(Json(Envelope::new(AuthToken {
        uid: uid.into(),
        auth_token: Secret::new(auth_token),
        created_at: session.created_at.0,
    })))
}
