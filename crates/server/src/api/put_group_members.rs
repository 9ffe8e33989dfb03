//! `PUT groups/{guid}/members`: adds users, and keeps others out.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use cloakroom_storage::{Group, MemberScope};
use cloakroom_token::{AppId, Guid, Uid};
use cloakroom_wire::{AddMembers, Added, Envelope, MAX_MEMBERS, MembersAdded, NewMembers};

use super::Api;
use super::body::JsonBody;
use super::caller::Caller;
use super::error::ApiError;
use super::path::InPath;
use super::post_banned_user::ban;
use super::rank::Rank;

/// Adds users to a group: an admin or moderator of it, or the back end. Only admins and the back
/// end make admins and moderators. At most 1000 users in one call.
#[utoipa::path(
    put, path = "/groups/{guid}/members", tag = "groups",
    params(("guid" = String, Path, description = "Which group.")),
    request_body(content = NewMembers),
    responses((status = 200, body = Envelope<MembersAdded>)),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(super) async fn put_group_members(
    State(api): State<Api>,
    caller: Caller,
    InPath(guid): InPath<Guid>,
    JsonBody(members): JsonBody<AddMembers>,
) -> Result<Json<Envelope<MembersAdded>>, ApiError> {
    let app = &caller.app().id;
    let group = api.db.groups().by_guid(app, &guid).await?.ok_or(ApiError::GuidNotFound)?;
    let rank = Rank::of_caller(&api, &caller, &group).await?;
    let raises = !members.admins.is_empty() || !members.moderators.is_empty();
    let least = if raises { Rank::Admin } else { Rank::Moderator };
    rank.at_least(least, "only admins and moderators add members, and only admins raise them")?;
    bounded_members(&members)?;
    Ok(Json(Envelope::new(add_members(&api, app, &group, rank, &members).await?)))
}

/// Refuses more users than one call takes.
pub(super) fn bounded_members(members: &NewMembers) -> Result<(), ApiError> {
    let NewMembers { participants, admins, moderators, users_to_ban } = members;
    let named = [participants, admins, moderators, users_to_ban];
    if named.iter().map(|list| list.len()).sum::<usize>() > MAX_MEMBERS {
        return Err(ApiError::TooManyMembers { limit: MAX_MEMBERS });
    }
    Ok(())
}

/// Adds users, keeps others out, and says what became of each.
pub(super) async fn add_members(
    api: &Api,
    app: &AppId,
    group: &Group,
    rank: Rank,
    members: &NewMembers,
) -> Result<MembersAdded, ApiError> {
    bounded_members(members)?;
    let mut banned = BTreeMap::new();
    for raw in &members.users_to_ban {
        let outcome = match Uid::parse(raw) {
            Err(_) => Err(ApiError::UidNotFound),
            Ok(uid) => ban(api, app, group, rank, &uid).await.map(|_| ()),
        };
        banned.insert(raw.clone(), added(refused(outcome)?.as_ref()));
    }
    Ok(MembersAdded {
        admins: add(api, app, group, &members.admins, MemberScope::Admin).await?,
        moderators: add(api, app, group, &members.moderators, MemberScope::Moderator).await?,
        participants: add(api, app, group, &members.participants, MemberScope::Participant).await?,
        users_to_ban: banned,
    })
}

async fn add(
    api: &Api,
    app: &AppId,
    group: &Group,
    uids: &[String],
    scope: MemberScope,
) -> Result<BTreeMap<String, Added>, ApiError> {
    let members: Vec<_> =
        uids.iter().filter_map(|raw| Some((Uid::parse(raw).ok()?, scope))).collect();
    let places = api.db.groups().add_members(app, &group.guid, &members, api.access.now()).await?;
    let mut outcome: BTreeMap<_, _> =
        uids.iter().map(|raw| (raw.clone(), added(Some(&ApiError::UidNotFound)))).collect();
    for ((uid, _), place) in members.iter().zip(places) {
        let refused = match place {
            Some(_) => None,
            None => why_not(api, app, &group.guid, uid).await?,
        };
        outcome.insert(uid.to_string(), added(refused.as_ref()));
    }
    Ok(outcome)
}

/// Why a user was not added; `None` if in the group already.
async fn why_not(
    api: &Api,
    app: &AppId,
    guid: &Guid,
    uid: &Uid,
) -> Result<Option<ApiError>, ApiError> {
    let groups = api.db.groups();
    Ok(if groups.membership(app, guid, uid).await?.is_some() {
        None
    } else if api.db.users().by_uid(app, uid).await?.is_none() {
        Some(ApiError::UidNotFound)
    } else if groups.banned_since(app, guid, uid).await?.is_some() {
        Some(ApiError::Banned)
    } else {
        Some(ApiError::GuidNotFound)
    })
}

/// What is said of one user; what concerns the whole call fails it.
fn refused(outcome: Result<(), ApiError>) -> Result<Option<ApiError>, ApiError> {
    match outcome {
        Ok(()) => Ok(None),
        Err(error @ (ApiError::UidNotFound | ApiError::NotYours { .. })) => Ok(Some(error)),
        Err(error) => Err(error),
    }
}

fn added(refused: Option<&ApiError>) -> Added {
    Added { success: refused.is_none(), error: refused.map(ApiError::body) }
}
