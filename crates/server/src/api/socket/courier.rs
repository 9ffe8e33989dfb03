//! Brings what was applied of the feed to the sockets of those who may hear of it.

use std::sync::Arc;

use cloakroom_storage::{Change, Receiver, StorageError};
use cloakroom_token::{AppId, SessionId, Uid};
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::watch;

use super::super::Api;
use crate::listener::stopped;
use crate::sockets::{End, Parcel, Told};

/// Listens from its making on; one for each node.
pub(crate) struct Courier {
    api: Api,
    posts: broadcast::Receiver<Change>,
}

impl Courier {
    pub(in crate::api) fn new(api: Api) -> Self {
        let posts = api.access.posts();
        Self { api, posts }
    }

    /// Brings messages and marks until `stop` says so; then no socket is left open.
    pub(crate) async fn run(mut self, mut stop: watch::Receiver<bool>) {
        loop {
            let post = tokio::select! {
                post = self.posts.recv() => post,
                () = stopped(&mut stop) => break,
            };
            let brought = match post {
                Ok(Change::Mark(app, news)) => self.bring(&app, Told::Mark(news)).await,
                Ok(Change::Message(app, news)) => self.bring(&app, Told::Message(news)).await,
                Ok(_) => Ok(()),
                Err(RecvError::Lagged(lost)) => {
                    tracing::warn!(lost, "messages could not be told; all sockets come again");
                    self.api.access.sockets().end_all(End::Missed);
                    Ok(())
                }
                Err(RecvError::Closed) => break,
            };
            if let Err(error) = brought {
                tracing::warn!(%error, "a message could not be told; all sockets come again");
                self.api.access.sockets().end_all(End::Missed);
            }
        }
        self.api.access.sockets().close();
    }

    async fn bring(&self, app: &AppId, told: Told) -> Result<(), StorageError> {
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
