//! Messages: what is sent, what comes back, and what tells of a change.

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

/// What tells of a change: the answer to `DELETE messages/{id}`, and to joining a group.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ActionMessage {
    /// Of the action itself.
    pub id: String,
    /// Names the conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<String>,
    /// Uid of who acted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// Uid or guid.
    pub receiver: String,
    /// Which of both.
    pub receiver_type: ReceiverType,
    /// Always `action`.
    pub category: String,
    /// `message` or `groupMember`.
    #[serde(rename = "type")]
    pub message_type: String,
    /// When it happened.
    #[serde(default)]
    pub sent_at: i64,
    /// What happened.
    pub data: ActionData,
}

/// What happened to what.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct ActionData {
    /// `deleted`, `edited`, `joined`, …
    pub action: String,
    /// What is concerned.
    pub entities: ActionEntities,
}

/// What an action is about.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct ActionEntities {
    /// Who acted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Entity>,
    /// On what: the deleted message, the user who joined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<Entity>,
    /// Where: the receiver, the group.
    #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
    pub for_: Option<Entity>,
}

/// The answer to joining a group, which the official SDK reads one level deeper:
/// `{"data": {"data": {"entities": {"for": …}}}}` with the envelope around it.
pub type GroupAction = ActionMessage;

impl ActionMessage {
    /// Tells that `message` was deleted; `message` carries `deleted_at` and `deleted_by`.
    #[must_use]
    pub fn deleted(id: impl Into<String>, message: Message) -> Self {
        Self {
            id: id.into(),
            conversation_id: Some(message.conversation_id.clone()),
            sender: message.deleted_by.clone(),
            receiver: message.receiver.clone(),
            receiver_type: message.receiver_type,
            category: "action".to_owned(),
            message_type: "message".to_owned(),
            sent_at: message.deleted_at.unwrap_or(message.updated_at),
            data: ActionData {
                action: "deleted".to_owned(),
                entities: ActionEntities {
                    on: Some(Entity::Message(Box::new(message))),
                    ..ActionEntities::default()
                },
            },
        }
    }

    /// Tells that `user` joined `group` at `now`.
    #[must_use]
    pub fn joined(id: impl Into<String>, user: User, group: Group, now: i64) -> Self {
        Self {
            id: id.into(),
            conversation_id: None,
            sender: Some(user.uid.clone()),
            receiver: group.guid.clone(),
            receiver_type: ReceiverType::Group,
            category: "action".to_owned(),
            message_type: "groupMember".to_owned(),
            sent_at: now,
            data: ActionData {
                action: "joined".to_owned(),
                entities: ActionEntities {
                    by: Some(Entity::User(user.clone())),
                    on: Some(Entity::User(user)),
                    for_: Some(Entity::Group(group)),
                },
            },
        }
    }
}

fn category_message() -> String {
    "message".to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn picture() -> Value {
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
    fn a_deletion_is_an_action_on_the_message() {
        let mut message: Message = serde_json::from_value(picture()).unwrap();
        (message.deleted_at, message.deleted_by) = (Some(9), Some("alice".into()));
        let mut inner = picture();
        inner["deletedAt"] = 9.into();
        inner["deletedBy"] = "alice".into();
        let action = ActionMessage::deleted("43", message);
        let expected = json!({
            "id": "43", "conversationId": "alice_user_bob", "sender": "alice", "receiver": "bob",
            "receiverType": "user", "category": "action", "type": "message", "sentAt": 9,
            "data": {"action": "deleted",
                "entities": {"on": {"entity": inner, "entityType": "message"}}}
        });
        assert_eq!(serde_json::to_value(&action).unwrap(), expected);
        assert_eq!(serde_json::from_value::<ActionMessage>(expected).unwrap(), action);
    }

    #[test]
    fn joining_names_the_group_where_the_official_sdk_looks_for_it() {
        let user = User { uid: "bob".into(), name: "Bob".into(), ..User::default() };
        let group = Group { guid: "trip".into(), name: "Trip".into(), ..Group::default() };
        let json =
            serde_json::to_value(crate::Envelope::new(ActionMessage::joined("1", user, group, 5)));
        let json = json.unwrap();
        let place = &json["data"]["data"]["entities"]["for"];
        assert_eq!(
            (&place["entityType"], &place["entity"]["guid"]),
            (&json!("group"), &json!("trip"))
        );
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
