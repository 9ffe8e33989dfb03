//! Groups and who is in them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::app::said;
use crate::{Secret, User};

/// A group, as the caller sees it.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "guid": "trip", "name": "Trip", "type": "private", "owner": "alice", "hasJoined": true,
    "scope": "admin", "membersCount": 3, "createdAt": 1_790_000_000
}))]
pub struct Group {
    /// `[A-Za-z0-9_-]`, 1 to 100 of them.
    pub guid: String,
    /// Shown to people.
    pub name: String,
    /// Who may join.
    #[serde(default, rename = "type")]
    pub group_type: GroupType,
    /// URL of a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    /// Shown to people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The uid of who made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The chat app's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Value>,
    /// Whether the caller is a member.
    #[serde(default)]
    pub has_joined: bool,
    /// The caller's scope, if a member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<MemberScope>,
    /// Since when the caller is a member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joined_at: Option<i64>,
    /// How many members there are.
    #[serde(default)]
    pub members_count: u64,
    /// When the group was made; 0 if unknown.
    #[serde(default)]
    pub created_at: i64,
    /// When it was last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<i64>,
}

/// Who may join a group.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum GroupType {
    /// Everybody of the app.
    #[default]
    Public,
    /// Who is added.
    Private,
    /// Who knows the password.
    Password,
}

/// What a member may do in a group.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum MemberScope {
    /// Everything.
    Admin,
    /// Remove members.
    Moderator,
    /// Read and write.
    #[default]
    Participant,
}

/// One user of a group: an item of `GET groups/{guid}/members`.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "uid": "alice", "name": "Alice", "status": "offline", "role": "default",
    "createdAt": 1_790_000_000, "scope": "admin", "joinedAt": 1_790_000_000
}))]
pub struct Member {
    /// Who.
    #[serde(flatten)]
    pub user: User,
    /// What they may do.
    #[serde(default)]
    pub scope: MemberScope,
    /// Since when; 0 if unknown.
    #[serde(default)]
    pub joined_at: i64,
}

/// `POST groups`. The official SDK sends more; it is ignored.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "guid": "trip", "name": "Trip", "type": "private", "members": {"participants": ["bob"]}
}))]
pub struct CreateGroup {
    /// `[A-Za-z0-9_-]`, 1 to 100 of them.
    pub guid: String,
    /// Shown to people.
    pub name: String,
    /// Who may join.
    #[serde(default, rename = "type")]
    pub group_type: GroupType,
    /// For groups of type `password`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
    /// URL of a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    /// Shown to people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The chat app's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Value>,
    /// The uid of its owner; only with an API key, otherwise the caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Who is in it from the start, beside the caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members: Option<NewMembers>,
}

/// Uids to add, by scope.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"participants": ["bob", "carol"]}))]
pub struct NewMembers {
    /// Who reads and writes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub participants: Vec<String>,
    /// Who may do everything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub admins: Vec<String>,
    /// Who may remove members.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moderators: Vec<String>,
    /// Who is kept out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub users_to_ban: Vec<String>,
}

/// `PUT groups/{guid}/members`.
pub type AddMembers = NewMembers;

/// `POST groups/{guid}/members`: join, or with an API key add `participants`. The official SDK
/// sends a whole group; what is not named here is ignored.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"password": "open sesame"}))]
pub struct JoinGroup {
    /// For groups of type `password`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
    /// Whom to add; only with an API key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub participants: Vec<String>,
}

/// Most users of one call about the members of a group.
pub const MAX_MEMBERS: usize = 1000;

/// `PUT groups/{guid}`: what is left out stays as it is, and `null` takes it away where it may be
/// absent.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"name": "The trip", "type": "private"}))]
pub struct UpdateGroup {
    /// Shown to people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// URL of a picture.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub icon: Option<Option<String>>,
    /// Shown to people.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub description: Option<Option<String>>,
    /// The chat app's own.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Option<Value>>,
    /// Who may join.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub group_type: Option<GroupType>,
    /// For groups that are, or become, of type `password`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
    /// The uid of a member who owns it from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
}

/// `PUT groups/{guid}/members/{uid}`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"scope": "moderator"}))]
pub struct SetMemberScope {
    /// What the member may do from now on.
    pub scope: MemberScope,
}

