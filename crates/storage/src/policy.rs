//! What an operator sets for an app beyond its first settings; one JSON object in the database.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Which media reads of an app the ledger keeps.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LedgerMode {
    /// Allowed and refused reads.
    #[default]
    Full,
    /// No reads; administrative acts are kept whatever the mode.
    Off,
    /// Refused reads only.
    Refusals,
}

/// The part of an app's settings that grows with releases. A member that is absent in the
/// database has its default.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct AppPolicy {
    /// The longest life of a presigned URL that the back end or a delegated key makes, in seconds.
    pub back_end_presign_ttl_max_seconds: u32,
    /// Which reads the ledger keeps.
    pub ledger: LedgerMode,
    /// Days after which the ledger forgets; whole days.
    pub ledger_retention_days: u32,
    /// Bytes read from the store for one session in a minute, cache hits not counted; `None`: no
    /// bound.
    pub cold_bytes_per_minute_per_session: Option<u64>,
    /// Bytes read from the store for the app in a minute, cache hits not counted; `None`: no bound.
    pub cold_bytes_per_minute: Option<u64>,
    /// URLs one session may presign in a minute.
    pub presigned_urls_per_minute_per_session: u32,
    /// URLs the whole app may presign in a minute; `None`: no bound.
    pub presigned_urls_per_minute: Option<u32>,
    /// Bytes all files of the app may take; `None`: no bound.
    pub storage_quota_bytes: Option<u64>,
    /// The types of files it takes, as they are sniffed: `*/*`, `image/*`, `image/png`.
    pub allowed_types: Vec<String>,
    /// When messages that carry files go, by their type; `*` stands for those without an entry.
    pub media_retention: BTreeMap<String, MediaRetention>,
    /// Whether nothing is removed, by retention or for good, whatever else is set.
    pub legal_hold: bool,
}

/// When messages of one type go.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct MediaRetention {
    /// So many seconds after they were sent.
    pub after_seconds: Option<u64>,
    /// Ten minutes after the last of their receivers looked at them first.
    pub after_view: bool,
}

impl Default for AppPolicy {
    fn default() -> Self {
        Self {
            back_end_presign_ttl_max_seconds: 7 * 24 * 60 * 60,
            ledger: LedgerMode::Full,
            ledger_retention_days: 90,
            cold_bytes_per_minute_per_session: None,
            cold_bytes_per_minute: None,
            presigned_urls_per_minute_per_session: 10_000,
            presigned_urls_per_minute: None,
            storage_quota_bytes: None,
            allowed_types: vec!["*/*".to_owned()],
            media_retention: BTreeMap::new(),
            legal_hold: false,
        }
    }
}

impl crate::column::Column for AppPolicy {
    type Sql = String;

    fn from_sql(stored: String) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(serde_json::from_str(&stored)?)
    }
}

impl AppPolicy {
    /// Whether anything goes once it was looked at.
    #[must_use]
    pub fn goes_after_view(&self) -> bool {
        self.media_retention.values().any(|retention| retention.after_view)
    }

    pub(crate) fn stored(&self) -> Result<String, crate::error::StorageError> {
        serde_json::to_string(self)
            .map_err(|error| crate::error::StorageError::Corrupt(Box::new(error)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_of_an_earlier_release_has_defaults_for_what_is_new() {
        let read: AppPolicy = serde_json::from_str(r#"{"ledger":"refusals"}"#).unwrap();
        assert_eq!(read, AppPolicy { ledger: LedgerMode::Refusals, ..AppPolicy::default() });
    }
}
