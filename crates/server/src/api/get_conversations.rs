//! `GET conversations`.

use axum::Json;
use axum::extract::State;
use cloakroom_storage::{Message, Receiver};
use cloakroom_token::Uid;
use cloakroom_wire::{
    Conversation, ConversationWith, Entity, Envelope, PageMeta, PageQuery, ReceiverType,
};
use serde_json::Value;

use super::Api;
use super::caller::Actor;
use super::cast::Cast;
use super::defuse::answer;
use super::error::ApiError;
use super::page::PageOf;
use super::path::InQuery;

const MOST: u32 = 1000;

/// Gives one page of the caller's conversations, the newest first. Past the end it is empty.
#[utoipa::path(
    get, path = "/conversations", tag = "messages",
    params(PageQuery),
    responses((status = 200, body = Envelope<Vec<Conversation>, PageMeta>)),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(super) async fn get_conversations(
    State(api): State<Api>,
    actor: Actor,
    InQuery(query): InQuery<PageQuery>,
) -> Result<Json<Value>, ApiError> {
    let page = PageOf::read(query)?;
    let last = api.db.messages().conversations(&actor.app.id, &actor.uid, MOST).await?;
    let total = last.len() as u64;
    let skip = usize::try_from(page.offset()).unwrap_or(usize::MAX);
    let mut cast = Cast::new(&api, &actor.app, Some(&actor.uid));
    let mut conversations = Vec::new();
    for message in last.into_iter().skip(skip).take(page.per_page as usize) {
        conversations.push(conversation(&mut cast, &actor.uid, message).await?);
    }
    let meta = page.meta(total, conversations.len());
    answer(&api, &actor.app.id, &Envelope::with_meta(conversations, meta))
}

async fn conversation(
    cast: &mut Cast<'_>,
    own: &Uid,
    last: Message,
) -> Result<Conversation, ApiError> {
    let other = match &last.receiver {
        Receiver::User(uid) if uid == own => Receiver::User(last.sender.clone()),
        receiver => receiver.clone(),
    };
    let (conversation_type, conversation_with) = match cast.receiver(&other).await? {
        Entity::Group(group) => (ReceiverType::Group, ConversationWith::Group(group)),
        Entity::User(user) => (ReceiverType::User, ConversationWith::User(user)),
        Entity::Message(_) => return Err(ApiError::internal("a receiver that is a message")),
    };
    Ok(Conversation {
        conversation_id: last.conversation_id.clone(),
        conversation_type,
        conversation_with,
        unread_message_count: 0,
        updated_at: last.updated_at.0,
        last_message: Some(Box::new(cast.message(last).await?)),
    })
}
