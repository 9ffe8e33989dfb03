//! `GET webhooks/{id}/deliveries`: what was told, what waits, and what was given up.

use axum::Json;
use axum::extract::State;
use cloakroom_storage::DeliveryState;
use cloakroom_token::UnixSeconds;
use cloakroom_wire::{DeliveriesMeta, DeliveriesQuery, Envelope, WebhookDelivery};

use super::Api;
use super::caller::BackEnd;
use super::cursor::Cursor;
use super::error::ApiError;
use super::page::per_page;
use super::path::{InPath, InQuery, WebhookId};
use super::webhook_body::{delivery, word};

/// Lists the deliveries of a webhook, the newest first; `state=dead` for those that were given up.
#[utoipa::path(
    get, path = "/webhooks/{id}/deliveries", tag = "webhooks",
    params(("id" = String, Path, description = "Which webhook."), DeliveriesQuery),
    responses((status = 200, body = Envelope<Vec<WebhookDelivery>, DeliveriesMeta>)),
    security(("apikey" = [])),
)]
pub(super) async fn get_webhook_deliveries(
    State(api): State<Api>,
    caller: BackEnd,
    InPath(WebhookId(id)): InPath<WebhookId>,
    InQuery(query): InQuery<DeliveriesQuery>,
) -> Result<Json<Envelope<Vec<WebhookDelivery>, DeliveriesMeta>>, ApiError> {
    let app = &caller.app.id;
    let webhooks = api.db.webhooks();
    webhooks.by_id(app, &id).await?.ok_or(ApiError::WebhookNotFound)?;
    let state = query.state.as_deref().map(state).transpose()?;
    let limit = per_page(query.per_page)?;
    let list = format!("webhooks/{id}/deliveries?app={app}&state={}", state.map_or("", word));
    let behind = query.cursor.map(|raw| Cursor::read(&raw, &list)).transpose()?;
    let behind = behind.as_ref().map(|cursor| (UnixSeconds(cursor.number), cursor.id.as_str()));
    let mut found = webhooks.deliveries(app, &id, state, behind, limit + 1).await?;
    let has_more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found
        .last()
        .filter(|_| has_more)
        .map(|last| Cursor { number: last.created_at.0, id: last.id.clone() }.write(&list));
    let listed = found.into_iter().map(delivery).collect();
    Ok(Json(Envelope::with_meta(listed, DeliveriesMeta { next })))
}

fn state(raw: &str) -> Result<DeliveryState, ApiError> {
    [DeliveryState::Pending, DeliveryState::Delivered, DeliveryState::Dead]
        .into_iter()
        .find(|state| word(*state) == raw)
        .ok_or(ApiError::BadField { field: "state", rule: "is pending, delivered or dead" })
}
