//! One line a request. It never holds a query, a header or a body, so it never holds a token.

use std::time::{Duration, Instant};

use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

/// Logs method, path, status and duration of a request of `surface`.
pub(crate) async fn log(surface: &'static str, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let began = Instant::now();
    let response = next.run(request).await;
    let (ms, status) = (began.elapsed().as_millis(), response.status().as_u16());
    if status >= 500 {
        tracing::warn!(surface, %method, path, status, ms, "request");
    } else {
        tracing::info!(surface, %method, path, status, ms, "request");
    }
    response
}

/// Logs a request of the secure media host: what was served only at `debug`, since the ledger and
/// the metrics tell of it, and a line a picture costs more than the picture.
pub(crate) fn log_media(method: &Method, path: &str, status: StatusCode, took: Duration) {
    // Where somebody wrote `&` for `?`, what follows may be a token.
    let path = || path.split(['&', '=']).next().unwrap_or_default();
    let (surface, ms, status) = ("media", || took.as_millis(), status.as_u16());
    match status {
        500.. => tracing::warn!(surface, %method, path = path(), status, ms = ms(), "request"),
        400.. => tracing::info!(surface, %method, path = path(), status, ms = ms(), "request"),
        _ => tracing::debug!(surface, %method, path = path(), status, ms = ms(), "request"),
    }
}
