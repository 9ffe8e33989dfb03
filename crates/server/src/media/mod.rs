//! Surface 1: the secure media host.
//!
//! ```text
//! GET /{app_id}/media/{file}  ─▶ access.rs (credential, decision) ─▶ get_media.rs (bytes)
//! ```

mod access;
mod body;
mod cache_headers;
mod error;
mod get_media;
mod hot_objects;
mod range;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use cloakroom_storage::Blobs;
use cloakroom_token::KeyId;

pub(crate) use error::MediaError;
pub(crate) use hot_objects::HotObjects;

use crate::access::Access;
use crate::hosts::Hosts;
use crate::ledger::Recorder;
use crate::limits::{FailureLimit, Meter, Spender};
use crate::observe::Observer;
use crate::views::Views;

/// All that the secure media host can touch.
pub(crate) struct MediaSurface {
    pub(crate) access: Access,
    pub(crate) blobs: Blobs,
    pub(crate) hot: HotObjects,
    /// Forged credentials by address.
    pub(crate) failures: FailureLimit,
    /// Bytes read from the store by app and reader.
    pub(crate) cold_bytes: Meter<Spender>,
    /// Fetches of URLs by the delegated key that signed them.
    pub(crate) delegated: Meter<KeyId>,
    pub(crate) hosts: Hosts,
    pub(crate) proxy_hops: usize,
    pub(crate) recorder: Recorder,
    /// Who looked at what goes once everybody did.
    pub(crate) views: Views,
    pub(crate) observer: Observer,
}

pub(crate) type MediaState = Arc<MediaSurface>;

/// The routes of the secure media host.
pub(crate) fn router(surface: MediaSurface) -> Router {
    let state: MediaState = Arc::new(surface);
    Router::new()
        .route("/.well-known/jwks.json", get(jwks))
        .fallback(get_media::get_media)
        .layer(middleware::from_fn_with_state(Arc::clone(&state), on_every_request))
        .with_state(state)
}

/// Host, method, preflight; and the headers that stand on every answer.
async fn on_every_request(
    State(state): State<MediaState>,
    request: Request,
    next: Next,
) -> Response {
    let revalidates = request.headers().contains_key(header::IF_NONE_MATCH);
    // A browser honours `Clear-Site-Data` where cookies might be set, and complains elsewhere.
    let no_cors = request.headers().get("sec-fetch-mode").is_some_and(|mode| mode == "no-cors");
    let mut response = if state.hosts.serves(request.headers(), request.uri()) {
        match *request.method() {
            Method::OPTIONS => preflight(),
            Method::GET | Method::HEAD => next.run(request).await,
            _ => MediaError::MethodNotAllowed.into_response(),
        }
    } else {
        MediaError::Misdirected.into_response()
    };
    let refused = matches!(response.status().as_u16(), 401 | 403);
    let is_over = response.extensions().get::<error::SessionIsOver>().is_some();
    if refused && revalidates || is_over && no_cors {
        cache_headers::clear_copies(response.headers_mut());
    }
    cache_headers::on_every_answer(response.headers_mut());
    response
}

/// Answers a preflight without looking anything up.
fn preflight() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    cache_headers::on_preflight(response.headers_mut());
    response
}

async fn jwks(State(state): State<MediaState>) -> Response {
    ([(header::CACHE_CONTROL, "public, max-age=300")], axum::Json(state.access.jwks()))
        .into_response()
}
