//! `GET settings`.

use axum::Json;
use axum::extract::State;
use cloakroom_storage as stored;
use cloakroom_storage::{AppPolicy, AppSettings, LedgerMode, TokenBasedFileAccess};
use cloakroom_wire::{App, Envelope, FileAccess, Ledger, MediaRetention};

use super::Api;
use super::caller::AppAdmin;
use super::error::ApiError;

/// Gives the app with all its settings.
#[utoipa::path(
    get, path = "/settings", tag = "apps",
    responses((status = 200, body = Envelope<App>)),
    security(("apikey" = []), ("operator" = [])),
)]
pub(super) async fn get_settings(
    State(api): State<Api>,
    admin: AppAdmin,
) -> Result<Json<Envelope<App>>, ApiError> {
    let app = api.db.apps().by_id(&admin.app.id).await?.ok_or(ApiError::AppNotFound)?;
    Ok(Json(Envelope::new(app_of(app))))
}

/// A stored app as it goes out.
pub(super) fn app_of(app: stored::App) -> App {
    let AppSettings {
        name,
        presign_ttl_seconds,
        fat_lifetime_seconds,
        client_login_by_auth_key,
        file_size_max,
        file_count_max,
        allowed_origins,
        policy,
    } = app.settings;
    let AppPolicy {
        back_end_presign_ttl_max_seconds,
        ledger,
        ledger_retention_days,
        cold_bytes_per_minute_per_session,
        cold_bytes_per_minute,
        presigned_urls_per_minute_per_session,
        presigned_urls_per_minute,
        storage_quota_bytes,
        allowed_types,
        media_retention,
        legal_hold,
        ..
    } = policy;
    App {
        id: app.id.into(),
        region: app.region,
        token_based_file_access: file_access_of(app.token_based_file_access),
        name,
        presign_ttl_seconds,
        fat_lifetime_seconds,
        client_login_by_auth_key,
        file_size_max,
        file_count_max,
        allowed_origins,
        back_end_presign_ttl_max_seconds,
        ledger: ledger_of(ledger),
        ledger_retention_days,
        cold_bytes_per_minute_per_session,
        cold_bytes_per_minute,
        presigned_urls_per_minute_per_session,
        presigned_urls_per_minute,
        storage_quota_bytes,
        allowed_types,
        media_retention: media_retention.into_iter().map(retention_of).collect(),
        legal_hold,
        created_at: app.created_at.0,
        updated_at: app.updated_at.0,
    }
}

fn retention_of((kind, stored): (String, stored::MediaRetention)) -> (String, MediaRetention) {
    let after_seconds = stored.after_seconds.and_then(|seconds| i64::try_from(seconds).ok());
    (kind, MediaRetention { after_seconds, after_view: stored.after_view })
}

/// Whether files are protected, as it goes out.
pub(super) const fn file_access_of(access: TokenBasedFileAccess) -> FileAccess {
    match access {
        TokenBasedFileAccess::Off => FileAccess::Off,
        TokenBasedFileAccess::Observe => FileAccess::Observe,
        TokenBasedFileAccess::On => FileAccess::On,
    }
}

/// Which reads the ledger keeps, as it goes out.
pub(super) const fn ledger_of(mode: LedgerMode) -> Ledger {
    match mode {
        LedgerMode::Full => Ledger::Full,
        LedgerMode::Off => Ledger::Off,
        LedgerMode::Refusals => Ledger::Refusals,
    }
}
