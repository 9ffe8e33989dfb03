//! `GET users/{uid}/blockedusers`.

use axum::Json;
use axum::extract::State;
use cloakroom_token::Uid;
use cloakroom_wire::{BlockedUser, Envelope, PageMeta, PageQuery};
use serde_json::Value;

use super::Api;
use super::caller::Caller;
use super::cast::Cast;
use super::defuse::answer;
use super::error::ApiError;
use super::page::PageOf;
use super::path::{InPath, InQuery};

/// Gives one page of the users whom a user blocks, by uid, to the back end and the user.
#[utoipa::path(
    get, path = "/users/{uid}/blockedusers", tag = "users",
    params(("uid" = String, Path, description = "Who blocks."), PageQuery),
    responses((status = 200, body = Envelope<Vec<BlockedUser>, PageMeta>)),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(super) async fn get_blocked_users(
    State(api): State<Api>,
    caller: Caller,
    InPath(uid): InPath<Uid>,
    InQuery(query): InQuery<PageQuery>,
) -> Result<Json<Value>, ApiError> {
    let page = PageOf::read(query)?;
    blocker(&api, &caller, &uid).await?;
    let app = caller.app();
    let found = api.db.blocks().list(&app.id, &uid, page.per_page, page.offset()).await?;
    let mut cast = Cast::new(&api, app, caller.uid());
    let mut blocked = Vec::with_capacity(found.items.len());
    for block in found.items {
        let user = cast.user(&block.uid).await?;
        blocked.push(BlockedUser { user, blocked_at: block.since.0 });
    }
    let meta = page.meta(found.total, blocked.len());
    answer(&api, &app.id, &Envelope::with_meta(blocked, meta))
}

/// Refuses everybody but the back end and the user whose blocks these are.
pub(super) async fn blocker(api: &Api, caller: &Caller, uid: &Uid) -> Result<(), ApiError> {
    if caller.uid().is_some_and(|own| own != uid) {
        return Err(ApiError::NotYours { rule: "whom a user blocks is for that user alone" });
    }
    api.db.users().by_uid(&caller.app().id, uid).await?.ok_or(ApiError::UidNotFound)?;
    Ok(())
}
