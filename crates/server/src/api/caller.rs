//! Who asks. A handler that takes one of these is reached only by such callers.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use cloakroom_storage::{ApiKeyScope, App, Operator, SecretHash};
use cloakroom_token::{AppId, Claim, KeyId, SessionId, Uid};
use cloakroom_wire::Secret;

use super::Api;
use super::error::ApiError;
use crate::ledger::{Asker, By};
use crate::secret::OPERATOR_PREFIX;

/// The app that the header `appid` names.
pub(super) struct AppOf(pub(super) Arc<App>);

impl FromRequestParts<Api> for AppOf {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        let id = named(parts, "appid").and_then(|raw| AppId::parse(raw).ok());
        let id = id.ok_or(ApiError::AppNotFound)?;
        let app = api.access.app(&id).await?.ok_or(ApiError::AppNotFound)?;
        Asker::note_app(&parts.extensions, &app.id);
        Ok(Self(app))
    }
}

/// A user, by the auth token of a live session.
pub(super) struct UserCaller {
    pub(super) app: Arc<App>,
    pub(super) session: SessionId,
    pub(super) uid: Uid,
    pub(super) auth_token: Secret,
}

impl FromRequestParts<Api> for UserCaller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        let AppOf(app) = AppOf::from_request_parts(parts, api).await?;
        let token = named(parts, "authtoken").ok_or(ApiError::NoAuth { header: "authtoken" })?;
        api.limits.admit(parts)?;
        let session = api.access.session_of_token(&app.id, token).await?;
        let Some((session, uid)) = session else {
            api.limits.failed(parts)?;
            return Err(ApiError::AuthTokenNotFound);
        };
        Ok(Self { session, uid, auth_token: Secret::new(token), app })
    }
}

/// The holder of an API key, whatever its scope.
pub(super) struct KeyCaller {
    pub(super) app: Arc<App>,
    pub(super) key: KeyId,
    scope: ApiKeyScope,
}

impl FromRequestParts<Api> for KeyCaller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        let AppOf(app) = AppOf::from_request_parts(parts, api).await?;
        let secret = named(parts, "apikey").ok_or(ApiError::NoAuth { header: "apikey" })?;
        api.limits.admit(parts)?;
        let hash = SecretHash::of(secret);
        let key = api.db.api_keys().by_secret(&app.id, hash, api.access.now()).await?;
        let Some(key) = key else {
            api.limits.failed(parts)?;
            return Err(ApiError::ApiKeyNotFound);
        };
        let (key, scope) = (key.id, key.scope);
        Asker::note_by(&parts.extensions, By::ApiKey(key.clone()));
        if parts.headers.contains_key(header::ORIGIN) {
            match scope {
                ApiKeyScope::FullAccess => return Err(ApiError::ApiKeyFromBrowser),
                ApiKeyScope::AuthOnly if !app.settings.client_login_by_auth_key => {
                    return Err(ApiError::ClientLoginOff);
                }
                ApiKeyScope::AuthOnly => {}
            }
        }
        Ok(Self { app, key, scope })
    }
}

impl KeyCaller {
    /// Whether the key may log users in and nothing else.
    pub(super) fn is_auth_only(&self) -> bool {
        self.scope == ApiKeyScope::AuthOnly
    }
}

/// The app's back end: the holder of a `fullAccess` key.
pub(super) struct BackEnd {
    pub(super) app: Arc<App>,
    pub(super) key: KeyId,
    /// The user in whose name it asks. Whether there is such a user was not looked up.
    pub(super) on_behalf_of: Option<Uid>,
}

impl FromRequestParts<Api> for BackEnd {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        let KeyCaller { app, key, scope } = KeyCaller::from_request_parts(parts, api).await?;
        if scope != ApiKeyScope::FullAccess {
            return Err(ApiError::ScopeRequired);
        }
        // Empty or sent twice, it still says that the back end does not ask for itself.
        let on_behalf_of = if parts.headers.contains_key("onbehalfof") {
            let uid = named(parts, "onbehalfof").and_then(|raw| Uid::parse(raw).ok());
            Some(uid.ok_or(ApiError::UidNotFound)?)
        } else {
            None
        };
        Ok(Self { app, key, on_behalf_of })
    }
}

/// Who may make users: the app's back end, or the holder of an `authOnly` key where the app lets
/// clients log in by it.
pub(super) struct UserMaker {
    pub(super) app: Arc<App>,
}

impl FromRequestParts<Api> for UserMaker {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        let caller = KeyCaller::from_request_parts(parts, api).await?;
        if caller.is_auth_only() && !caller.app.settings.client_login_by_auth_key {
            return Err(ApiError::ScopeRequired);
        }
        Ok(Self { app: caller.app })
    }
}

/// The app's back end, in its own name.
pub(super) struct AppBackEnd {
    pub(super) app: Arc<App>,
}

impl FromRequestParts<Api> for AppBackEnd {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        let BackEnd { app, on_behalf_of, .. } = BackEnd::from_request_parts(parts, api).await?;
        if on_behalf_of.is_some() {
            let rule = "the back end does that in its own name; leave onBehalfOf out";
            return Err(ApiError::NotYours { rule });
        }
        Ok(Self { app })
    }
}

/// Who looks after an app: its back end in its own name, or an operator.
pub(super) struct AppAdmin {
    pub(super) app: Arc<App>,
}

