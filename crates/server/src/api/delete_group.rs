//! `DELETE groups/{guid}`.

use axum::Json;
use axum::extract::State;
use cloakroom_token::Guid;
use cloakroom_wire::{Envelope, MemberScope, Success};

use super::Api;
use super::caller::Caller;
use super::error::ApiError;
use super::get_group::visible_group;
use super::path::InPath;

/// Deletes a group: its owner, an admin of it, or the back end. Nobody reads its files any more,
/// except who sent them.
#[utoipa::path(
    delete, path = "/groups/{guid}", tag = "groups",
    params(("guid" = String, Path, description = "Which group.")),
    responses((status = 200, body = Envelope<Success>)),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(super) async fn delete_group(
    State(api): State<Api>,
    caller: Caller,
    InPath(guid): InPath<Guid>,
) -> Result<Json<Envelope<Success>>, ApiError> {
    let group = visible_group(&api, &caller, &guid).await?;
    if caller.uid().is_some() && group.scope != Some(MemberScope::Admin) {
        return Err(ApiError::NotYours { rule: "only an admin of the group may delete it" });
    }
    api.db.groups().delete(&caller.app().id, &guid, api.access.now()).await?;
    Ok(Json(Envelope::new(Success::DONE)))
}
