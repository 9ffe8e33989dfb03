//! `POST apikeys/{id}/rotate`.

use axum::extract::State;
use cloakroom_wire::{CreatedApiKey, Envelope, RotateApiKey};

use super::Api;
use super::body::OptionalJsonBody;
use super::caller::AppAdmin;
use super::error::ApiError;
use super::get_api_keys::key_of;
use super::path::{ApiKeyId, InPath};
use super::post_api_key::fresh_key;
use super::revoked::revoked;
use super::shown_once::{ShownOnce, shown_once};

/// How long an old key may go on: at most a week.
const GRACE_SECONDS: std::ops::RangeInclusive<i64> = 0..=604_800;

/// Puts a new key of the same name and scope in the place of one, which goes on for `graceSeconds`
/// and then ends. The secret of the new one is shown once.
#[utoipa::path(
    post, path = "/apikeys/{id}/rotate", tag = "apikeys",
    params(("id" = String, Path, description = "Which key.")),
    request_body(content = RotateApiKey),
    responses((status = 200, body = Envelope<CreatedApiKey>)),
    security(("apikey" = []), ("operator" = [])),
)]
pub(super) async fn rotate_api_key(
    State(api): State<Api>,
    admin: AppAdmin,
    InPath(ApiKeyId(old)): InPath<ApiKeyId>,
    OptionalJsonBody(RotateApiKey { grace_seconds }): OptionalJsonBody<RotateApiKey>,
) -> Result<ShownOnce<Envelope<CreatedApiKey>>, ApiError> {
    let grace_seconds = grace_seconds.unwrap_or(0);
    if !GRACE_SECONDS.contains(&grace_seconds) {
        return Err(ApiError::BadField { field: "graceSeconds", rule: "must be 0 to 604800" });
    }
    let (id, secret, hash) = fresh_key();
    let keys = api.db.api_keys();
    let now = api.access.now();
    let rotated = keys.rotate(&admin.app.id, &old, (&id, hash), grace_seconds, now).await?;
    let (key, seq) = rotated.ok_or(ApiError::ApiKeyIdNotFound)?;
    let created = CreatedApiKey { key: key_of(key), api_key: secret };
    Ok(shown_once(id.as_str(), revoked(Some(seq), created)))
}
