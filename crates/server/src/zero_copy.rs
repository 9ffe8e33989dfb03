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
pub(crate) const PIECE_BYTES: usize = 1024 * 1024;

/// How much is copied at once where it has to be.
const COPY_BYTES: usize = 64 * 1024;
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
        if piece.left == 0 {
            pieces.pop_front();
        }
        Ok(sent)
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
        let first = lane.line_up(Arc::clone(&whole), 2, 5);
        let second = lane.line_up(Arc::clone(&whole), 0, 3);
        let parts = [&b"head "[..], &first, b" middle ", &second, b" end"];
        for part in parts {
            stream.write_all(part).await.unwrap();
        }
        let short = lane.line_up(whole, 8, 5);
        assert!(stream.write_all(&short).await.is_err());
        drop(stream);
        let mut received = String::new();
        theirs.read_to_string(&mut received).await.unwrap();
        assert_eq!(received, "head 23456 middle 012 end89");
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
