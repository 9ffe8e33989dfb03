//! `POST webhooks/{id}/replay`: tells of all dead events once more.

use axum::Json;
use axum::extract::State;
use cloakroom_wire::{Envelope, Replayed};

use super::Api;
use super::caller::BackEnd;
use super::error::ApiError;
use super::path::{InPath, WebhookId};

/// Tells of every dead event once more. A webhook that was disabled is enabled by it.
#[utoipa::path(
    post, path = "/webhooks/{id}/replay", tag = "webhooks",
    params(("id" = String, Path, description = "Which webhook.")),
    responses((status = 200, body = Envelope<Replayed>)),
    security(("apikey" = [])),
)]
pub(super) async fn replay_webhook(
    State(api): State<Api>,
    caller: BackEnd,
    InPath(WebhookId(id)): InPath<WebhookId>,
) -> Result<Json<Envelope<Replayed>>, ApiError> {
    let (app, webhooks) = (&caller.app.id, api.db.webhooks());
    webhooks.by_id(app, &id).await?.ok_or(ApiError::WebhookNotFound)?;
    webhooks.enable(app, &id).await?;
    let replayed = webhooks.replay_dead(app, &id, api.access.now()).await?;
    Ok(Json(Envelope::new(Replayed { replayed })))
}
