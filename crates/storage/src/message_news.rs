//! What the change feed says of messages, for those who hear of them at once.

use cloakroom_token::{SessionId, Uid};

/// What became of a message.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum MessageEvent {
    /// It was deleted.
    Deleted,
    /// It says something else now.
    Edited,
    /// It is new.
    Sent,
}

impl MessageEvent {
    const ALL: [Self; 3] = [Self::Deleted, Self::Edited, Self::Sent];

    const fn word(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::Edited => "edited",
            Self::Sent => "sent",
        }
    }
}

/// One event of one message.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct MessageNews {
    /// Which message.
    pub id: i64,
    /// What became of it.
    pub event: MessageEvent,
    /// The session that did it and needs no telling; `None` if a back end did.
    pub by: Option<SessionId>,
}

impl MessageNews {
    pub(crate) fn key(&self) -> String {
        let by = self.by.map(|session| session.to_string()).unwrap_or_default();
        format!("{}/{}/{by}", self.event.word(), self.id)
    }

    pub(crate) fn of_key(key: &str) -> Option<Self> {
        let mut parts = key.split('/');
        let (word, id, by) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Self {
            event: MessageEvent::ALL.into_iter().find(|event| event.word() == word)?,
            id: id.parse().ok()?,
            by: match by {
                "" => None,
                by => Some(SessionId::parse(by).ok()?),
            },
        })
    }
}

/// How far a reader has come. Who has read a message has received it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Mark {
    /// Received by a device.
    Delivered,
    /// Seen by the reader.
    Read,
}

impl Mark {
    /// As it stands in receipts.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Read => "read",
        }
    }

    /// Reads what a receipt says; `None` if it is neither.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Delivered, Self::Read].into_iter().find(|mark| mark.as_str() == text)
    }
}

/// A mark that moved forward.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct MarkNews {
    /// Up to which message.
    pub id: i64,
    /// Which mark.
    pub mark: Mark,
    /// Whose.
    pub reader: Uid,
}

impl MarkNews {
    pub(crate) fn key(&self) -> String {
        format!("{}/{}/{}", self.mark.as_str(), self.id, self.reader)
    }

    pub(crate) fn of_key(key: &str) -> Option<Self> {
        let mut parts = key.splitn(3, '/');
        let (mark, id, reader) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Self {
            mark: Mark::parse(mark)?,
            id: id.parse().ok()?,
            reader: Uid::parse(reader).ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_and_nothing_else_does() {
        let session = SessionId::from_bytes([7; 16]);
        for event in MessageEvent::ALL {
            for by in [None, Some(session)] {
                let news = MessageNews { id: 42, event, by };
                assert_eq!(MessageNews::of_key(&news.key()), Some(news));
            }
        }
        for mark in [Mark::Delivered, Mark::Read] {
            let news = MarkNews { id: 42, mark, reader: Uid::parse("bob").unwrap() };
            assert_eq!(MarkNews::of_key(&news.key()), Some(news));
        }
        for key in ["", "sent/42", "sent/x/", "sent/42/x", "burnt/42/"] {
            assert_eq!(MessageNews::of_key(key), None, "{key}");
        }
        for key in ["", "read/42", "read/x/bob", "read/42/", "seen/42/bob"] {
            assert_eq!(MarkNews::of_key(key), None, "{key}");
        }
    }
}
