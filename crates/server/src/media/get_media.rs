//! GET and HEAD of one file: nothing left to check.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use cloakroom_token::{PresignTerms, ReadGrant};

use super::access::MediaAccess;
use super::body::body;
use super::cache_headers::{etag, of_body, of_file};
use super::range::{Selection, select};
use super::{MediaError, MediaState};

/// How long the URL lives that replaces a token in the address bar, at most.
const NAVIGATION_LIFETIME_SECONDS: i64 = 120;

/// Serves the one file the caller was granted.
pub(crate) async fn get_media(
    State(state): State<MediaState>,
    method: Method,
    headers: HeaderMap,
    MediaAccess { grant, request, seen, address }: MediaAccess,
) -> Result<Response, MediaError> {
    if request.fat_in_query
        && is_navigation(&headers)
        && let Some(redirect) = to_presigned(&state, &grant)
    {
        return Ok(redirect);
    }
    let version = grant.version();
    let etag = etag(version);
    let size = version.size_bytes;
    let selection = select(&headers, &etag, version.stored_at, size);
    let (status, range) = match selection {
        Selection::NotModified => (StatusCode::NOT_MODIFIED, None),
        Selection::PreconditionFailed => (StatusCode::PRECONDITION_FAILED, None),
        Selection::Unsatisfiable => (StatusCode::RANGE_NOT_SATISFIABLE, None),
        Selection::Whole => (StatusCode::OK, Some(0..size)),
        Selection::Part(range) => (StatusCode::PARTIAL_CONTENT, Some(range)),
    };
    if method == Method::GET && range.is_some() {
        let view = request.view(&state.access, &headers).await;
        if let Err(MediaError::Refused(refusal)) = &view {
            request.note_refusal(&state, *refusal, &headers, address);
        }
        view?;
    }
    let mut response = match &range {
        Some(range) if method == Method::GET && size > 0 => {
            body(&state, &grant, request.clone(), seen, range.clone()).await?.into_response()
        }
        _ => Body::empty().into_response(),
    };
    if !state.access.is_fresh() {
        return Err(MediaError::Stale);
    }
    request.note(&state, &grant, status, &headers, address);
    if method == Method::GET && range.is_some() {
        request.note_look(&state, &grant, &headers).await?;
    }
    *response.status_mut() = status;
    let headers = response.headers_mut();
    of_file(headers, version, &etag);
    if let Some(range) = range {
        of_body(headers, &grant);
        headers.insert(header::CONTENT_LENGTH, (range.end - range.start).into());
        if status == StatusCode::PARTIAL_CONTENT {
            let text = format!("bytes {}-{}/{size}", range.start, range.end - 1);
            put_content_range(headers, &text);
        }
    } else if status == StatusCode::RANGE_NOT_SATISFIABLE {
        put_content_range(headers, &format!("bytes */{size}"));
    }
    Ok(response)
}

fn put_content_range(headers: &mut HeaderMap, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.insert(header::CONTENT_RANGE, value);
    }
}

fn is_navigation(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-dest").is_some_and(|dest| dest == "document")
}

/// Keeps a File Access Token out of address bar and history.
fn to_presigned(state: &MediaState, grant: &ReadGrant) -> Option<Response> {
    let terms = PresignTerms { disposition: grant.disposition(), ..PresignTerms::default() };
    let (url, _) = state.access.presign(grant, &terms, NAVIGATION_LIFETIME_SECONDS)?;
    let headers = [(header::LOCATION, url), (header::CACHE_CONTROL, "no-store".to_owned())];
    Some((StatusCode::SEE_OTHER, headers).into_response())
}
