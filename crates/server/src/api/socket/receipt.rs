//! What a client says of messages that it received or that its user read.

use cloakroom_storage::{Mark, MarkNews, Message, Receiver};
use cloakroom_token::{AppId, Uid};
use serde_json::Value;

use super::super::Api;
use super::super::error::ApiError;
use super::super::get_message::sees;
use crate::sockets::OpenSocket;

/// Moves the mark of the socket's user. What names no message that the user may see moves nothing.
pub(super) async fn take_receipt(
    api: &Api,
    own: &OpenSocket,
    body: &Value,
) -> Result<(), ApiError> {
    let mark = body["action"].as_str().and_then(Mark::parse);
    let (Some(mark), Some(id)) = (mark, message_id(&body["messageId"])) else { return Ok(()) };
    let found = api.db.messages().by_id(&own.app, id).await?;
    let Some(message) = found else { return Ok(()) };
    if sees(api, &own.app, &own.uid, &message).await? {
        advance(api, &own.app, &own.uid, mark, &message).await?;
        api.access.catch_up().await?;
    }
    Ok(())
}

/// Moves a reader's mark to a message that the reader may see.
pub(in crate::api) async fn advance(
    api: &Api,
    app: &AppId,
    reader: &Uid,
    mark: Mark,
    message: &Message,
) -> Result<(), ApiError> {
    let with = other_side(reader, message);
    let news = MarkNews { id: message.id, mark, reader: reader.clone() };
    api.db.read_marks().advance(app, &with, &news, api.access.now()).await?;
    Ok(())
}

/// With whom a reader has the conversation of a message.
pub(in crate::api) fn other_side(reader: &Uid, message: &Message) -> Receiver {
    match &message.receiver {
        Receiver::User(uid) if uid == reader => Receiver::User(message.sender.clone()),
        receiver => receiver.clone(),
    }
}

/// The id of a message, as text or number.
pub(in crate::api) fn message_id(raw: &Value) -> Option<i64> {
    let id = raw.as_i64().or_else(|| raw.as_str()?.parse().ok())?;
    (id > 0).then_some(id)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_id_is_read_as_text_and_as_number() {
        let cases = [
            (json!("42"), Some(42)),
            (json!(42), Some(42)),
            (json!(0), None),
            (json!("-1"), None),
            (json!(1.5), None),
            (json!("x"), None),
            (json!(null), None),
        ];
        for (raw, expected) in cases {
            assert_eq!(message_id(&raw), expected, "{raw}");
        }
    }
}
