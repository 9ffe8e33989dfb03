//! Messages: what is sent, and what comes back.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{Group, User};

/// Whether a message goes to a user or to a group.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ReceiverType {
    /// One user.
    User,
    /// The members of a group.
    Group,
}

/// One message.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "42", "conversationId": "alice_user_bob", "sender": "alice", "receiver": "bob",
    "receiverType": "user", "category": "message", "type": "text",
    "sentAt": 1_790_000_000, "updatedAt": 1_790_000_000, "data": {"text": "hello"}
}))]
pub struct Message {
    /// Digits; rises with time within an app.
    pub id: String,
    /// Names the conversation.
    pub conversation_id: String,
    /// Uid of who sent it.
    pub sender: String,
    /// Uid or guid.
    pub receiver: String,
    /// Which of both.
    pub receiver_type: ReceiverType,
    /// `message`, `custom` or `action`. The official SDK hangs without it.
    pub category: String,
    /// `text`, `image`, `video`, `audio`, `file`, or a word of the chat app's own.
    #[serde(rename = "type")]
    pub message_type: String,
    /// When it was taken in.
    pub sent_at: i64,
    /// When it was last changed.
    pub updated_at: i64,
    /// When it was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<i64>,
    /// Uid of who deleted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_by: Option<String>,
    /// The sender's own id of the message, given back as it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub muid: Option<String>,
    /// Words of the chat app's own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// What it says.
    #[serde(default)]
    #[schema(no_recursion)]
    pub data: MessageData,
}

/// What a message says.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessageData {
    /// Text or caption.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The chat app's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Value>,
    /// The content of a message of category `custom`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub custom_data: Option<Value>,
    /// URL of the first attachment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// Who takes part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(no_recursion)]
    pub entities: Option<Box<MessageEntities>>,
}

/// A file as it appears in a message.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "url": "http://127.0.0.1:8082/demoapp/media/00112233445566778899aabbccddeeff.jpg",
    "name": "cat.jpg", "mimeType": "image/jpeg", "extension": "jpg", "size": 48_213,
    "width": 1600, "height": 1200
}))]
pub struct Attachment {
    /// Clean media URL: no query, no fragment.
    pub url: String,
    /// The file name the sender gave it.
    #[serde(default)]
    pub name: String,
    /// By content, not by name.
    #[serde(default)]
    pub mime_type: String,
    /// By content; as at the end of the URL.
    #[serde(default)]
    pub extension: String,
    /// In bytes.
    #[serde(default)]
    pub size: u64,
    /// In pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// In pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// In seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<f64>,
    /// Clean media URLs of smaller pictures of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub thumbnails: Vec<String>,
    /// What a page shows while it loads: a `ThumbHash` (evanw.github.io/thumbhash) in base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumb_hash: Option<String>,
}

// `duration` is never NaN: JSON has none.
impl Eq for Attachment {}

/// Who takes part in a message.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct MessageEntities {
    /// Who sent it.
    pub sender: Entity,
    /// Who gets it.
    pub receiver: Entity,
}

/// A thing that a message speaks of: `{"entity": {…}, "entityType": "user"}`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(tag = "entityType", content = "entity", rename_all = "lowercase")]
pub enum Entity {
    /// A user.
    User(User),
    /// A group.
    Group(Group),
    /// A message.
    #[schema(no_recursion)]
    Message(Box<Message>),
}

/// `POST messages` as JSON. The official SDK sends more; it is ignored.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "receiver": "bob", "receiverType": "user", "category": "message", "type": "text",
    "data": {"text": "hello"}
}))]
pub struct SendMessage {
    /// Uid or guid.
    pub receiver: String,
    /// Which of both.
    pub receiver_type: ReceiverType,
    /// `message` unless said otherwise.
    #[serde(default = "category_message")]
    pub category: String,
    /// `text`, `image`, `video`, `audio`, `file`, or a word of the chat app's own.
    #[serde(rename = "type")]
    pub message_type: String,
    /// What it says.
    #[serde(default)]
    pub data: SendData,
    /// Caption beside files; `data.text` wins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// The sender's own id of the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub muid: Option<String>,
    /// Words of the chat app's own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

/// What a message to be sent says; also the part `data` of a multipart send.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"text": "hello"}))]
pub struct SendData {
    /// Text or caption.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The chat app's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Value>,
    /// The content of a message of category `custom`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub custom_data: Option<Value>,
    /// One file that was uploaded before; an empty text counts as none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Files that were uploaded before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<SendAttachment>,
}

/// A file that was uploaded before. Type and size are the server's to say: only the name is taken.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SendAttachment {
    /// Media URL; `fat` and presign parameters are dropped.
    pub url: String,
    /// File name to show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

fn category_message() -> String {
    "message".to_owned()
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::json;

    use super::*;

    pub(crate) fn picture() -> Value {
        let user = |uid: &str| {
            json!({"entityType": "user", "entity": {"uid": uid, "name": uid, "status": "offline",
                "role": "default", "createdAt": 1}})
        };
        let url = "http://m:2/demoapp/media/00112233445566778899aabbccddeeff.jpg";
        json!({
            "id": "42", "conversationId": "alice_user_bob", "sender": "alice", "receiver": "bob",
            "receiverType": "user", "category": "message", "type": "image", "sentAt": 5,
            "updatedAt": 5, "muid": "m1",
            "data": {
                "text": "look", "metadata": {"a": 1}, "url": url,
                "attachments": [{"url": url, "name": "cat.jpg", "mimeType": "image/jpeg",
                    "extension": "jpg", "size": 9, "width": 4, "height": 3}],
                "entities": {"sender": user("alice"), "receiver": user("bob")}
            }
        })
    }

    #[test]
    fn a_message_has_the_documented_shape() {
        let message: Message = serde_json::from_value(picture()).unwrap();
        assert_eq!(message.data.attachments[0].width, Some(4));
        assert_eq!(serde_json::to_value(message).unwrap(), picture());
    }

    #[test]
    fn what_the_official_sdk_sends_is_read() {
        let text = json!({"type": "text", "receiverType": "user", "category": "message",
            "data": {"text": "hi"}, "text": "hi", "receiver": "bob"});
        let read: SendMessage = serde_json::from_value(text).unwrap();
        assert_eq!(read.data.text.as_deref(), Some("hi"));
        let file = json!({"type": "image", "receiverType": "group", "category": "message",
            "data": {"attachments": [{"extension": "jpg", "mimeType": "image/jpeg", "name": "a.jpg",
            "url": "u", "size": 1}], "url": ""}, "caption": "c", "receiver": "trip"});
        let read: SendMessage = serde_json::from_value(file).unwrap();
        assert_eq!(read.data.attachments[0].name.as_deref(), Some("a.jpg"));
        assert_eq!(read.receiver_type, ReceiverType::Group);
    }

    #[test]
    fn a_sent_message_has_the_documented_shape() {
        let json = json!({"receiver": "bob", "receiverType": "user", "category": "message",
            "type": "text", "data": {"text": "hi"}});
        let read: SendMessage = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(serde_json::to_value(read).unwrap(), json);
    }
}
