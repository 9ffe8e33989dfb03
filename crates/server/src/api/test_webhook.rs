//! `POST webhooks/{id}/test`: tries a webhook.

use axum::Json;
use axum::extract::State;
use cloakroom_wire::{Envelope, WebhookTest};

use super::Api;
use super::caller::BackEnd;
use super::error::ApiError;
use super::path::{InPath, WebhookId};

/// Sends the event `webhook.test`. A webhook that was disabled is enabled by it.
#[utoipa::path(
    post, path = "/webhooks/{id}/test", tag = "webhooks",
    params(("id" = String, Path, description = "Which webhook.")),
    responses((status = 200, body = Envelope<WebhookTest>)),
    security(("apikey" = [])),
)]
pub(super) async fn test_webhook(
    State(api): State<Api>,
    caller: BackEnd,
    InPath(WebhookId(id)): InPath<WebhookId>,
) -> Result<Json<Envelope<WebhookTest>>, ApiError> {
    let (app, webhooks) = (&caller.app.id, api.db.webhooks());
    webhooks.enable(app, &id).await?;
    let event = webhooks.enqueue_test(app, &id, api.access.now()).await?;
    let delivery_id = event.ok_or(ApiError::WebhookNotFound)?;
    Ok(Json(Envelope::new(WebhookTest { delivery_id })))
}
