//! Conversations of the caller.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{Group, Message, ReceiverType, User};

/// An item of `GET conversations`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "conversationId": "group_trip", "conversationType": "group",
    "conversationWith": {"guid": "trip", "name": "Trip", "type": "private", "hasJoined": true,
        "membersCount": 3, "createdAt": 1_790_000_000},
    "unreadMessageCount": 0, "updatedAt": 1_790_000_000
}))]
pub struct Conversation {
    /// Names the conversation.
    pub conversation_id: String,
    /// With a user or a group.
    pub conversation_type: ReceiverType,
    /// The newest message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_message: Option<Box<Message>>,
    /// The other side.
    pub conversation_with: ConversationWith,
    /// Messages of others that the caller has not read; threads and deleted ones do not count.
    #[serde(default)]
    pub unread_message_count: u64,
    /// When something was last said; 0 if never.
    #[serde(default)]
    pub updated_at: i64,
}

/// An item of `GET messages?unread=1&count=1`: what the caller has not read of one conversation.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"entityType": "user", "entityId": "bob", "count": 2}))]
pub struct UnreadCount {
    /// With a user or a group.
    pub entity_type: ReceiverType,
    /// Uid or guid.
    pub entity_id: String,
    /// Messages, at least 1.
    pub count: u64,
}

/// `POST users/{uid}/conversation/read` and `POST groups/{guid}/conversation/read`.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"messageId": "42"}))]
pub struct MarkRead {
    /// Digits, as text or number: up to which message. Left out: up to the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub message_id: Option<Value>,
}

/// The answer to a conversation that is marked as read.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"success": true, "unreadMessageCount": 0}))]
pub struct MarkedRead {
    /// Always true.
    pub success: bool,
    /// What is left to read of it.
    pub unread_message_count: u64,
}

/// The other side of a conversation, told apart by `uid` and `guid`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum ConversationWith {
    /// One user.
    User(User),
    /// A group.
    Group(Group),
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_conversation_has_the_documented_shape() {
        let json = json!({
            "conversationId": "group_trip", "conversationType": "group",
            "conversationWith": {"guid": "trip", "name": "Trip", "type": "private",
                "hasJoined": true, "membersCount": 3, "createdAt": 1},
            "unreadMessageCount": 0, "updatedAt": 9
        });
        let read: Conversation = serde_json::from_value(json.clone()).unwrap();
        assert!(matches!(read.conversation_with, ConversationWith::Group(_)));
        assert_eq!(serde_json::to_value(read).unwrap(), json);
    }

    #[test]
    fn the_other_side_is_told_by_its_id() {
        let user = json!({"uid": "bob", "name": "Bob"});
        let read: ConversationWith = serde_json::from_value(user).unwrap();
        assert!(matches!(read, ConversationWith::User(_)));
    }
}
