//! `GET users`.

use axum::Json;
use axum::extract::State;
use cloakroom_wire::{Envelope, PageMeta, PageQuery, User};
use serde_json::Value;

use super::Api;
use super::caller::Caller;
use super::cast::user_of;
use super::defuse::answer;
use super::error::ApiError;
use super::page::PageOf;
use super::path::InQuery;

/// Gives one page of the users, by uid. Past the end it is empty.
#[utoipa::path(
    get, path = "/users", tag = "users",
    params(PageQuery),
    responses((status = 200, body = Envelope<Vec<User>, PageMeta>)),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(super) async fn get_users(
    State(api): State<Api>,
    caller: Caller,
    InQuery(query): InQuery<PageQuery>,
) -> Result<Json<Value>, ApiError> {
    let page = PageOf::read(query)?;
    let app = caller.app();
    let found = api.db.users().list(&app.id, page.per_page, page.offset()).await?;
    let users: Vec<_> = found.items.into_iter().map(user_of).collect();
    let meta = page.meta(found.total, users.len());
    answer(&api, &app.id, &Envelope::with_meta(users, meta))
}
