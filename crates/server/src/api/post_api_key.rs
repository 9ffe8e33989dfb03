//! `POST apikeys`.

use axum::Json;
use axum::extract::State;
use cloakroom_storage as stored;
use cloakroom_storage::SecretHash;
use cloakroom_token::KeyId;
use cloakroom_wire::{ApiKeyScope, CreateApiKey, CreatedApiKey, Envelope, Secret};

use super::Api;
use super::body::JsonBody;
use super::caller::AppAdmin;
use super::error::ApiError;
use super::get_api_keys::key_of;
use super::incoming;
use super::shown_once::{ShownOnce, shown_once};
use crate::secret::{key_id, mint};

/// Makes an API key. Its secret is shown once.
#[utoipa::path(
    post, path = "/apikeys", tag = "apikeys",
    request_body(content = CreateApiKey),
    responses((status = 200, body = Envelope<CreatedApiKey>)),
    security(("apikey" = []), ("operator" = [])),
)]
pub(super) async fn post_api_key(
    State(api): State<Api>,
    admin: AppAdmin,
    JsonBody(CreateApiKey { name, scope }): JsonBody<CreateApiKey>,
) -> Result<ShownOnce<Envelope<CreatedApiKey>>, ApiError> {
    incoming::name("name", &name, 100)?;
    let scope = match scope {
        ApiKeyScope::AuthOnly => stored::ApiKeyScope::AuthOnly,
        ApiKeyScope::FullAccess => stored::ApiKeyScope::FullAccess,
    };
    let (id, secret, hash) = fresh_key();
    let now = api.access.now();
    let key = api.db.api_keys().create(&admin.app.id, &id, &name, scope, hash, now).await?;
    let created = CreatedApiKey { key: key_of(key), api_key: secret };
    Ok(shown_once(id.as_str(), Json(Envelope::new(created))))
}

/// Id, secret and what to store of it.
pub(super) fn fresh_key() -> (KeyId, Secret, SecretHash) {
    let (secret, hash) = mint("ckr_key_");
    (key_id(), Secret::new(secret), hash)
}
