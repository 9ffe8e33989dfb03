//! `PUT groups/{guid}/members/{uid}`: what a member may do.

use axum::Json;
use axum::extract::State;
use cloakroom_storage::MemberScope;
use cloakroom_token::{Guid, Uid};
use cloakroom_wire::{Envelope, MemberScope as Scope, SetMemberScope, Success};

use super::Api;
use super::body::JsonBody;
use super::caller::Caller;
use super::error::ApiError;
use super::path::BothInPath;
use super::rank::{OWNER_STAYS, Rank};

/// Sets what a member may do: an admin of the group, or the back end. The owner stays an admin.
#[utoipa::path(
    put, path = "/groups/{guid}/members/{uid}", tag = "groups",
    params(
        ("guid" = String, Path, description = "Which group."),
        ("uid" = String, Path, description = "Whom."),
    ),
    request_body(content = SetMemberScope),
    responses((status = 200, body = Envelope<Success>)),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(super) async fn put_group_member(
    State(api): State<Api>,
    caller: Caller,
    BothInPath(guid, uid): BothInPath<Guid, Uid>,
    JsonBody(set): JsonBody<SetMemberScope>,
) -> Result<Json<Envelope<Success>>, ApiError> {
    let app = &caller.app().id;
    let groups = api.db.groups();
    let group = groups.by_guid(app, &guid).await?.ok_or(ApiError::GuidNotFound)?;
    let rank = Rank::of_caller(&api, &caller, &group).await?;
    rank.at_least(Rank::Admin, "only an admin of the group sets what members may do")?;
    let scope = match set.scope {
        Scope::Admin => MemberScope::Admin,
        Scope::Moderator => MemberScope::Moderator,
        Scope::Participant => MemberScope::Participant,
    };
    if group.profile.owner.as_ref() == Some(&uid) && scope != MemberScope::Admin {
        return Err(OWNER_STAYS);
    }
    if !groups.set_member_scope(app, &guid, &uid, scope, api.access.now()).await? {
        return Err(ApiError::UidNotFound);
    }
    Ok(Json(Envelope::new(Success::DONE)))
}
