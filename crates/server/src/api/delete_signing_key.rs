//! `DELETE signing_keys/{id}`.

use axum::Json;
use axum::extract::State;
use cloakroom_token::KeyId;
use cloakroom_wire::{Envelope, RevocationKind, RevokedSigningKey, RevokedThing};
use serde::Deserialize;

use super::Api;
use super::caller::OperatorCaller;
use super::error::ApiError;
use super::path::{InPath, InQuery, PathPart};

/// Whether anything is done.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct DryRunQuery {
    /// `true` changes nothing, and says how many live sessions would break.
    dry_run: Option<bool>,
}

/// The id of a key of the key ring.
pub(super) struct SigningKeyId(KeyId);

impl PathPart for SigningKeyId {
    fn read(raw: &str) -> Result<Self, ApiError> {
        KeyId::parse(raw).map(Self).map_err(|_| ApiError::SigningKeyNotFound)
    }
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
    let (keys, now) = (api.db.signing_keys(), api.access.now());
    if !keys.list().await?.iter().any(|key| key.id == id) {
        return Err(ApiError::SigningKeyNotFound);
    }
    let breaks = api.db.sessions().count_by_fat_key(&id, now).await?;
    let dry_run = dry_run.unwrap_or(false);
    let revocation = if dry_run {
        None
    } else {
        tracing::info!(operator = operator.id, key = %id, "a signing key is revoked");
        let seqs = keys.revoke(&id, now).await?.map(|seq| seq..=seq);
        let what = RevokedThing::new(RevocationKind::SigningKey, id.as_str());
        Some(api.access.receipt(None, what, seqs.as_ref(), true).await?)
    };
    Ok(Json(Envelope::new(RevokedSigningKey { id: id.to_string(), breaks, dry_run, revocation })))
}
