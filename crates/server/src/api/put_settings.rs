//! `PUT settings`.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use axum::Json;
use axum::extract::State;
use cloakroom_storage as stored;
use cloakroom_storage::{AppSettings, LedgerMode};
use cloakroom_wire::{App, Envelope, Ledger, MediaRetention, UpdateSettings};
use url::Url;

use super::Api;
use super::body::JsonBody;
use super::caller::AppAdmin;
use super::error::ApiError;
use super::get_settings::app_of;
use super::incoming;
use crate::intake::AllowList;

const MOST_TYPES: usize = 50;
const MOST_ORIGINS: usize = 100;
/// The largest whole number that every JSON reader keeps whole.
const MOST_BYTES: i64 = (1 << 53) - 1;

/// Changes settings of the app; what is left out stays as it is.
#[utoipa::path(
    put, path = "/settings", tag = "apps",
    request_body(content = UpdateSettings),
    responses((status = 200, body = Envelope<App>)),
    security(("apikey" = []), ("operator" = [])),
)]
pub(super) async fn put_settings(
    State(api): State<Api>,
    admin: AppAdmin,
    JsonBody(update): JsonBody<UpdateSettings>,
) -> Result<Json<Envelope<App>>, ApiError> {
    // Tried on a copy first, so that what is refused is refused before anything is written.
    apply(&update, &mut admin.app.settings.clone())?;
    let apps = api.db.apps();
    let change = |settings: &mut AppSettings| {
        // Bounds do not depend on what was set before.
        let _ = apply(&update, settings);
    };
    let app = apps.change_settings(&admin.app.id, change, api.access.now()).await?;
    Ok(Json(Envelope::new(app_of(app.ok_or(ApiError::AppNotFound)?))))
}

fn apply(update: &UpdateSettings, settings: &mut AppSettings) -> Result<(), ApiError> {
    if let Some(name) = &update.name {
        incoming::name("name", name, 200)?;
        settings.name.clone_from(name);
    }
    let ttl = Bound("presignTtlSeconds", 60..=2_678_400, "must be 60 to 2678400");
    ttl.set(update.presign_ttl_seconds, &mut settings.presign_ttl_seconds)?;
    let life = Bound("fatLifetimeSeconds", 300..=2_592_000, "must be 300 to 2592000");
    life.set(update.fat_lifetime_seconds, &mut settings.fat_lifetime_seconds)?;
    if let Some(allowed) = update.client_login_by_auth_key {
        settings.client_login_by_auth_key = allowed;
    }
    let size = Bound("fileSizeMax", 1..=1_099_511_627_776, "must be 1 to 1099511627776");
    size.set(update.file_size_max, &mut settings.file_size_max)?;
    let count = Bound("fileCountMax", 1..=100, "must be 1 to 100");
    count.set(update.file_count_max, &mut settings.file_count_max)?;
    if let Some(origins) = &update.allowed_origins {
        settings.allowed_origins = origins_of(origins)?;
    }
    let policy = &mut settings.policy;
    let ttl = Bound("backEndPresignTtlMaxSeconds", 60..=2_678_400, "must be 60 to 2678400");
    ttl.set(update.back_end_presign_ttl_max_seconds, &mut policy.back_end_presign_ttl_max_seconds)?;
    if let Some(ledger) = update.ledger {
        policy.ledger = match ledger {
            Ledger::Full => LedgerMode::Full,
            Ledger::Off => LedgerMode::Off,
            Ledger::Refusals => LedgerMode::Refusals,
        };
    }
    let days = Bound("ledgerRetentionDays", 1..=3650, "must be 1 to 3650");
    days.set(update.ledger_retention_days, &mut policy.ledger_retention_days)?;
    let bytes = |field| Bound(field, 1..=MOST_BYTES, "must be 1 to 9007199254740991, or null");
    bytes("coldBytesPerMinutePerSession").set_or_none(
        update.cold_bytes_per_minute_per_session,
        &mut policy.cold_bytes_per_minute_per_session,
    )?;
    bytes("coldBytesPerMinute")
        .set_or_none(update.cold_bytes_per_minute, &mut policy.cold_bytes_per_minute)?;
    let urls = Bound("presignedUrlsPerMinutePerSession", 1..=1_000_000, "must be 1 to 1000000");
    urls.set(
        update.presigned_urls_per_minute_per_session,
        &mut policy.presigned_urls_per_minute_per_session,
    )?;
    let rule = "must be 1 to 4294967295, or null";
    Bound("presignedUrlsPerMinute", 1..=i64::from(u32::MAX), rule)
        .set_or_none(update.presigned_urls_per_minute, &mut policy.presigned_urls_per_minute)?;
    bytes("storageQuotaBytes")
        .set_or_none(update.storage_quota_bytes, &mut policy.storage_quota_bytes)?;
    if let Some(types) = &update.allowed_types {
        let is_list = (1..=MOST_TYPES).contains(&types.len());
        if !is_list || !types.iter().all(|one| AllowList::is_type(one)) {
            let rule = "must be 1 to 50, each */*, a kind such as image/*, or a type";
            return Err(ApiError::BadField { field: "allowedTypes", rule });
        }
        policy.allowed_types.clone_from(types);
    }
    if let Some(retention) = &update.media_retention {
        policy.media_retention = retention_of(retention)?;
    }
    if let Some(hold) = update.legal_hold {
        policy.legal_hold = hold;
    }
    Ok(())
}

