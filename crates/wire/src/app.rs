//! Apps and their settings.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// An app with all its settings: an item of `GET apps`, and `GET settings`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "demoapp", "region": "us", "tokenBasedFileAccess": "on", "name": "Weekend trips",
    "presignTtlSeconds": 900, "fatLifetimeSeconds": 86_400, "clientLoginByAuthKey": false,
    "fileSizeMax": 104_857_600, "fileCountMax": 10, "allowedOrigins": [],
    "backEndPresignTtlMaxSeconds": 604_800, "ledger": "full", "ledgerRetentionDays": 90,
    "coldBytesPerMinutePerSession": null, "coldBytesPerMinute": null,
    "presignedUrlsPerMinutePerSession": 10_000, "presignedUrlsPerMinute": null,
    "storageQuotaBytes": null, "allowedTypes": ["*/*"],
    "mediaRetention": {"image": {"afterSeconds": 2_592_000, "afterView": false}},
    "legalHold": false, "createdAt": 1_790_000_000, "updatedAt": 1_790_000_000
}))]
pub struct App {
    /// `[a-z0-9]`, 4 to 32 of them, without `fat`; part of every media URL.
    pub id: String,
    /// Where it is hosted.
    pub region: String,
    /// Whether its files are protected.
    pub token_based_file_access: FileAccess,
    /// The name operators see.
    pub name: String,
    /// How long a presigned URL lives at most.
    pub presign_ttl_seconds: u32,
    /// How long a File Access Token lives.
    pub fat_lifetime_seconds: u32,
    /// Whether an `authOnly` key in a web page may log a user in.
    pub client_login_by_auth_key: bool,
    /// Bytes of one file at most.
    pub file_size_max: u64,
    /// Files of one message at most.
    pub file_count_max: u32,
    /// Origins whose pages may read media; empty: all.
    pub allowed_origins: Vec<String>,
    /// The longest life of a presigned URL that the back end or a delegated key makes.
    pub back_end_presign_ttl_max_seconds: u32,
    /// Which reads the ledger keeps.
    pub ledger: Ledger,
    /// Days after which the ledger forgets.
    pub ledger_retention_days: u32,
    /// Bytes read from the store for one session in a minute; `null`: no bound.
    pub cold_bytes_per_minute_per_session: Option<u64>,
    /// Bytes read from the store for the app in a minute; `null`: no bound.
    pub cold_bytes_per_minute: Option<u64>,
    /// URLs one session may presign in a minute.
    pub presigned_urls_per_minute_per_session: u32,
    /// URLs the app may presign in a minute; `null`: no bound.
    pub presigned_urls_per_minute: Option<u32>,
    /// Bytes all files of the app may take; `null`: no bound.
    pub storage_quota_bytes: Option<u64>,
    /// The types of files it takes, as their bytes are: `*/*`, `image/*`, `image/png`.
    pub allowed_types: Vec<String>,
    /// When messages that carry files go by themselves, by their type; `*` stands for the others.
    pub media_retention: BTreeMap<String, MediaRetention>,
    /// Whether nothing is removed, whatever else is set.
    pub legal_hold: bool,
    /// When the app was made.
    pub created_at: i64,
    /// When it was last changed.
    pub updated_at: i64,
}

/// Whether the files of an app are protected.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum FileAccess {
    /// Media work without any token.
    Off,
    /// Media work without any token; what would be refused is counted.
    Observe,
    /// Every media URL needs a token.
    On,
}

/// Which media reads of an app the ledger keeps.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Ledger {
    /// Allowed and refused reads.
    Full,
    /// No reads.
    Off,
    /// Refused reads only.
    Refusals,
}

/// `POST apps`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"id": "myapp", "name": "My app", "region": "us"}))]
pub struct CreateApp {
    /// `[a-z0-9]`, 4 to 32 of them, without `fat`. For good.
    pub id: String,
    /// The name operators see: 1 to 200 characters.
    pub name: String,
    /// Where it is hosted: `[a-z0-9-]`, 1 to 32 of them, without `fat`. `us` unless said otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// `PUT settings/token_based_file_access`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"to": "observe"}))]
pub struct SwitchFileAccess {
    /// Where to; only forward: off, observe, on.
    pub to: FileAccess,
}

/// `PUT settings`: what is left out stays as it is, and `null` takes a bound off where there may be
/// none.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"presignTtlSeconds": 900, "storageQuotaBytes": null}))]
pub struct UpdateSettings {
    /// The name operators see: 1 to 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// 60 to 2678400 (31 days). For URLs made from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub presign_ttl_seconds: Option<i64>,
    /// 300 to 2592000 (30 days). For tokens made from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fat_lifetime_seconds: Option<i64>,
    /// Whether an `authOnly` key in a web page may log a user in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_login_by_auth_key: Option<bool>,
    /// 1 to 1099511627776 (1 TiB).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_size_max: Option<i64>,
    /// 1 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_count_max: Option<i64>,
    /// At most 100, each `http(s)://host[:port]`; empty: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_origins: Option<Vec<String>>,
    /// 60 to 2678400 (31 days).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back_end_presign_ttl_max_seconds: Option<i64>,
    /// Which reads the ledger keeps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger: Option<Ledger>,
    /// 1 to 3650.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger_retention_days: Option<i64>,
    /// 1 or more; `null`: no bound.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>)]
    pub cold_bytes_per_minute_per_session: Option<Option<i64>>,
    /// 1 or more; `null`: no bound.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>)]
    pub cold_bytes_per_minute: Option<Option<i64>>,
    /// 1 to 1000000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub presigned_urls_per_minute_per_session: Option<i64>,
    /// 1 to 4294967295; `null`: no bound.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>)]
    pub presigned_urls_per_minute: Option<Option<i64>>,
    /// 1 or more; `null`: no bound.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>)]
    pub storage_quota_bytes: Option<Option<i64>>,
    /// 1 to 50, each `*/*`, a kind such as `image/*`, or a type such as `image/png`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_types: Option<Vec<String>>,
    /// At most 20 types of messages, or `*`; replaces what was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_retention: Option<BTreeMap<String, MediaRetention>>,
    /// Whether nothing is removed, whatever else is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_hold: Option<bool>,
}

/// When messages of one type that carry files go by themselves.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"afterSeconds": 2_592_000, "afterView": false}))]
pub struct MediaRetention {
    /// Seconds after they were sent: 60 to 315360000 (ten years).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_seconds: Option<i64>,
    /// Ten minutes after the last of their receivers looked first.
    #[serde(default)]
    pub after_view: bool,
}

/// Tells a `null` that was sent from nothing said.
#[expect(clippy::option_option, reason = "nothing said, null, and a value are three things")]
pub(crate) fn said<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_null_takes_a_bound_off_and_silence_leaves_it() {
        let read: UpdateSettings =
            serde_json::from_value(json!({"storageQuotaBytes": null, "fileCountMax": 3})).unwrap();
        assert_eq!((read.storage_quota_bytes, read.cold_bytes_per_minute), (Some(None), None));
        assert_eq!(read.file_count_max, Some(3));
    }

    #[test]
    fn what_is_read_only_or_misspelt_is_named() {
        for field in ["id", "region", "tokenBasedFileAccess", "presignTTLSeconds"] {
            let read = serde_json::from_value::<UpdateSettings>(json!({ field: "x" }));
            assert!(read.unwrap_err().to_string().contains(field), "{field}");
        }
    }
}
