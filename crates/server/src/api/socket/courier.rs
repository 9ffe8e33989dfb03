//! Brings what was applied of the feed to the sockets of those who may hear of it.

use std::sync::Arc;

use cloakroom_storage::{Change, Receiver, StorageError};
use cloakroom_token::{AppId, SessionId, Uid};
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::watch;

use super::super::Api;
use crate::access::News;
use crate::listener::stopped;
use crate::sockets::{End, Parcel, Told};

/// Listens from its making on; one for each node.
pub(crate) struct Courier {
    api: Api,
    news: broadcast::Receiver<News>,
}

impl Courier {
    pub(in crate::api) fn new(api: Api) -> Self {
        let news = api.access.news();
        Self { api, news }
    }

    /// Brings the news until `stop` says so; then no socket is left open.
    pub(crate) async fn run(mut self, mut stop: watch::Receiver<bool>) {
        loop {
            let news = tokio::select! {
                news = self.news.recv() => news,
                () = stopped(&mut stop) => break,
            };
            match news {
                Ok(News::Applied(Some(changes))) => self.bring(&changes).await,
                Ok(News::Applied(None)) => {}
                Err(RecvError::Lagged(_)) => self.api.access.sockets().end_all(End::Missed),
                Ok(News::Closing) | Err(RecvError::Closed) => break,
            }
        }
        self.api.access.sockets().close();
    }

    async fn bring(&self, changes: &[Change]) {
        for change in changes {
            let (app, told) = match change {
                Change::Mark(app, news) => (app, Told::Mark(news.clone())),
                Change::Message(app, news) => (app, Told::Message(news.clone())),
                _ => continue,
            };
            if self.api.access.sockets().is_empty() {
                return;
            }
            if let Err(error) = self.bring_one(app, told).await {
                tracing::warn!(%error, "a message could not be told; all sockets come again");
                self.api.access.sockets().end_all(End::Missed);
            }
        }
    }

    async fn bring_one(&self, app: &AppId, told: Told) -> Result<(), StorageError> {
        let db = &self.api.db;
        let Some(row) = db.messages().by_id(app, told.message_id()).await? else { return Ok(()) };
        let (uids, but) = match &told {
            Told::Mark(news) if news.reader == row.sender => return Ok(()),
            Told::Mark(_) => (vec![row.sender], None),
            Told::Message(news) => {
                let mut uids = match row.receiver {
                    Receiver::Group(guid) => db.groups().member_uids(app, &guid).await?,
                    Receiver::User(uid) => vec![uid, row.sender],
                };
                uids.sort_unstable();
                uids.dedup();
                (uids, news.by)
            }
        };
        self.hand_out(app, told, &uids, but);
        Ok(())
    }

    /// Queues it for all sockets of these users, but not those of the session that did it.
    fn hand_out(&self, app: &AppId, told: Told, uids: &[Uid], but: Option<SessionId>) {
        let parcel =
            Arc::new(Parcel { app: app.clone(), told, rendered: tokio::sync::Mutex::default() });
        for uid in uids {
            for socket in self.api.access.sockets().of_user(app, uid) {
                if Some(socket.session) != but {
                    socket.push(Arc::clone(&parcel));
                }
            }
        }
    }
}
