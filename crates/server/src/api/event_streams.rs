//! How many event streams a session keeps open.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use cloakroom_token::{AppId, SessionId};

const MOST_OF_SESSION: usize = 5;
const MOST: usize = 10_000;

type Open = Mutex<HashMap<(AppId, SessionId), usize>>;

/// The open event streams of this node.
#[derive(Clone, Default)]
pub(super) struct EventStreams(Arc<Open>);

/// One open event stream; dropping it makes room.
pub(super) struct EventStream {
    open: Arc<Open>,
    key: (AppId, SessionId),
}

impl EventStreams {
    /// Room for one more; `None` if the session or the node has all that it may have.
    pub(super) fn open(&self, app: &AppId, session: SessionId) -> Option<EventStream> {
        let key = (app.clone(), session);
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let total: usize = open.len();
        let count = open.entry(key.clone()).or_default();
        if *count >= MOST_OF_SESSION || total >= MOST {
            if *count == 0 {
                open.remove(&key);
            }
            return None;
        }
        *count += 1;
        Some(EventStream { open: Arc::clone(&self.0), key })
    }
}

impl Drop for EventStream {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_stream_makes_room_for_another() {
        let streams = EventStreams::default();
        let app = AppId::parse("demoapp").unwrap();
        let session = SessionId::from_bytes([1; 16]);
        let mut open: Vec<_> =
            (0..MOST_OF_SESSION).map(|_| streams.open(&app, session).unwrap()).collect();
        assert!(streams.open(&app, session).is_none());
        assert!(streams.open(&app, SessionId::from_bytes([2; 16])).is_some());
        open.pop();
        assert!(streams.open(&app, session).is_some());
        drop(open);
        assert!(streams.0.lock().unwrap().is_empty());
    }
}
