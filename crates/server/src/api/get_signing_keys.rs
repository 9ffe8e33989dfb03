//! `GET signing_keys`.

use axum::Json;
use axum::extract::State;
use cloakroom_storage::KeyPurpose;
use cloakroom_wire::{Envelope, SigningKey, SigningPurpose};

use super::Api;
use super::caller::OperatorCaller;
use super::error::ApiError;
use crate::access::signing;

/// Gives the key ring: which key signs, which only verify, which were revoked. Never a secret.
#[utoipa::path(
    get, path = "/signing_keys", tag = "signing_keys",
    responses((status = 200, body = Envelope<Vec<SigningKey>>)),
    security(("operator" = [])),
)]
pub(super) async fn get_signing_keys(
    State(api): State<Api>,
    _: OperatorCaller,
) -> Result<Json<Envelope<Vec<SigningKey>>>, ApiError> {
    let rows = api.db.signing_keys().list().await?;
    let now = api.access.now();
    let mut keys = Vec::with_capacity(rows.len());
    for row in &rows {
        keys.push(SigningKey {
            id: row.id.to_string(),
            purpose: purpose_of(row.purpose),
            algorithm: row.algorithm.clone(),
            signs: signing(&rows, row.purpose, now).is_some_and(|key| key.id == row.id),
            created_at: row.created_at.0,
            signs_from: row.signs_from.0,
            revoked_at: row.revoked_at.map(|at| at.0),
            live_sessions: api.db.sessions().count_by_fat_key(&row.id, now).await?,
        });
    }
    Ok(Json(Envelope::new(keys)))
}

const fn purpose_of(purpose: KeyPurpose) -> SigningPurpose {
    match purpose {
        KeyPurpose::Fat => SigningPurpose::Fat,
        KeyPurpose::Presign => SigningPurpose::Presign,
        KeyPurpose::Statement => SigningPurpose::Statement,
    }
}
