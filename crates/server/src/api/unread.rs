//! What a user has not read, as it goes out.

use std::collections::HashMap;

use axum::Json;
use cloakroom_storage::{Receiver, Unread};
use cloakroom_wire::{Envelope, ReceiverType, UnreadCount};
use serde::Deserialize;
use serde_json::Value;

use super::Api;
use super::caller::Actor;
use super::defuse::answer;
use super::error::ApiError;

/// What the official SDK adds to a list when it only counts.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct CountQuery {
    /// `1`: instead of messages, how many the caller has not read, of each conversation that has
    /// some: `[{"entityType", "entityId", "count"}]`.
    count: Option<String>,
}

impl CountQuery {
    /// Whether counts are asked for.
    pub(super) fn counts(&self) -> bool {
        matches!(self.count.as_deref(), Some("1" | "true"))
    }
}

/// Answers with the counts of one conversation, or of all.
pub(super) async fn answer_counts(
    api: &Api,
    actor: &Actor,
    with: Option<&Receiver>,
) -> Result<Json<Value>, ApiError> {
    let app = &actor.app.id;
    let unread = api.db.read_marks().unread(app, &actor.uid, with).await?;
    let counts: Vec<_> = unread.into_iter().map(shown).collect();
    answer(api, app, &Envelope::new(counts))
}

/// What is left to read of one conversation.
pub(super) async fn count_of(api: &Api, actor: &Actor, with: &Receiver) -> Result<u64, ApiError> {
    let unread = api.db.read_marks().unread(&actor.app.id, &actor.uid, Some(with)).await?;
    Ok(unread.first().map_or(0, |one| one.count))
}

/// What is left to read of each conversation that has something.
pub(super) async fn counts(api: &Api, actor: &Actor) -> Result<HashMap<Receiver, u64>, ApiError> {
    let unread = api.db.read_marks().unread(&actor.app.id, &actor.uid, None).await?;
    Ok(unread.into_iter().map(|one| (one.with, one.count)).collect())
}

fn shown(unread: Unread) -> UnreadCount {
    let (entity_type, entity_id) = match unread.with {
        Receiver::Group(guid) => (ReceiverType::Group, String::from(guid)),
        Receiver::User(uid) => (ReceiverType::User, String::from(uid)),
    };
    UnreadCount { entity_type, entity_id, count: unread.count }
}
