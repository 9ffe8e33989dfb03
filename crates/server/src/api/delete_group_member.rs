//! `DELETE groups/{guid}/members` (leave) and `DELETE groups/{guid}/members/{uid}` (kick).

use axum::Json;
use axum::extract::State;
use cloakroom_token::{Guid, Uid};
use cloakroom_wire::{Envelope, Success};

use super::Api;
use super::caller::{Actor, Caller};
use super::error::ApiError;
use super::get_group::outsider;
use super::path::{BothInPath, InPath};
use super::rank::{OWNER_STAYS, Rank};
use super::revoked::revoked;

/// Leaves a group; its files are out of reach at once. The owner passes it on first.
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
    if Rank::of_member(&api, &actor.app.id, &group, &actor.uid).await? == Some(Rank::Owner) {
        return Err(OWNER_STAYS);
    }
    let seq = groups.remove_member(&actor.app.id, &guid, &actor.uid, api.access.now()).await?;
    let seq = seq.ok_or_else(|| outsider(&group))?;
    Ok(revoked(Some(seq), Success::DONE))
}

/// Takes a member out of a group: an admin, a moderator (participants only), or the back end. The
/// owner stays.
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
    let app = &caller.app().id;
    let groups = api.db.groups();
    let group = groups.by_guid(app, &guid).await?.ok_or(ApiError::GuidNotFound)?;
    let rank = Rank::of_caller(&api, &caller, &group).await?;
    rank.may_remove(Rank::of_member(&api, app, &group, &uid).await?)?;
    let seq = groups.remove_member(app, &guid, &uid, api.access.now()).await?;
    if seq.is_none() {
        api.db.users().by_uid(app, &uid).await?.ok_or(ApiError::UidNotFound)?;
    }
    Ok(revoked(seq, Success::DONE))
}
