//! The frames of the channel: JSON in text, read loosely, since the SDK sends more than is used.

use cloakroom_wire::{ActionMessage, Message, ReceiverType, User};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A device of no client: the SDK drops what its own device did.
pub(super) const DEVICE: &str = "server";
/// What is answered to a ping.
pub(super) const PONG: &str = r#"{"action":"pong"}"#;

/// The first frame of a client.
#[derive(Deserialize)]
pub(super) struct Greeting {
    #[serde(rename = "appId")]
    pub(super) app_id: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) sender: String,
    pub(super) body: GreetingBody,
}

/// What a client proves who it is with.
#[derive(Deserialize)]
pub(super) struct GreetingBody {
    /// `jwt` of `PUT me`.
    pub(super) auth: String,
}

/// Any later frame of a client.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Heard {
    pub(super) action: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) body: Value,
}

/// A frame that tells of something.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Telling<'a> {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) app_id: &'a str,
    pub(super) device_id: &'static str,
    pub(super) receiver: &'a str,
    pub(super) receiver_type: ReceiverType,
    pub(super) sender: &'a str,
    pub(super) body: TellingBody<'a>,
}

/// What is told.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum TellingBody<'a> {
    Action(&'a ActionMessage),
    Message(&'a Message),
    Receipt(ReceiptBody<'a>),
}

/// How far somebody has come.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReceiptBody<'a> {
    pub(super) action: &'static str,
    pub(super) message_id: &'a str,
    pub(super) user: &'a User,
    pub(super) timestamp: i64,
}
