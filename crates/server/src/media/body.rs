//! Bytes on their way out, cut as soon as the right to read them ends.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use cloakroom_storage::{App, StorageError, in_page_cache};
use cloakroom_token::Refusal;
use futures_util::Stream;
use futures_util::stream::{self, BoxStream, StreamExt};
use hyper::body::{Body, Frame, SizeHint};

use super::access::{MediaAccess, MediaRequest};
use super::{MediaError, MediaState};
use crate::access::Access;
use crate::limits::{Charge, Spender};
use crate::metrics::InFlight;
use crate::objects::{MOST_BYTES_EACH, Objects};
use crate::zero_copy::{Lane, PIECE_BYTES};

/// From here on sendfile(2) costs less than sending from our own memory, and than reading into it what
/// is not there; see docs/performance.md.
const LEAST_BYTES_BY_LANE: u64 = 16 * 1024;
/// From here on bytes are not put into memory where they can leave by a lane.
const LEAST_BYTES_IN_PIECES: u64 = 256 * 1024;
const _: () = assert!(MOST_BYTES_EACH <= PIECE_BYTES as u64, "what is hot leaves in one piece");

/// Charges bytes that come from the store to app and reader, before the first of them is sent.
fn charge(
    state: &MediaState,
    request: &MediaRequest,
    app: &App,
    bytes: u64,
) -> Result<(), MediaError> {
    let policy = &app.settings.policy;
    let whole =
        policy.cold_bytes_per_minute.map(|per_minute| (Spender::App(app.id.clone()), per_minute));
    let reader = policy
        .cold_bytes_per_minute_per_session
        .and_then(|per_minute| Some((request.reader()?, per_minute)));
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
    MediaAccess { grant, app, request, seen, began, .. }: &MediaAccess,
    range: Range<u64>,
    lane: Option<&Lane>,
) -> Result<MediaBody, MediaError> {
    let seen = *seen;
    let watch = || Watch { access: state.access.clone(), request: request.clone(), seen };
    let length = range.end - range.start;
    let lane = lane.filter(|_| length >= LEAST_BYTES_BY_LANE);
    let in_page_cache_now =
        || state.blobs.file_in_page_cache(grant, state.access.second_of(*began));
    if let Some(lane) = lane.filter(|_| length >= LEAST_BYTES_IN_PIECES) {
        // It costs the store nothing any more.
        if Objects::takes(grant)
            && let Some(file) = in_page_cache_now()
        {
            still_granted(state, request, seen).await?;
            let on_its_way = Some(state.metrics.begin());
            return Ok(MediaBody::Piece { lane: lane.clone(), file, range, on_its_way });
        }
        let was_open = state.blobs.has_open(grant);
        if let Some(file) = Box::pin(state.blobs.file(grant)).await? {
            // What would be in memory otherwise costs the store only once.
            if !(was_open && Objects::takes(grant)) {
                charge(state, request, app, length)?;
            }
            still_granted(state, request, seen).await?;
            let chunks = pieces(lane.clone(), file, range, watch()).boxed();
            return Ok(MediaBody::Stream { chunks, length, on_its_way: state.metrics.begin() });
        }
    }
    if Objects::takes(grant) {
        let bytes = if let Some(kept) = state.objects.bytes(grant) {
            // The database may have been waited for on the way here.
            still_granted(state, request, seen).await?;
            state.metrics.sent_from_memory(length);
            if let Some(lane) = lane
                && let Some(file) = in_page_cache_now()
            {
                let lane = lane.clone();
                return Ok(MediaBody::Piece { lane, file, range, on_its_way: None });
            }
            kept
        } else {
            // The first view paid for what is kept at the second.
            if !(lane.is_some() && state.objects.was_viewed(grant)) {
                charge(state, request, app, length)?;
                if let Some(lane) = lane
                    && let Some(file) = Box::pin(state.blobs.file(grant)).await?
                {
                    state.objects.note_first_view(grant);
                    let whole = usize::try_from(length).unwrap_or(usize::MAX);
                    in_page_cache(&file, range.start, whole).await.map_err(StorageError::from)?;
                    still_granted(state, request, seen).await?;
                    let on_its_way = Some(state.metrics.begin());
                    return Ok(MediaBody::Piece { lane: lane.clone(), file, range, on_its_way });
                }
            }
            state.metrics.sent_from_store(length);
            let loaded = Box::pin(state.objects.load(&state.blobs, grant)).await?;
            still_granted(state, request, seen).await?;
            loaded.ok_or(Refusal::FileMissing)?
        };
        let slice = usize::try_from(range.start).unwrap_or(usize::MAX)
            ..usize::try_from(range.end).unwrap_or(usize::MAX);
        return Ok(MediaBody::Bytes(bytes.slice(slice)));
    }
    charge(state, request, app, length)?;
    let chunks = Box::pin(state.blobs.open(grant, Some(range))).await?;
    let chunks = chunks.ok_or(Refusal::FileMissing)?;
    still_granted(state, request, seen).await?;
    let stream = stream::unfold((chunks, watch()), |(mut chunks, mut watch)| async move {
        let chunk = chunks.next().await?;
        let chunk = match watch.still_granted().await {
            Ok(()) => chunk.map_err(io::Error::other),
            Err(cut) => Err(cut),
        };
        Some((chunk, (chunks, watch)))
    });
    Ok(MediaBody::Stream { chunks: stream.boxed(), length, on_its_way: state.metrics.begin() })
}

