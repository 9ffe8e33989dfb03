//! Bytes on their way out, cut as soon as the right to read them ends.

use std::io;
use std::ops::Range;

use axum::body::Body;
use cloakroom_token::{ReadGrant, Refusal};
use futures_util::stream::{self, StreamExt};

use super::access::MediaRequest;
use super::{MediaError, MediaState};
use crate::limits::{Charge, Spender};

/// Charges bytes that come from the store to app and reader, before the first of them is sent.
async fn charge(state: &MediaState, request: &MediaRequest, bytes: u64) -> Result<(), MediaError> {
    let id = request.path.app();
    let Some(app) = state.access.app(id).await? else { return Ok(()) };
    let policy = &app.settings.policy;
    let whole =
        policy.cold_bytes_per_minute.map(|per_minute| (Spender::App(id.clone()), per_minute));
    let reader = policy.cold_bytes_per_minute_per_session.and_then(|per_minute| {
        Some((Spender::In(id.clone(), request.reader()?.into()), per_minute))
    });
    let charges: Vec<_> = whole
        .into_iter()
        .chain(reader)
        .map(|(key, per_minute)| Charge { key, cost: bytes, per_minute })
        .collect();
    Ok(state.cold_bytes.take(&charges)?)
}

/// The granted bytes: from memory if they are few, else streamed.
///
/// A stream asks again at the next chunk after anything changed that bears on access, and ends
/// where this node must not decide any more.
pub(crate) async fn body(
    state: &MediaState,
    grant: &ReadGrant,
    request: MediaRequest,
    seen: u64,
    range: Range<u64>,
) -> Result<Body, MediaError> {
    if !state.hot.holds(grant) {
        charge(state, &request, range.end - range.start).await?;
    }
    if let Some(bytes) = state.hot.get(&state.blobs, grant).await? {
        let slice = usize::try_from(range.start).unwrap_or(usize::MAX)
            ..usize::try_from(range.end).unwrap_or(usize::MAX);
        return Ok(Body::from(bytes.slice(slice)));
    }
    let chunks = state.blobs.open(grant, Some(range)).await?.ok_or(Refusal::FileMissing)?;
    let stream = stream::unfold(
        (chunks, state.access.clone(), request, seen),
        |(mut chunks, access, request, mut seen)| async move {
            let chunk = chunks.next().await?;
            let applied = access.applied();
            let is_fresh = access.is_fresh();
            if applied != seen || !is_fresh {
                seen = applied;
                if !is_fresh || request.decide(&access).await.is_err() {
                    let cut = io::Error::new(
                        io::ErrorKind::PermissionDenied,
                        "the right to read this file has ended",
                    );
                    return Some((Err(cut), (chunks, access, request, seen)));
                }
            }
            Some((chunk.map_err(io::Error::other), (chunks, access, request, seen)))
        },
    );
    Ok(Body::from_stream(stream))
}
