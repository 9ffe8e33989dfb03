//! Bytes of local files that go from the page cache to the socket without passing through here.
//!
//! HTTP/1 is written by hyper, which knows nothing of files. It is given a *placeholder*, a slice of
//! one region of zeroes, as long as the piece of the file that is meant; beside it, the piece itself
//! waits in the connection's [`Lane`]. When hyper hands the placeholder to the connection, the
//! connection recognises the region by its address and sends the piece with sendfile(2) instead.
//! Should a placeholder come without its piece, the connection ends: zeroes are never sent. Only
//! plain TCP can do this; under TLS, and as HTTP/2, bytes have to pass through here.
//!
//! While a large body is under way the socket is *corked* (tcp(7)): the end of a piece waits for the
//! next one in place of leaving in a packet of its own.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, IoSlice};
use std::ops::Range;
use std::pin::Pin;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use rustix::net::SendFlags;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;

/// The longest piece, and so the longest way between two looks at whether a read is still granted.
pub(crate) const PIECE_BYTES: usize = 1024 * 1024;

/// How much is copied at once where it has to be.
const COPY_BYTES: usize = 64 * 1024;
/// From here on a piece is worth the calls that cork the socket and open it again.
const LEAST_BYTES_CORKED: usize = 256 * 1024;
/// More follows at once.
#[cfg(target_os = "linux")]
const MORE: SendFlags = SendFlags::MORE;
#[cfg(not(target_os = "linux"))]
const MORE: SendFlags = SendFlags::empty();

/// Never written to and hardly ever read, so it takes an address, not memory.
static PLACEHOLDER: LazyLock<Bytes> = LazyLock::new(|| Bytes::from(vec![0; PIECE_BYTES]));

/// The pieces that are to go out next on one connection, in order. A clone is a handle.
#[derive(Clone, Default)]
pub(crate) struct Lane(Arc<Mutex<VecDeque<Piece>>>);

struct Piece {
    file: Arc<File>,
    offset: u64,
    left: usize,
    /// More of the same body comes behind it.
    is_followed: bool,
}

/// What was sent of a piece.
struct Sent {
    bytes: usize,
    /// It was the last of its body, and all of it is sent.
    is_last: bool,
}

impl Lane {
    /// Lines up what a file has in a range, and gives the placeholder that is to be written in its
    /// place. At most [`PIECE_BYTES`] are taken; what is left then is lined up behind it.
    pub(crate) fn line_up(&self, file: Arc<File>, range: &Range<u64>) -> Bytes {
        let all = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
        let left = all.min(PIECE_BYTES);
        let is_followed = left < all;
        self.pieces().push_back(Piece { file, offset: range.start, left, is_followed });
        PLACEHOLDER.slice(..left)
    }

    /// Whether the first piece is worth a corked socket.
    fn is_worth_a_cork(&self) -> bool {
        self.pieces().front().is_some_and(|piece| piece.left >= LEAST_BYTES_CORKED)
    }

    fn pieces(&self) -> std::sync::MutexGuard<'_, VecDeque<Piece>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends from the first piece, at most `most` bytes.
    fn send_to(&self, socket: &TcpStream, most: usize) -> io::Result<Sent> {
        let mut pieces = self.pieces();
        let Some(piece) = pieces.front_mut() else {
            return Err(io::Error::other("a placeholder without its piece"));
        };
        let count = most.min(piece.left);
        let sent = match send_file(socket, &piece.file, piece.offset, count) {
            Err(error) if is_not_to_be_had(&error) => {
                copy(socket, &piece.file, piece.offset, count)?
            }
            sent => sent?,
        };
        if sent == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        piece.offset += sent as u64;
        piece.left -= sent;
        let is_whole = piece.left == 0;
        let is_last = is_whole && !piece.is_followed;
        if is_whole {
            pieces.pop_front();
        }
        Ok(Sent { bytes: sent, is_last })
    }
}

#[cfg(target_os = "linux")]
fn send_file(to: &TcpStream, from: &File, mut offset: u64, count: usize) -> io::Result<usize> {
    Ok(rustix::fs::sendfile(to, from, Some(&mut offset), count)?)
}

