//! `GET conversations`.

use axum::Json;
use axum::extract::State;
use cloakroom_wire::{Conversation, Envelope, PageMeta, PageQuery};
use serde_json::Value;

use super::Api;
use super::caller::Actor;
use super::cast::Cast;
use super::defuse::answer;
use super::error::ApiError;
use super::get_conversation::shown;
use super::page::PageOf;
use super::path::InQuery;
use super::socket::other_side;
use super::unread::counts;

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
    let unread = counts(&api, &actor).await?;
    let mut cast = Cast::new(&api, &actor.app, Some(&actor.uid));
    let mut conversations = Vec::new();
    for message in last.into_iter().skip(skip).take(page.per_page as usize) {
        let with = other_side(&actor.uid, &message);
        let count = unread.get(&with).copied().unwrap_or_default();
        conversations.push(shown(&mut cast, &actor.uid, &with, Some(message), count).await?);
    }
    let meta = page.meta(total, conversations.len());
    answer(&api, &actor.app.id, &Envelope::with_meta(conversations, meta))
}
