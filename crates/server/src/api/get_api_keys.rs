//! `GET apikeys`.

use axum::Json;
use axum::extract::State;
use cloakroom_storage as stored;
use cloakroom_wire::{ApiKey, ApiKeyScope, Envelope};

use super::Api;
use super::caller::AppAdmin;
use super::error::ApiError;

/// Gives the API keys of the app, the oldest first, revoked ones included. Never a secret.
#[utoipa::path(
    get, path = "/apikeys", tag = "apikeys",
    responses((status = 200, body = Envelope<Vec<ApiKey>>)),
    security(("apikey" = []), ("operator" = [])),
)]
pub(super) async fn get_api_keys(
    State(api): State<Api>,
    admin: AppAdmin,
) -> Result<Json<Envelope<Vec<ApiKey>>>, ApiError> {
    let keys = api.db.api_keys().list(&admin.app.id).await?;
    Ok(Json(Envelope::new(keys.into_iter().map(key_of).collect())))
}

/// A stored key as it goes out.
pub(super) fn key_of(key: stored::ApiKey) -> ApiKey {
    ApiKey {
        id: key.id.into(),
        name: key.name,
        scope: match key.scope {
            stored::ApiKeyScope::AuthOnly => ApiKeyScope::AuthOnly,
            stored::ApiKeyScope::FullAccess => ApiKeyScope::FullAccess,
        },
        created_at: key.created_at.0,
        expires_at: key.expires_at.map(|at| at.0),
        revoked_at: key.revoked_at.map(|at| at.0),
    }
}
