//! Bytes of local files that go from the page cache to the socket without passing through here.
//!
//! HTTP/1 is written by hyper, which knows nothing of files. It is given a *placeholder*, a slice of
//! one region of zeroes, as long as the piece of the file that is meant; beside it, the piece itself
//! waits in the connection's [`Lane`]. When hyper hands the placeholder to the connection, the
//! connection recognises the region by its address and sends the piece with sendfile(2) instead.
//! Should a placeholder come without its piece, the connection ends: zeroes are never sent. Only
//! plain TCP can do this; under TLS, and as HTTP/2, bytes have to pass through here.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use rustix::net::SendFlags;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;

/// The longest piece, and so the longest way between two looks at whether a read is still granted.
pub(crate) const PIECE_BYTES: usize = 512 * 1024;

/// Never written to and hardly ever read, so it takes an address, not memory.
static PLACEHOLDER: LazyLock<Bytes> = LazyLock::new(|| Bytes::from(vec![0; PIECE_BYTES]));

/// The pieces that are to go out next on one connection, in order. A clone is a handle.
#[derive(Clone, Default)]
pub(crate) struct Lane(Arc<Mutex<VecDeque<Piece>>>);

struct Piece {
    file: Arc<File>,
    offset: u64,
    left: usize,
}

impl Lane {
    /// Lines a piece of a file up, and gives the placeholder that is to be written in its place.
    /// At most [`PIECE_BYTES`] are taken.
    pub(crate) fn line_up(&self, file: Arc<File>, offset: u64, bytes: usize) -> Bytes {
        let left = bytes.min(PIECE_BYTES);
        self.pieces().push_back(Piece { file, offset, left });
        PLACEHOLDER.slice(..left)
    }

    fn pieces(&self) -> std::sync::MutexGuard<'_, VecDeque<Piece>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends from the first piece, at most `most` bytes.
    fn send_to(&self, socket: &TcpStream, most: usize) -> io::Result<usize> {
        let mut pieces = self.pieces();
        let Some(piece) = pieces.front_mut() else {
            return Err(io::Error::other("a placeholder without its piece"));
        };
        let (mut offset, count) = (piece.offset, most.min(piece.left));
        let sent = rustix::fs::sendfile(socket, &piece.file, Some(&mut offset), count)?;
        if sent == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        piece.offset = offset;
        piece.left -= sent;
        if piece.left == 0 {
            pieces.pop_front();
        }
        Ok(sent)
    }
}

fn is_placeholder(bytes: &[u8]) -> bool {
    !bytes.is_empty() && PLACEHOLDER.as_ptr_range().contains(&bytes.as_ptr())
}

/// A plain TCP connection that sends the pieces of its lane.
pub(crate) struct LaneStream {
    socket: TcpStream,
    lane: Lane,
}

impl LaneStream {
    pub(crate) fn new(socket: TcpStream, lane: Lane) -> Self {
        Self { socket, lane }
    }

    /// Tries until it is done or would block.
    fn poll_send(
        &self,
        cx: &mut Context<'_>,
        mut send: impl FnMut(&Self) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.socket.poll_write_ready(cx))?;
            match self.socket.try_io(Interest::WRITABLE, || send(self)) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                done => return Poll::Ready(done),
            }
        }
    }

    fn poll_piece(&self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_send(cx, |this| this.lane.send_to(&this.socket, bytes.len()))
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
            let more = |this: &Self| Ok(rustix::net::send(&this.socket, before, SendFlags::MORE)?);
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
