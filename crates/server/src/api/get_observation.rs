//! `GET observe`.

use axum::Json;
use axum::extract::State;
use cloakroom_wire::{Envelope, Observation, ObservedRequests};
use serde::Deserialize;

use super::Api;
use super::caller::AppAdmin;
use super::error::ApiError;
use super::get_settings::file_access_of;
use super::path::InQuery;

const DAYS: u32 = 7;

/// How far to look back.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ObserveQuery {
    /// The last so many days, today included: 1 to 90; 7 if left out.
    days: Option<u32>,
}

/// Says what Token Based File Access would refuse if it were on, and whose media would break.
#[utoipa::path(
    get, path = "/observe", tag = "apps",
    params(ObserveQuery),
    responses((status = 200, body = Envelope<Observation>)),
    security(("apikey" = []), ("operator" = [])),
)]
pub(super) async fn get_observation(
    State(api): State<Api>,
    admin: AppAdmin,
    InQuery(ObserveQuery { days }): InQuery<ObserveQuery>,
) -> Result<Json<Envelope<Observation>>, ApiError> {
    let app = &admin.app;
    let days = days.unwrap_or(DAYS);
    if !(1..=90).contains(&days) {
        return Err(ApiError::BadField { field: "days", rule: "must be 1 to 90" });
    }
    let (live_sessions, live_sessions_without_fat) = api.observer.sessions(&app.id).await?;
    let refused =
        api.observer.seen(&app.id, days).await?.into_iter().map(|seen| ObservedRequests {
            reason: seen.reason,
            path: seen.path,
            client: seen.client,
            count: seen.count,
            first_at: seen.first_at.0,
            last_at: seen.last_at.0,
        });
    Ok(Json(Envelope::new(Observation {
        token_based_file_access: file_access_of(app.token_based_file_access),
        live_sessions,
        live_sessions_without_fat,
        refused: refused.collect(),
    })))
}
