//! `POST messages`: text, files that came before, or files that come along.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequest, Request, State};
use cloakroom_storage::WebhookEvent;
use cloakroom_wire::{Envelope, ErrorCode, Message, SendMessage};
use serde_json::{Value, json};

use super::Api;
use super::body::JsonBody;
use super::caller::Actor;
use super::carry::carry;
use super::cast::Cast;
use super::content::Content;
use super::defuse::answer;
use super::draft::{Draft, receiver};
use super::error::ApiError;
use super::keep::Sendable;
use super::upload;
use crate::intake::IntakeError;

/// Sends a message.
///
/// With files: `multipart/form-data` with the parts `type`, `receiverType`, `category`, `data`
/// (JSON), `files[]`, `caption`, `muid`, `tags[]` and `receiver`, in any order. The same `muid`
/// sent twice keeps one message.
#[utoipa::path(
    post, path = "/messages", tag = "messages",
    request_body(content(
        (SendMessage = "application/json"),
        (Object = "multipart/form-data", example = json!({
            "type": "image", "receiverType": "user", "category": "message",
            "data": "{\"text\":\"look\"}", "files[]": "@photo.jpg", "muid": "m-1", "receiver": "bob"
        })),
    )),
    responses((status = 200, body = Envelope<Message>)),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(super) async fn post_message(
    State(api): State<Api>,
    actor: Actor,
    request: Request,
) -> Result<Json<Value>, ApiError> {
    let draft = if upload::is_multipart(&request) {
        let draft = upload::receive(&api, &actor, request).await?;
        // An upload takes its time, and a login may end meanwhile.
        if !api.access.is_alive(&actor.app.id, &actor.claim).await? {
            return Err(ApiError::AuthTokenNotFound);
        }
        draft
    } else {
        let JsonBody(message) = JsonBody::from_request(request, &api).await?;
        Draft { message, files: Vec::new() }
    };
    draft.check(&actor)?;
    let receiver = {
        let SendMessage { receiver_type, receiver: raw, .. } = &draft.message;
        receiver(&api, &actor, *receiver_type, raw).await?
    };
    let Draft {
        message: SendMessage { category, message_type, mut data, caption, muid, tags, .. },
        files,
    } = draft;
    let carried = carry(&api, &actor, &data).await?;
    data.text = data.text.or(caption);
    let mut content = Content::of_words(api.access.origin(), data, tags);
    content.attachments = carried;
    let mut ingested = Vec::with_capacity(files.len());
    for file in files {
        let taken = api.intake.ingest(&actor.app, file).await;
        if let Some(code) = taken.as_ref().err().and_then(IntakeError::refusal) {
            tell_of_refusal(&api, &actor, code).await;
        }
        ingested.push(taken?);
    }
    let sendable = Sendable {
        receiver,
        category,
        message_type,
        muid: muid.filter(|muid| !muid.is_empty()),
        content,
        files: ingested,
    };
    // A task of its own: a caller who hangs up now must not leave bytes without a row.
    let keeping = {
        let api = Arc::clone(&api);
        tokio::spawn(async move {
            let kept = sendable.keep(&api, &actor).await;
            (kept, actor)
        })
    };
    let (kept, actor) = keeping.await.map_err(ApiError::internal)?;
    let mut cast = Cast::new(&api, &actor.app, Some(&actor.uid));
    let message = cast.message(kept?).await?;
    answer(&api, &actor.app.id, &Envelope::new(message))
}

/// Tells webhooks of a refused upload. It changed nothing, so a failure to tell is none of it.
async fn tell_of_refusal(api: &Api, actor: &Actor, code: ErrorCode) {
    let data = json!({ "uid": actor.uid.as_str(), "code": code });
    let (event, now) = (WebhookEvent::MediaRefused, api.access.now());
    if let Err(error) = api.db.webhooks().enqueue(&actor.app.id, event, &data, now).await {
        tracing::warn!(%error, "webhooks were not told of a refused upload");
    }
}
