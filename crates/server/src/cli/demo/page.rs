//! The demo page's own origin: the page, the SDK as it is shipped, and one helper call.

use std::sync::Arc;

use anyhow::Context;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use cloakroom_token::{Claim, MediaUrl, PresignTerms, Uid};
use rust_embed::{Embed, EmbeddedFile};
use serde::Deserialize;
use serde_json::{Value, json};

use super::made::Made;
use super::{Origins, made, seed};
use crate::access::Access;
use crate::hosts::Hosts;
use crate::start::Installation;

/// A presigned URL that one can watch expire.
const SHORT_LIFETIME_SECONDS: i64 = 5;

#[derive(Embed)]
#[folder = "../../demo/page"]
struct Page;

#[derive(Embed)]
#[folder = "../../sdk/js/src"]
struct Sdk;

struct DemoPage {
    access: Access,
    hosts: Hosts,
    config: Value,
    content_security_policy: HeaderValue,
}

type DemoState = State<Arc<DemoPage>>;

/// The routes of the demo page's origin.
pub(crate) fn router(
    installation: &Installation,
    made: &Made,
    origins: &Origins,
) -> anyhow::Result<Router> {
    let (api, media) = (&origins.api, &origins.media);
    let users = seed::USERS.map(|(uid, name)| json!({ "uid": uid, "name": name }));
    let state = Arc::new(DemoPage {
        access: installation.access.clone(),
        hosts: Hosts::of_origin(&origins.demo),
        config: json!({
            "appId": made.app_id,
            "region": made::REGION,
            "apiUrl": api,
            "mediaUrl": media,
            "dashboardUrl": origins.dashboard,
            "authKey": made.auth_key,
            "users": users,
            "outsider": seed::OUTSIDER,
            "group": seed::GROUP,
        }),
        content_security_policy: HeaderValue::from_str(&format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' {media}; \
             media-src {media}; connect-src 'self' {api} {media}; form-action 'self'; \
             base-uri 'none'; frame-ancestors 'none'"
        ))
        .context("the origins make no header")?,
    });
    Ok(Router::new()
        .route("/", get(async || file(Page::get("index.html"), "index.html")))
        .route("/config.json", get(config))
        .route("/demo/short-presign", post(short_presign))
        .route("/demo/{name}", get(async |Path(name): Path<String>| file(Page::get(&name), &name)))
        .route("/sdk/{name}", get(async |Path(name): Path<String>| file(Sdk::get(&name), &name)))
        .layer(middleware::from_fn_with_state(Arc::clone(&state), on_every_request))
        .with_state(state))
}

async fn on_every_request(State(page): DemoState, request: Request, next: Next) -> Response {
    let mut response = if page.hosts.serves(request.headers().into(), request.uri().authority()) {
        next.run(request).await
    } else {
        StatusCode::MISDIRECTED_REQUEST.into_response()
    };
    let fixed = [
        (header::CONTENT_SECURITY_POLICY, page.content_security_policy.clone()),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            HeaderValue::from_static("same-origin"),
        ),
    ];
    for (name, value) in fixed {
        response.headers_mut().insert(name, value);
    }
    response
}

fn file(file: Option<EmbeddedFile>, name: &str) -> Response {
    let Some(file) = file else { return StatusCode::NOT_FOUND.into_response() };
    let content_type = match name.rsplit_once('.') {
        Some((_, "html")) => "text/html; charset=utf-8",
        Some((_, "css")) => "text/css; charset=utf-8",
        Some((_, "js")) => "text/javascript; charset=utf-8",
        Some((_, "svg")) => "image/svg+xml",
        _ => "application/octet-stream",
    };
    ([(header::CONTENT_TYPE, content_type)], file.data.into_owned()).into_response()
}

async fn config(State(page): DemoState) -> Json<Value> {
    Json(page.config.clone())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ShortPresign {
    url: String,
    uid: Uid,
}

/// Presigns for a few seconds, as an app's own back end could, so that one can watch it expire.
async fn short_presign(State(page): DemoState, Json(body): Json<ShortPresign>) -> Response {
    let refused =
        |why: &str| (StatusCode::FORBIDDEN, Json(json!({ "error": why }))).into_response();
    let Ok(url) = MediaUrl::parse(page.access.origin(), &body.url) else {
        return refused("not a media URL");
    };
    let claim = Claim::OnBehalf(body.uid);
    let Ok(Ok(grant)) = page.access.decide(url.path(), &claim, None).await else {
        return refused("this user may not read this file");
    };
    match page.access.presign(&grant, &PresignTerms::default(), SHORT_LIFETIME_SECONDS) {
        Some((presigned, expires_at)) => {
            Json(json!({ "presignedUrl": presigned, "expiresAt": expires_at })).into_response()
        }
        None => refused("this file cannot be presigned"),
    }
}
