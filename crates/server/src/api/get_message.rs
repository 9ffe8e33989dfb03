//! `GET messages/{id}`.

use axum::Json;
use axum::extract::State;
use cloakroom_storage as stored;
use cloakroom_storage::Receiver;
use cloakroom_token::{AppId, Uid};
use cloakroom_wire::{Envelope, Message};
use serde_json::Value;

use super::Api;
use super::caller::Caller;
use super::cast::Cast;
use super::defuse::answer;
use super::error::ApiError;
use super::path::{InPath, MessageId};

/// Gives one message to those in its conversation. Of a deleted one, what it said is gone.
#[utoipa::path(
    get, path = "/messages/{id}", tag = "messages",
    params(("id" = String, Path, description = "Which message.")),
    responses((status = 200, body = Envelope<Message>)),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(super) async fn get_message(
    State(api): State<Api>,
    caller: Caller,
    InPath(MessageId(id)): InPath<MessageId>,
) -> Result<Json<Value>, ApiError> {
    let app = caller.app();
    let message = visible_message(&api, &caller, id).await?;
    let message = Cast::new(&api, app, caller.uid()).message(message).await?;
    answer(&api, &app.id, &Envelope::new(message))
}

/// A message, if the caller may see it. The back end sees all.
pub(super) async fn visible_message(
    api: &Api,
    caller: &Caller,
    id: i64,
) -> Result<stored::Message, ApiError> {
    let app = &caller.app().id;
    let message = api.db.messages().by_id(app, id).await?.ok_or(ApiError::MessageNotFound)?;
    let visible = match caller.uid() {
        None => true,
        Some(uid) => sees(api, app, uid, &message).await?,
    };
    if visible { Ok(message) } else { Err(ApiError::MessageNotFound) }
}

/// Whether a user may see a message.
pub(super) async fn sees(
    api: &Api,
    app: &AppId,
    uid: &Uid,
    message: &stored::Message,
) -> Result<bool, ApiError> {
    match &message.receiver {
        Receiver::User(receiver) => Ok(*uid == message.sender || uid == receiver),
        Receiver::Group(guid) => {
            let membership = api.db.groups().membership(app, guid, uid).await?;
            Ok(membership.is_some_and(|member| {
                !member.history_from_join || member.joined_at <= message.sent_at
            }))
        }
    }
}

/// Refuses to let anybody but the sender, or the back end for itself, change a message.
pub(super) fn own(caller: &Caller, message: &stored::Message) -> Result<(), ApiError> {
    match caller.uid() {
        Some(uid) if *uid != message.sender => {
            Err(ApiError::NotYours { rule: "only the sender may change or delete a message" })
        }
        _ => Ok(()),
    }
}