/// When what goes by itself, within bounds.
fn retention_of(
    raw: &BTreeMap<String, MediaRetention>,
) -> Result<BTreeMap<String, stored::MediaRetention>, ApiError> {
    let is_type = |kind: &str| {
        kind == "*"
            || (1..=64).contains(&kind.len())
                && kind.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
    };
    if raw.len() > MOST_TYPES || !raw.keys().all(|kind| is_type(kind)) {
        let rule = "must name at most 50 types of messages, or *";
        return Err(ApiError::BadField { field: "mediaRetention", rule });
    }
    let bound = Bound("afterSeconds", 60..=315_360_000, "must be 60 to 315360000, or left out");
    raw.iter()
        .map(|(kind, one)| {
            let after_seconds = one.after_seconds.map(|seconds| bound.read(seconds)).transpose()?;
            let kept = stored::MediaRetention { after_seconds, after_view: one.after_view };
            Ok((kind.clone(), kept))
        })
        .collect()
}

/// A field, what it may be, and how that is said.
struct Bound(&'static str, RangeInclusive<i64>, &'static str);

impl Bound {
    fn read<T: TryFrom<i64>>(&self, value: i64) -> Result<T, ApiError> {
        let Self(field, range, rule) = self;
        let value = Some(value).filter(|value| range.contains(value));
        value.and_then(|value| T::try_from(value).ok()).ok_or(ApiError::BadField { field, rule })
    }

    fn set<T: TryFrom<i64>>(&self, value: Option<i64>, place: &mut T) -> Result<(), ApiError> {
        if let Some(value) = value {
            *place = self.read(value)?;
        }
        Ok(())
    }

    #[expect(clippy::option_option, reason = "nothing said, null, and a value are three things")]
    fn set_or_none<T: TryFrom<i64>>(
        &self,
        value: Option<Option<i64>>,
        place: &mut Option<T>,
    ) -> Result<(), ApiError> {
        if let Some(value) = value {
            *place = value.map(|value| self.read(value)).transpose()?;
        }
        Ok(())
    }
}

/// Origins as browsers write them.
fn origins_of(raw: &[String]) -> Result<Vec<String>, ApiError> {
    if raw.len() > MOST_ORIGINS {
        return Err(ApiError::BadField { field: "allowedOrigins", rule: "must be at most 100" });
    }
    let rule = "must each be http(s)://host[:port]";
    let bad = ApiError::BadField { field: "allowedOrigins", rule };
    let origins: Option<Vec<_>> = raw.iter().map(|raw| origin_of(raw)).collect();
    origins.ok_or(bad)
}

fn origin_of(raw: &str) -> Option<String> {
    let url = Url::parse(raw).ok().filter(|_| raw.len() <= 255)?;
    let origin = url.origin().ascii_serialization();
    let whole = url.as_str().trim_end_matches('/') == origin;
    (matches!(url.scheme(), "http" | "https") && whole).then_some(origin)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::app_defaults::app_settings;

    fn applied(update: Value) -> Result<AppSettings, ApiError> {
        let mut settings = app_settings("An app");
        apply(&serde_json::from_value(update).unwrap(), &mut settings)?;
        Ok(settings)
    }

    #[test]
    fn every_number_has_bounds_and_its_refusal_names_it() {
        let cases = [
            ("presignTtlSeconds", 60, 2_678_400),
            ("fatLifetimeSeconds", 300, 2_592_000),
            ("fileSizeMax", 1, 1_099_511_627_776),
            ("fileCountMax", 1, 100),
            ("backEndPresignTtlMaxSeconds", 60, 2_678_400),
            ("ledgerRetentionDays", 1, 3650),
            ("coldBytesPerMinutePerSession", 1, MOST_BYTES),
            ("coldBytesPerMinute", 1, MOST_BYTES),
            ("presignedUrlsPerMinutePerSession", 1, 1_000_000),
            ("presignedUrlsPerMinute", 1, i64::from(u32::MAX)),
            ("storageQuotaBytes", 1, MOST_BYTES),
        ];
        for (field, least, most) in cases {
            for good in [least, most] {
                let settings = applied(json!({ field: good })).unwrap();
                assert_ne!(settings, app_settings("An app"), "{field} {good}");
            }
            for bad in [least - 1, most + 1, -1, i64::MIN, i64::MAX] {
                let refused = applied(json!({ field: bad })).unwrap_err().to_string();
                assert!(refused.starts_with(&format!("{field} must be {least} to {most}")));
            }
        }
    }

    #[test]
    fn a_list_of_types_is_never_empty_and_holds_types() {
        let good = applied(json!({"allowedTypes": ["image/*", "application/pdf"]})).unwrap();
        assert_eq!(good.policy.allowed_types, ["image/*", "application/pdf"]);
        for bad in [json!([]), json!(["image"]), json!(vec!["image/*"; 51])] {
            assert!(applied(json!({ "allowedTypes": bad })).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_origin_is_scheme_host_and_port_and_nothing_else() {
        let good = applied(json!({"allowedOrigins": ["https://A.test/", "http://b.test:81"]}));
        assert_eq!(good.unwrap().allowed_origins, ["https://a.test", "http://b.test:81"]);
        for bad in
            ["", "*", "a.test", "ftp://a.test", "https://a.test/x", "https://u@a.test", "null"]
        {
            assert!(applied(json!({ "allowedOrigins": [bad] })).is_err(), "{bad}");
        }
        let many = vec!["https://a.test"; 101];
        assert!(applied(json!({ "allowedOrigins": many })).is_err());
    }
}
