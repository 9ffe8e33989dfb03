//! Pages of messages.

use std::fmt;

use cloakroom_wire::Message;

use super::runtime::Runtime;
use crate::Error;

/// Reads a conversation page by page, as [`crate::MessagesRequest`].
#[derive(Clone)]
pub struct MessagesRequest {
    request: crate::MessagesRequest,
    runtime: Runtime,
}

impl MessagesRequest {
    pub(super) const fn new(request: crate::MessagesRequest, runtime: Runtime) -> Self {
        Self { request, runtime }
    }

    /// Messages of one page: 1 to 100, 30 unless said.
    #[must_use]
    pub fn limit(self, limit: u32) -> Self {
        Self { request: self.request.limit(limit), ..self }
    }

    /// Starts beside this message, which is not read itself.
    #[must_use]
    pub fn starting_at(self, message_id: impl Into<String>) -> Self {
        Self { request: self.request.starting_at(message_id), ..self }
    }

    /// The next page of older messages, oldest first; empty at the beginning of the conversation.
    ///
    /// # Errors
    ///
    /// As [`crate::MessagesRequest::fetch_previous`], and [`Error::BlockingInsideRuntime`].
    pub fn fetch_previous(&mut self) -> Result<Vec<Message>, Error> {
        self.runtime.wait(self.request.fetch_previous())
    }

    /// The next page of newer messages, oldest first; empty while there are none.
    ///
    /// # Errors
    ///
    /// As [`Self::fetch_previous`].
    pub fn fetch_next(&mut self) -> Result<Vec<Message>, Error> {
        self.runtime.wait(self.request.fetch_next())
    }
}

impl fmt::Debug for MessagesRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("blocking::MessagesRequest").field(&self.request).finish()
    }
}
