//! Webhooks and what was delivered to them.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Secret;

/// What `POST webhooks` reads.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({
    "url": "https://hooks.example.com/cloakroom", "events": ["media.ready", "session.ended"]
}))]
pub struct CreateWebhook {
    /// Where to send: https, at most 2048 characters, public unless the server's configuration
    /// lists its address.
    pub url: String,
    /// The events to send.
    pub events: Vec<String>,
}

/// A webhook; its secret is not shown again.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "5f0e6a1c9b7d4e2f", "url": "https://hooks.example.com/cloakroom",
    "events": ["media.ready", "session.ended"], "createdAt": 1_790_000_000
}))]
pub struct Webhook {
    /// Its id.
    pub id: String,
    /// Where it is told.
    pub url: String,
    /// Of what it is told.
    pub events: Vec<String>,
    /// When it was made.
    pub created_at: i64,
    /// Since when nothing is sent, because the receiver answered 410.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_at: Option<i64>,
}

/// A webhook that was just made.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "5f0e6a1c9b7d4e2f", "url": "https://hooks.example.com/cloakroom",
    "events": ["media.ready", "session.ended"], "createdAt": 1_790_000_000, "secret": "whsec_c2hvd24gb25jZQ"
}))]
pub struct CreatedWebhook {
    /// What it is.
    #[serde(flatten)]
    pub webhook: Webhook,
    /// What signs for it, `whsec_…`; shown this once.
    pub secret: Secret,
}

/// The new secret of a webhook.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "5f0e6a1c9b7d4e2f", "secret": "whsec_c2hvd24gb25jZQ", "beforeUntil": 1_790_086_400
}))]
pub struct RotatedWebhookSecret {
    /// The webhook.
    pub id: String,
    /// What signs from now on; shown this once.
    pub secret: Secret,
    /// Until when the one before signs as well.
    pub before_until: i64,
}

/// What `GET webhooks/{id}/deliveries` reads.
#[derive(Clone, Debug, Default, Deserialize, Eq, IntoParams, PartialEq, Serialize)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct DeliveriesQuery {
    /// `pending`, `delivered` or `dead`; all if absent.
    pub state: Option<String>,
    /// Items of a page: 1 to 100, 30 if absent.
    pub per_page: Option<u32>,
    /// `meta.next` of the page before.
    pub cursor: Option<String>,
}

/// One event for one webhook. Of replies, status and size are kept.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "evt_0011223344556677", "event": "media.ready", "state": "dead",
    "createdAt": 1_790_000_000, "attempts": 8, "lastStatus": 500, "lastSize": 27
}))]
pub struct WebhookDelivery {
    /// The id of the event, as in `webhook-id`.
    pub id: String,
    /// Its name.
    pub event: String,
    /// `pending`, `delivered` or `dead`.
    pub state: String,
    /// When it happened.
    pub created_at: i64,
    /// When it is tried next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<i64>,
    /// How often it was tried.
    pub attempts: u32,
    /// The status of the last reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_status: Option<u32>,
    /// The bytes of its body that were read, at most 65536.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_size: Option<u64>,
    /// Why the last try failed, in one word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
}

/// How many events are sent once more.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[schema(example = json!({
    "replayed": 3
}))]
pub struct Replayed {
    /// Events.
    pub replayed: u64,
}

/// A try of a webhook.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "deliveryId": "evt_0011223344556677"
}))]
pub struct WebhookTest {
    /// The id of its event.
    pub delivery_id: String,
}
