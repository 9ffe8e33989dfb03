//! Which messages and marks of the feed were told already.
//!
//! What is behind the cursor is read again for a while, on PostgreSQL. To forget a fact twice is
//! harmless; to tell of a message twice is not.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use cloakroom_storage::{Change, FeedEntry};
use cloakroom_token::Seq;

/// Whether an entry tells of a message or a mark: nothing that access rests on.
pub(super) const fn is_post(entry: &FeedEntry) -> bool {
    matches!(entry.change, Some(Change::Mark(..) | Change::Message(..)))
}

/// The places of entries that were told and may be read again.
#[derive(Default)]
pub(super) struct Retold(Mutex<HashSet<i64>>);

impl Retold {
    /// Whether an entry was not asked about before.
    pub(super) fn is_new(&self, entry: &FeedEntry) -> bool {
        self.lock().insert(entry.seq.0)
    }

    /// Forgets what is neither behind the cursor and among `late`, nor ahead of it.
    pub(super) fn keep(&self, late: &[FeedEntry], cursor: Seq) {
        let late: HashSet<i64> = late.iter().map(|entry| entry.seq.0).collect();
        self.lock().retain(|seq| *seq > cursor.0 || late.contains(seq));
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<i64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use cloakroom_storage::{MessageEvent, MessageNews};
    use cloakroom_token::{AppId, UnixSeconds};

    use super::*;

    #[test]
    fn a_message_that_is_read_again_is_told_once() {
        let app = AppId::parse("demoapp").unwrap();
        let entry = |seq, change| FeedEntry { seq: Seq(seq), change, at: UnixSeconds(1) };
        let message = |seq| {
            let news = MessageNews { id: 1, event: MessageEvent::Sent, by: None };
            entry(seq, Some(Change::Message(app.clone(), news)))
        };
        assert!(is_post(&message(5)));
        assert!(!is_post(&entry(4, Some(Change::AppSettings(app.clone())))));
        let retold = Retold::default();
        assert!(retold.is_new(&message(5)) && retold.is_new(&message(7)));
        assert!(!retold.is_new(&message(5)), "read again");
        assert!(retold.is_new(&message(6)), "visible late");
        retold.keep(&[message(6)], Seq(6));
        assert!(!retold.is_new(&message(6)) && !retold.is_new(&message(7)));
        assert_eq!(retold.lock().len(), 2, "what is not read again is forgotten");
    }
}
