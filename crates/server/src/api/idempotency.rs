//! `Idempotency-Key`: a call sent again is done once (draft-ietf-httpapi-idempotency-key-header).
//!
//! ```text
//! POST with a key ─▶ each credential alive? ─▶ body read ─▶ reserved in the database ─▶ handler
//!                                                 │                                      │
//!            kept answer, 409, 422 or 503 ◀───────┘           kept for a day, or given back
//! ```
//!
//! A layer over every route, so that no handler can forget it. The handler runs in a task of its
//! own: a caller who hangs up and comes again finds the answer.

use aws_lc_rs::digest::{Context, SHA256};
use axum::body::{Body, Bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use cloakroom_storage::{Attempt, KeptAnswer, Reservation};
use serde_json::Value;

use super::Api;
use super::body;
use super::caller::{KeyCaller, OperatorCaller, UserCaller};
use super::error::ApiError;
use super::shown_once::{Made, Transient};
use super::upload;
use crate::secret;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const MOST_KEY_BYTES: usize = 255;
/// Of a larger answer only the status and the id are kept.
const MOST_ANSWER_BYTES: usize = 64 * 1024;
/// For how long an answer is kept.
const KEPT_SECONDS: i64 = 24 * 3600;
/// After this a node that took a call and vanished has lost it.
const LEASE_SECONDS: i64 = 120;
/// What makes two callers, or one caller in two roles, different.
const WHO: [&str; 5] = ["appid", "authtoken", "apikey", "authorization", "onbehalfof"];
/// How the secrets begin that an answer may hold. A handler that forgot to mark such an answer
/// still has none of it kept.
const SECRETS: [&str; 4] = ["\"ckr_", "\"whsec_", "\"eyJ", "Signature="];

/// Lets a `POST` with an `Idempotency-Key` through once, and answers it from then on.
pub(super) async fn once_per_key(State(api): State<Api>, request: Request, next: Next) -> Response {
    if *request.method() != Method::POST || !request.headers().contains_key(KEY) {
        return next.run(request).await;
    }
    answer(&api, request, next).await.unwrap_or_else(IntoResponse::into_response)
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

/// App, caller, method, path and key.
fn scope(parts: &Parts, key: &str) -> [u8; 32] {
    let mut hash = Hash::new();
    for name in WHO {
        let mut values = parts.headers.get_all(name).iter().peekable();
        hash.add(name.as_bytes());
        hash.add(&[u8::from(values.peek().is_some())]);
        for value in values {
            hash.add(value.as_bytes());
        }
    }
    hash.add(parts.method.as_str().as_bytes());
    hash.add(parts.uri.path().as_bytes());
    hash.add(key.as_bytes());
    hash.finish()
}

/// The whole call.
fn fingerprint(parts: &Parts, body: &[u8]) -> [u8; 32] {
    let mut hash = Hash::new();
    hash.add(parts.method.as_str().as_bytes());
    hash.add(parts.uri.path().as_bytes());
    hash.add(parts.uri.query().unwrap_or_default().as_bytes());
    hash.add(body);
    hash.finish()
}

/// SHA-256 over parts whose bounds count.
struct Hash(Context);

impl Hash {
    fn new() -> Self {
        Self(Context::new(&SHA256))
    }

    fn add(&mut self, part: &[u8]) {
        self.0.update(&(part.len() as u64).to_be_bytes());
        self.0.update(part);
    }

    fn finish(self) -> [u8; 32] {
        let mut hash = [0; 32];
        hash.copy_from_slice(self.0.finish().as_ref());
        hash
    }
}

/// What is kept of an answer; `None` if the next attempt is to do the call.
fn kept(
    status: StatusCode,
    made: Option<&Made>,
    transient: bool,
    body: &[u8],
) -> Option<KeptAnswer> {
    let passes = status.is_server_error()
        || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::UNAUTHORIZED);
    if passes || transient {
        return None;
    }
    let status = u32::from(status.as_u16());
    if let Some(made) = made {
        return Some(KeptAnswer { status, body: None, created_id: Some(made.id.clone()) });
    }
    if body.len() > MOST_ANSWER_BYTES || holds_a_secret(body) {
        let answer: Option<Value> = serde_json::from_slice(body).ok();
        let id = answer.as_ref().and_then(|answer| answer.pointer("/data/id")?.as_str());
        return Some(KeptAnswer { status, body: None, created_id: id.map(str::to_owned) });
    }
    Some(KeptAnswer { status, body: Some(body.to_vec()), created_id: None })
}

fn holds_a_secret(body: &[u8]) -> bool {
    std::str::from_utf8(body).map_or(true, |text| SECRETS.iter().any(|begin| text.contains(begin)))
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
    use super::*;

    fn call(headers: &[(&str, &str)], uri: &str) -> Parts {
        let mut request = http::Request::post(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

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

    #[test]
    fn each_part_of_a_call_tells_it_from_others() {
        let base = [("appid", "a"), ("apikey", "k")];
        let same = scope(&call(&base, "/v3/users?x=1"), "key");
        assert_eq!(same, scope(&call(&base, "/v3/users"), "key"), "the query is no part of it");
        let others = [
            scope(&call(&base, "/v3/users"), "other"),
            scope(&call(&base, "/v3/groups"), "key"),
            scope(&call(&[("appid", "b"), ("apikey", "k")], "/v3/users"), "key"),
            scope(&call(&[("appid", "a"), ("apikey", "l")], "/v3/users"), "key"),
            scope(&call(&[("appid", "a"), ("authtoken", "k")], "/v3/users"), "key"),
            scope(&call(&[base[0], base[1], ("onbehalfof", "u")], "/v3/users"), "key"),
        ];
        assert!(others.iter().all(|other| *other != same));
        let same = fingerprint(&call(&base, "/v3/users?x=1"), b"{}");
        assert_eq!(same, fingerprint(&call(&[], "/v3/users?x=1"), b"{}"));
        assert_ne!(same, fingerprint(&call(&base, "/v3/users?x=1"), b"{ }"));
        assert_ne!(same, fingerprint(&call(&base, "/v3/users?x=2"), b"{}"));
    }

    #[test]
    fn secrets_and_passing_failures_are_not_kept() {
        let id = |id: &str| Some(id.to_owned());
        let bodiless = |created_id| Some((None, created_id));
        let made = Made { id: "s1".to_owned() };
        let large = format!(r#"{{"data":{{"id":"7","x":"{}"}}}}"#, "x".repeat(MOST_ANSWER_BYTES));
        let plain = r#"{"data":{"id":"7"}}"#;
        let cases = [
            (200, None, false, plain, Some((id(plain), None))),
            (409, None, false, "{}", Some((id("{}"), None))),
            (200, Some(&made), false, plain, bodiless(id("s1"))),
            (200, None, false, r#"{"data":{"id":"7","key":"ckr_key_x"}}"#, bodiless(id("7"))),
            (200, None, false, r#"{"data":"whsec_x"}"#, bodiless(None)),
            (200, None, false, &large, bodiless(id("7"))),
            (200, None, true, plain, None),
            (401, None, false, "{}", None),
            (429, None, false, "{}", None),
            (500, None, false, "{}", None),
            (503, Some(&made), false, "{}", None),
        ];
        for (status, made, transient, body, expected) in cases {
            let status = StatusCode::from_u16(status).unwrap();
            let got = kept(status, made, transient, body.as_bytes()).map(|answer| {
                assert_eq!(answer.status, u32::from(status.as_u16()));
                (answer.body.map(|body| String::from_utf8(body).unwrap()), answer.created_id)
            });
            assert_eq!(got, expected, "{status} {}", &body[..body.len().min(40)]);
        }
    }
}
