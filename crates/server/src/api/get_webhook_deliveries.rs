//! `GET webhooks/{id}/deliveries`: what was told, what waits, and what was given up.

use axum::Json;
use axum::extract::State;
use cloakroom_storage::DeliveryState;
use cloakroom_wire::{DeliveriesQuery, Envelope, NextMeta, WebhookDelivery};

use super::Api;
use super::caller::BackEnd;
use super::cursor::CursorPage;
use super::error::ApiError;
use super::page::per_page;
use super::path::{InPath, InQuery, WebhookId};
use super::webhook_body::{delivery, word};

/// Lists the deliveries of a webhook, the newest first; `state=dead` for those that were given up.
#[utoipa::path(
    get, path = "/webhooks/{id}/deliveries", tag = "webhooks",
    params(("id" = String, Path, description = "Which webhook."), DeliveriesQuery),
    responses((status = 200, body = Envelope<Vec<WebhookDelivery>, NextMeta>)),
    security(("apikey" = [])),
)]
pub(super) async fn get_webhook_deliveries(
    State(api): State<Api>,
    caller: BackEnd,
    InPath(WebhookId(id)): InPath<WebhookId>,
    InQuery(query): InQuery<DeliveriesQuery>,
) -> Result<Json<Envelope<Vec<WebhookDelivery>, NextMeta>>, ApiError> {
    let app = &caller.app.id;
    let webhooks = api.db.webhooks();
    webhooks.by_id(app, &id).await?.ok_or(ApiError::WebhookNotFound)?;
    let state = query.state.as_deref().map(state).transpose()?;
    let limit = per_page(query.per_page)?;
    let list = format!("webhooks/{id}/deliveries?app={app}&state={}", state.map_or("", word));
    let page = CursorPage::read(list, limit, query.cursor.as_deref())?;
    let after = page.after(|raw| Some(raw.to_owned()))?;
    let after = after.as_ref().map(|(made, id)| (*made, id.as_str()));
    let mut found = webhooks.deliveries(app, &id, state, after, page.limit()).await?;
    let meta = page.cut(&mut found, |last| (last.created_at, last.id.clone()));
    let listed = found.into_iter().map(delivery).collect();
    Ok(Json(Envelope::with_meta(listed, meta)))
}

fn state(raw: &str) -> Result<DeliveryState, ApiError> {
    [DeliveryState::Pending, DeliveryState::Delivered, DeliveryState::Dead]
        .into_iter()
        .find(|state| word(*state) == raw)
        .ok_or(ApiError::BadField { field: "state", rule: "is pending, delivered or dead" })
}
