//! `GET delegated_keys/{id}`.

use axum::Json;
use axum::extract::State;
use cloakroom_storage::DelegatedKeyRow;
use cloakroom_token::{AppId, KeyId, Seq, UrlPurpose};
use cloakroom_wire as wire;
use cloakroom_wire::{DelegatedKey, Envelope};

use super::Api;
use super::caller::AppAdmin;
use super::error::ApiError;
use super::path::{DelegatedKeyId, InPath};

/// Gives a delegated key, without its secret, and the generation for its signer.
#[utoipa::path(
    get, path = "/delegated_keys/{id}", tag = "delegated_keys",
    params(("id" = String, Path, description = "Which key.")),
    responses((status = 200, body = Envelope<DelegatedKey>)),
    security(("apikey" = []), ("operator" = [])),
)]
pub(super) async fn get_delegated_key(
    State(api): State<Api>,
    admin: AppAdmin,
    InPath(DelegatedKeyId(id)): InPath<DelegatedKeyId>,
) -> Result<Json<Envelope<DelegatedKey>>, ApiError> {
    let generation = api.access.head();
    Ok(Json(Envelope::new(key_of(find(&api, &admin.app.id, &id).await?, generation))))
}

/// The key of this id.
pub(super) async fn find(api: &Api, app: &AppId, id: &KeyId) -> Result<DelegatedKeyRow, ApiError> {
    api.db.delegated_keys().by_id(app, id).await?.ok_or(ApiError::DelegatedKeyNotFound)
}

/// A stored key as it goes out.
pub(super) fn key_of(row: DelegatedKeyRow, generation: Seq) -> DelegatedKey {
    let purposes = row.bounds.purposes.into_iter().map(|purpose| match purpose {
        UrlPurpose::Download => wire::UrlPurpose::Download,
        UrlPurpose::Export => wire::UrlPurpose::Export,
        UrlPurpose::Mail => wire::UrlPurpose::Mail,
        UrlPurpose::Push => wire::UrlPurpose::Push,
    });
    DelegatedKey {
        id: row.id.to_string(),
        name: row.name,
        max_ttl_seconds: row.bounds.max_ttl_seconds,
        purposes: purposes.collect(),
        uid_prefix: row.bounds.uid_prefix.map(|prefix| prefix.to_string()),
        fetches_per_minute: row.fetches_per_minute,
        created_at: row.created_at.0,
        revoked_at: row.revoked_at.map(|at| at.0),
        generation: generation.0,
    }
}
