//! `GET groups/{guid}/bannedusers`.

use axum::Json;
use axum::extract::State;
use cloakroom_token::Guid;
use cloakroom_wire::{BannedUser, Envelope, PageMeta, PageQuery};
use serde_json::Value;

use super::Api;
use super::caller::Caller;
use super::cast::Cast;
use super::defuse::answer;
use super::error::ApiError;
use super::page::PageOf;
use super::path::{InPath, InQuery};
use super::rank::Rank;

/// Gives one page of the users kept out of a group, by uid, to its admins and moderators and the
/// back end.
#[utoipa::path(
    get, path = "/groups/{guid}/bannedusers", tag = "groups",
    params(("guid" = String, Path, description = "Which group."), PageQuery),
    responses((status = 200, body = Envelope<Vec<BannedUser>, PageMeta>)),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(super) async fn get_banned_users(
    State(api): State<Api>,
    caller: Caller,
    InPath(guid): InPath<Guid>,
    InQuery(query): InQuery<PageQuery>,
) -> Result<Json<Value>, ApiError> {
    let page = PageOf::read(query)?;
    let app = caller.app();
    let groups = api.db.groups();
    let group = groups.by_guid(&app.id, &guid).await?.ok_or(ApiError::GuidNotFound)?;
    let rank = Rank::of_caller(&api, &caller, &group).await?;
    rank.at_least(Rank::Moderator, "only admins and moderators see who is banned")?;
    let found = groups.banned(&app.id, &guid, page.per_page, page.offset()).await?;
    let mut cast = Cast::new(&api, app, caller.uid());
    let mut banned = Vec::with_capacity(found.items.len());
    for ban in found.items {
        let user = cast.user(&ban.uid).await?;
        banned.push(BannedUser { user, banned_at: ban.banned_at.0 });
    }
    let meta = page.meta(found.total, banned.len());
    answer(&api, &app.id, &Envelope::with_meta(banned, meta))
}
