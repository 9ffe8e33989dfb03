//! Delegated keys: with each an app's back end presigns by itself, within bounds.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Secret, UrlPurpose};

/// A delegated key, without its secret.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "8f14e45fceea167a", "name": "Mailer", "maxTtlSeconds": 86_400, "purposes": ["mail"],
    "uidPrefix": "shop_", "fetchesPerMinute": 600, "createdAt": 1_790_000_000, "generation": 412
}))]
pub struct DelegatedKey {
    /// Its public name, the `Key-Pair-Id` of its URLs.
    pub id: String,
    /// What you call it.
    pub name: String,
    /// The longest life that one of its URLs may still have when it is fetched.
    pub max_ttl_seconds: i64,
    /// What its URLs may be for; empty: anything.
    #[serde(default)]
    pub purposes: Vec<UrlPurpose>,
    /// How the uid in each of its URLs must begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid_prefix: Option<String>,
    /// Fetches of its URLs that one server answers in a minute; absent: no bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fetches_per_minute: Option<u32>,
    /// When it was made.
    #[serde(default)]
    pub created_at: i64,
    /// When it was revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<i64>,
    /// The place that this answer has among all revocations: tell it to the signer, since a URL is
    /// refused that does not know of a revocation which concerns it.
    #[serde(default)]
    pub generation: i64,
}

/// `POST delegated_keys`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"name": "Mailer", "maxTtlSeconds": 86_400, "purposes": ["mail"]}))]
pub struct CreateDelegatedKey {
    /// What you call it: 1 to 100 characters.
    pub name: String,
    /// The longest life that one of its URLs may still have when it is fetched: 60 to the app's
    /// `backEndPresignTtlMaxSeconds`.
    pub max_ttl_seconds: i64,
    /// What its URLs may be for; then each must say so. Empty or left out: anything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub purposes: Vec<UrlPurpose>,
    /// How the uid in each of its URLs must begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid_prefix: Option<String>,
    /// Fetches of its URLs that one server answers in a minute, 1 to 1000000; left out: no bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fetches_per_minute: Option<u32>,
}

/// A delegated key that was made, with all that a signer needs.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "8f14e45fceea167a", "name": "Mailer", "maxTtlSeconds": 86_400, "purposes": ["mail"],
    "createdAt": 1_790_000_000, "generation": 412, "mediaOrigin": "http://127.0.0.1:8082",
    "secret": "ckr_dk_…"
}))]
pub struct CreatedDelegatedKey {
    /// The key.
    #[serde(flatten)]
    pub key: DelegatedKey,
    /// The origin of every media URL.
    pub media_origin: String,
    /// With which it signs. Shown once.
    pub secret: Secret,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_new_key_shows_its_secret_and_a_listed_one_does_not() {
        let json = json!({"id": "k", "name": "Mailer", "maxTtlSeconds": 60, "purposes": ["push"],
            "createdAt": 7, "generation": 9, "mediaOrigin": "https://f.test", "secret": "ckr_dk_1"});
        let read: CreatedDelegatedKey = serde_json::from_value(json.clone()).unwrap();
        assert!(!format!("{read:?}").contains("ckr_dk_1"));
        assert_eq!(serde_json::to_value(&read).unwrap(), json);
        assert!(serde_json::to_value(read.key).unwrap().get("secret").is_none());
    }

    #[test]
    fn a_misspelt_request_is_refused() {
        let spelt = json!({"name": "n", "maxTtlSeconds": 60, "purpose": "mail"});
        assert!(serde_json::from_value::<CreateDelegatedKey>(spelt).is_err());
    }
}
