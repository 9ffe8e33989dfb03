//! Action messages: what tells of a change.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Entity, Group, Message, ReceiverType, User};

/// What tells of a change: the answer to `DELETE messages/{id}`, and to joining a group, which the
/// official SDK reads as `{"data": {"data": {"entities": {"for": …}}}}` with its envelope.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "43", "conversationId": "alice_user_bob", "sender": "alice", "receiver": "bob",
    "receiverType": "user", "category": "action", "type": "message", "sentAt": 1_790_000_060,
    "data": {"action": "deleted", "entities": {"on": {"entityType": "message", "entity": {
        "id": "42", "conversationId": "alice_user_bob", "sender": "alice", "receiver": "bob",
        "receiverType": "user", "category": "message", "type": "text", "sentAt": 1_790_000_000,
        "updatedAt": 1_790_000_060, "deletedAt": 1_790_000_060, "deletedBy": "alice", "data": {}
    }}}}
}))]
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

    /// Tells that `message` was edited by the user `by`, or by the app's back end.
    #[must_use]
    pub fn edited(message: Message, by: Option<String>) -> Self {
        Self {
            id: message.id.clone(),
            conversation_id: Some(message.conversation_id.clone()),
            sender: by,
            receiver: message.receiver.clone(),
            receiver_type: message.receiver_type,
            category: "action".to_owned(),
            message_type: "message".to_owned(),
            sent_at: message.updated_at,
            data: ActionData {
                action: "edited".to_owned(),
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::message::tests::picture;

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
}
