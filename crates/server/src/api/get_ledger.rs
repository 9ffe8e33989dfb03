//! `GET ledger`, `GET ledger/heads`, `GET ledger/status`.

use axum::Json;
use axum::extract::State;
use cloakroom_storage::{LedgerDay, RecordFilter, StorageError, StoredRecord};
use cloakroom_token::{MediaId, Uid, UnixSeconds};
use cloakroom_wire::{Envelope, LedgerDayHead, LedgerRecord, LedgerStatus, NextMeta};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::Api;
use super::caller::AppAdmin;
use super::cursor::CursorPage;
use super::error::ApiError;
use super::get_settings::ledger_of;
use super::page::per_page;
use super::path::InQuery;

/// Most days of one `GET ledger/heads`.
const MOST_DAYS: u32 = 4000;
/// What every record has, and `said` has not.
const OWN: [&str; 5] = ["app", "day", "number", "at", "kind"];

/// Which records, and which page of them.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct LedgerQuery {
    /// About this file.
    media_id: Option<String>,
    /// About this user.
    uid: Option<String>,
    /// `allowed` or `refused` reads.
    outcome: Option<String>,
    /// From then on, in seconds since 1970 UTC.
    from: Option<i64>,
    /// Before then.
    to: Option<i64>,
    /// How many, 1 to 100; 30 if left out.
    #[serde(rename = "per_page")]
    per_page: Option<u32>,
    /// `meta.next` of the page before.
    cursor: Option<String>,
}

impl LedgerQuery {
    fn filter(&self) -> Result<RecordFilter, ApiError> {
        let uid = self.uid.as_deref().map(Uid::parse).transpose();
        let rule = "must be 1 to 100 letters, digits, _ or -";
        let uid = uid.map_err(|_| ApiError::BadField { field: "uid", rule })?;
        let media = self.media_id.as_deref().map(MediaId::parse).transpose();
        let rule = "must be 32 hexadecimal digits";
        let media = media.map_err(|_| ApiError::BadField { field: "mediaId", rule })?;
        let refused = match self.outcome.as_deref() {
            None => None,
            Some("allowed") => Some(false),
            Some("refused") => Some(true),
            Some(_) => {
                let rule = "must be allowed or refused";
                return Err(ApiError::BadField { field: "outcome", rule });
            }
        };
        let (from, to) = (self.from.map(UnixSeconds), self.to.map(UnixSeconds));
        Ok(RecordFilter { uid, media, refused, from, to })
    }
}

/// Gives what the ledger holds of the app, the newest first: who opened a file, what a user opened,
/// what was changed. This look into it is recorded too.
#[utoipa::path(
    get, path = "/ledger", tag = "ledger",
    params(LedgerQuery),
    responses((status = 200, body = Envelope<Vec<LedgerRecord>, NextMeta>)),
    security(("apikey" = []), ("operator" = [])),
)]
pub(super) async fn get_ledger(
    State(api): State<Api>,
    admin: AppAdmin,
    InQuery(query): InQuery<LedgerQuery>,
) -> Result<Json<Envelope<Vec<LedgerRecord>, NextMeta>>, ApiError> {
    let app = &admin.app.id;
    let filter = query.filter()?;
    let list = format!("ledger/{app} {filter:?}");
    let page = CursorPage::read(list, per_page(query.per_page)?, query.cursor.as_deref())?;
    let before = page.after(|raw| raw.parse().ok())?;
    let before = before.map(|(day, number): (UnixSeconds, i64)| (LedgerDay::of(day), number));
    api.keeper.write().await?;
    let ledger = api.keeper.ledger();
    let mut found = ledger.page(app, &filter, before, page.limit()).await?;
    let meta = page.cut(&mut found, |(day, last)| (day.begins(), last.number.to_string()));
    let mut records = Vec::with_capacity(found.len());
    for (_, record) in found {
        records.push(shown(&record)?);
    }
    let people =
        records.iter().filter_map(|record| Some(record.said.get("person")?.as_str()?.to_owned()));
    let uids = ledger.uids(app, people.collect::<Vec<_>>()).await?;
    for record in &mut records {
        let person = record.said.get("person").and_then(Value::as_str);
        record.uid = person.and_then(|person| uids.get(person).cloned());
    }
    Ok(Json(Envelope::with_meta(records, meta)))
}

fn shown(record: &StoredRecord) -> Result<LedgerRecord, ApiError> {
    let said: Result<Map<String, Value>, _> = serde_json::from_str(&record.body);
    let mut said = said.map_err(|error| StorageError::Corrupt(error.into()))?;
    let text = |said: &Map<String, Value>, name: &str| {
        said.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let (day, kind) = (text(&said, "day"), text(&said, "kind"));
    let at = said.get("at").and_then(Value::as_i64).unwrap_or_default();
    said.retain(|name, _| !OWN.contains(&name.as_str()));
    Ok(LedgerRecord { day, number: record.number, at, kind, uid: None, said })
}

/// Which days.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct DaysQuery {
    /// The first day, such as `2026-11-24`.
    from: Option<String>,
    /// The last day.
    to: Option<String>,
}

/// Gives the heads of the days: signed once a day is over. Keep them elsewhere: with one of them
/// `cloakroom ledger verify` finds whatever was changed or cut.
#[utoipa::path(
    get, path = "/ledger/heads", tag = "ledger",
    params(DaysQuery),
    responses((status = 200, body = Envelope<Vec<LedgerDayHead>>)),
    security(("apikey" = []), ("operator" = [])),
)]
pub(super) async fn get_ledger_heads(
    State(api): State<Api>,
    admin: AppAdmin,
    InQuery(DaysQuery { from, to }): InQuery<DaysQuery>,
) -> Result<Json<Envelope<Vec<LedgerDayHead>>>, ApiError> {
    let (from, to) = (optional_day("from", from)?, optional_day("to", to)?);
    let days = api.keeper.ledger().days(Some(&admin.app.id), from, to, MOST_DAYS).await?;
    let heads = days.into_iter().map(|day| LedgerDayHead {
        day: day.day.to_string(),
        records: day.records,
        hash: hex::encode(day.hash.0),
        head: day.head,
        closed_at: day.closed_at.map(|at| at.0),
        removed_at: day.removed_at.map(|at| at.0),
    });
    Ok(Json(Envelope::new(heads.collect())))
}

fn optional_day(field: &'static str, raw: Option<String>) -> Result<Option<LedgerDay>, ApiError> {
    raw.map(|raw| read_day(field, &raw)).transpose()
}

/// Reads a day of a query.
pub(super) fn read_day(field: &'static str, raw: &str) -> Result<LedgerDay, ApiError> {
    LedgerDay::parse(raw).ok_or(ApiError::BadField { field, rule: "must be a day: 2026-11-24" })
}

/// Says how the ledger does on this server.
#[utoipa::path(
    get, path = "/ledger/status", tag = "ledger",
    responses((status = 200, body = Envelope<LedgerStatus>)),
    security(("apikey" = []), ("operator" = [])),
)]
pub(super) async fn get_ledger_status(
    State(api): State<Api>,
    admin: AppAdmin,
) -> Result<Json<Envelope<LedgerStatus>>, ApiError> {
    let policy = &admin.app.settings.policy;
    let (written_at, lost) = api.keeper.state();
    Ok(Json(Envelope::new(LedgerStatus {
        mode: ledger_of(policy.ledger),
        retention_days: policy.ledger_retention_days,
        waiting: u64::try_from(api.keeper.recorder().waiting()).unwrap_or(u64::MAX),
        lost,
        written_at: written_at.0,
    })))
}
