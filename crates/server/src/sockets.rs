//! The open sockets of this node, found by user and by session.
//!
//! ```text
//! change feed applied ─▶ sessions that ended: end() at once, in access/feed.rs
//!                    └─▶ messages and marks: a Parcel on the queue of each who may hear of it
//! ```
//!
//! A queue is bounded: who does not read is ended, and holds nobody up.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cloakroom_storage::{App, Change, MarkNews, Message, MessageNews};
use cloakroom_token::{AppId, SessionId, Uid};
use cloakroom_wire as wire;
use tokio::sync::{mpsc, watch};

/// Sockets of one session, and of the node.
const MOST_OF_SESSION: usize = 5;
const MOST: usize = 10_000;
/// Parcels that wait for one socket.
const MOST_WAITING: usize = 256;

/// Why a socket is ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum End {
    /// The server goes down.
    GoingDown,
    /// The client said nothing for long.
    Idle,
    /// Something could not be told: the client comes again and reads what it missed.
    Missed,
    /// The session has ended, or its user is not active.
    SessionEnded,
    /// The client sent a frame that is too large.
    TooLarge,
    /// The client sent too much in too short a time.
    TooMuch,
    /// The client does not read.
    TooSlow,
}

/// What happened, for those who may hear of it.
#[derive(Clone, Debug)]
pub(crate) enum Told {
    Mark(MarkNews),
    Message(MessageNews),
}

impl Told {
    /// Which message it is about.
    pub(crate) const fn message_id(&self) -> i64 {
        match self {
            Self::Mark(news) => news.id,
            Self::Message(news) => news.id,
        }
    }
}

/// A message as it stands, and as it looks to somebody in no group.
pub(crate) struct Rendered {
    pub(crate) app: Arc<App>,
    pub(crate) row: Message,
    pub(crate) shown: wire::Message,
}

/// What is told to some sockets, looked up once for all of them.
pub(crate) struct Parcel {
    pub(crate) app: AppId,
    pub(crate) told: Told,
    /// With how much of the feed was applied before it was looked up.
    pub(crate) rendered: tokio::sync::Mutex<Option<(u64, Arc<Rendered>)>>,
}

/// One open socket, as others see it.
pub(crate) struct OpenSocket {
    pub(crate) app: AppId,
    pub(crate) uid: Uid,
    pub(crate) session: SessionId,
    parcels: mpsc::Sender<Arc<Parcel>>,
    end: watch::Sender<Option<End>>,
}

impl OpenSocket {
    /// Ends it: nothing more is written to it but why.
    pub(crate) fn end(&self, why: End) {
        self.end.send_if_modified(|end| {
            let is_first = end.is_none();
            end.get_or_insert(why);
            is_first
        });
    }

    /// Queues a parcel; a full queue ends the socket.
    pub(crate) fn push(&self, parcel: Arc<Parcel>) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.parcels.try_send(parcel) {
            self.end(End::TooSlow);
        }
    }
}

/// The place of one socket; dropping it makes room.
pub(crate) struct Seat {
    open: Arc<OpenSockets>,
    pub(crate) socket: Arc<OpenSocket>,
    pub(crate) parcels: mpsc::Receiver<Arc<Parcel>>,
    pub(crate) end: watch::Receiver<Option<End>>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.open.remove(&self.socket);
    }
}

type Found<K> = HashMap<(AppId, K), Vec<Arc<OpenSocket>>>;

#[derive(Default)]
struct Index {
    by_session: Found<SessionId>,
    by_user: Found<Uid>,
    total: usize,
    is_closed: bool,
}

/// The open sockets of this node.
#[derive(Default)]
pub(crate) struct OpenSockets(Mutex<Index>);

impl OpenSockets {
    /// A place for one more; `None` if the session or the node has all that it may have, or the
    /// server goes down.
    pub(crate) fn open(self: &Arc<Self>, app: AppId, uid: Uid, session: SessionId) -> Option<Seat> {
        let mut index = self.lock();
        let of_session = (app.clone(), session);
        let count = index.by_session.get(&of_session).map_or(0, Vec::len);
        if index.is_closed || index.total >= MOST || count >= MOST_OF_SESSION {
            return None;
        }
        let (sender, parcels) = mpsc::channel(MOST_WAITING);
        let (ends, end) = watch::channel(None);
        let socket = Arc::new(OpenSocket { app, uid, session, parcels: sender, end: ends });
        let of_user = (socket.app.clone(), socket.uid.clone());
        index.by_session.entry(of_session).or_default().push(Arc::clone(&socket));
        index.by_user.entry(of_user).or_default().push(Arc::clone(&socket));
        index.total += 1;
        drop(index);
        Some(Seat { open: Arc::clone(self), socket, parcels, end })
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.lock().total == 0
    }

