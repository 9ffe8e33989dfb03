//! `DELETE messages/{id}`.

use axum::Json;
use axum::extract::State;
use cloakroom_storage::DeletionScope;
use cloakroom_wire::{ActionMessage, Envelope};
use serde::Deserialize;
use serde_json::Value;

use super::Api;
use super::caller::Caller;
use super::cast::Cast;
use super::defuse::answer;
use super::error::ApiError;
use super::get_message::{own, visible_message};
use super::path::{InPath, InQuery, MessageId};

/// What goes with the message.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct DeleteQuery {
    /// `everywhere` takes the files it carries out of every other message too: a user's own
    /// uploads, or for the back end all of them.
    scope: Option<String>,
}

/// Deletes a message: its sender, or the back end. Files that no other message carries are out of
/// reach at once.
#[utoipa::path(
    delete, path = "/messages/{id}", tag = "messages",
    params(("id" = String, Path, description = "Which message."), DeleteQuery),
    responses((status = 200, body = Envelope<ActionMessage>)),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(super) async fn delete_message(
    State(api): State<Api>,
    caller: Caller,
    InPath(MessageId(id)): InPath<MessageId>,
    InQuery(DeleteQuery { scope }): InQuery<DeleteQuery>,
) -> Result<Json<Value>, ApiError> {
    let scope = match scope.as_deref() {
        None => DeletionScope::Message,
        Some("everywhere") => DeletionScope::Everywhere,
        Some(_) => return Err(ApiError::BadField { field: "scope", rule: "must be everywhere" }),
    };
    let app = caller.app();
    let message = visible_message(&api, &caller, id).await?;
    own(&caller, &message)?;
    let (by, session, now) = (caller.uid(), caller.session(), api.access.now());
    let deleted = api.db.messages().delete(&app.id, id, by, session, scope, now).await?;
    // Deleting twice tells the same story twice.
    let message = deleted.map_or(message, |(message, _)| message);
    let message = Cast::new(&api, app, caller.uid()).message(message).await?;
    answer(&api, &app.id, &Envelope::new(ActionMessage::deleted(id.to_string(), message)))
}
