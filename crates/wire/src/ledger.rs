//! The ledger as the REST API shows it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// One record. Users and sessions stand in it under pseudonyms.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "day": "2026-11-24", "number": 17, "at": 1_790_000_000, "kind": "read", "uid": "ann",
    "person": "0f1e2d3c4b5a69788796a5b4", "session": "a1b2c3d4e5f60718293a4b5c",
    "mediaId": "00112233445566778899aabbccddeeff", "refused": false, "variant": "original",
    "status": 200, "client": "Chrome/156", "address": "192.0.2.0", "count": 3
}))]
pub struct LedgerRecord {
    /// The day of its chain.
    pub day: String,
    /// Its place in the day.
    pub number: i64,
    /// When it happened, or began.
    pub at: i64,
    /// `read`, `refusals` (requests without a genuine credential), `act` or `gap`.
    pub kind: String,
    /// The user behind `person`, unless that user was erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// All else that it says: `person`, `session`, `mediaId`, `variant`, `refused`, `status`,
    /// `reason`, `apiKey`, `client`, `address`, `count`, `until`; of an act `by`, `byId`, `act`,
    /// `target`; of a gap `cause`, `lost`.
    #[serde(flatten)]
    pub said: Map<String, Value>,
}

/// The head of a day: where its chain ends.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "day": "2026-11-24", "records": 4711, "hash": "9f86d081884c7d659a2feaa0c55ad015…",
    "head": "eyJ0eXAiOiJsZWRnZXItaGVhZCtqd3Qi…", "closedAt": 1_790_000_600
}))]
pub struct LedgerDayHead {
    /// The day, in UTC.
    pub day: String,
    /// How many records were written.
    pub records: i64,
    /// The hash of the last one, in hexadecimal.
    pub hash: String,
    /// The signed head, a JWS; absent while the day is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<String>,
    /// When it was signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<i64>,
    /// When its records were removed, their time being over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed_at: Option<i64>,
}

/// How the ledger does on the server that answers.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "mode": "full", "retentionDays": 90, "waiting": 12, "lost": 0, "writtenAt": 1_790_000_000
}))]
pub struct LedgerStatus {
    /// Which reads are kept.
    pub mode: crate::Ledger,
    /// Days after which records go.
    pub retention_days: u32,
    /// Entries in memory that are not written yet.
    pub waiting: u64,
    /// Reads that found no room since the server started; each loss is a `gap` as well.
    pub lost: u64,
    /// Everything before this moment is written.
    pub written_at: i64,
}

/// What the head of a day says: the claims of a JWS of type `ledger-head+jwt`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LedgerHeadClaims {
    /// The installation.
    pub iss: String,
    /// The app; absent for the acts that concern the whole installation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aud: Option<String>,
    /// When it was signed.
    pub iat: i64,
    /// The day, in UTC.
    pub day: String,
    /// How many records there are.
    pub records: i64,
    /// The hash of the last one, in hexadecimal.
    pub hash: String,
    /// The closed day before, so that a missing day shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<LedgerHeadLink>,
}

/// Where the closed day before ended.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LedgerHeadLink {
    /// Which day.
    pub day: String,
    /// The hash of its last record.
    pub hash: String,
}
