//! Pages of messages.

use cloakroom_wire::{Affix, Cursor, CursorMeta, Envelope, Message, ReceiverType};

use crate::{Client, Error};

const DEFAULT_LIMIT: u32 = 30;

/// To whom one writes.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Receiver {
    /// A group, by its guid.
    Group(String),
    /// A user, by its uid.
    User(String),
}

impl Receiver {
    /// A group, by its guid.
    pub fn group(guid: impl Into<String>) -> Self {
        Self::Group(guid.into())
    }

    /// A user, by its uid.
    pub fn user(uid: impl Into<String>) -> Self {
        Self::User(uid.into())
    }

    pub(crate) fn id(&self) -> &str {
        let (Self::Group(id) | Self::User(id)) = self;
        id
    }

    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Group(_) => "group",
            Self::User(_) => "user",
        }
    }

    pub(crate) const fn receiver_type(&self) -> ReceiverType {
        match self {
            Self::Group(_) => ReceiverType::Group,
            Self::User(_) => ReceiverType::User,
        }
    }

    const fn collection(&self) -> &'static str {
        match self {
            Self::Group(_) => "groups",
            Self::User(_) => "users",
        }
    }
}

/// Reads a conversation page by page, from [`Client::messages`].
#[derive(Clone, Debug)]
pub struct MessagesRequest {
    client: Client,
    receiver: Receiver,
    limit: u32,
    older: Position,
    newer: Position,
}

/// Where the next page begins.
#[derive(Clone, Debug)]
enum Position {
    /// At the very end (older) or beginning (newer) of the conversation.
    Start,
    Beside {
        id: String,
        sent_at: Option<i64>,
    },
    End,
}

impl MessagesRequest {
    pub(crate) const fn new(client: Client, receiver: Receiver) -> Self {
        let (older, newer) = (Position::Start, Position::Start);
        Self { client, receiver, limit: DEFAULT_LIMIT, older, newer }
    }

    /// Messages of one page: 1 to 100, 30 unless said.
    #[must_use]
    pub const fn limit(mut self, limit: u32) -> Self {
        self.limit = limit;
        self
    }

    /// Starts beside this message, which is not read itself.
    #[must_use]
    pub fn starting_at(mut self, message_id: impl Into<String>) -> Self {
        let position = Position::Beside { id: message_id.into(), sent_at: None };
        (self.older, self.newer) = (position.clone(), position);
        self
    }

    /// The next page of older messages, oldest first; empty at the beginning of the conversation.
    ///
    /// # Errors
    ///
    /// [`Error::NotLoggedIn`], [`Error::Network`], [`Error::InvalidResponse`], or
    /// [`Error::Refused`] if the conversation is not the user's to read.
    pub async fn fetch_previous(&mut self) -> Result<Vec<Message>, Error> {
        if matches!(self.older, Position::End) {
            return Ok(Vec::new());
        }
        let page = self.fetch(&self.older, Affix::Prepend).await?;
        if let (Position::Start, Some(last)) = (&self.newer, page.data.last()) {
            self.newer = beside(last);
        }
        self.older = page.meta.and_then(|meta| meta.cursor).map_or(Position::End, Position::from);
        Ok(page.data)
    }

    /// The next page of newer messages, oldest first; empty while there are none.
    ///
    /// Goes on from [`Self::starting_at`] or the newest message read, else from the first message.
    ///
    /// # Errors
    ///
    /// As [`Self::fetch_previous`].
    pub async fn fetch_next(&mut self) -> Result<Vec<Message>, Error> {
        let page = self.fetch(&self.newer, Affix::Append).await?;
        if let Some(last) = page.data.last() {
            self.newer = beside(last);
        }
        Ok(page.data)
    }

    async fn fetch(
        &self,
        from: &Position,
        affix: Affix,
    ) -> Result<Envelope<Vec<Message>, CursorMeta>, Error> {
        let mut query = vec![("per_page", self.limit.to_string())];
        if let Position::Beside { id, sent_at } = from {
            query.push(("id", id.clone()));
            query.extend(sent_at.map(|sent_at| ("sentAt", sent_at.to_string())));
        } else if affix == Affix::Append {
            query.push(("sentAt", "0".to_owned()));
        }
        let affix = match affix {
            Affix::Append => "append",
            Affix::Prepend => "prepend",
        };
        query.push(("affix", affix.to_owned()));
        let path = [self.receiver.collection(), self.receiver.id(), "messages"];
        self.client.fetch_messages(&path, &query).await
    }
}

impl From<Cursor> for Position {
    fn from(cursor: Cursor) -> Self {
        Self::Beside { id: cursor.id, sent_at: Some(cursor.sent_at) }
    }
}

fn beside(message: &Message) -> Position {
    Position::Beside { id: message.id.clone(), sent_at: Some(message.sent_at) }
}
