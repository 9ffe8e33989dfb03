//! `POST users/{uid}/blockedusers`.

use axum::Json;
use axum::extract::State;
use cloakroom_token::{AppId, Seq, Uid};
use cloakroom_wire::{BlockUsers, Envelope, Outcome, Outcomes};

use super::Api;
use super::body::JsonBody;
use super::caller::Caller;
use super::error::ApiError;
use super::get_blocked_users::blocker;
use super::path::{InPath, PathPart};
use super::revoked::revoked;
use super::uids::{bounded_uids, outcome};

/// Lets a user block others: what those send from now on, the user does not read. The back end, or the
/// user.
#[utoipa::path(
    post, path = "/users/{uid}/blockedusers", tag = "users",
    params(("uid" = String, Path, description = "Who blocks.")),
    request_body(content = BlockUsers),
    responses((status = 200, body = Envelope<std::collections::BTreeMap<String, Outcome>>)),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(super) async fn post_blocked_users(
    State(api): State<Api>,
    caller: Caller,
    InPath(uid): InPath<Uid>,
    JsonBody(BlockUsers { blocked_uids }): JsonBody<BlockUsers>,
) -> Result<Json<Envelope<Outcomes>>, ApiError> {
    blocker(&api, &caller, &uid).await?;
    bounded_uids("blockedUids", &blocked_uids)?;
    let mut outcomes = Outcomes::new();
    let mut last = None;
    for raw in blocked_uids {
        let (outcome, seq) = outcome(block(&api, &caller.app().id, &uid, &raw).await)?;
        last = last.max(seq.flatten());
        outcomes.insert(raw, outcome);
    }
    Ok(revoked(last, outcomes))
}

/// Lets one user block another; `None`: it was so before.
async fn block(api: &Api, app: &AppId, by: &Uid, raw: &str) -> Result<Option<Seq>, ApiError> {
    let whom = Uid::read(raw)?;
    if whom == *by {
        return Err(ApiError::BadField { field: "blockedUids", rule: "must not name the blocker" });
    }
    api.db.users().by_uid(app, &whom).await?.ok_or(ApiError::UidNotFound)?;
    Ok(api.db.blocks().add(app, by, &whom, api.access.now()).await?)
}
