//! `POST webhooks`: where the app's back end is told of what happens.

use axum::Json;
use axum::extract::State;
use cloakroom_storage::{NewWebhook, WebhookEvent};
use cloakroom_wire::{CreateWebhook, CreatedWebhook, Envelope};

use super::Api;
use super::body::JsonBody;
use super::caller::BackEnd;
use super::error::ApiError;
use super::shown_once::{ShownOnce, shown_once};
use super::webhook_body::{FreshSecret, webhook};
use crate::secret;

const MOST_WEBHOOKS: u32 = 20;

/// Makes a webhook. Its secret is shown this once.
#[utoipa::path(
    post, path = "/webhooks", tag = "webhooks",
    request_body(content = CreateWebhook),
    responses((status = 200, body = Envelope<CreatedWebhook>)),
    security(("apikey" = [])),
)]
pub(super) async fn post_webhook(
    State(api): State<Api>,
    caller: BackEnd,
    JsonBody(CreateWebhook { url, events }): JsonBody<CreateWebhook>,
) -> Result<ShownOnce<Envelope<CreatedWebhook>>, ApiError> {
    let mut names = Vec::new();
    for event in &events {
        let rule = "must be names of events such as media.ready";
        let event = WebhookEvent::parse(event).filter(|e| *e != WebhookEvent::WebhookTest);
        let event = event.ok_or(ApiError::BadField { field: "events", rule })?;
        if !names.contains(&event) {
            names.push(event);
        }
    }
    if names.is_empty() {
        return Err(ApiError::BadField { field: "events", rule: "must name at least one event" });
    }
    let target = api.targets.check(&url).await.map_err(ApiError::WebhookTargetRefused)?;
    let id = format!("wh_{}", hex::encode(secret::random::<12>()));
    let fresh = FreshSecret::make(&api);
    let new = NewWebhook {
        id: &id,
        url: target.as_str(),
        events: &names,
        secret: &fresh.id,
        wrapped: &fresh.wrapped,
    };
    let (app, now) = (&caller.app.id, api.access.now());
    let made = api.db.webhooks().create(app, &new, MOST_WEBHOOKS, now).await?;
    let rule = "are 20 already; delete one first";
    let made = made.ok_or(ApiError::BadField { field: "webhooks", rule })?;
    let made = webhook(made);
    let id = made.id.clone();
    let created = CreatedWebhook { webhook: made, secret: fresh.shown };
    Ok(shown_once(id, Json(Envelope::new(created))))
}
