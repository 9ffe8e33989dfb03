//! `DELETE users/{uid}/sessions/{id}`, `DELETE users/{uid}/auth_tokens[/{id}]` and
//! `DELETE me/sessions/{id}`.

use axum::Json;
use axum::extract::State;
use cloakroom_token::{AppId, Seq, SessionId, Uid};
use cloakroom_wire::{Envelope, Success};

use super::Api;
use super::caller::{AppBackEnd, UserCaller};
use super::error::ApiError;
use super::path::{BothInPath, InPath};
use super::revoked::revoked;

/// Ends a login of a user: its auth token, its File Access Tokens and its presigned URLs, at once.
#[utoipa::path(
    delete, path = "/users/{uid}/sessions/{id}", tag = "sessions",
    params(
        ("uid" = String, Path, description = "Whose."),
        ("id" = String, Path, description = "Which session."),
    ),
    responses((status = 200, body = Envelope<Success>)),
    security(("apikey" = [])),
)]
pub(super) async fn delete_session(
    State(api): State<Api>,
    caller: AppBackEnd,
    BothInPath(uid, id): BothInPath<Uid, SessionId>,
) -> Result<Json<Envelope<Success>>, ApiError> {
    let seq = end(&api, &caller.app.id, &uid, id).await?;
    Ok(revoked(seq, Success::DONE))
}

/// Ends an auth token of a user, which is a session: what `DELETE users/{uid}/sessions/{id}` does.
#[utoipa::path(
    delete, path = "/users/{uid}/auth_tokens/{id}", tag = "sessions",
    params(
        ("uid" = String, Path, description = "Whose."),
        ("id" = String, Path, description = "Which one, by its id."),
    ),
    responses((status = 200, body = Envelope<Success>)),
    security(("apikey" = [])),
)]
pub(super) async fn delete_auth_token(
    api: State<Api>,
    caller: AppBackEnd,
    path: BothInPath<Uid, SessionId>,
) -> Result<Json<Envelope<Success>>, ApiError> {
    delete_session(api, caller, path).await
}

/// Ends every auth token of a user, and so every session.
#[utoipa::path(
    delete, path = "/users/{uid}/auth_tokens", tag = "sessions",
    params(("uid" = String, Path, description = "Whose.")),
    responses((status = 200, body = Envelope<Success>)),
    security(("apikey" = [])),
)]
pub(super) async fn delete_auth_tokens(
    State(api): State<Api>,
    caller: AppBackEnd,
    InPath(uid): InPath<Uid>,
) -> Result<Json<Envelope<Success>>, ApiError> {
    let app = &caller.app.id;
    api.db.users().state(app, &uid).await?.ok_or(ApiError::UidNotFound)?;
    let seq = api.db.sessions().end_all(app, &uid, api.access.now()).await?;
    Ok(revoked(seq, Success::DONE))
}

/// Ends an own login, such as one on a lost phone.
#[utoipa::path(
    delete, path = "/me/sessions/{id}", tag = "sessions",
    params(("id" = String, Path, description = "Which session.")),
    responses((status = 200, body = Envelope<Success>)),
    security(("authtoken" = [])),
)]
pub(super) async fn delete_own_session(
    State(api): State<Api>,
    caller: UserCaller,
    InPath(id): InPath<SessionId>,
) -> Result<Json<Envelope<Success>>, ApiError> {
    let seq = end(&api, &caller.app.id, &caller.uid, id).await?;
    Ok(revoked(seq, Success::DONE))
}

/// Ends one session of this user; `None`: it was over before.
async fn end(api: &Api, app: &AppId, uid: &Uid, id: SessionId) -> Result<Option<Seq>, ApiError> {
    let sessions = api.db.sessions();
    let session = sessions.by_id(app, id).await?.filter(|session| session.uid == *uid);
    session.ok_or(ApiError::SessionNotFound)?;
    Ok(sessions.end(app, id, api.access.now()).await?)
}