#[cfg(not(target_os = "linux"))]
fn send_file(_: &TcpStream, _: &File, _: u64, _: usize) -> io::Result<usize> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Whether a file system or a sandbox has no sendfile(2).
fn is_not_to_be_had(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidInput, PermissionDenied, Unsupported};
    matches!(error.kind(), InvalidInput | PermissionDenied | Unsupported)
}

/// Does by hand what sendfile(2) would.
fn copy(to: &TcpStream, from: &File, offset: u64, count: usize) -> io::Result<usize> {
    let mut bytes = vec![0; count.min(COPY_BYTES)];
    let read = std::os::unix::fs::FileExt::read_at(from, &mut bytes, offset)?;
    Ok(rustix::net::send(to, &bytes[..read], SendFlags::empty())?)
}

fn is_placeholder(bytes: &[u8]) -> bool {
    !bytes.is_empty() && PLACEHOLDER.as_ptr_range().contains(&bytes.as_ptr())
}

/// Corks a socket, or opens it again.
#[cfg(target_os = "linux")]
fn set_cork(socket: &TcpStream, is_corked: bool) -> io::Result<()> {
    Ok(rustix::net::sockopt::set_tcp_cork(socket, is_corked)?)
}

#[cfg(not(target_os = "linux"))]
fn set_cork(_: &TcpStream, _: bool) -> io::Result<()> {
    Ok(())
}

/// Whether whole packets are worth waiting for. BBR decides itself when to send what, and loses by it
/// (ADR 8).
#[cfg(target_os = "linux")]
fn gains_by_a_cork(socket: &TcpStream) -> bool {
    let control = rustix::net::sockopt::tcp_congestion(socket);
    control.is_ok_and(|control| !control.starts_with("bbr"))
}

#[cfg(not(target_os = "linux"))]
fn gains_by_a_cork(_: &TcpStream) -> bool {
    false
}

/// A plain TCP connection that sends the pieces of its lane.
pub(crate) struct LaneStream {
    socket: TcpStream,
    lane: Lane,
    cork: Cork,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Cork {
    /// Nothing large was sent yet.
    Unasked,
    /// The connection is better off without.
    Never,
    Out,
    In,
}

impl LaneStream {
    pub(crate) fn new(socket: TcpStream, lane: Lane) -> Self {
        Self { socket, lane, cork: Cork::Unasked }
    }

    /// Puts the cork in, if that is worth it for the piece that is sent next, and possible.
    fn cork(&mut self) {
        if matches!(self.cork, Cork::Unasked | Cork::Out) && self.lane.is_worth_a_cork() {
            let gains = self.cork == Cork::Out || gains_by_a_cork(&self.socket);
            let is_in = gains && set_cork(&self.socket, true).is_ok();
            self.cork = if is_in { Cork::In } else { Cork::Never };
        }
    }

    /// Tries until it is done or would block.
    fn poll_send<T>(
        &self,
        cx: &mut Context<'_>,
        mut send: impl FnMut(&Self) -> io::Result<T>,
    ) -> Poll<io::Result<T>> {
        loop {
            ready!(self.socket.poll_write_ready(cx))?;
            match self.socket.try_io(Interest::WRITABLE, || send(self)) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                done => return Poll::Ready(done),
            }
        }
    }

    fn poll_piece(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.cork();
        let send = |this: &Self| this.lane.send_to(&this.socket, bytes.len());
        let Sent { bytes, is_last } = ready!(self.poll_send(cx, send))?;
        if is_last && self.cork == Cork::In {
            let is_out = set_cork(&self.socket, false).is_ok();
            self.cork = if is_out { Cork::Out } else { Cork::Never };
        }
        Poll::Ready(Ok(bytes))
    }
}

impl AsyncRead for LaneStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_read(cx, buffer)
    }
}

