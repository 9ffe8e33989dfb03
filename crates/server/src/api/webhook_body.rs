//! Webhooks and deliveries as they go out.

use cloakroom_storage::{Delivery, DeliveryState, Webhook};
use cloakroom_token::KeyId;
use cloakroom_wire::Secret;

use super::Api;
use crate::secret;
use crate::webhooks::shown;

/// A webhook as it is listed, without its secret.
pub(super) fn webhook(stored: Webhook) -> cloakroom_wire::Webhook {
    cloakroom_wire::Webhook {
        id: stored.id,
        url: stored.url,
        events: stored.events,
        created_at: stored.created_at.0,
        disabled_at: stored.disabled_at.map(|at| at.0),
    }
}

/// A delivery as it is listed, without its payload.
pub(super) fn delivery(stored: Delivery) -> cloakroom_wire::WebhookDelivery {
    cloakroom_wire::WebhookDelivery {
        id: stored.id,
        event: stored.event,
        state: word(stored.state).to_owned(),
        created_at: stored.created_at.0,
        next_at: (stored.state == DeliveryState::Pending).then_some(stored.next_at.0),
        attempts: stored.attempts,
        last_status: stored.last_status,
        last_size: stored.last_size,
        last_error: stored.last_error,
    }
}

/// The word for a state.
pub(super) fn word(state: DeliveryState) -> &'static str {
    match state {
        DeliveryState::Pending => "pending",
        DeliveryState::Delivered => "delivered",
        DeliveryState::Dead => "dead",
    }
}

/// A fresh secret: its id, wrapped, and as it is shown this once.
pub(super) struct FreshSecret {
    pub(super) id: KeyId,
    pub(super) wrapped: Vec<u8>,
    pub(super) shown: Secret,
}

impl FreshSecret {
    pub(super) fn make(api: &Api) -> Self {
        let id = secret::key_id();
        let secret = zeroize::Zeroizing::new(secret::random::<32>());
        let wrapped = api.access.wrap(&id, &secret);
        Self { id, wrapped, shown: Secret::new(shown(&secret)) }
    }
}
