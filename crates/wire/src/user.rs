//! People of the chat app.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::app::said;

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
    /// URL of the user's page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// What the user says about the moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_message: Option<String>,
    /// Labels of the chat app.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
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

/// `PUT users/{uid}`: what is left out stays as it is, and `null` takes it away where it may be
/// absent.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"name": "Alice M.", "statusMessage": null}))]
pub struct UpdateUser {
    /// Shown to people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// URL of a picture.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub avatar: Option<Option<String>>,
    /// URL of the user's page.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub link: Option<Option<String>>,
    /// What the user says about the moment.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub status_message: Option<Option<String>>,
    /// A word of the chat app's own; for its back end to set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Labels of the chat app, at most 25; for its back end to set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// The chat app's own.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Option<Value>>,
}

/// `PUT users`.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"uidsToActivate": ["alice"]}))]
pub struct ReactivateUsers {
    /// Who may log in again: at most [`MAX_UIDS`].
    pub uids_to_activate: Vec<String>,
}

/// `DELETE users`.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"uidsToDeactivate": ["alice"]}))]
pub struct DeactivateUsers {
    /// Who is locked out until reactivated: at most [`MAX_UIDS`].
    pub uids_to_deactivate: Vec<String>,
}

/// Most uids of one call about users.
pub const MAX_UIDS: usize = 100;

/// `DELETE users/{uid}`; each field may stand in the query instead.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"permanent": true, "media": "keep"}))]
pub struct DeleteUser {
    /// What becomes of the files the user sent. Required: there is no default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media: Option<MediaOfUser>,
    /// May say `true`, as with CometChat; deactivating has a call of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permanent: Option<bool>,
}

/// What becomes of the files of a deleted user.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum MediaOfUser {
    /// They go too.
    Delete,
    /// Whoever may read them still may.
    Keep,
}

/// Query of `GET users`. Other parameters are ignored.
#[derive(Clone, Debug, Default, Deserialize, Eq, IntoParams, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct UsersQuery {
    /// `active` or `deactivated`; or, as the official SDK asks, `online`, `available` or `offline`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Part of the uid or the name, in whatever case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search_key: Option<String>,
    /// Items of one page: 1 to 100, 30 unless said otherwise.
    #[serde(default, rename = "per_page", skip_serializing_if = "Option::is_none")]
    pub per_page: Option<u32>,
    /// The first page is 1. Past the end the list is empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
}

/// `POST` and `DELETE users/{uid}/blockedusers`.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"blockedUids": ["mallory"]}))]
pub struct BlockUsers {
    /// Whom: at most [`MAX_UIDS`].
    pub blocked_uids: Vec<String>,
}

/// A user whom another blocks: an item of `GET users/{uid}/blockedusers`.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BlockedUser {
    /// Who.
    #[serde(flatten)]
    pub user: User,
    /// Since when.
    #[serde(default)]
    pub blocked_at: i64,
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
    fn a_null_takes_a_part_of_a_profile_away_and_silence_leaves_it() {
        let read: UpdateUser =
            serde_json::from_value(json!({"avatar": null, "link": "l"})).unwrap();
        assert_eq!(
            (read.avatar, read.link, read.metadata),
            (Some(None), Some(Some("l".into())), None)
        );
        assert!(serde_json::from_value::<UpdateUser>(json!({"uid": "b"})).is_err());
    }

    #[test]
    fn what_the_official_sdk_adds_to_a_new_user_is_ignored() {
        let body = json!({"uid": "a", "name": "A", "hasBlockedMe": false, "blockedByMe": false,
            "deactivatedAt": 0});
        let created: CreateUser = serde_json::from_value(body).unwrap();
        assert_eq!(serde_json::to_value(created).unwrap(), json!({"uid": "a", "name": "A"}));
    }
}
