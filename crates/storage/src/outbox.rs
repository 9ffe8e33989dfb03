//! Events for webhooks, written in the transaction of the act they tell of.

use cloakroom_token::{AppId, Seq, UnixSeconds};
use serde_json::{Value, json};

use crate::db::{Tx, on};
use crate::error::StorageError;
use crate::statement::sql;

sql! {
    Both {
        OUTBOX_APPEND = "INSERT INTO webhook_delivery (webhook_id, id, app_id, event, payload,
            created_at, next_at)
            SELECT w.id, $2, w.app_id, $3, $4, $5, $5 FROM webhook w
            WHERE w.app_id = $1 AND w.disabled_at IS NULL AND w.events LIKE $6";
        OUTBOX_APPEND_TO = "INSERT INTO webhook_delivery (webhook_id, id, app_id, event, payload,
            created_at, next_at)
            SELECT w.id, $2, w.app_id, $3, $4, $5, $5 FROM webhook w
            WHERE w.app_id = $1 AND w.id = $6";
    }
}

macro_rules! webhook_events {
    ($($(#[$doc:meta])* $event:ident = $text:literal;)*) => {
        /// What a webhook is told of.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        pub enum WebhookEvent {
            $($(#[$doc])* $event,)*
        }

        impl WebhookEvent {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$event),*];

            /// Its name, as it stands in subscriptions and payloads.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$event => $text,)*
                }
            }
        }
    };
}

webhook_events! {
    /// The head of the app's ledger.
    LedgerHead = "ledger.head";
    /// A file was deleted; nobody can read it any more.
    MediaDeleted = "media.deleted";
    /// A file can be read.
    MediaReady = "media.ready";
    /// An upload was refused; nothing of it was kept.
    MediaRefused = "media.refused";
    /// A file was taken back from everybody.
    MediaRevoked = "media.revoked";
    /// The bytes of a file are stored.
    MediaUploaded = "media.uploaded";
    /// A session has ended, and its tokens and URLs with it.
    SessionEnded = "session.ended";
    /// A user was deactivated or deleted.
    UserDeactivated = "user.deactivated";
    /// A try of the webhook itself; sent when asked for, whatever is subscribed to.
    WebhookTest = "webhook.test";
}

impl WebhookEvent {
    /// The event of this name; `None` if there is none.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|event| event.as_str() == name)
    }
}

/// Writes an event for every webhook of the app that subscribes to it; says how many. Without one,
/// no row. `data` holds ids only: no name, no URL and no credential leaves this way.
pub(crate) async fn append(
    tx: &mut Tx,
    app: &AppId,
    event: WebhookEvent,
    data: &Value,
    seq: Option<Seq>,
    now: UnixSeconds,
) -> Result<u64, StorageError> {
    let (id, payload) = envelope(app, event, data, seq, now)?;
    let subscribed = format!("%\"{}\"%", event.as_str());
    let written = on!(tx tx, |c| sqlx::query(OUTBOX_APPEND)
        .bind(app.as_str()).bind(id).bind(event.as_str()).bind(payload).bind(now.0)
        .bind(subscribed).execute(c).await.map(|done| done.rows_affected()))?;
    tx.note_posted(written);
    Ok(written)
}

/// Writes an event for one webhook, whatever it subscribes to; `None` if there is no such webhook,
/// else the event's id.
pub(crate) async fn append_to(
    tx: &mut Tx,
    app: &AppId,
    webhook: &str,
    event: WebhookEvent,
    now: UnixSeconds,
) -> Result<Option<String>, StorageError> {
    let (id, payload) = envelope(app, event, &json!({ "webhookId": webhook }), None, now)?;
    let written = on!(tx tx, |c| sqlx::query(OUTBOX_APPEND_TO)
        .bind(app.as_str()).bind(&id).bind(event.as_str()).bind(payload).bind(now.0)
        .bind(webhook).execute(c).await.map(|done| done.rows_affected()))?;
    tx.note_posted(written);
    Ok((written > 0).then_some(id))
}

/// A fresh event id, and the body that carries it.
fn envelope(
    app: &AppId,
    event: WebhookEvent,
    data: &Value,
    seq: Option<Seq>,
    now: UnixSeconds,
) -> Result<(String, String), StorageError> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|error| StorageError::Database(error.into()))?;
    let id = format!("evt_{}", hex::encode(random));
    let mut payload = json!({
        "id": id,
        "type": event.as_str(),
        "createdAt": now.0,
        "appId": app.as_str(),
        "data": data,
    });
    if let Some(Seq(seq)) = seq {
        payload["seq"] = seq.into();
    }
    Ok((id, payload.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_read_by_its_name_alone_and_no_name_is_part_of_a_pattern() {
        for &event in WebhookEvent::ALL {
            assert_eq!(WebhookEvent::parse(event.as_str()), Some(event));
            assert!(!event.as_str().contains(['%', '_', '"']), "{event:?}");
        }
        assert_eq!(WebhookEvent::parse("media"), None);
        assert_eq!(WebhookEvent::parse("MEDIA.READY"), None);
    }
}