impl AsyncWrite for LaneStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if is_placeholder(bytes) {
            return this.poll_piece(cx, bytes);
        }
        Pin::new(&mut this.socket).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let Some(place) = slices.iter().position(|slice| is_placeholder(slice)) else {
            return Pin::new(&mut this.socket).poll_write_vectored(cx, slices);
        };
        let mut sent = 0;
        for before in slices[..place].iter().filter(|slice| !slice.is_empty()) {
            // More follows at once: head and body leave in the same packets.
            let more = |this: &Self| Ok(rustix::net::send(&this.socket, before, MORE)?);
            match this.poll_send(cx, more) {
                Poll::Ready(Ok(bytes)) => {
                    sent += bytes;
                    if bytes < before.len() {
                        return Poll::Ready(Ok(sent));
                    }
                }
                _ if sent > 0 => return Poll::Ready(Ok(sent)),
                other => return other,
            }
        }
        match this.poll_piece(cx, &slices[place]) {
            Poll::Ready(Ok(bytes)) => Poll::Ready(Ok(sent + bytes)),
            // An error comes again at the next write.
            _ if sent > 0 => Poll::Ready(Ok(sent)),
            other => other,
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Seek, Write};

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    async fn connected() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (ours, theirs) = tokio::join!(TcpStream::connect(address), listener.accept());
        (ours.unwrap(), theirs.unwrap().0)
    }

    fn file(bytes: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file.rewind().unwrap();
        file
    }

    #[tokio::test]
    async fn a_placeholder_without_its_piece_ends_the_connection() {
        let (ours, mut theirs) = connected().await;
        let mut stream = LaneStream::new(ours, Lane::default());
        let stray = PLACEHOLDER.slice(..100);
        assert!(stream.write_all(&stray).await.is_err());
        assert!(stream.write_vectored(&[IoSlice::new(&stray)]).await.is_err());
        drop(stream);
        let mut received = Vec::new();
        theirs.read_to_end(&mut received).await.unwrap();
        assert!(received.is_empty(), "zeroes were sent");
    }

    #[tokio::test]
    async fn head_and_pieces_arrive_in_order_and_a_short_file_ends_the_connection() {
        let (ours, mut theirs) = connected().await;
        let lane = Lane::default();
        let mut stream = LaneStream::new(ours, lane.clone());
        let whole = Arc::new(file(b"0123456789"));
        let first = lane.line_up(Arc::clone(&whole), &(2..7));
        let second = lane.line_up(Arc::clone(&whole), &(0..3));
        let parts = [&b"head "[..], &first, b" middle ", &second, b" end"];
        for part in parts {
            stream.write_all(part).await.unwrap();
        }
        let short = lane.line_up(whole, &(8..13));
        assert!(stream.write_all(&short).await.is_err());
        drop(stream);
        let mut received = String::new();
        theirs.read_to_string(&mut received).await.unwrap();
        assert_eq!(received, "head 23456 middle 012 end89");
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_large_body_is_corked_from_its_first_piece_to_the_end_of_its_last() {
        use rustix::net::sockopt::{set_tcp_congestion, tcp_cork};
        let (ours, mut theirs) = connected().await;
        set_tcp_congestion(&ours, "reno").unwrap();
        let body = vec![7; PIECE_BYTES + LEAST_BYTES_CORKED];
        let lane = Lane::default();
        let mut stream = LaneStream::new(ours, lane.clone());
        let large = Arc::new(file(&body));
        let reading = tokio::spawn(async move {
            let mut received = Vec::new();
            theirs.read_to_end(&mut received).await.unwrap();
            received
        });
        let all = body.len() as u64;
        let parts = [(0..10, false), (0..all, true), (PIECE_BYTES as u64..all, false)];
        for (part, is_corked) in parts {
            let placeholder = lane.line_up(Arc::clone(&large), &part);
            stream.write_all(&placeholder).await.unwrap();
            assert_eq!(tcp_cork(&stream.socket).unwrap(), is_corked, "{part:?}");
        }
        drop(stream);
        assert_eq!(reading.await.unwrap().len(), 10 + body.len());
    }

    #[tokio::test]
    async fn where_there_is_no_sendfile_bytes_are_copied() {
        let (ours, mut theirs) = connected().await;
        ours.writable().await.unwrap();
        assert_eq!(copy(&ours, &file(b"0123456789"), 3, 4).unwrap(), 4);
        drop(ours);
        let mut received = String::new();
        theirs.read_to_string(&mut received).await.unwrap();
        assert_eq!(received, "3456");
        assert!(is_not_to_be_had(&rustix::io::Errno::INVAL.into()));
        assert!(!is_not_to_be_had(&rustix::io::Errno::AGAIN.into()));
    }
}
