//! `GET apps`.

use axum::Json;
use axum::extract::State;
use cloakroom_wire::{App, Envelope, PageMeta, PageQuery};

use super::Api;
use super::caller::OperatorCaller;
use super::error::ApiError;
use super::get_settings::app_of;
use super::page::PageOf;
use super::path::InQuery;

/// Gives one page of the apps of this installation, the oldest first.
#[utoipa::path(
    get, path = "/apps", tag = "apps",
    params(PageQuery),
    responses((status = 200, body = Envelope<Vec<App>, PageMeta>)),
    security(("operator" = [])),
)]
pub(super) async fn get_apps(
    State(api): State<Api>,
    _: OperatorCaller,
    InQuery(query): InQuery<PageQuery>,
) -> Result<Json<Envelope<Vec<App>, PageMeta>>, ApiError> {
    let page = PageOf::read(query)?;
    let apps = api.db.apps().list().await?;
    let total = apps.len() as u64;
    let before = usize::try_from(page.offset()).unwrap_or(usize::MAX);
    let apps: Vec<_> =
        apps.into_iter().skip(before).take(page.per_page as usize).map(app_of).collect();
    let meta = page.meta(total, apps.len());
    Ok(Json(Envelope::with_meta(apps, meta)))
}
