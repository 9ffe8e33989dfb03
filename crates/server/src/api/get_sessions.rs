//! `GET users/{uid}/sessions`, `GET users/{uid}/auth_tokens` and `GET me/sessions`.

use axum::Json;
use axum::extract::State;
use cloakroom_storage as stored;
use cloakroom_token::{AppId, SessionId, Uid, UnixSeconds};
use cloakroom_wire::{CursorQuery, Envelope, NextMeta, Session};

use super::Api;
use super::caller::{AppBackEnd, UserCaller};
use super::cursor::CursorPage;
use super::error::ApiError;
use super::page::per_page;
use super::path::{InPath, InQuery};

type Sessions = Json<Envelope<Vec<Session>, NextMeta>>;

/// Gives the logins of a user, the newest first, ended ones included.
#[utoipa::path(
    get, path = "/users/{uid}/sessions", tag = "sessions",
    params(("uid" = String, Path, description = "Whose."), CursorQuery),
    responses((status = 200, body = Envelope<Vec<Session>, NextMeta>)),
    security(("apikey" = [])),
)]
pub(super) async fn get_sessions(
    State(api): State<Api>,
    caller: AppBackEnd,
    InPath(uid): InPath<Uid>,
    InQuery(query): InQuery<CursorQuery>,
) -> Result<Sessions, ApiError> {
    let app = &caller.app.id;
    api.db.users().state(app, &uid).await?.ok_or(ApiError::UidNotFound)?;
    page(&api, app, &uid, query, None).await
}

/// Gives the auth tokens of a user, each of which is a session: what `GET users/{uid}/sessions`
/// gives. Never a token itself.
#[utoipa::path(
    get, path = "/users/{uid}/auth_tokens", tag = "sessions",
    params(("uid" = String, Path, description = "Whose."), CursorQuery),
    responses((status = 200, body = Envelope<Vec<Session>, NextMeta>)),
    security(("apikey" = [])),
)]
pub(super) async fn get_auth_tokens(
    api: State<Api>,
    caller: AppBackEnd,
    uid: InPath<Uid>,
    query: InQuery<CursorQuery>,
) -> Result<Sessions, ApiError> {
    get_sessions(api, caller, uid, query).await
}

/// Gives the own logins, the newest first, ended ones included.
#[utoipa::path(
    get, path = "/me/sessions", tag = "sessions",
    params(CursorQuery),
    responses((status = 200, body = Envelope<Vec<Session>, NextMeta>)),
    security(("authtoken" = [])),
)]
pub(super) async fn get_own_sessions(
    State(api): State<Api>,
    caller: UserCaller,
    InQuery(query): InQuery<CursorQuery>,
) -> Result<Sessions, ApiError> {
    page(&api, &caller.app.id, &caller.uid, query, Some(caller.session)).await
}

async fn page(
    api: &Api,
    app: &AppId,
    uid: &Uid,
    query: CursorQuery,
    current: Option<SessionId>,
) -> Result<Sessions, ApiError> {
    let list = format!("sessions/{app}/{uid}");
    let per_page = per_page(query.per_page)?;
    let page = CursorPage::read(list, per_page, query.cursor.as_deref())?;
    let after = page.after(|raw| SessionId::parse(raw).ok())?;
    let mut found = api.db.sessions().page(app, uid, after, page.limit()).await?;
    let meta = page.cut(&mut found, |last| (last.created_at, last.id.to_string()));
    let now = api.access.now();
    let sessions = found.into_iter().map(|session| session_of(session, current, now)).collect();
    Ok(Json(Envelope::with_meta(sessions, meta)))
}

fn session_of(session: stored::Session, current: Option<SessionId>, now: UnixSeconds) -> Session {
    let expired = session.expires_at.is_some_and(|end| now >= end);
    Session {
        id: session.id.to_string(),
        created_at: session.created_at.0,
        expires_at: session.expires_at.map(|at| at.0),
        sdk: session.sdk,
        last_seen_at: session.last_seen_at.0,
        ended: session.ended_at.is_some() || expired,
        ended_at: session.ended_at.map(|at| at.0),
        fat_expires_at: session.fat_expires_at.map(|at| at.0),
        current: current == Some(session.id),
    }
}
