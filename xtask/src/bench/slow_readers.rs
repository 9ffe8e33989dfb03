//! Very many connections that each take a little of a large file now and then.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use rustix::net::sockopt::set_socket_recv_buffer_size;
use rustix::process::{Resource, getrlimit, setrlimit};

use super::answer::Target;

/// What a connection takes at a time.
const SIP_BYTES: usize = 4096;
/// What may wait in the buffer of a connection: little, so that the server is who waits.
const BUFFER_BYTES: usize = 32 * 1024;
const PAUSE: Duration = Duration::from_millis(100);

/// Lets this process, and those it starts from now on, have so many connections.
///
/// # Errors
///
/// If the system does not allow it.
pub(super) fn allow(connections: usize) -> anyhow::Result<()> {
    let mut limit = getrlimit(Resource::Nofile);
    let wanted = connections as u64 + 1000;
    if limit.current.is_some_and(|current| current < wanted) {
        limit.current = Some(wanted);
        limit.maximum = limit.maximum.map(|most| most.max(wanted));
        setrlimit(Resource::Nofile, limit)
            .with_context(|| format!("`ulimit -n` must allow {wanted}"))?;
    }
    Ok(())
}

/// Opens so many connections that ask for the file, takes a sip from each for so long wherever
/// there is one, and gives what `look` says at the end, while all are still open.
///
/// # Errors
///
/// If one of them is refused, given nothing at all, or hung up on.
pub(super) fn sip<T>(
    target: &Target,
    connections: usize,
    duration: Duration,
    look: impl FnOnce() -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let request = target.get(&[]);
    let mut open = Vec::with_capacity(connections);
    for _ in 0..connections {
        let mut socket = TcpStream::connect(target.address).context("no more connections")?;
        set_socket_recv_buffer_size(&socket, BUFFER_BYTES)?;
        socket.write_all(&request)?;
        socket.set_nonblocking(true)?;
        open.push((socket, 0));
    }
    let (began, mut sip) = (Instant::now(), [0; SIP_BYTES]);
    while began.elapsed() < duration {
        for (socket, taken) in &mut open {
            match socket.read(&mut sip) {
                Ok(0) => bail!("a slow reader was hung up on"),
                Ok(count) => *taken += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error.into()),
            }
        }
        thread::sleep(PAUSE);
    }
    let thirsty = open.iter().filter(|(_, taken)| *taken == 0).count();
    ensure!(thirsty == 0, "{thirsty} slow readers were given nothing");
    look()
}
