//! `PUT messages/{id}`: edits what a message says.

use axum::Json;
use axum::extract::State;
use cloakroom_wire::{ActionMessage, Envelope, SendData};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::Api;
use super::body::JsonBody;
use super::caller::{Actor, Caller};
use super::carry::carry;
use super::cast::Cast;
use super::content::Content;
use super::defuse::answer;
use super::error::ApiError;
use super::get_message::{own, visible_message};
use super::path::{InPath, MessageId};

/// What a message says from now on. The official SDK sends more; it is ignored.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"data": {"text": "hello again"}}))]
pub(super) struct EditMessage {
    /// Replaces text and, where they are given, metadata and custom data. Files that are named
    /// replace the files; without any, they stay.
    data: SendData,
    /// Replace the tags; without any, they stay.
    #[serde(default)]
    tags: Vec<String>,
}

/// Edits a message of the caller's own.
#[utoipa::path(
    put, path = "/messages/{id}", tag = "messages",
    params(("id" = String, Path, description = "Which message.")),
    request_body(content = EditMessage),
    responses((status = 200, body = Envelope<ActionMessage>)),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(super) async fn put_message(
    State(api): State<Api>,
    actor: Actor,
    caller: Caller,
    InPath(MessageId(id)): InPath<MessageId>,
    JsonBody(EditMessage { data, tags }): JsonBody<EditMessage>,
) -> Result<Json<Value>, ApiError> {
    let app = &actor.app;
    let message = visible_message(&api, &caller, id).await?;
    own(&caller, &message)?;
    let limit = app.settings.file_count_max;
    if data.attachments.len() > limit as usize {
        return Err(ApiError::FileCountExceeded { limit });
    }
    let before = Content::of_stored(&message.data)?;
    let carried = carry(&api, &actor, &data).await?;
    let mut content = Content::of_words(api.access.origin(), data, tags);
    content.metadata = content.metadata.or(before.metadata);
    content.custom_data = content.custom_data.or(before.custom_data);
    content.tags = if content.tags.is_empty() { before.tags } else { content.tags };
    content.attachments = if carried.is_empty() { before.attachments } else { carried };
    let stored = content.to_stored()?;
    let edited = api
        .db
        .messages()
        .edit(&app.id, id, &stored, &content.links(), actor.session(), api.access.now())
        .await?
        .ok_or(ApiError::MessageNotFound)?;
    let message = Cast::new(&api, app, Some(&actor.uid)).message(edited).await?;
    let action = ActionMessage::edited(message, Some(actor.uid.to_string()));
    answer(&api, &app.id, &Envelope::new(action))
}
