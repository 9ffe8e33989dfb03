//! `GET groups/{guid}/members`.

use axum::Json;
use axum::extract::State;
use cloakroom_token::Guid;
use cloakroom_wire::{Envelope, Member, PageMeta, PageQuery};
use serde_json::Value;

use super::Api;
use super::caller::Caller;
use super::cast::Cast;
use super::defuse::answer;
use super::error::ApiError;
use super::get_group::visible_group;
use super::page::PageOf;
use super::path::{InPath, InQuery};

/// Gives one page of the present members, by uid, to members and the back end.
#[utoipa::path(
    get, path = "/groups/{guid}/members", tag = "groups",
    params(("guid" = String, Path, description = "Which group."), PageQuery),
    responses((status = 200, body = Envelope<Vec<Member>, PageMeta>)),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(super) async fn get_group_members(
    State(api): State<Api>,
    caller: Caller,
    InPath(guid): InPath<Guid>,
    InQuery(query): InQuery<PageQuery>,
) -> Result<Json<Value>, ApiError> {
    let page = PageOf::read(query)?;
    let group = visible_group(&api, &caller, &guid).await?;
    if caller.uid().is_some() && !group.has_joined {
        return Err(ApiError::NotAMember);
    }
    let app = caller.app();
    let found = api.db.groups().members(&app.id, &guid, page.per_page, page.offset()).await?;
    let mut cast = Cast::new(&api, app, caller.uid());
    let mut members = Vec::with_capacity(found.items.len());
    for member in found.items {
        members.push(cast.member(member).await?);
    }
    let meta = page.meta(found.total, members.len());
    answer(&api, &app.id, &Envelope::with_meta(members, meta))
}
