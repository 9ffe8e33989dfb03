//! `POST groups/{guid}/bannedusers/{uid}`.

use axum::Json;
use axum::extract::State;
use cloakroom_storage::Group;
use cloakroom_token::{AppId, Guid, Seq, Uid};
use cloakroom_wire::{Envelope, Success};

use super::Api;
use super::caller::Caller;
use super::error::ApiError;
use super::path::BothInPath;
use super::rank::{OWNER_STAYS, Rank};
use super::revoked::revoked;

/// Takes a user out of a group and keeps the user out: an admin, a moderator (participants and
/// outsiders only), or the back end. The group's files are out of the user's reach at once.
#[utoipa::path(
    post, path = "/groups/{guid}/bannedusers/{uid}", tag = "groups",
    params(
        ("guid" = String, Path, description = "Which group."),
        ("uid" = String, Path, description = "Whom."),
    ),
    responses((status = 200, body = Envelope<Success>)),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(super) async fn post_banned_user(
    State(api): State<Api>,
    caller: Caller,
    BothInPath(guid, uid): BothInPath<Guid, Uid>,
) -> Result<Json<Envelope<Success>>, ApiError> {
    let app = &caller.app().id;
    let group = api.db.groups().by_guid(app, &guid).await?.ok_or(ApiError::GuidNotFound)?;
    let rank = Rank::of_caller(&api, &caller, &group).await?;
    let seq = ban(&api, app, &group, rank, &uid).await?;
    Ok(revoked(seq, Success::DONE))
}

/// Bans one user, if somebody of this rank may. `None`: was banned before.
pub(super) async fn ban(
    api: &Api,
    app: &AppId,
    group: &Group,
    rank: Rank,
    uid: &Uid,
) -> Result<Option<Seq>, ApiError> {
    rank.may_remove(Rank::of_member(api, app, group, uid).await?)?;
    if group.profile.owner.as_ref() == Some(uid) {
        return Err(OWNER_STAYS);
    }
    api.db.users().by_uid(app, uid).await?.ok_or(ApiError::UidNotFound)?;
    Ok(api.db.groups().ban(app, &group.guid, uid, api.access.now()).await?)
}
