//! `GET users`.

use axum::Json;
use axum::extract::State;
use cloakroom_storage::{Page, UserFilter};
use cloakroom_wire::{Envelope, PageMeta, PageQuery, User, UsersQuery};
use serde_json::Value;

use super::Api;
use super::caller::Caller;
use super::cast::user_of;
use super::defuse::answer;
use super::error::ApiError;
use super::incoming::optional;
use super::page::PageOf;
use super::path::InQuery;

/// Gives one page of the users, by uid. Past the end it is empty.
#[utoipa::path(
    get, path = "/users", tag = "users",
    params(UsersQuery),
    responses((status = 200, body = Envelope<Vec<User>, PageMeta>)),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(super) async fn get_users(
    State(api): State<Api>,
    caller: Caller,
    InQuery(query): InQuery<UsersQuery>,
) -> Result<Json<Value>, ApiError> {
    let page = PageOf::read(PageQuery { per_page: query.per_page, page: query.page })?;
    let app = caller.app();
    let found = match filter(query)? {
        None => Page { items: Vec::new(), total: 0 },
        Some(filter) => api.db.users().find(&app.id, &filter, page.per_page, page.offset()).await?,
    };
    let users: Vec<_> = found.items.into_iter().map(user_of).collect();
    let meta = page.meta(found.total, users.len());
    answer(&api, &app.id, &Envelope::with_meta(users, meta))
}

/// Who is asked for; `None`: nobody can be meant, because nobody is connected as far as we know.
fn filter(query: UsersQuery) -> Result<Option<UserFilter>, ApiError> {
    optional("searchKey", query.search_key.as_deref(), 100)?;
    let deactivated = match query.status.as_deref() {
        None | Some("" | "offline") => None,
        Some("active") => Some(false),
        Some("deactivated") => Some(true),
        Some("available" | "online") => return Ok(None),
        Some(_) => {
            return Err(ApiError::BadField {
                field: "status",
                rule: "must be active, deactivated, online, available or offline",
            });
        }
    };
    Ok(Some(UserFilter { deactivated, search: query.search_key }))
}
