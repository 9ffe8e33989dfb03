//! `POST users/{uid}/conversation/read`, `POST groups/{guid}/conversation/read`.

use axum::Json;
use axum::extract::State;
use cloakroom_storage::{Mark, Message, Receiver};
use cloakroom_token::{Guid, Uid};
use cloakroom_wire::{Envelope, MarkRead, MarkedRead};
use serde_json::Value;

use super::Api;
use super::body::OptionalJsonBody;
use super::caller::Actor;
use super::defuse::answer;
use super::error::ApiError;
use super::get_conversation::{last_in_group, last_with_user};
use super::get_message::sees;
use super::path::InPath;
use super::socket::{advance, message_id, other_side};
use super::unread::count_of;

/// Marks the caller's conversation with another user as read, up to a message or to the last one.
/// Never backwards.
#[utoipa::path(
    post, path = "/users/{uid}/conversation/read", tag = "messages",
    params(("uid" = String, Path, description = "The other user.")),
    request_body(content = MarkRead),
    responses((status = 200, body = Envelope<MarkedRead>)),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(super) async fn post_user_conversation_read(
    State(api): State<Api>,
    actor: Actor,
    InPath(uid): InPath<Uid>,
    OptionalJsonBody(body): OptionalJsonBody<MarkRead>,
) -> Result<Json<Value>, ApiError> {
    let last = last_with_user(&api, &actor, &uid).await?;
    mark(&api, &actor, &Receiver::User(uid), body, last).await
}

/// Marks the caller's conversation in a group as read, up to a message or to the last one. Never
/// backwards.
#[utoipa::path(
    post, path = "/groups/{guid}/conversation/read", tag = "messages",
    params(("guid" = String, Path, description = "Which group.")),
    request_body(content = MarkRead),
    responses((status = 200, body = Envelope<MarkedRead>)),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(super) async fn post_group_conversation_read(
    State(api): State<Api>,
    actor: Actor,
    InPath(guid): InPath<Guid>,
    OptionalJsonBody(body): OptionalJsonBody<MarkRead>,
) -> Result<Json<Value>, ApiError> {
    let last = last_in_group(&api, &actor, &guid).await?;
    mark(&api, &actor, &Receiver::Group(guid), body, last).await
}

async fn mark(
    api: &Api,
    actor: &Actor,
    with: &Receiver,
    body: MarkRead,
    last: Option<Message>,
) -> Result<Json<Value>, ApiError> {
    let app = &actor.app.id;
    let upto = match body.message_id {
        None => last,
        Some(raw) => {
            let rule = "must be the id of a message";
            let id = message_id(&raw).ok_or(ApiError::BadField { field: "messageId", rule })?;
            let found = api.db.messages().by_id(app, id).await?;
            let message = found.ok_or(ApiError::MessageNotFound)?;
            if !sees(api, app, &actor.uid, &message).await?
                || other_side(&actor.uid, &message) != *with
            {
                return Err(ApiError::MessageNotFound);
            }
            Some(message)
        }
    };
    if let Some(message) = upto {
        advance(api, app, &actor.uid, Mark::Read, &message).await?;
    }
    let unread_message_count = count_of(api, actor, with).await?;
    answer(api, app, &Envelope::new(MarkedRead { success: true, unread_message_count }))
}
