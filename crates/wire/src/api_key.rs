//! API keys, which open an app to its back end.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Secret;

/// An API key, without its secret.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "8f14e45fceea167a", "name": "Back end", "scope": "fullAccess", "createdAt": 1_790_000_000
}))]
pub struct ApiKey {
    /// Its public name.
    pub id: String,
    /// What you call it.
    pub name: String,
    /// What it may do.
    pub scope: ApiKeyScope,
    /// When it was made.
    #[serde(default)]
    pub created_at: i64,
    /// When it ends by itself, because another took its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
    /// When it was revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<i64>,
}

/// What an API key may do.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum ApiKeyScope {
    /// Log users in.
    AuthOnly,
    /// Everything in the app.
    FullAccess,
}

/// `POST apikeys`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"name": "Back end", "scope": "fullAccess"}))]
pub struct CreateApiKey {
    /// What you call it: 1 to 100 characters.
    pub name: String,
    /// What it may do.
    pub scope: ApiKeyScope,
}

/// `POST apikeys/{id}/rotate`.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"graceSeconds": 3600}))]
pub struct RotateApiKey {
    /// How long the old key goes on: 0 (ends at once, also what is meant by leaving it out) to
    /// 604800 (a week).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grace_seconds: Option<i64>,
}

/// A key that was made, with its secret.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatedApiKey {
    /// The key.
    #[serde(flatten)]
    pub key: ApiKey,
    /// What goes into the header `apikey`. Shown once.
    pub api_key: Secret,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_new_key_shows_its_secret_and_a_listed_one_does_not() {
        let json = json!({"id": "k", "name": "Back end", "scope": "authOnly", "createdAt": 7,
            "apiKey": "ckr_key_1"});
        let read: CreatedApiKey = serde_json::from_value(json.clone()).unwrap();
        assert!(!format!("{read:?}").contains("ckr_key_1"));
        assert_eq!(serde_json::to_value(&read).unwrap(), json);
        assert!(serde_json::to_value(read.key).unwrap().get("apiKey").is_none());
    }

    #[test]
    fn a_misspelt_request_is_refused() {
        let spelt = json!({"name": "n", "scope": "fullAccess", "scopes": []});
        assert!(serde_json::from_value::<CreateApiKey>(spelt).is_err());
        assert!(serde_json::from_value::<RotateApiKey>(json!({"grace": 1})).is_err());
    }
}
