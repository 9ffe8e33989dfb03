//! People of the chat app.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// A person of the chat app, as others see them.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "uid": "alice", "name": "Alice", "status": "offline", "role": "default", "createdAt": 1_790_000_000
}))]
pub struct User {
    /// `[A-Za-z0-9_-]`, 1 to 100 of them.
    pub uid: String,
    /// Shown to people.
    pub name: String,
    /// URL of a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
    /// Whether the user is connected.
    #[serde(default)]
    pub status: UserStatus,
    /// A word of the chat app's own; `default` where it said none.
    #[serde(default = "default_role")]
    pub role: String,
    /// The chat app's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Value>,
    /// When the user was made; 0 if unknown.
    #[serde(default)]
    pub created_at: i64,
    /// Set if the user is deactivated: since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deactivated_at: Option<i64>,
}

/// Whether a user is connected.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum UserStatus {
    /// Connected.
    Online,
    /// Not connected; also a word this version does not know.
    #[default]
    #[serde(other)]
    Offline,
}

/// `POST users`. The official SDK sends more; it is ignored.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"uid": "alice", "name": "Alice"}))]
pub struct CreateUser {
    /// `[A-Za-z0-9_-]`, 1 to 100 of them.
    pub uid: String,
    /// Shown to people.
    pub name: String,
    /// URL of a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
    /// A word of the chat app's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The chat app's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Value>,
}

fn default_role() -> String {
    "default".to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_user_has_the_documented_shape() {
        let json = json!({"uid": "alice", "name": "Alice", "status": "offline", "role": "default",
            "createdAt": 7});
        let user: User = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(serde_json::to_value(user).unwrap(), json);
    }

    #[test]
    fn two_fields_are_enough_for_a_user() {
        let user: User = serde_json::from_value(json!({"uid": "a", "name": "A"})).unwrap();
        assert_eq!((user.status, user.role.as_str()), (UserStatus::Offline, "default"));
    }

    #[test]
    fn what_the_official_sdk_adds_to_a_new_user_is_ignored() {
        let body = json!({"uid": "a", "name": "A", "hasBlockedMe": false, "blockedByMe": false,
            "deactivatedAt": 0});
        let created: CreateUser = serde_json::from_value(body).unwrap();
        assert_eq!(serde_json::to_value(created).unwrap(), json!({"uid": "a", "name": "A"}));
    }
}
