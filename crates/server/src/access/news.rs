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
/// Messages and marks that wait to be brought to sockets.
const KEPT_POSTS: usize = 4096;

/// Tells the news to all who listen; messages and marks apart, since no open page waits for them.
pub(super) struct NewsRoom {
    news: broadcast::Sender<News>,
    posts: broadcast::Sender<Change>,
}

impl NewsRoom {
    pub(super) fn new() -> Self {
        Self { news: broadcast::Sender::new(KEPT), posts: broadcast::Sender::new(KEPT_POSTS) }
    }

    pub(super) fn listen(&self) -> broadcast::Receiver<News> {
        self.news.subscribe()
    }

    pub(super) fn listen_to_posts(&self) -> broadcast::Receiver<Change> {
        self.posts.subscribe()
    }

    /// Tells of a message or a mark; nobody may be listening.
    pub(super) fn post(&self, change: Change) {
        let _ = self.posts.send(change);
    }

    /// Tells; nobody may be listening.
    pub(super) fn tell(&self, news: News) {
        let _ = self.news.send(news);
    }

    pub(super) fn has_listeners(&self) -> bool {
        self.news.receiver_count() > 0
    }
}