/// Decides again, once the store was waited for, if anything changed meanwhile that bears on access.
async fn still_granted(
    state: &MediaState,
    request: &MediaRequest,
    seen: u64,
) -> Result<(), MediaError> {
    if state.access.applied() != seen {
        Box::pin(request.decide(&state.access)).await?;
    }
    Ok(())
}

/// The pieces of a file that leave by the connection's lane, as their placeholders.
fn pieces(
    lane: Lane,
    file: Arc<File>,
    range: Range<u64>,
    watch: Watch,
) -> impl Stream<Item = io::Result<Bytes>> + Send {
    stream::unfold((lane, file, range, watch), |(lane, file, mut left, mut watch)| async move {
        if left.is_empty() {
            return None;
        }
        let bytes = usize::try_from(left.end - left.start).unwrap_or(usize::MAX).min(PIECE_BYTES);
        let ready = match in_page_cache(&file, left.start, bytes).await {
            Ok(()) => watch.still_granted().await,
            Err(error) => Err(error),
        };
        let piece = ready.map(|()| lane.line_up(Arc::clone(&file), &left));
        left.start += bytes as u64;
        Some((piece, (lane, file, left, watch)))
    })
}

/// Looks whether a read that was granted still is.
struct Watch {
    access: Access,
    request: MediaRequest,
    /// What the feed had brought when it was last decided.
    seen: u64,
}

impl Watch {
    /// Decides again if anything changed that bears on access.
    async fn still_granted(&mut self) -> io::Result<()> {
        let applied = self.access.applied();
        let is_fresh = self.access.is_fresh();
        if applied == self.seen && is_fresh {
            return Ok(());
        }
        self.seen = applied;
        if is_fresh && self.request.decide(&self.access).await.is_ok() {
            return Ok(());
        }
        let cut = "the right to read this file has ended";
        Err(io::Error::new(io::ErrorKind::PermissionDenied, cut))
    }
}

/// The body of an answer of the secure media host.
pub(crate) enum MediaBody {
    /// None.
    Empty,
    /// All of it, in memory.
    Bytes(Bytes),
    /// All of it, from a file into the connection's lane.
    Piece {
        /// How it leaves.
        lane: Lane,
        /// Where it is.
        file: Arc<File>,
        /// Where in the file; at most [`PIECE_BYTES`].
        range: Range<u64>,
        /// Counts it; `None` if it is counted already.
        on_its_way: Option<InFlight>,
    },
    /// As it comes from the store.
    Stream {
        /// What comes.
        chunks: BoxStream<'static, io::Result<Bytes>>,
        /// How many bytes are still to come.
        length: u64,
        /// Counts what comes.
        on_its_way: InFlight,
    },
    /// A refusal or another small answer.
    Other(axum::body::Body),
}

impl From<axum::body::Body> for MediaBody {
    fn from(body: axum::body::Body) -> Self {
        Self::Other(body)
    }
}

impl Body for MediaBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = self.get_mut();
        match this {
            Self::Empty => Poll::Ready(None),
            Self::Bytes(bytes) => {
                let all = std::mem::take(bytes);
                *this = Self::Empty;
                Poll::Ready((!all.is_empty()).then(|| Ok(Frame::data(all))))
            }
            Self::Piece { .. } => {
                let Self::Piece { lane, file, range, on_its_way } =
                    std::mem::replace(this, Self::Empty)
                else {
                    return Poll::Ready(None);
                };
                let bytes = range.end - range.start;
                if let Some(on_its_way) = on_its_way {
                    on_its_way.sent_from_store(bytes);
                }
                // Not before it is written next: the lane has an order.
                Poll::Ready(Some(Ok(Frame::data(lane.line_up(file, &range)))))
            }
            Self::Stream { chunks, length, on_its_way } => {
                let next = ready!(chunks.as_mut().poll_next(cx));
                if let Some(Ok(chunk)) = &next {
                    let bytes = chunk.len() as u64;
                    *length = length.saturating_sub(bytes);
                    on_its_way.sent_from_store(bytes);
                }
                Poll::Ready(next.map(|chunk| chunk.map(Frame::data)))
            }
            Self::Other(body) => Pin::new(body).poll_frame(cx).map_err(io::Error::other),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Bytes(bytes) => bytes.is_empty(),
            Self::Piece { .. } | Self::Stream { .. } => false,
            Self::Other(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Empty => SizeHint::with_exact(0),
            Self::Bytes(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Piece { range, .. } => SizeHint::with_exact(range.end - range.start),
            Self::Stream { length, .. } => SizeHint::with_exact(*length),
            Self::Other(body) => body.size_hint(),
        }
    }
}
