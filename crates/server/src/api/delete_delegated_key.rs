//! `DELETE delegated_keys/{id}`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use cloakroom_token::{AppId, KeyId, Seq};
use cloakroom_wire::{Envelope, Revocation, RevocationKind, RevokedThing};

use super::Api;
use super::caller::AppAdmin;
use super::error::ApiError;
use super::get_delegated_key::find;
use super::path::{DelegatedKeyId, InPath};
use super::post_revocation::answer;

/// Revokes a delegated key and every URL that was signed with it, with a receipt.
#[utoipa::path(
    delete, path = "/delegated_keys/{id}", tag = "delegated_keys",
    params(("id" = String, Path, description = "Which key.")),
    responses(
        (status = 200, body = Envelope<Revocation>, description = "In force on every node."),
        (status = 202, body = Envelope<Revocation>, description = "Committed; ask again by its id."),
    ),
    security(("apikey" = []), ("operator" = [])),
)]
pub(super) async fn delete_delegated_key(
    State(api): State<Api>,
    admin: AppAdmin,
    InPath(DelegatedKeyId(id)): InPath<DelegatedKeyId>,
) -> Result<(StatusCode, Json<Envelope<Revocation>>), ApiError> {
    let app = &admin.app.id;
    let seqs = revoke(&api, app, &id).await?.map(|seq| seq..=seq);
    let what = RevokedThing::new(RevocationKind::DelegatedKey, id.as_str());
    Ok(answer(api.access.receipt(Some(app), what, seqs.as_ref(), true).await?))
}

/// Revokes a key that must be there; `None` if it was revoked before.
pub(super) async fn revoke(api: &Api, app: &AppId, id: &KeyId) -> Result<Option<Seq>, ApiError> {
    find(api, app, id).await?;
    Ok(api.db.delegated_keys().revoke(app, id, api.access.now()).await?)
}
