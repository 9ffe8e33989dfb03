//! `GET webhooks`: all of the app.

use axum::Json;
use axum::extract::State;
use cloakroom_wire::{Envelope, Webhook};

use super::Api;
use super::caller::BackEnd;
use super::error::ApiError;
use super::webhook_body::webhook;

/// Lists the app's webhooks, without their secrets.
#[utoipa::path(
    get, path = "/webhooks", tag = "webhooks",
    responses((status = 200, body = Envelope<Vec<Webhook>>)),
    security(("apikey" = [])),
)]
pub(super) async fn get_webhooks(
    State(api): State<Api>,
    caller: BackEnd,
) -> Result<Json<Envelope<Vec<Webhook>>>, ApiError> {
    let listed = api.db.webhooks().list(&caller.app.id).await?;
    Ok(Json(Envelope::new(listed.into_iter().map(webhook).collect())))
}
