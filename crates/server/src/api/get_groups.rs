//! `GET groups`.

use axum::Json;
use axum::extract::State;
use cloakroom_wire::{Envelope, Group, PageMeta, PageQuery};
use serde_json::Value;

use super::Api;
use super::caller::Caller;
use super::cast::Cast;
use super::defuse::answer;
use super::error::ApiError;
use super::page::PageOf;
use super::path::InQuery;

/// Gives one page of the groups the caller may know of, by guid. Past the end it is empty.
#[utoipa::path(
    get, path = "/groups", tag = "groups",
    params(PageQuery),
    responses((status = 200, body = Envelope<Vec<Group>, PageMeta>)),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(super) async fn get_groups(
    State(api): State<Api>,
    caller: Caller,
    InQuery(query): InQuery<PageQuery>,
) -> Result<Json<Value>, ApiError> {
    let page = PageOf::read(query)?;
    let app = caller.app();
    let found = match caller.uid() {
        Some(uid) => {
            api.db.groups().list_visible(&app.id, uid, page.per_page, page.offset()).await?
        }
        None => api.db.groups().list(&app.id, page.per_page, page.offset()).await?,
    };
    let cast = Cast::new(&api, app, caller.uid());
    let mut groups = Vec::with_capacity(found.items.len());
    for group in found.items {
        groups.push(cast.group_of(group).await?);
    }
    let meta = page.meta(found.total, groups.len());
    answer(&api, &app.id, &Envelope::with_meta(groups, meta))
}
