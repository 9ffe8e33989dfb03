//! One line a request. It never holds a query, a header or a body, so it never holds a token.

use std::time::Instant;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;

/// Logs method, path, status and duration of a request of `surface`.
pub(crate) async fn log(surface: &'static str, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let began = Instant::now();
    let response = next.run(request).await;
    let ms = began.elapsed().as_millis();
    let status = response.status().as_u16();
    if status >= 500 {
        tracing::warn!(surface, %method, path, status, ms, "request");
    } else {
        tracing::info!(surface, %method, path, status, ms, "request");
    }
    response
}
