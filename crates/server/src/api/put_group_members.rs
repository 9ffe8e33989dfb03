//! `PUT groups/{guid}/members`: adds users.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use cloakroom_storage::{MemberScope, StorageError};
use cloakroom_token::{AppId, Guid, Uid};
use cloakroom_wire::{
    AddMembers, Added, Envelope, ErrorBody, ErrorCode, MemberScope as Scope, MembersAdded,
    NewMembers,
};

use super::Api;
use super::body::JsonBody;
use super::caller::Caller;
use super::error::ApiError;
use super::get_group::visible_group;
use super::path::InPath;

const MOST_AT_ONCE: usize = 100;

/// Adds users to a group: an admin or moderator of it, or the back end. Only admins and the back
/// end make admins and moderators.
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
    let group = visible_group(&api, &caller, &guid).await?;
    let raises = !members.admins.is_empty() || !members.moderators.is_empty();
    match (caller.uid(), group.scope) {
        (None, _) | (Some(_), Some(Scope::Admin)) => {}
        (Some(_), Some(Scope::Moderator)) if !raises => {}
        (Some(_), None) => return Err(ApiError::NotAMember),
        _ => return Err(ApiError::NotYours { rule: "only admins and moderators add members" }),
    }
    Ok(Json(Envelope::new(add_members(&api, &caller.app().id, &guid, &members).await?)))
}

/// Adds users and says what became of each.
pub(super) async fn add_members(
    api: &Api,
    app: &AppId,
    guid: &Guid,
    members: &NewMembers,
) -> Result<MembersAdded, ApiError> {
    if !members.users_to_ban.is_empty() {
        return Err(ApiError::BadField { field: "usersToBan", rule: "must be empty" });
    }
    let lists = [&members.admins, &members.moderators, &members.participants];
    if lists.iter().map(|list| list.len()).sum::<usize>() > MOST_AT_ONCE {
        return Err(ApiError::BadField { field: "the members", rule: "must be at most 100" });
    }
    Ok(MembersAdded {
        admins: add(api, app, guid, lists[0], MemberScope::Admin).await?,
        moderators: add(api, app, guid, lists[1], MemberScope::Moderator).await?,
        participants: add(api, app, guid, lists[2], MemberScope::Participant).await?,
        users_to_ban: BTreeMap::new(),
    })
}

async fn add(
    api: &Api,
    app: &AppId,
    guid: &Guid,
    uids: &[String],
    scope: MemberScope,
) -> Result<BTreeMap<String, Added>, ApiError> {
    let groups = api.db.groups();
    let mut outcome = BTreeMap::new();
    for raw in uids {
        let refused = match Uid::parse(raw) {
            Err(_) => Some(ApiError::UidNotFound),
            Ok(uid) => match groups.add_member(app, guid, &uid, scope, api.access.now()).await {
                Ok(Some(_)) => None,
                Ok(None) if groups.membership(app, guid, &uid).await?.is_some() => None,
                Ok(None) => Some(ApiError::NotYours { rule: "the group keeps this user out" }),
                Err(StorageError::Missing) => Some(ApiError::UidNotFound),
                Err(error) => return Err(error.into()),
            },
        };
        outcome.insert(raw.clone(), added(refused.as_ref()));
    }
    Ok(outcome)
}

fn added(refused: Option<&ApiError>) -> Added {
    let body = |code: ErrorCode, message| ErrorBody { code, message, details: None };
    Added {
        success: refused.is_none(),
        error: refused.map(|error| body(error.code(), error.to_string())),
    }
}
