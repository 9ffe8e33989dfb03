//! `DELETE signing_keys/{id}`.

use axum::Json;
use axum::extract::State;
use cloakroom_storage::Operator;
use cloakroom_token::KeyId;
use cloakroom_wire::{Envelope, Revocation, RevocationKind, RevokedSigningKey, RevokedThing};
use serde::Deserialize;

use super::Api;
use super::caller::OperatorCaller;
use super::error::ApiError;
use super::path::{InPath, InQuery, SigningKeyId};

/// Whether anything is done.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct DryRunQuery {
    /// `true` changes nothing, and says how many live sessions would break.
    dry_run: Option<bool>,
}

/// Revokes a key and all that it signed, with a receipt. If it was the one that signs, its successor
/// signs at once, and if there is none, one is made.
#[utoipa::path(
    delete, path = "/signing_keys/{id}", tag = "signing_keys",
    params(("id" = String, Path, description = "Which key."), DryRunQuery),
    responses((status = 200, body = Envelope<RevokedSigningKey>)),
    security(("operator" = [])),
)]
pub(super) async fn delete_signing_key(
    State(api): State<Api>,
    OperatorCaller { operator }: OperatorCaller,
    InPath(SigningKeyId(id)): InPath<SigningKeyId>,
    InQuery(DryRunQuery { dry_run }): InQuery<DryRunQuery>,
) -> Result<Json<Envelope<RevokedSigningKey>>, ApiError> {
    known(&api, &id).await?;
    let breaks = api.db.sessions().count_by_fat_key(&id, api.access.now()).await?;
    let dry_run = dry_run.unwrap_or(false);
    let revocation = if dry_run { None } else { Some(revoke(&api, &operator, &id, true).await?) };
    Ok(Json(Envelope::new(RevokedSigningKey { id: id.to_string(), breaks, dry_run, revocation })))
}

/// Refuses an id that no key of the key ring has.
pub(super) async fn known(api: &Api, id: &KeyId) -> Result<(), ApiError> {
    let keys = api.db.signing_keys().list().await?;
    if keys.iter().any(|key| key.id == *id) { Ok(()) } else { Err(ApiError::SigningKeyNotFound) }
}

/// Revokes a key that is known, with a receipt.
pub(super) async fn revoke(
    api: &Api,
    operator: &Operator,
    id: &KeyId,
    wait: bool,
) -> Result<Revocation, ApiError> {
    tracing::info!(operator = operator.id, key = %id, "a signing key is revoked");
    let revoked = api.access.revoke_key(id).await?;
    let seqs = revoked.map(|seq| seq..=seq);
    let what = RevokedThing::new(RevocationKind::SigningKey, id.as_str());
    Ok(api.access.receipt(None, what, seqs.as_ref(), wait).await?)
}
