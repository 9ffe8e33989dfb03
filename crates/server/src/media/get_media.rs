//! GET and HEAD of one file: nothing left to check.

use std::time::Instant;

use axum::http::{Method, Response, StatusCode, header};
use axum::response::IntoResponse;
use cloakroom_token::{PresignTerms, ReadGrant};

use super::access::MediaAccess;
use super::answer::{Answer, AnswerHead};
use super::asked::Asked;
use super::body::body;
use super::range::{Selection, select};
use super::{MediaBody, MediaError, MediaState};
use crate::headers::{Headers, Name};
use crate::objects::on_every_answer;
use crate::zero_copy::Lane;

/// Fetch Metadata (W3C).
static DEST: Name = Name::new("sec-fetch-dest");
/// How long the URL lives that replaces a token in the address bar, at most.
const NAVIGATION_LIFETIME_SECONDS: i64 = 120;

/// Serves the one file the caller was granted.
pub(crate) async fn get_media(
    state: &MediaState,
    Asked { method, headers, .. }: Asked<'_>,
    lane: Option<&Lane>,
    access: &MediaAccess,
) -> Result<Answer, MediaError> {
    let MediaAccess { grant, app, request, address, .. } = access;
    let is_get = *method == Method::GET;
    if request.fat_in_query
        && is_navigation(headers)
        && let Some(redirect) = to_presigned(state, grant)
    {
        return Ok(redirect.into());
    }
    let head = state.objects.head(grant);
    let size = grant.size_bytes();
    let selection = select(|name| headers.text(name), head.etag(), grant.version().stored_at, size);
    let (status, range) = match selection {
        // Only GET knows ranges (RFC 9110 section 14.2).
        Selection::Part(_) | Selection::Unsatisfiable if !is_get => (StatusCode::OK, Some(0..size)),
        Selection::NotModified => (StatusCode::NOT_MODIFIED, None),
        Selection::PreconditionFailed => (StatusCode::PRECONDITION_FAILED, None),
        Selection::Unsatisfiable => (StatusCode::RANGE_NOT_SATISFIABLE, None),
        Selection::Whole => (StatusCode::OK, Some(0..size)),
        Selection::Part(range) => (StatusCode::PARTIAL_CONTENT, Some(range)),
    };
    let shows = is_get && range.is_some();
    if shows {
        let view = request.view(&state.access, app, headers).await;
        if let Err(MediaError::Refused(refusal)) = &view {
            request.note_refusal(state, *refusal, headers, *address);
        }
        view?;
    }
    let body = match &range {
        Some(range) if is_get && size > 0 => body(state, access, range.clone(), lane).await?,
        _ => MediaBody::Empty,
    };
    let ready_at = Instant::now();
    if !state.access.is_fresh_at(ready_at) {
        return Err(MediaError::Stale);
    }
    request.note(state, grant, status, headers, *address);
    if shows {
        request.note_look(state, grant, app, headers);
    }
    let head = AnswerHead::of_file(head, grant, status, range.as_ref());
    Ok(Answer { status, ready_at, head, body })
}

fn is_navigation(headers: Headers<'_>) -> bool {
    headers.get(&DEST).is_some_and(|dest| dest == b"document")
}

/// Keeps a File Access Token out of address bar and history.
fn to_presigned(state: &MediaState, grant: &ReadGrant) -> Option<Response<MediaBody>> {
    let terms = PresignTerms { disposition: grant.disposition(), ..PresignTerms::default() };
    let (url, _) = state.access.presign(grant, &terms, NAVIGATION_LIFETIME_SECONDS)?;
    let headers = [(header::LOCATION, url), (header::CACHE_CONTROL, "no-store".to_owned())];
    let mut response = (StatusCode::SEE_OTHER, headers).into_response().map(MediaBody::from);
    on_every_answer(response.headers_mut());
    Some(response)
}
