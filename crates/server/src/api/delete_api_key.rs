//! `DELETE apikeys/{id}`.

use axum::Json;
use axum::extract::State;
use cloakroom_wire::{Envelope, Success};

use super::Api;
use super::caller::AppAdmin;
use super::error::ApiError;
use super::path::{ApiKeyId, InPath};
use super::revoked::revoked;

/// Revokes an API key, and every URL that was made with it.
#[utoipa::path(
    delete, path = "/apikeys/{id}", tag = "apikeys",
    params(("id" = String, Path, description = "Which key.")),
    responses((status = 200, body = Envelope<Success>)),
    security(("apikey" = []), ("operator" = [])),
)]
pub(super) async fn delete_api_key(
    State(api): State<Api>,
    admin: AppAdmin,
    InPath(ApiKeyId(id)): InPath<ApiKeyId>,
) -> Result<Json<Envelope<Success>>, ApiError> {
    let keys = api.db.api_keys();
    keys.by_id(&admin.app.id, &id).await?.ok_or(ApiError::ApiKeyIdNotFound)?;
    let seq = keys.revoke(&admin.app.id, &id, api.access.now()).await?;
    Ok(revoked(seq, Success::DONE))
}
