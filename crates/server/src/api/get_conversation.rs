//! `GET users/{uid}/conversation`, `GET groups/{guid}/conversation`.

use axum::Json;
use axum::extract::State;
use cloakroom_storage::{Message, Receiver};
use cloakroom_token::{Guid, Uid};
use cloakroom_wire::{Conversation, ConversationWith, Entity, Envelope, ReceiverType};
use serde_json::Value;

use super::Api;
use super::caller::Actor;
use super::cast::Cast;
use super::defuse::answer;
use super::error::ApiError;
use super::get_group::outsider;
use super::path::InPath;
use super::unread::count_of;

/// Gives the caller's conversation with another user, also one in which nothing was said yet.
#[utoipa::path(
    get, path = "/users/{uid}/conversation", tag = "messages",
    params(("uid" = String, Path, description = "The other user.")),
    responses((status = 200, body = Envelope<Conversation>)),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(super) async fn get_user_conversation(
    State(api): State<Api>,
    actor: Actor,
    InPath(uid): InPath<Uid>,
) -> Result<Json<Value>, ApiError> {
    let last = last_with_user(&api, &actor, &uid).await?;
    conversation(&api, &actor, &Receiver::User(uid), last).await
}

/// Gives the caller's conversation in a group, also one in which nothing was said yet.
#[utoipa::path(
    get, path = "/groups/{guid}/conversation", tag = "messages",
    params(("guid" = String, Path, description = "Which group.")),
    responses((status = 200, body = Envelope<Conversation>)),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(super) async fn get_group_conversation(
    State(api): State<Api>,
    actor: Actor,
    InPath(guid): InPath<Guid>,
) -> Result<Json<Value>, ApiError> {
    let last = last_in_group(&api, &actor, &guid).await?;
    conversation(&api, &actor, &Receiver::Group(guid), last).await
}

/// The last message between the caller and another user.
pub(super) async fn last_with_user(
    api: &Api,
    actor: &Actor,
    uid: &Uid,
) -> Result<Option<Message>, ApiError> {
    let app = &actor.app.id;
    api.db.users().by_uid(app, uid).await?.ok_or(ApiError::UidNotFound)?;
    Ok(api.db.messages().last_between(app, &actor.uid, uid).await?)
}

/// The last message of a group that the caller is in and may see.
pub(super) async fn last_in_group(
    api: &Api,
    actor: &Actor,
    guid: &Guid,
) -> Result<Option<Message>, ApiError> {
    let (app, groups) = (&actor.app.id, api.db.groups());
    let group = groups.by_guid(app, guid).await?.ok_or(ApiError::GuidNotFound)?;
    let member = groups.membership(app, guid, &actor.uid).await?;
    let member = member.ok_or_else(|| outsider(&group))?;
    let visible_from = member.history_from_join.then_some(member.joined_at);
    Ok(api.db.messages().last_in_group(app, guid, visible_from).await?)
}

async fn conversation(
    api: &Api,
    actor: &Actor,
    with: &Receiver,
    last: Option<Message>,
) -> Result<Json<Value>, ApiError> {
    let unread = count_of(api, actor, with).await?;
    let mut cast = Cast::new(api, &actor.app, Some(&actor.uid));
    let shown = shown(&mut cast, &actor.uid, with, last, unread).await?;
    answer(api, &actor.app.id, &Envelope::new(shown))
}

/// A conversation as it goes out.
pub(super) async fn shown(
    cast: &mut Cast<'_>,
    own: &Uid,
    with: &Receiver,
    last: Option<Message>,
    unread_message_count: u64,
) -> Result<Conversation, ApiError> {
    let (conversation_type, conversation_with) = match cast.receiver(with).await? {
        Entity::Group(group) => (ReceiverType::Group, ConversationWith::Group(group)),
        Entity::User(user) => (ReceiverType::User, ConversationWith::User(user)),
        Entity::Message(_) => return Err(ApiError::internal("a receiver that is a message")),
    };
    let updated_at = last.as_ref().map_or(0, |message| message.updated_at.0);
    let last_message = match last {
        Some(message) => Some(Box::new(cast.message(message).await?)),
        None => None,
    };
    Ok(Conversation {
        conversation_id: with.conversation_id(own),
        conversation_type,
        conversation_with,
        unread_message_count,
        updated_at,
        last_message,
    })
}
