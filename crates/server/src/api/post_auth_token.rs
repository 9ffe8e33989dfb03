//! `POST users/{uid}/auth_tokens`: what logs one user in.

use axum::Json;
use axum::extract::State;
use cloakroom_storage::{NewSession, SecretHash};
use cloakroom_token::{SessionId, Uid};
use cloakroom_wire::{AuthToken, CreateAuthToken, Envelope, Secret};

use super::Api;
use super::api_limits::Address;
use super::body::OptionalJsonBody;
use super::caller::{KeyCaller, active};
use super::error::ApiError;
use super::path::InPath;
use super::sdk::Sdk;
use super::shown_once::{ShownOnce, shown_once};
use crate::secret;

/// How long an auth token with an end lives: a minute to a year.
const TTL_SECONDS: std::ops::RangeInclusive<i64> = 60..=31_536_000;

/// Makes an auth token, which is a session of the user. Shown once.
#[utoipa::path(
    post, path = "/users/{uid}/auth_tokens", tag = "sessions",
    params(("uid" = String, Path, description = "Whom it logs in.")),
    request_body(content = CreateAuthToken),
    responses((status = 200, body = Envelope<AuthToken>)),
    security(("apikey" = [])),
)]
pub(super) async fn post_auth_token(
    State(api): State<Api>,
    caller: KeyCaller,
    Address(address): Address,
    InPath(uid): InPath<Uid>,
    Sdk(sdk): Sdk,
    OptionalJsonBody(asked): OptionalJsonBody<CreateAuthToken>,
) -> Result<ShownOnce<Envelope<AuthToken>>, ApiError> {
    if asked.ttl_seconds.is_some_and(|seconds| !TTL_SECONDS.contains(&seconds)) {
        return Err(ApiError::BadField { field: "ttlSeconds", rule: "must be 60 to 31536000" });
    }
    if caller.is_auth_only() {
        api.limits.log_in(&caller.app.id, &uid, address)?;
    }
    active(&api, &caller.app.id, &uid).await?;
    let now = api.access.now();
    let (auth_token, _) = secret::mint("ckr_at_");
    let new = NewSession {
        id: SessionId::from_bytes(secret::random()),
        uid: &uid,
        auth_token: SecretHash::of(&auth_token),
        expires_at: asked.ttl_seconds.map(|seconds| now.plus(seconds)),
        sdk: sdk.as_deref(),
    };
    let session = api.db.sessions().create(&caller.app.id, &new, now).await?;
    let id = session.id.to_string();
    let answer = AuthToken {
        uid: uid.into(),
        auth_token: Secret::new(auth_token),
        created_at: session.created_at.0,
        id: Some(id.clone()),
        expires_at: session.expires_at.map(|at| at.0),
    };
    Ok(shown_once(id, Json(Envelope::new(answer))))
}
