//! `PUT users`: reactivates.

use axum::Json;
use axum::extract::State;
use cloakroom_token::{AppId, Uid};
use cloakroom_wire::{Envelope, Outcome, Outcomes, ReactivateUsers};

use super::Api;
use super::body::JsonBody;
use super::caller::AppBackEnd;
use super::error::ApiError;
use super::path::PathPart;
use super::uids::{bounded_uids, outcome};

/// Lets deactivated users in again. What was taken from them stays so: tokens and URLs that were
/// made before open nothing.
#[utoipa::path(
    put, path = "/users", tag = "users",
    request_body(content = ReactivateUsers),
    responses((status = 200, body = Envelope<std::collections::BTreeMap<String, Outcome>>)),
    security(("apikey" = [])),
)]
pub(super) async fn put_users(
    State(api): State<Api>,
    caller: AppBackEnd,
    JsonBody(ReactivateUsers { uids_to_activate }): JsonBody<ReactivateUsers>,
) -> Result<Json<Envelope<Outcomes>>, ApiError> {
    bounded_uids("uidsToActivate", &uids_to_activate)?;
    let mut outcomes = Outcomes::new();
    for raw in uids_to_activate {
        let (outcome, _) = outcome(reactivate(&api, &caller.app.id, &raw).await)?;
        outcomes.insert(raw, outcome);
    }
    Ok(Json(Envelope::new(outcomes)))
}

async fn reactivate(api: &Api, app: &AppId, raw: &str) -> Result<(), ApiError> {
    let uid = Uid::read(raw)?;
    let users = api.db.users();
    users.by_uid(app, &uid).await?.ok_or(ApiError::UidNotFound)?;
    users.reactivate(app, &uid, api.access.now()).await?;
    Ok(())
}
