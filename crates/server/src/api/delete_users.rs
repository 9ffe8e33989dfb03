//! `DELETE users`: deactivates.

use axum::Json;
use axum::extract::State;
use cloakroom_token::{AppId, Seq, Uid};
use cloakroom_wire::{DeactivateUsers, Envelope, Outcome, Outcomes};

use super::Api;
use super::body::JsonBody;
use super::caller::AppBackEnd;
use super::error::ApiError;
use super::path::PathPart;
use super::revoked::revoked;
use super::uids::{bounded_uids, outcome};

/// Locks users out and takes back every token and URL of theirs. What they sent stays readable for
/// others.
#[utoipa::path(
    delete, path = "/users", tag = "users",
    request_body(content = DeactivateUsers),
    responses((status = 200, body = Envelope<std::collections::BTreeMap<String, Outcome>>)),
    security(("apikey" = [])),
)]
pub(super) async fn delete_users(
    State(api): State<Api>,
    caller: AppBackEnd,
    JsonBody(DeactivateUsers { uids_to_deactivate }): JsonBody<DeactivateUsers>,
) -> Result<Json<Envelope<Outcomes>>, ApiError> {
    bounded_uids("uidsToDeactivate", &uids_to_deactivate)?;
    let mut outcomes = Outcomes::new();
    let mut last = None;
    for raw in uids_to_deactivate {
        let (outcome, seq) = outcome(deactivate(&api, &caller.app.id, &raw).await)?;
        last = last.max(seq.flatten());
        outcomes.insert(raw, outcome);
    }
    Ok(revoked(last, outcomes))
}

async fn deactivate(api: &Api, app: &AppId, raw: &str) -> Result<Option<Seq>, ApiError> {
    let uid = Uid::read(raw)?;
    let users = api.db.users();
    users.by_uid(app, &uid).await?.ok_or(ApiError::UidNotFound)?;
    Ok(users.deactivate(app, &uid, api.access.now()).await?)
}
