//! `Idempotency-Key`: a call sent again is done once (draft-ietf-httpapi-idempotency-key-header).
//!
//! ```text
//! POST with a key ─▶ each credential alive? ─▶ body read ─▶ reserved in the database ─▶ handler
//!                                                 │                                      │
//!            kept answer, 409, 422 or 503 ◀───────┘           kept for a day, or given back
//! ```
//!
//! Part of the layer over every route, so that no handler can forget it. The handler runs in a task of its
//! own: a caller who hangs up and comes again finds the answer.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use cloakroom_storage::{Attempt, KeptAnswer, Reservation};

use super::Api;
use super::body;
use super::caller::{KeyCaller, OperatorCaller, UserCaller};
use super::error::ApiError;
use super::fingerprint::{fingerprint, scope};
use super::kept::kept;
use super::shown_once::{Made, Transient};
use super::upload;
use crate::secret;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const MOST_KEY_BYTES: usize = 255;
/// For how long an answer is kept.
const KEPT_SECONDS: i64 = 24 * 3600;
/// After this a node that took a call and vanished has lost it.
const LEASE_SECONDS: i64 = 120;
/// Lets a `POST` with an `Idempotency-Key` through once, and answers it from then on.
pub(super) async fn once_per_key(api: &Api, request: Request, next: Next) -> Response {
    if *request.method() != Method::POST || !request.headers().contains_key(KEY) {
        return next.run(request).await;
    }
    Box::pin(answer(api, request, next)).await.unwrap_or_else(IntoResponse::into_response)
}

async fn answer(api: &Api, request: Request, next: Next) -> Result<Response, ApiError> {
    let key = key(request.headers())?.to_owned();
    if upload::is_multipart(&request) {
        body::linger(request.into_body()).await;
        let rule =
            "is not taken with an upload; its part muid keeps a message from being sent twice";
        return Err(ApiError::BadField { field: "Idempotency-Key", rule });
    }
    let (mut parts, body) = request.into_parts();
    // Who may not ask gets the handler's own refusal: nothing is kept for strangers, and nothing
    // kept is told to a credential that was revoked.
    if !each_credential_lives(api, &mut parts).await? {
        return Ok(next.run(Request::from_parts(parts, body)).await);
    }
    let body = body::read(body, api.json_max_bytes).await?;
    let attempt = Attempt {
        scope: scope(&parts, &key),
        fingerprint: fingerprint(&parts, &body),
        id: secret::random(),
    };
    let (api, request) = (Api::clone(api), Request::from_parts(parts, Body::from(body)));
    // Dropped between reservation and answer, the call could be neither repeated nor replayed.
    let done = tokio::spawn(async move { do_once(&api, &attempt, request, next).await });
    done.await.map_err(ApiError::internal)?
}

/// Does the call unless it was done, or is being done.
async fn do_once(
    api: &Api,
    attempt: &Attempt,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let now = api.access.now();
    match api.db.idempotency().reserve(attempt, now.plus(LEASE_SECONDS), now).await? {
        Reservation::AnotherCall => Err(ApiError::IdempotencyMismatch),
        Reservation::Answered(kept) => replay(kept),
        Reservation::UnderWay => Err(ApiError::CallUnderWay),
        Reservation::Mine => Ok(settle(api, attempt, next.run(request).await).await),
    }
}

/// The key, if it stands there once and can stand in a log.
fn key(headers: &HeaderMap) -> Result<&str, ApiError> {
    let rule = "must be sent once, with 1 to 255 visible ASCII characters";
    let mut sent = headers.get_all(KEY).iter();
    match (sent.next().and_then(|key| key.to_str().ok()), sent.next()) {
        (Some(key), None)
            if (1..=MOST_KEY_BYTES).contains(&key.len())
                && key.bytes().all(|byte| byte.is_ascii_graphic()) =>
        {
            Ok(key)
        }
        _ => Err(ApiError::BadField { field: "Idempotency-Key", rule }),
    }
}

/// Whether the call carries a credential, and none that is unknown or ended.
async fn each_credential_lives(api: &Api, parts: &mut Parts) -> Result<bool, ApiError> {
    let mut some = false;
    for name in ["authtoken", "apikey", "authorization"] {
        if !parts.headers.contains_key(name) {
            continue;
        }
        some = true;
        let lives = match name {
            "authtoken" => UserCaller::from_request_parts(parts, api).await.map(|_| ()),
            "apikey" => KeyCaller::from_request_parts(parts, api).await.map(|_| ()),
            _ => OperatorCaller::from_request_parts(parts, api).await.map(|_| ()),
        };
        match lives {
            Ok(()) => {}
            Err(fault @ (ApiError::Storage(_) | ApiError::Internal(_))) => return Err(fault),
            Err(_) => return Ok(false),
        }
    }
    Ok(some)
}