/// A user who is kept out of a group: an item of `GET groups/{guid}/bannedusers`.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BannedUser {
    /// Who.
    #[serde(flatten)]
    pub user: User,
    /// Since when.
    #[serde(default)]
    pub banned_at: i64,
}

/// What became of each uid to add. The official SDK needs all four keys.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "admins": {}, "moderators": {}, "participants": {"bob": {"success": true}}, "usersToBan": {}
}))]
pub struct MembersAdded {
    /// Added with scope `admin`.
    #[serde(default)]
    pub admins: BTreeMap<String, Added>,
    /// Added with scope `moderator`.
    #[serde(default)]
    pub moderators: BTreeMap<String, Added>,
    /// Added with scope `participant`.
    #[serde(default)]
    pub participants: BTreeMap<String, Added>,
    /// Banned.
    #[serde(default)]
    pub users_to_ban: BTreeMap<String, Added>,
}

/// What became of one uid to add.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[schema(example = json!({"success": true}))]
pub struct Added {
    /// Whether the user is a member now.
    pub success: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<crate::ErrorBody>,
}

/// The answer to `POST groups`.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[schema(example = json!({
    "guid": "trip", "name": "Trip", "type": "private", "owner": "alice", "hasJoined": true,
    "scope": "admin", "membersCount": 2, "createdAt": 1_790_000_000,
    "members": {"data": {"admins": {}, "moderators": {},
        "participants": {"bob": {"success": true}}, "usersToBan": {}}}
}))]
pub struct CreatedGroup {
    /// The group.
    #[serde(flatten)]
    pub group: Group,
    /// What became of the members asked for; the official SDK waits for it if it named any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members: Option<crate::Envelope<MembersAdded>>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_group_has_the_documented_shape() {
        let json = json!({"guid": "trip", "name": "Trip", "type": "private", "owner": "alice",
            "hasJoined": true, "scope": "admin", "joinedAt": 5, "membersCount": 3, "createdAt": 5});
        let group: Group = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(serde_json::to_value(group).unwrap(), json);
    }

    #[test]
    fn a_created_group_tells_of_each_member_with_all_four_keys() {
        let added = MembersAdded {
            participants: [("bob".to_owned(), Added { success: true, error: None })].into(),
            ..Default::default()
        };
        let group = Group { guid: "g".into(), name: "G".into(), ..Default::default() };
        let created = CreatedGroup { group, members: Some(crate::Envelope::new(added)) };
        let expected = json!({"guid": "g", "name": "G", "type": "public", "hasJoined": false,
            "membersCount": 0, "createdAt": 0, "members": {"data": {"admins": {}, "moderators": {},
            "participants": {"bob": {"success": true}}, "usersToBan": {}}}});
        assert_eq!(serde_json::to_value(&created).unwrap(), expected);
        assert_eq!(serde_json::from_value::<CreatedGroup>(expected).unwrap(), created);
    }

    #[test]
    fn what_the_official_sdk_adds_is_ignored() {
        let body = json!({"guid": "g", "name": "G", "type": "password", "password": "p",
            "hasJoined": false, "membersCount": 0, "isBanned": false});
        let read: CreateGroup = serde_json::from_value(body.clone()).unwrap();
        assert_eq!(read.group_type, GroupType::Password);
        let read: JoinGroup = serde_json::from_value(body).unwrap();
        assert_eq!(read.password.unwrap().expose(), "p");
    }

    #[test]
    fn a_misspelt_list_of_members_is_refused() {
        assert!(serde_json::from_value::<AddMembers>(json!({"participant": ["a"]})).is_err());
        let read: AddMembers = serde_json::from_value(json!({"participants": ["a"]})).unwrap();
        assert_eq!(serde_json::to_value(read).unwrap(), json!({"participants": ["a"]}));
    }

    #[test]
    fn a_member_is_a_user_with_a_scope() {
        let json = json!({"uid": "bob", "name": "Bob", "status": "offline", "role": "default",
            "createdAt": 1, "scope": "participant", "joinedAt": 2});
        let member: Member = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(serde_json::to_value(member).unwrap(), json);
    }
}
