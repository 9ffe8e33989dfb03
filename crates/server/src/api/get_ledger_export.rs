//! `GET ledger/export`.

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use cloakroom_storage::StoredRecord;
use futures_util::stream;
use serde::Deserialize;

use super::Api;
use super::caller::AppAdmin;
use super::error::ApiError;
use super::get_ledger::read_day;
use super::path::InQuery;

const BATCH: u32 = 500;

/// Which day.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ExportQuery {
    /// The day, such as `2026-11-24`.
    day: String,
}

/// Gives all records of a day as NDJSON: a line `{"hash": …, "record": …}` each, in order, as
/// `cloakroom ledger verify --file` checks them.
#[utoipa::path(
    get, path = "/ledger/export", tag = "ledger",
    params(ExportQuery),
    responses((status = 200, body = String, content_type = "application/x-ndjson")),
    security(("apikey" = []), ("operator" = [])),
)]
pub(super) async fn get_ledger_export(
    State(api): State<Api>,
    admin: AppAdmin,
    InQuery(ExportQuery { day }): InQuery<ExportQuery>,
) -> Result<Response, ApiError> {
    let day = read_day("day", &day)?;
    api.keeper.write().await?;
    let (ledger, app) = (api.keeper.ledger().clone(), admin.app.id.clone());
    let lines = stream::try_unfold((ledger, app, 0), move |(ledger, app, after)| async move {
        let records = ledger.of_day(Some(&app), day, after, BATCH).await?;
        let Some(last) = records.last() else { return Ok(None) };
        let last = last.number;
        let text: String = records.iter().map(line).collect();
        Ok::<_, cloakroom_storage::StorageError>(Some((text, (ledger, app, last))))
    });
    let headers = [
        (header::CONTENT_TYPE, "application/x-ndjson".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"ledger-{day}.ndjson\"")),
    ];
    Ok((headers, Body::from_stream(lines)).into_response())
}

/// A record as a line of an export: its text as it was hashed.
fn line(record: &StoredRecord) -> String {
    format!("{{\"hash\":\"{}\",\"record\":{}}}\n", hex::encode(record.hash.0), record.body)
}
