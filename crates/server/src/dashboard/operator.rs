//! Who asks: the operator behind the session cookie.

use std::collections::HashMap;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use cloakroom_storage::{App, Operator, SecretHash};
use cloakroom_token::AppId;

use super::Dashboard;
use super::cookie::Cookie;
use super::csrf;
use super::error::DashboardError;
use crate::ledger::{Asker, By};
use crate::secret;

/// How long an operator stays signed in.
const SESSION_SECONDS: i64 = 12 * 60 * 60;

/// An operator who is signed in. A handler that takes this is reached by nobody else.
pub(super) struct SignedIn {
    /// The address the operator signed in with.
    pub(super) email: String,
    /// The token for the forms of this session.
    pub(super) csrf: String,
}

impl FromRequestParts<Dashboard> for SignedIn {
    type Rejection = DashboardError;

    async fn from_request_parts(
        parts: &mut Parts,
        dashboard: &Dashboard,
    ) -> Result<Self, DashboardError> {
        let secret = dashboard
            .cookies
            .read(&parts.headers, Cookie::Operator)
            .ok_or(DashboardError::SignedOut)?;
        let operator = dashboard
            .operators
            .by_session(SecretHash::of(secret), dashboard.clock.now())
            .await?
            .ok_or(DashboardError::SignedOut)?;
        Asker::note_by(&parts.extensions, By::Operator(operator.id));
        Ok(Self { email: operator.email, csrf: csrf::token(secret) })
    }
}

/// An app in the hands of an operator who is signed in.
pub(super) struct OperatedApp {
    pub(super) operator: SignedIn,
    pub(super) app: App,
}

impl FromRequestParts<Dashboard> for OperatedApp {
    type Rejection = DashboardError;

    async fn from_request_parts(
        parts: &mut Parts,
        dashboard: &Dashboard,
    ) -> Result<Self, DashboardError> {
        let operator = SignedIn::from_request_parts(parts, dashboard).await?;
        let Path(path) = Path::<HashMap<String, String>>::from_request_parts(parts, dashboard)
            .await
            .map_err(|_| DashboardError::AppNotFound)?;
        let id = path
            .get("app_id")
            .and_then(|id| AppId::parse(id).ok())
            .ok_or(DashboardError::AppNotFound)?;
        let app = dashboard.apps.by_id(&id).await?.ok_or(DashboardError::AppNotFound)?;
        Asker::note_app(&parts.extensions, &app.id);
        Ok(Self { operator, app })
    }
}

/// Begins a session, ends the one that this browser had, and gives the cookie to set.
pub(super) async fn begin_session(
    dashboard: &Dashboard,
    headers: &HeaderMap,
    operator: &Operator,
) -> Result<HeaderValue, DashboardError> {
    let now = dashboard.clock.now();
    end_session(dashboard, headers).await?;
    let (secret, hash) = secret::mint("ckr_operator_");
    let expires_at = now.plus(SESSION_SECONDS);
    dashboard.operators.begin_session(&operator.id, hash, expires_at, now).await?;
    dashboard.operators.sweep_sessions(now).await?;
    Ok(dashboard.cookies.set(Cookie::Operator, &secret, SESSION_SECONDS))
}

/// Ends the session that the request names, if any.
pub(super) async fn end_session(
    dashboard: &Dashboard,
    headers: &HeaderMap,
) -> Result<(), DashboardError> {
    if let Some(secret) = dashboard.cookies.read(headers, Cookie::Operator) {
        dashboard.operators.end_session(SecretHash::of(secret)).await?;
    }
    Ok(())
}
