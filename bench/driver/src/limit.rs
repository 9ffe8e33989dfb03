//! What the machine allows: answers whatever comes with the same bytes, and decides nothing.

use std::fs;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;

use anyhow::Context as _;
use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};

/// A longer request is not one of ours.
const REQUEST_BYTES: usize = 8192;
/// What the queue calls the socket that listens; connections are called by their places.
const LISTENER: u64 = u64::MAX;

struct Connection {
    socket: TcpStream,
    /// How much of the answer has left.
    sent: usize,
}

/// Answers on a port of the loopback address, with what a file holds, until it is ended.
pub(crate) fn answer_all(port: u16, answer: &Path) -> anyhow::Result<()> {
    let answer = fs::read(answer).with_context(|| answer.display().to_string())?;
    let listener = TcpListener::bind(("127.0.0.1", port))?;
    let queue = epoll::create(CreateFlags::CLOEXEC)?;
    epoll::add(&queue, &listener, EventData::new_u64(LISTENER), EventFlags::IN)?;
    let mut connections: Vec<Option<Connection>> = Vec::new();
    let mut events = Vec::with_capacity(128);
    loop {
        epoll::wait(&queue, spare_capacity(&mut events), None)?;
        for event in events.drain(..) {
            if event.data.u64() == LISTENER {
                let (socket, _) = listener.accept()?;
                socket.set_nodelay(true)?;
                socket.set_nonblocking(true)?;
                let place = EventData::new_u64(connections.len() as u64);
                let flags = EventFlags::IN | EventFlags::OUT | EventFlags::ET;
                epoll::add(&queue, &socket, place, flags)?;
                connections.push(Some(Connection { socket, sent: answer.len() }));
                continue;
            }
            let place = usize::try_from(event.data.u64())?;
            let Some(known) = connections.get_mut(place) else { continue };
            if known.as_mut().is_some_and(|it| it.go_on(&answer, event.flags).is_err()) {
                *known = None;
            }
        }
    }
}

impl Connection {
    fn go_on(&mut self, answer: &[u8], flags: EventFlags) -> std::io::Result<()> {
        if flags.contains(EventFlags::IN) {
            match self.socket.read(&mut [0; REQUEST_BYTES]) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(_) => self.sent = 0,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        while self.sent < answer.len() {
            match self.socket.write(&answer[self.sent..]) {
                Ok(bytes) => self.sent += bytes,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