impl FromRequestParts<Api> for AppAdmin {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        if parts.headers.contains_key("apikey") {
            let AppBackEnd { app } = AppBackEnd::from_request_parts(parts, api).await?;
            return Ok(Self { app });
        }
        if !parts.headers.contains_key(header::AUTHORIZATION) {
            return Err(ApiError::NoAuth {
                header: "apikey, or authorization: Bearer (an operator token)",
            });
        }
        OperatorCaller::from_request_parts(parts, api).await?;
        let AppOf(app) = AppOf::from_request_parts(parts, api).await?;
        Ok(Self { app })
    }
}

/// A user, or the app's back end. An auth token goes before a key.
pub(super) enum Caller {
    BackEnd(BackEnd),
    User(UserCaller),
}

impl FromRequestParts<Api> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        if parts.headers.contains_key("authtoken") {
            return UserCaller::from_request_parts(parts, api).await.map(Self::User);
        }
        match BackEnd::from_request_parts(parts, api).await {
            Err(ApiError::NoAuth { .. }) => Err(ApiError::NoAuth { header: "authtoken or apikey" }),
            other => other.map(Self::BackEnd),
        }
    }
}

impl Caller {
    pub(super) fn app(&self) -> &Arc<App> {
        match self {
            Self::BackEnd(BackEnd { app, .. }) | Self::User(UserCaller { app, .. }) => app,
        }
    }

    /// The user who asks or in whose name is asked; `None` if the back end asks for itself.
    pub(super) fn uid(&self) -> Option<&Uid> {
        match self {
            Self::BackEnd(back_end) => back_end.on_behalf_of.as_ref(),
            Self::User(user) => Some(&user.uid),
        }
    }

    /// The session that asks; `None` if the back end does.
    pub(super) const fn session(&self) -> Option<SessionId> {
        match self {
            Self::BackEnd(_) => None,
            Self::User(user) => Some(user.session),
        }
    }

    /// What a decision is asked for; `None` if the back end asks for itself.
    pub(super) fn claim(&self) -> Option<Claim> {
        match self {
            Self::BackEnd(back_end) => back_end.on_behalf_of.clone().map(Claim::OnBehalf),
            Self::User(user) => Some(Claim::Session(user.session)),
        }
    }
}

/// A user who acts: by an own session, or by the back end on the user's behalf.
pub(super) struct Actor {
    pub(super) app: Arc<App>,
    pub(super) uid: Uid,
    pub(super) claim: Claim,
}

impl Actor {
    /// The session that acts; `None` if the back end does.
    pub(super) const fn session(&self) -> Option<SessionId> {
        match self.claim {
            Claim::Session(session) => Some(session),
            _ => None,
        }
    }
}

impl FromRequestParts<Api> for Actor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, api).await?;
        let (Some(uid), Some(claim)) = (caller.uid().cloned(), caller.claim()) else {
            return Err(ApiError::NoAuth { header: "onBehalfOf beside an apikey" });
        };
        if let Caller::BackEnd(back_end) = &caller {
            active(api, &back_end.app.id, &uid).await?;
        }
        Ok(Self { app: Arc::clone(caller.app()), uid, claim })
    }
}

/// An operator, by a token from `cloakroom operator token`.
pub(super) struct OperatorCaller {
    pub(super) operator: Operator,
}

impl FromRequestParts<Api> for OperatorCaller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        let missing = ApiError::NoAuth { header: "authorization: Bearer (an operator token)" };
        let token = named(parts, "authorization").and_then(|raw| raw.strip_prefix("Bearer "));
        let token = token.ok_or(missing)?;
        // A token that a web page could send would be one that a web page can steal.
        if parts.headers.contains_key(header::ORIGIN) || !token.starts_with(OPERATOR_PREFIX) {
            return Err(ApiError::OperatorTokenNotFound);
        }
        let hash = SecretHash::of(token);
        let operator = api.db.operators().by_session(hash, api.access.now()).await?;
        let operator = operator.ok_or(ApiError::OperatorTokenNotFound)?;
        Asker::note_by(&parts.extensions, By::Operator(operator.id.clone()));
        Ok(Self { operator })
    }
}

/// Refuses users who do not exist or may not act.
pub(super) async fn active(api: &Api, app: &AppId, uid: &Uid) -> Result<(), ApiError> {
    match api.db.users().by_uid(app, uid).await? {
        None => Err(ApiError::UidNotFound),
        Some(user) if user.deactivated_at.is_some() => Err(ApiError::UserDeactivated),
        Some(_) => Ok(()),
    }
}

/// A header that is there once, and is text.
fn named<'a>(parts: &'a Parts, name: &str) -> Option<&'a str> {
    let mut values = parts.headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok().map(str::trim).filter(|text| !text.is_empty()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    #[test]
    fn a_header_that_stands_twice_is_no_header() {
        let (parts, ()) = Request::builder()
            .header("appid", "one")
            .header("apikey", " k ")
            .header("authtoken", "a")
            .header("authtoken", "b")
            .header("sdk", "")
            .body(())
            .unwrap()
            .into_parts();
        let cases =
            [("appid", Some("one")), ("apikey", Some("k")), ("authtoken", None), ("sdk", None)];
        for (name, expected) in cases {
            assert_eq!(named(&parts, name), expected, "{name}");
        }
    }
}
