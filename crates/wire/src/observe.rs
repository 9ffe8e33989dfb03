//! What an app would refuse, before it does.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::FileAccess;

/// `GET observe`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "tokenBasedFileAccess": "observe", "liveSessions": 1200, "liveSessionsWithoutFat": 3,
    "refused": [{
        "reason": "fat_missing", "path": "/demoapp/media/*.jpg", "client": "javascript@4.0.1",
        "count": 97, "firstAt": 1_790_000_000, "lastAt": 1_790_000_600
    }]
}))]
pub struct Observation {
    /// Whether files are protected.
    pub token_based_file_access: FileAccess,
    /// Sessions that are alive.
    pub live_sessions: u64,
    /// Those of them without a File Access Token that is good: they would lose their media.
    pub live_sessions_without_fat: u64,
    /// Requests that would have been refused, the most frequent first.
    pub refused: Vec<ObservedRequests>,
}

/// Requests of one kind that would have been refused.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ObservedRequests {
    /// Why: the `reason` that a refusal would have named.
    pub reason: String,
    /// What was asked for, without the name of the file.
    pub path: String,
    /// The SDK and its version, or the browser.
    pub client: String,
    /// How many.
    pub count: i64,
    /// The first of them.
    pub first_at: i64,
    /// The last of them.
    pub last_at: i64,
}
