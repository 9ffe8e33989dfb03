//! The key ring, as an operator sees it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Revocation;

/// What a key signs.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(example = "fat")]
pub enum SigningPurpose {
    /// File Access Tokens.
    Fat,
    /// Presigned URLs.
    Presign,
    /// Receipts and other statements.
    Statement,
}

/// A key of the key ring: an item of `GET signing_keys`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "5f0e6a1c9b7d4e2f", "purpose": "fat", "algorithm": "EdDSA", "signs": true,
    "createdAt": 1_790_000_000, "signsFrom": 1_790_000_010, "liveSessions": 1208
}))]
pub struct SigningKey {
    /// Its id, as tokens and URLs name it.
    pub id: String,
    /// What it signs.
    pub purpose: SigningPurpose,
    /// Its algorithm.
    pub algorithm: String,
    /// Whether it signs now. A key that does not still verifies, until it is revoked.
    pub signs: bool,
    /// When it was made.
    pub created_at: i64,
    /// When it begins to sign.
    pub signs_from: i64,
    /// Since when nothing that it signed is good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<i64>,
    /// How many sessions hold a File Access Token that it signed and that is good now.
    pub live_sessions: u64,
}

/// `POST signing_keys/rotate`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({"purpose": "fat"}))]
pub struct RotateSigningKey {
    /// Which key gets a successor.
    pub purpose: SigningPurpose,
    /// Changes nothing, and says what would be.
    #[serde(default)]
    pub dry_run: bool,
}

/// What a rotation did, or would do. No session breaks: what the old key signed stays good until it
/// expires or the key is revoked.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "81c2a4b0d9e7f635", "purpose": "fat", "signsFrom": 1_790_000_010,
    "before": "5f0e6a1c9b7d4e2f", "liveSessions": 1208, "breaks": 0
}))]
pub struct RotatedSigningKey {
    /// The new key; absent in a dry run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What it signs.
    pub purpose: SigningPurpose,
    /// When it begins to sign: once every node has had the time to learn of it.
    pub signs_from: i64,
    /// The key that signs until then.
    pub before: String,
    /// How many sessions hold a token of that key.
    pub live_sessions: u64,
    /// How many sessions break.
    pub breaks: u64,
}

/// What a revocation of a key did, or would do.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"id": "5f0e6a1c9b7d4e2f", "breaks": 1208, "dryRun": true}))]
pub struct RevokedSigningKey {
    /// The key.
    pub id: String,
    /// How many live sessions need a new File Access Token.
    pub breaks: u64,
    /// Whether nothing was changed.
    pub dry_run: bool,
    /// The receipt; absent in a dry run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revocation: Option<Revocation>,
}