/// Keeps the answer or gives the key back, and hands the answer on.
async fn settle(api: &Api, attempt: &Attempt, response: Response) -> Response {
    let (parts, body) = response.into_parts();
    let (body, answer) = if is_json(&parts.headers) {
        let Ok(bytes) = axum::body::to_bytes(body, usize::MAX).await else {
            return ApiError::internal("an answer in memory could not be read").into_response();
        };
        let made = parts.extensions.get::<Made>();
        let transient = parts.extensions.get::<Transient>().is_some();
        (Body::from(bytes.clone()), kept(parts.status, made, transient, &bytes))
    } else {
        // A stream is not a thing that was made.
        (body, None)
    };
    let idempotency = api.db.idempotency();
    let settled = match &answer {
        Some(answer) => {
            let until = api.access.now().plus(KEPT_SECONDS);
            idempotency.keep(attempt, answer, until).await
        }
        None => idempotency.release(attempt).await,
    };
    match settled {
        Ok(true) => {}
        Ok(false) => tracing::warn!("a call took longer than the lease on its Idempotency-Key"),
        Err(error) => tracing::warn!(%error, "an answer was not kept under its Idempotency-Key"),
    }
    Response::from_parts(parts, body)
}

fn is_json(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes() == b"application/json")
}

fn replay(kept: KeptAnswer) -> Result<Response, ApiError> {
    let Some(body) = kept.body else {
        return Err(ApiError::AlreadyCreated { id: kept.created_id });
    };
    let status = u16::try_from(kept.status).ok().and_then(|code| StatusCode::from_u16(code).ok());
    let status = status.ok_or_else(|| ApiError::internal("a kept answer has no status"))?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (REPLAYED, HeaderValue::from_static("true")),
    ];
    Ok((status, headers, Bytes::from(body)).into_response())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use axum::Router;
    use axum::routing::post;
    use cloakroom_storage::{ApiKeyScope, SecretHash, TokenBasedFileAccess};
    use cloakroom_token::{AppId, KeyId, UnixSeconds};
    use tower::ServiceExt;

    use super::super::fingerprint::tests::call;
    use super::super::{layered, surface};
    use super::*;
    use crate::app_defaults::app_settings;
    use crate::clock::Clock;
    use crate::config::Config;
    use crate::start::Installation;

    #[test]
    fn a_key_stands_once_and_is_visible() {
        let longest = "k".repeat(255);
        for key_sent in ["a", "8e03978e-40d5-43dd-bc93-6894a57f9324", "\"quoted\"", &longest] {
            let parts = call(&[("idempotency-key", key_sent)], "/v3/users");
            assert_eq!(key(&parts.headers).unwrap(), key_sent);
        }
        let too_long = "k".repeat(256);
        for key_sent in ["", "a b", "a\tb", &too_long, "ü"] {
            let parts = call(&[("idempotency-key", key_sent)], "/v3/users");
            assert!(key(&parts.headers).is_err(), "{key_sent}");
        }
        let twice = call(&[("idempotency-key", "a"), ("idempotency-key", "a")], "/v3/users");
        assert!(key(&twice.headers).is_err());
    }

    #[tokio::test]
    async fn what_failed_for_a_while_is_done_at_the_next_attempt() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::load(None).unwrap();
        config.data_dir = folder.path().to_owned();
        let host = config.api.public_origin.strip_prefix("http://").unwrap().to_owned();
        let clock = Clock::fixed(UnixSeconds(1_790_000_000));
        let installation = Installation::open(config, clock.clone()).await.unwrap();
        let (app, off) = (AppId::parse("testapp").unwrap(), TokenBasedFileAccess::Off);
        let (apps, keys) = (installation.db.apps(), installation.db.api_keys());
        apps.create(&app, "us", off, &app_settings("Test"), clock.now()).await.unwrap();
        let (id, hash) = (KeyId::parse("k1").unwrap(), SecretHash::of("key"));
        keys.create(&app, &id, "n", ApiKeyScope::FullAccess, hash, clock.now()).await.unwrap();

        let calls = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&calls);
        let fails_twice = async move || match counted.fetch_add(1, Ordering::Relaxed) {
            0 => panic!("a handler of this test"),
            1 => Err(ApiError::internal("no luck")),
            number => Ok(axum::Json(number)),
        };
        let routes = Router::new().route("/v3/things", post(fails_twice));
        let service = layered(routes, &surface(installation.api_state()));
        for (status, body, replayed, calls_so_far) in [
            (500, "ERR_INTERNAL", false, 1),
            (500, "ERR_INTERNAL", false, 2),
            (200, "2", false, 3),
            (200, "2", true, 3),
        ] {
            let sent = http::Request::post("/v3/things").header("host", &host);
            let sent = sent.header("appid", "testapp").header("apikey", "key").header(KEY, "k");
            let answer = service.clone().oneshot(sent.body(Body::empty()).unwrap()).await.unwrap();
            assert_eq!(answer.status(), status);
            assert_eq!(answer.headers().contains_key(REPLAYED), replayed);
            let bytes = axum::body::to_bytes(answer.into_body(), 1000).await.unwrap();
            assert!(std::str::from_utf8(&bytes).unwrap().contains(body), "{bytes:?}");
            assert_eq!(calls.load(Ordering::Relaxed), calls_so_far);
        }
    }
}
