//! The headers of every answer of the REST API.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Answers a preflight without looking anything up.
pub(super) fn preflight() -> Response {
    let fixed = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "appid, authtoken, apikey, onbehalfof, content-type, resource, sdk, range, \
             if-none-match, idempotency-key, tus-resumable, upload-length, upload-offset, \
             upload-metadata, upload-checksum, upload-defer-length, upload-concat, \
             x-http-method-override, x-requested-with",
        ),
        (header::ACCESS_CONTROL_MAX_AGE, "7200"),
    ];
    (StatusCode::NO_CONTENT, fixed).into_response()
}

/// Adds what stands on every answer, failures and preflights included. Tokens come in headers that
/// a page must set itself, so any origin may ask.
pub(super) fn on_every_answer(headers: &mut HeaderMap) {
    let fixed = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            "Retry-After, Date, Idempotency-Replayed, Location, Tus-Resumable, Tus-Version, \
             Tus-Extension, Tus-Checksum-Algorithm, Upload-Offset, Upload-Length, Upload-Expires, \
             Upload-Metadata, Media-Url",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}
