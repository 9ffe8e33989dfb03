//! What was applied of the feed, for those who show media on open pages.

use std::sync::Arc;

use cloakroom_storage::Change;
use tokio::sync::broadcast;

/// One piece of news. Whoever missed some has to look at everything again.
#[derive(Clone, Debug)]
pub(crate) enum News {
    /// These changes are applied; `None` if anything may have changed.
    Applied(Option<Arc<[Change]>>),
    /// The server goes down: streams end.
    Closing,
}

const KEPT: usize = 256;

/// Tells the news to all who listen.
pub(super) struct NewsRoom(broadcast::Sender<News>);

impl NewsRoom {
    pub(super) fn new() -> Self {
        Self(broadcast::Sender::new(KEPT))
    }

    pub(super) fn listen(&self) -> broadcast::Receiver<News> {
        self.0.subscribe()
    }

    /// Tells; nobody may be listening.
    pub(super) fn tell(&self, news: News) {
        let _ = self.0.send(news);
    }

    pub(super) fn has_listeners(&self) -> bool {
        self.0.receiver_count() > 0
    }
}
