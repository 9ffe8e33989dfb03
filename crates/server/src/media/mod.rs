//! Surface 1: the secure media host.
//!
//! ```text
//! GET /{app_id}/media/{file}  ─▶ access.rs (credential, decision) ─▶ get_media.rs (bytes)
//! ```
//!
//! It is served straight from the connection, without a router: there are two paths. Plain reads over
//! plain TCP are read and written by connection.rs, all else by hyper; both ask the same `answer`.

mod access;
mod answer;
mod asked;
mod body;
mod connection;
mod error;
mod get_media;
mod range;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::http::{HeaderValue, Method, Request, Response, StatusCode, Version, header};
use axum::response::IntoResponse;
use cloakroom_storage::Blobs;
use cloakroom_token::{KeyId, Refusal};

use self::access::MediaAccess;
pub(crate) use self::answer::Answer;
use self::asked::Asked;
pub(crate) use self::body::MediaBody;
pub(crate) use self::connection::{Handed, MediaConnection};
pub(crate) use self::error::MediaError;
use crate::access::Access;
use crate::headers::Name;
use crate::hosts::Hosts;
use crate::ledger::Recorder;
use crate::limits::{FailureLimit, Meter, Spender};
use crate::metrics::{Metrics, Outcome};
use crate::objects::{self, Objects};
use crate::observe::Observer;
use crate::request_log;
use crate::views::Views;
use crate::zero_copy::Lane;

/// Fetch Metadata (W3C).
static MODE: Name = Name::new("sec-fetch-mode");

/// All that the secure media host can touch.
pub(crate) struct MediaSurface {
    pub(crate) access: Access,
    pub(crate) blobs: Blobs,
    pub(crate) objects: Objects,
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
    pub(crate) metrics: Metrics,
}

pub(crate) type MediaState = Arc<MediaSurface>;

/// Answers one request that hyper read from a connection from `peer`.
pub(crate) async fn answer_to<B>(
    state: MediaState,
    request: Request<B>,
    peer: SocketAddr,
    lane: Option<Lane>,
) -> Result<Response<MediaBody>, Infallible> {
    // HTTP/2 cuts bytes into frames of its own.
    let lane = lane.filter(|_| request.version() <= Version::HTTP_11);
    Ok(answer(&state, Asked::of(&request), peer, lane.as_ref()).await.into())
}

/// Answers one request of a connection from `peer`, whose large files may leave by `lane`.
async fn answer(
    state: &MediaState,
    asked: Asked<'_>,
    peer: SocketAddr,
    lane: Option<&Lane>,
) -> Answer {
    let began = Instant::now();
    let _in_flight = state.metrics.answering();
    let connection = Connection { peer, lane, began };
    let (answer, outcome) = match respond(state, asked, connection).await {
        Ok(answer) => {
            let outcome = Outcome::of(answer.status);
            (answer, outcome)
        }
        Err(error) => {
            let outcome = error.outcome();
            (refuse(error, asked).into(), outcome)
        }
    };
    let took = answer.ready_at.saturating_duration_since(began);
    state.metrics.answered(outcome, took);
    request_log::log_media(asked.method, asked.path, answer.status, took);
    answer
}

/// Where a request came from, and when.
#[derive(Clone, Copy)]
struct Connection<'a> {
    peer: SocketAddr,
    /// How large files may leave, if the connection can do that.
    lane: Option<&'a Lane>,
    began: Instant,
}

async fn respond(
    state: &MediaState,
    asked: Asked<'_>,
    connection: Connection<'_>,
) -> Result<Answer, MediaError> {
    if !state.hosts.serves(asked.headers, asked.authority) {
        return Err(MediaError::Misdirected);
    }
    match *asked.method {
        Method::OPTIONS => Ok(preflight().into()),
        Method::GET | Method::HEAD if asked.path == "/.well-known/jwks.json" => {
            Ok(jwks(state).into())
        }
        Method::GET | Method::HEAD => {
            let Connection { peer, began, .. } = connection;
            let access = MediaAccess::of(asked, peer, began, state).await;
            state.metrics.decided(began.elapsed());
            get_media::get_media(state, asked, connection.lane, &access?).await
        }
        _ => Err(MediaError::MethodNotAllowed),
    }
}

fn refuse(error: MediaError, asked: Asked<'_>) -> Response<MediaBody> {
    let is_over = matches!(error, MediaError::Refused(Refusal::SessionEnded));
    let mut response = error.into_response().map(MediaBody::from);
    let refused = matches!(response.status().as_u16(), 401 | 403);
    let revalidates = asked.headers.has(&range::IF_NONE_MATCH);
    // A browser honours `Clear-Site-Data` where cookies might be set, and complains elsewhere.
    let no_cors = asked.headers.get(&MODE).is_some_and(|mode| mode == b"no-cors");
    if refused && revalidates || is_over && no_cors {
        objects::clear_copies(response.headers_mut());
    }
    objects::on_every_answer(response.headers_mut());
    response
}

/// Answers a preflight without looking anything up.
fn preflight() -> Response<MediaBody> {
    let mut response = Response::new(MediaBody::Empty);
    *response.status_mut() = StatusCode::NO_CONTENT;
    objects::on_every_answer(response.headers_mut());
    objects::on_preflight(response.headers_mut());
    response
}

fn jwks(state: &MediaState) -> Response<MediaBody> {
    let mut response = axum::Json(state.access.jwks()).into_response().map(MediaBody::from);
    objects::on_every_answer(response.headers_mut());
    let cache = HeaderValue::from_static("public, max-age=300");
    response.headers_mut().insert(header::CACHE_CONTROL, cache);
    response
}