    /// The sockets of a user.
    pub(crate) fn of_user(&self, app: &AppId, uid: &Uid) -> Vec<Arc<OpenSocket>> {
        self.lock().by_user.get(&(app.clone(), uid.clone())).cloned().unwrap_or_default()
    }

    /// The sockets that a change may have ended; `None` stands for a change of any kind.
    pub(crate) fn concerned(&self, change: Option<&Change>) -> Vec<Arc<OpenSocket>> {
        match change {
            None => self.all(),
            Some(Change::Session(app, session)) => {
                let key = (app.clone(), *session);
                self.lock().by_session.get(&key).cloned().unwrap_or_default()
            }
            Some(Change::UserState(app, uid)) => self.of_user(app, uid),
            Some(_) => Vec::new(),
        }
    }

    /// Ends all.
    pub(crate) fn end_all(&self, why: End) {
        self.all().iter().for_each(|socket| socket.end(why));
    }

    /// Ends all and opens no more.
    pub(crate) fn close(&self) {
        self.lock().is_closed = true;
        self.end_all(End::GoingDown);
    }

    fn all(&self) -> Vec<Arc<OpenSocket>> {
        self.lock().by_session.values().flatten().cloned().collect()
    }

    fn remove(&self, socket: &Arc<OpenSocket>) {
        let mut index = self.lock();
        take_out(&mut index.by_session, &(socket.app.clone(), socket.session), socket);
        take_out(&mut index.by_user, &(socket.app.clone(), socket.uid.clone()), socket);
        index.total -= 1;
    }

    fn lock(&self) -> MutexGuard<'_, Index> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn take_out<K: Eq + Hash>(found: &mut Found<K>, key: &(AppId, K), socket: &Arc<OpenSocket>) {
    if let Some(sockets) = found.get_mut(key) {
        sockets.retain(|one| !Arc::ptr_eq(one, socket));
        if sockets.is_empty() {
            found.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(sockets: &Arc<OpenSockets>, uid: &str, session: u8) -> Option<Seat> {
        let app = AppId::parse("demoapp").unwrap();
        sockets.open(app, Uid::parse(uid).unwrap(), SessionId::from_bytes([session; 16]))
    }

    #[test]
    fn a_closed_socket_makes_room_and_is_found_no_more() {
        let sockets = Arc::new(OpenSockets::default());
        let mut seats: Vec<_> =
            (0..MOST_OF_SESSION).map(|_| open(&sockets, "alice", 1).unwrap()).collect();
        assert!(open(&sockets, "alice", 1).is_none(), "a session has only so many");
        let (app, alice) = (seats[0].socket.app.clone(), seats[0].socket.uid.clone());
        let session = seats[0].socket.session;
        seats.push(open(&sockets, "alice", 2).unwrap());
        assert_eq!(sockets.of_user(&app, &alice).len(), MOST_OF_SESSION + 1);
        let ended = Change::Session(app.clone(), session);
        assert_eq!(sockets.concerned(Some(&ended)).len(), MOST_OF_SESSION);
        let user = Change::UserState(app.clone(), alice.clone());
        assert_eq!(sockets.concerned(Some(&user)).len(), MOST_OF_SESSION + 1);
        assert!(sockets.concerned(Some(&Change::AppSettings(app.clone()))).is_empty());
        seats.clear();
        assert!(sockets.is_empty() && sockets.of_user(&app, &alice).is_empty());
        assert!(sockets.lock().by_session.is_empty());
        sockets.close();
        assert!(open(&sockets, "alice", 1).is_none(), "a server that goes down opens none");
    }

    #[test]
    fn a_queue_that_is_full_ends_its_socket_with_the_first_reason() {
        let sockets = Arc::new(OpenSockets::default());
        let seat = open(&sockets, "alice", 1).unwrap();
        let news = MarkNews {
            id: 1,
            mark: cloakroom_storage::Mark::Read,
            reader: seat.socket.uid.clone(),
        };
        let parcel = Arc::new(Parcel {
            app: seat.socket.app.clone(),
            told: Told::Mark(news),
            rendered: tokio::sync::Mutex::default(),
        });
        for _ in 0..MOST_WAITING {
            seat.socket.push(Arc::clone(&parcel));
        }
        assert_eq!(*seat.end.borrow(), None);
        seat.socket.push(parcel);
        seat.socket.end(End::GoingDown);
        assert_eq!(*seat.end.borrow(), Some(End::TooSlow));
    }
}
