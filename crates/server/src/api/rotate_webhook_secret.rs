//! `POST webhooks/{id}/rotate_secret`: a new secret, beside the old one for a day.

use axum::Json;
use axum::extract::State;
use cloakroom_storage::WebhookSecret;
use cloakroom_wire::{Envelope, RotatedWebhookSecret};

use super::Api;
use super::caller::BackEnd;
use super::error::ApiError;
use super::path::{InPath, WebhookId};
use super::shown_once::{ShownOnce, shown_once};
use super::webhook_body::FreshSecret;

/// How long the secret before signs as well.
const GRACE_SECONDS: i64 = 24 * 3600;

/// Gives a webhook a new secret, shown this once. For a day both sign: take either signature.
#[utoipa::path(
    post, path = "/webhooks/{id}/rotate_secret", tag = "webhooks",
    params(("id" = String, Path, description = "Which webhook.")),
    responses((status = 200, body = Envelope<RotatedWebhookSecret>)),
    security(("apikey" = [])),
)]
pub(super) async fn rotate_webhook_secret(
    State(api): State<Api>,
    caller: BackEnd,
    InPath(WebhookId(id)): InPath<WebhookId>,
) -> Result<ShownOnce<Envelope<RotatedWebhookSecret>>, ApiError> {
    let FreshSecret { id: key, wrapped, shown } = FreshSecret::make(&api);
    let now = api.access.now();
    let until = now.plus(GRACE_SECONDS);
    let secret = WebhookSecret { id: key, wrapped };
    if !api.db.webhooks().rotate_secret(&caller.app.id, &id, &secret, until, now).await? {
        return Err(ApiError::WebhookNotFound);
    }
    let rotated = RotatedWebhookSecret { id: id.clone(), secret: shown, before_until: until.0 };
    Ok(shown_once(id, Json(Envelope::new(rotated))))
}
