//! The generator: keeps connections busy from one thread, and throws bodies away in the kernel, so
//! that it never is what is measured.

use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use rustix::buffer::spare_capacity;
use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::io::Errno;
use rustix::net::{RecvFlags, recv};

use super::answer::Head;
use super::histogram::Histogram;

/// So much of a body is thrown away at once.
const SINK_BYTES: usize = 1 << 20;
/// So much is read while a head is looked for; what of a body comes along is copied.
const HEAD_BYTES: usize = 2048;
/// Nothing for so long is a server that hangs.
const SILENCE: Timespec = Timespec { tv_sec: 30, tv_nsec: 0 };

/// What to ask, and how hard.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) address: SocketAddr,
    /// Whole requests; each connection takes the next, over and over.
    pub(super) requests: Vec<Vec<u8>>,
    pub(super) connections: usize,
    pub(super) duration: Duration,
    /// It ends before its time once there were so many answers.
    pub(super) most_answers: u64,
    /// The status that every answer must have.
    pub(super) status: u16,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) answers: u64,
    pub(super) body_bytes: u64,
    pub(super) took: Duration,
    pub(super) times: Histogram,
}

struct Connection {
    socket: TcpStream,
    head: Vec<u8>,
    body_bytes: u64,
    body_left: u64,
    asked_at: Instant,
}

/// Keeps every connection asking until the time is over.
///
/// # Errors
///
/// If an answer has another status than the plan says, or the server hangs or hangs up.
pub(super) fn run(plan: &Plan) -> anyhow::Result<Outcome> {
    ensure!(!plan.requests.is_empty(), "there is nothing to ask");
    let queue = epoll::create(CreateFlags::CLOEXEC)?;
    let mut asked = 0;
    let mut connections = Vec::with_capacity(plan.connections);
    for place in 0..plan.connections {
        connections.push(open(plan, &queue, place)?);
    }
    let began = Instant::now();
    for connection in &mut connections {
        ask(plan, connection, &mut asked)?;
    }
    let mut outcome =
        Outcome { answers: 0, body_bytes: 0, took: Duration::ZERO, times: Histogram::new() };
    let mut sink = vec![0; SINK_BYTES];
    let mut events = Vec::with_capacity(plan.connections);
    while began.elapsed() < plan.duration && outcome.answers < plan.most_answers {
        epoll::wait(&queue, spare_capacity(&mut events), Some(&SILENCE))?;
        ensure!(!events.is_empty(), "{} says nothing any more", plan.address);
        for event in events.drain(..) {
            let place = usize::try_from(event.data.u64())?;
            let connection = connections.get_mut(place).context("no such connection")?;
            if let Some(body_bytes) = read(plan, connection, &mut sink)? {
                outcome.answers += 1;
                outcome.body_bytes += body_bytes;
                outcome.times.add(connection.asked_at.elapsed());
                ask(plan, connection, &mut asked)?;
            }
        }
    }
    outcome.took = began.elapsed();
    Ok(outcome)
}

fn open(plan: &Plan, queue: &OwnedFd, place: usize) -> anyhow::Result<Connection> {
    let socket = TcpStream::connect(plan.address)
        .with_context(|| format!("{} does not listen", plan.address))?;
    socket.set_nodelay(true)?;
    epoll::add(queue, &socket, EventData::new_u64(place as u64), EventFlags::IN)?;
    let head = Vec::with_capacity(HEAD_BYTES);
    Ok(Connection { socket, head, body_bytes: 0, body_left: 0, asked_at: Instant::now() })
}

fn ask(plan: &Plan, connection: &mut Connection, asked: &mut usize) -> anyhow::Result<()> {
    let request = &plan.requests[*asked % plan.requests.len()];
    *asked += 1;
    connection.head.clear();
    connection.asked_at = Instant::now();
    connection.socket.write_all(request).context("the server hung up")
}

/// Takes what has arrived; the size of the body once it is whole.
fn read(plan: &Plan, connection: &mut Connection, sink: &mut [u8]) -> anyhow::Result<Option<u64>> {
    loop {
        if connection.body_left > 0 {
            let most = sink.len().min(usize::try_from(connection.body_left)?);
            let flags = RecvFlags::DONTWAIT | RecvFlags::TRUNC;
            let Some(taken) = taken(recv(&connection.socket, &mut sink[..most], flags))? else {
                return Ok(None);
            };
            connection.body_left -= taken as u64;
        } else {
            let before = connection.head.len();
            connection.head.resize(before + HEAD_BYTES, 0);
            let got = recv(&connection.socket, &mut connection.head[before..], RecvFlags::DONTWAIT);
            let Some(taken) = taken(got)? else {
                connection.head.truncate(before);
                return Ok(None);
            };
            connection.head.truncate(before + taken);
            let Some(head) = Head::parse(&connection.head)? else { continue };
            if head.status != plan.status {
                let said = String::from_utf8_lossy(&connection.head).into_owned();
                bail!("{} instead of {}: {said}", head.status, plan.status);
            }
            let body_here = (connection.head.len() - head.length) as u64;
            ensure!(body_here <= head.body_bytes, "more came than the head says");
            connection.body_bytes = head.body_bytes;
            connection.body_left = head.body_bytes - body_here;
        }
        if connection.body_left == 0 {
            return Ok(Some(connection.body_bytes));
        }
    }
}

/// How many bytes came; `None` if there are none yet.
fn taken(got: Result<(usize, usize), Errno>) -> anyhow::Result<Option<usize>> {
    match got {
        Ok((_, 0)) => bail!("the server hung up"),
        Ok((_, taken)) => Ok(Some(taken)),
        Err(Errno::AGAIN) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
