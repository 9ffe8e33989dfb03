//! `DELETE groups/{guid}/members` (leave) and `DELETE groups/{guid}/members/{uid}` (kick).

use axum::Json;
use axum::extract::State;
use cloakroom_storage::MemberScope;
use cloakroom_token::{Guid, Uid};
use cloakroom_wire::{Envelope, Success};

use super::Api;
use super::caller::{Actor, Caller};
use super::error::ApiError;
use super::get_group::{outsider, visible_group};
use super::path::{BothInPath, InPath};

/// Leaves a group; its files are out of reach at once.
#[utoipa::path(
    delete, path = "/groups/{guid}/members", tag = "groups",
    params(("guid" = String, Path, description = "Which group.")),
    responses((status = 200, body = Envelope<Success>)),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(super) async fn leave_group(
    State(api): State<Api>,
    actor: Actor,
    InPath(guid): InPath<Guid>,
) -> Result<Json<Envelope<Success>>, ApiError> {
    let groups = api.db.groups();
    let group = groups.by_guid(&actor.app.id, &guid).await?.ok_or(ApiError::GuidNotFound)?;
    let left = groups.remove_member(&actor.app.id, &guid, &actor.uid, api.access.now()).await?;
    left.ok_or_else(|| outsider(&group))?;
    Ok(Json(Envelope::new(Success::DONE)))
}

/// Takes a member out of a group: an admin, a moderator (participants only), or the back end.
#[utoipa::path(
    delete, path = "/groups/{guid}/members/{uid}", tag = "groups",
    params(
        ("guid" = String, Path, description = "Which group."),
        ("uid" = String, Path, description = "Whom."),
    ),
    responses((status = 200, body = Envelope<Success>)),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(super) async fn delete_group_member(
    State(api): State<Api>,
    caller: Caller,
    BothInPath(guid, uid): BothInPath<Guid, Uid>,
) -> Result<Json<Envelope<Success>>, ApiError> {
    visible_group(&api, &caller, &guid).await?;
    let app = &caller.app().id;
    let groups = api.db.groups();
    let target = groups.membership(app, &guid, &uid).await?.ok_or(ApiError::UidNotFound)?;
    if let Some(own) = caller.uid() {
        let own = groups.membership(app, &guid, own).await?.ok_or(ApiError::NotAMember)?;
        match (own.scope, target.scope) {
            (MemberScope::Admin, _) | (MemberScope::Moderator, MemberScope::Participant) => {}
            _ => {
                let rule = "only an admin, or for participants a moderator, may remove a member";
                return Err(ApiError::NotYours { rule });
            }
        }
    }
    groups.remove_member(app, &guid, &uid, api.access.now()).await?;
    Ok(Json(Envelope::new(Success::DONE)))
}
