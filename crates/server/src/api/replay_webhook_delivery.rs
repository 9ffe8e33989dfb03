//! `POST webhooks/{id}/deliveries/{deliveryId}/replay`: tells of one event once more.

use axum::Json;
use axum::extract::State;
use cloakroom_wire::{Envelope, Replayed};

use super::Api;
use super::caller::BackEnd;
use super::error::ApiError;
use super::path::{BothInPath, WebhookId};

/// Tells of a delivered or dead event once more, under its own id. A webhook that was disabled is
/// enabled by it.
#[utoipa::path(
    post, path = "/webhooks/{id}/deliveries/{deliveryId}/replay", tag = "webhooks",
    params(
        ("id" = String, Path, description = "Which webhook."),
        ("deliveryId" = String, Path, description = "Which event."),
    ),
    responses((status = 200, body = Envelope<Replayed>)),
    security(("apikey" = [])),
)]
pub(super) async fn replay_webhook_delivery(
    State(api): State<Api>,
    caller: BackEnd,
    BothInPath(WebhookId(id), WebhookId(event)): BothInPath<WebhookId, WebhookId>,
) -> Result<Json<Envelope<Replayed>>, ApiError> {
    let (app, webhooks) = (&caller.app.id, api.db.webhooks());
    if !webhooks.replay(app, &id, &event, api.access.now()).await? {
        return Err(ApiError::WebhookNotFound);
    }
    webhooks.enable(app, &id).await?;
    Ok(Json(Envelope::new(Replayed { replayed: 1 })))
}
