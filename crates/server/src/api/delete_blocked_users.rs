//! `DELETE users/{uid}/blockedusers`.

use axum::Json;
use axum::extract::State;
use cloakroom_token::{AppId, Uid};
use cloakroom_wire::{BlockUsers, Envelope, Outcome, Outcomes};

use super::Api;
use super::body::JsonBody;
use super::caller::Caller;
use super::error::ApiError;
use super::get_blocked_users::blocker;
use super::path::{InPath, PathPart};
use super::uids::{bounded_uids, outcome};

/// Ends blocks of a user: the back end, or the user.
#[utoipa::path(
    delete, path = "/users/{uid}/blockedusers", tag = "users",
    params(("uid" = String, Path, description = "Who blocks.")),
    request_body(content = BlockUsers),
    responses((status = 200, body = Envelope<std::collections::BTreeMap<String, Outcome>>)),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(super) async fn delete_blocked_users(
    State(api): State<Api>,
    caller: Caller,
    InPath(uid): InPath<Uid>,
    JsonBody(BlockUsers { blocked_uids }): JsonBody<BlockUsers>,
) -> Result<Json<Envelope<Outcomes>>, ApiError> {
    blocker(&api, &caller, &uid).await?;
    bounded_uids("blockedUids", &blocked_uids)?;
    let mut outcomes = Outcomes::new();
    for raw in blocked_uids {
        let (outcome, _) = outcome(unblock(&api, &caller.app().id, &uid, &raw).await)?;
        outcomes.insert(raw, outcome);
    }
    Ok(Json(Envelope::new(outcomes)))
}

/// Ends one block, if there is one.
async fn unblock(api: &Api, app: &AppId, by: &Uid, raw: &str) -> Result<(), ApiError> {
    let whom = Uid::read(raw)?;
    api.db.users().state(app, &whom).await?.ok_or(ApiError::UidNotFound)?;
    api.db.blocks().remove(app, by, &whom, api.access.now()).await?;
    Ok(())
}
