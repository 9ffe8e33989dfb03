//! Whether a socket may be told something now, and how it looks to its user.

use std::sync::Arc;

use cloakroom_storage::{MarkNews, Membership, Message, MessageEvent, Receiver};
use cloakroom_token::{AppId, Claim, Uid};
use cloakroom_wire::{self as wire, ActionMessage, Entity, ReceiverType};

use super::super::Api;
use super::super::cast::{Cast, stand};
use super::super::defuse;
use super::super::error::ApiError;
use super::frame::{DEVICE, ReceiptBody, Telling, TellingBody};
use crate::sockets::{End, OpenSocket, Parcel, Rendered, Told};

/// The frame that tells it; `None` if this user may not hear of it, or there is nothing to say any
/// more. By the live view, at this moment.
pub(super) async fn frame_for(
    api: &Api,
    own: &OpenSocket,
    parcel: &Parcel,
) -> Result<Option<String>, End> {
    match try_frame_for(api, own, parcel).await {
        Ok(frame) => frame,
        Err(error) => {
            tracing::warn!(%error, "a message could not be told; its socket comes again");
            Err(End::Missed)
        }
    }
}

async fn try_frame_for(
    api: &Api,
    own: &OpenSocket,
    parcel: &Parcel,
) -> Result<Result<Option<String>, End>, ApiError> {
    if !api.access.is_fresh() {
        return Ok(Err(End::Missed));
    }
    if !api.access.is_alive(&own.app, &Claim::Session(own.session)).await? {
        return Ok(Err(End::SessionEnded));
    }
    let Some(rendered) = rendered(api, parcel).await? else { return Ok(Ok(None)) };
    let Some(standing) = may_hear(api, &own.app, &own.uid, &rendered.row).await? else {
        return Ok(Ok(None));
    };
    Ok(Ok(match &parcel.told {
        Told::Message(news) => message_frame(api, &rendered, news.event, &standing)?,
        Told::Mark(news) => receipt_frame(api, &rendered, news).await?,
    }))
}

/// The message as it stands: looked up once for all sockets, and again if anything was applied
/// since.
async fn rendered(api: &Api, parcel: &Parcel) -> Result<Option<Arc<Rendered>>, ApiError> {
    let applied = api.access.applied();
    let mut kept = parcel.rendered.lock().await;
    if let Some((at, rendered)) = &*kept
        && *at == applied
    {
        return Ok(Some(Arc::clone(rendered)));
    }
    let Some(app) = api.access.app(&parcel.app).await? else { return Ok(None) };
    let found = api.db.messages().by_id(&app.id, parcel.told.message_id()).await?;
    let Some(row) = found else { return Ok(None) };
    let shown = Cast::new(api, &app, None).message(row.clone()).await?;
    let rendered = Arc::new(Rendered { app, row, shown });
    *kept = Some((applied, Arc::clone(&rendered)));
    Ok(Some(rendered))
}

/// How a user stands to a message.
enum Standing {
    Direct,
    Member(Membership),
}

/// How a user stands to a message of which the user may hear now; `None` if not at all.
///
/// Between two users neither may block the other. Of a group one hears while in it, and nothing of
/// before joining where the group says so.
async fn may_hear(
    api: &Api,
    app: &AppId,
    uid: &Uid,
    row: &Message,
) -> Result<Option<Standing>, ApiError> {
    match &row.receiver {
        Receiver::User(receiver) => {
            let other = if *uid == row.sender { receiver } else { &row.sender };
            let is_theirs = *uid == row.sender || uid == receiver;
            let is_blocked = api.access.blocked_since(app, uid, other).await?.is_some()
                || api.access.blocked_since(app, other, uid).await?.is_some();
            Ok((is_theirs && !is_blocked).then_some(Standing::Direct))
        }
        Receiver::Group(guid) => {
            let member = api.access.membership(app, guid, uid).await?;
            let sees =
                |member: &Membership| !member.history_from_join || member.joined_at <= row.sent_at;
            Ok(member.filter(sees).map(Standing::Member))
        }
    }
}

/// Tells of a message, or of what became of it. Nothing is told of a message that is gone but that
/// it is gone.
fn message_frame(
    api: &Api,
    rendered: &Rendered,
    event: MessageEvent,
    standing: &Standing,
) -> Result<Option<String>, ApiError> {
    let mut shown = rendered.shown.clone();
    if let (Standing::Member(member), Some(entities)) = (standing, &mut shown.data.entities)
        && let Entity::Group(group) = &mut entities.receiver
    {
        stand(group, Some(member));
    }
    let is_gone = rendered.row.deleted_at.is_some();
    match event {
        MessageEvent::Sent | MessageEvent::Edited if is_gone => Ok(None),
        MessageEvent::Sent => {
            telling(api, rendered, &shown.sender, TellingBody::Message(&shown)).map(Some)
        }
        MessageEvent::Edited => {
            let sender = shown.sender.clone();
            let action = ActionMessage::edited(shown, Some(sender.clone()));
            telling(api, rendered, &sender, TellingBody::Action(&action)).map(Some)
        }
        MessageEvent::Deleted => {
            let sender = shown.deleted_by.clone().unwrap_or_else(|| shown.sender.clone());
            let action = ActionMessage::deleted(shown.id.clone(), shown);
            telling(api, rendered, &sender, TellingBody::Action(&action)).map(Some)
        }
    }
}

/// Tells the sender of a message that somebody received or read it.
async fn receipt_frame(
    api: &Api,
    rendered: &Rendered,
    news: &MarkNews,
) -> Result<Option<String>, ApiError> {
    let user = Cast::new(api, &rendered.app, None).user(&news.reader).await?;
    let body = ReceiptBody {
        action: news.mark.as_str(),
        message_id: &rendered.shown.id,
        user: &user,
        timestamp: api.access.now().0,
    };
    telling(api, rendered, &user.uid, TellingBody::Receipt(body)).map(Some)
}

fn telling(
    api: &Api,
    rendered: &Rendered,
    sender: &str,
    body: TellingBody<'_>,
) -> Result<String, ApiError> {
    let wire::Message { receiver, receiver_type, .. } = &rendered.shown;
    let is_receipt = matches!(body, TellingBody::Receipt(_));
    // A receipt between two goes back to the one who sent the message.
    let receiver = match receiver_type {
        ReceiverType::User if is_receipt => &rendered.shown.sender,
        _ => receiver,
    };
    let frame = Telling {
        kind: if is_receipt { "receipts" } else { "message" },
        app_id: rendered.app.id.as_str(),
        device_id: DEVICE,
        receiver,
        receiver_type: *receiver_type,
        sender,
        body,
    };
    let axum::Json(value) = defuse::answer(api, &rendered.app.id, &frame)?;
    Ok(value.to_string())
}
