//! `POST signing_keys/rotate`.

use axum::Json;
use axum::extract::State;
use cloakroom_storage::KeyPurpose;
use cloakroom_wire::{Envelope, RotateSigningKey, RotatedSigningKey, SigningPurpose};

use super::Api;
use super::body::JsonBody;
use super::caller::OperatorCaller;
use super::error::ApiError;
use crate::access::signing;

/// Makes a successor of the key that signs. It is published and verifies at once, and signs as soon
/// as every node has had the time to learn of it. What the old key signed stays good.
#[utoipa::path(
    post, path = "/signing_keys/rotate", tag = "signing_keys",
    request_body(content = RotateSigningKey),
    responses((status = 200, body = Envelope<RotatedSigningKey>)),
    security(("operator" = [])),
)]
pub(super) async fn rotate_signing_key(
    State(api): State<Api>,
    OperatorCaller { operator }: OperatorCaller,
    JsonBody(RotateSigningKey { purpose, dry_run }): JsonBody<RotateSigningKey>,
) -> Result<Json<Envelope<RotatedSigningKey>>, ApiError> {
    let stored = match purpose {
        SigningPurpose::Fat => KeyPurpose::Fat,
        SigningPurpose::Presign => KeyPurpose::Presign,
        SigningPurpose::Statement => KeyPurpose::Statement,
    };
    let now = api.access.now();
    let rows = api.db.signing_keys().list().await?;
    let before = signing(&rows, stored, now).ok_or(ApiError::SigningKeyNotFound)?.id.clone();
    let live_sessions = api.db.sessions().count_by_fat_key(&before, now).await?;
    let (id, signs_from) = if dry_run {
        (None, api.access.next_signs_from())
    } else {
        let (id, signs_from) = api.access.rotate_key(stored).await?;
        tracing::info!(operator = operator.id, key = %id, ?purpose, "a signing key is rotated");
        (Some(id.to_string()), signs_from)
    };
    Ok(Json(Envelope::new(RotatedSigningKey {
        id,
        purpose,
        signs_from: signs_from.0,
        before: before.to_string(),
        live_sessions,
        breaks: 0,
    })))
}
