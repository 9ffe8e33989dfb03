//! `GET groups/{guid}`.

use axum::Json;
use axum::extract::State;
use cloakroom_storage as stored;
use cloakroom_storage::GroupKind;
use cloakroom_token::Guid;
use cloakroom_wire::{Envelope, Group, GroupType};
use serde_json::Value;

use super::Api;
use super::caller::Caller;
use super::cast::Cast;
use super::defuse::answer;
use super::error::ApiError;
use super::path::InPath;

/// Gives one group. A private one exists for its members only.
#[utoipa::path(
    get, path = "/groups/{guid}", tag = "groups",
    params(("guid" = String, Path, description = "Which group.")),
    responses((status = 200, body = Envelope<Group>)),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(super) async fn get_group(
    State(api): State<Api>,
    caller: Caller,
    InPath(guid): InPath<Guid>,
) -> Result<Json<Value>, ApiError> {
    let group = visible_group(&api, &caller, &guid).await?;
    answer(&api, &caller.app().id, &Envelope::new(group))
}

/// A group, if the caller may know of it.
pub(super) async fn visible_group(
    api: &Api,
    caller: &Caller,
    guid: &Guid,
) -> Result<Group, ApiError> {
    let group = Cast::new(api, caller.app(), caller.uid()).group(guid).await?;
    group.filter(|group| is_visible(caller, group)).ok_or(ApiError::GuidNotFound)
}

/// Why somebody outside is refused: a private group exists for its members only.
pub(super) fn outsider(group: &stored::Group) -> ApiError {
    match group.profile.kind {
        GroupKind::Private => ApiError::GuidNotFound,
        GroupKind::Public | GroupKind::Password => ApiError::NotAMember,
    }
}

/// Whether the caller may know of a group.
pub(super) fn is_visible(caller: &Caller, group: &Group) -> bool {
    caller.uid().is_none() || group.has_joined || group.group_type != GroupType::Private
}
