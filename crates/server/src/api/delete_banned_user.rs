//! `DELETE groups/{guid}/bannedusers/{uid}`.

use axum::Json;
use axum::extract::State;
use cloakroom_token::{Guid, Uid};
use cloakroom_wire::{Envelope, Success};

use super::Api;
use super::caller::Caller;
use super::error::ApiError;
use super::path::BothInPath;
use super::rank::Rank;

/// Lets a user come back, who is not in the group by that: an admin, a moderator, or the back end.
#[utoipa::path(
    delete, path = "/groups/{guid}/bannedusers/{uid}", tag = "groups",
    params(
        ("guid" = String, Path, description = "Which group."),
        ("uid" = String, Path, description = "Whom."),
    ),
    responses((status = 200, body = Envelope<Success>)),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(super) async fn delete_banned_user(
    State(api): State<Api>,
    caller: Caller,
    BothInPath(guid, uid): BothInPath<Guid, Uid>,
) -> Result<Json<Envelope<Success>>, ApiError> {
    let app = &caller.app().id;
    let groups = api.db.groups();
    let group = groups.by_guid(app, &guid).await?.ok_or(ApiError::GuidNotFound)?;
    let rank = Rank::of_caller(&api, &caller, &group).await?;
    rank.at_least(Rank::Moderator, "only admins and moderators end a ban")?;
    if !groups.unban(app, &guid, &uid, api.access.now()).await? {
        api.db.users().by_uid(app, &uid).await?.ok_or(ApiError::UidNotFound)?;
    }
    Ok(Json(Envelope::new(Success::DONE)))
}
