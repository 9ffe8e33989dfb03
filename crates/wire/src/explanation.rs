//! Why a user may read a file, or may not: for support staff.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{FileAccess, MediaAudience, MediaState, Reason};

/// What was decided.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(example = "refused")]
pub enum Decision {
    /// The file opens.
    Allowed,
    /// It does not.
    Refused,
}

/// `GET media/{id}/explain`: the decision, its rule, and the facts that it used.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "decision": "refused", "status": 403, "reason": "not_permitted", "rule": "not_in_audience",
    "message": "the user is in none of the conversations that carry the file",
    "facts": {
        "app": {"tokenBasedFileAccess": "on", "generation": 0},
        "user": {"uid": "mallory", "state": "active", "generation": 0},
        "file": {"state": "ready", "revoked": false, "audience": "conversation",
                 "uploader": "alice", "everCarried": true, "generation": 0,
                 "variants": ["original"]},
        "conversations": [{"kind": "group", "guid": "trip", "messageId": "7",
                           "sentAt": 1_790_000_000, "standing": "outside", "counts": false}],
        "conversationsLeftOff": 0
    }
}))]
pub struct Explanation {
    /// What the media host would decide now.
    pub decision: Decision,
    /// The status it would answer with.
    pub status: u16,
    /// What a refused person is told; absent if the file opens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// The rule that decided; a stable word.
    pub rule: String,
    /// The rule in a sentence.
    pub message: String,
    /// What was known.
    pub facts: ExplainedFacts,
}

/// The facts of a decision.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExplainedFacts {
    /// The app.
    pub app: ExplainedApp,
    /// The session, if one was named; `null` if there is no such session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<ExplainedSession>,
    /// The user; absent if there is no such user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<ExplainedUser>,
    /// The file; absent if there is no such file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<ExplainedFile>,
    /// The messages that carry the file, as the user stands to their conversations.
    pub conversations: Vec<ExplainedCarrier>,
    /// How many more there are.
    pub conversations_left_off: usize,
}

/// What is known of the app.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExplainedApp {
    /// Whether its files are protected.
    pub token_based_file_access: FileAccess,
    /// The last revocation of all its tokens and URLs.
    pub generation: i64,
}

/// What is known of the session.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExplainedSession {
    /// Its id.
    pub id: String,
    /// `live` or `ended`.
    pub state: String,
    /// When it ends by itself; absent if it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
    /// Its last revocation.
    pub generation: i64,
}

/// What is known of the user.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExplainedUser {
    /// Who.
    pub uid: String,
    /// `active` or `inactive`.
    pub state: String,
    /// The last revocation.
    pub generation: i64,
}

/// What is known of the file.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExplainedFile {
    /// Where it is between upload and deletion.
    pub state: MediaState,
    /// Whether it was taken back.
    pub revoked: bool,
    /// For whom it is.
    pub audience: MediaAudience,
    /// Who sent it first.
    pub uploader: String,
    /// Whether a message ever carried it; then the last deleted one takes it along.
    pub ever_carried: bool,
    /// Its last revocation.
    pub generation: i64,
    /// The renditions that there are.
    pub variants: Vec<String>,
}

/// A message that carries the file, as the user stands to it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExplainedCarrier {
    /// `user` or `group`.
    pub kind: String,
    /// The group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guid: Option<String>,
    /// The two users.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uids: Option<[String; 2]>,
    /// Which message.
    pub message_id: String,
    /// When it was sent.
    pub sent_at: i64,
    /// `direct`, `member` or `outside`.
    pub standing: String,
    /// When the user joined the group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joined_at: Option<i64>,
    /// Whether the group hides what was sent before that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history_from_join: Option<bool>,
    /// Since when the sender blocks the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_since: Option<i64>,
    /// Whether this message gives the user the right to read.
    pub counts: bool,
}
