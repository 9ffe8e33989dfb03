//! `DELETE webhooks/{id}`: tells it of nothing more.

use axum::Json;
use axum::extract::State;
use cloakroom_wire::{Envelope, Success};

use super::Api;
use super::caller::BackEnd;
use super::error::ApiError;
use super::path::{InPath, WebhookId};

/// Deletes a webhook, its secret and its deliveries.
#[utoipa::path(
    delete, path = "/webhooks/{id}", tag = "webhooks",
    params(("id" = String, Path, description = "Which webhook.")),
    responses((status = 200, body = Envelope<Success>)),
    security(("apikey" = [])),
)]
pub(super) async fn delete_webhook(
    State(api): State<Api>,
    caller: BackEnd,
    InPath(WebhookId(id)): InPath<WebhookId>,
) -> Result<Json<Envelope<Success>>, ApiError> {
    if !api.db.webhooks().delete(&caller.app.id, &id).await? {
        return Err(ApiError::WebhookNotFound);
    }
    Ok(Json(Envelope::new(Success::DONE)))
}
