//! `DELETE groups/{guid}`.

use axum::Json;
use axum::extract::State;
use cloakroom_token::Guid;
use cloakroom_wire::{Envelope, Success};

use super::Api;
use super::caller::Caller;
use super::error::ApiError;
use super::path::InPath;
use super::rank::Rank;
use super::revoked::revoked;

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
    let app = &caller.app().id;
    let group = api.db.groups().by_guid(app, &guid).await?.ok_or(ApiError::GuidNotFound)?;
    let rank = Rank::of_caller(&api, &caller, &group).await?;
    rank.at_least(Rank::Admin, "only an admin of the group may delete it")?;
    let seq = api.db.groups().delete(app, &guid, api.access.now()).await?;
    Ok(revoked(seq, Success::DONE))
}
