//! Gathers the URLs that are asked for at about the same time and resolves them in few calls.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cloakroom_wire::{Envelope, MAX_PRESIGN_URLS, PresignItem, PresignRequest, TimeMeta};
use reqwest::Method;
use tokio::sync::oneshot;

use crate::Error;
use crate::api::with_json;
use crate::media_url::SecureMediaHost;
use crate::presigned_cache::PresignedCache;
use crate::session::{Sessions, Ticket};

/// How long a call waits for others to travel with.
const GATHER: Duration = Duration::from_millis(1);
const CANCELLED: Error =
    Error::InvalidResponse { status: 0, what: "none: the runtime that asked is gone" };

type Answer = Result<String, Error>;
type Waiter = oneshot::Sender<Answer>;

/// Presigned URLs: those in memory, those on their way, those to ask for.
#[derive(Default)]
pub(crate) struct Presigned {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    cache: PresignedCache,
    /// Session whose URLs these are.
    epoch: u64,
    queued: Vec<String>,
    /// By clean media URL: who waits for one that is queued or sent.
    waiting: HashMap<String, Vec<Waiter>>,
}

impl Presigned {
    /// Resolves clean media URLs, in their order.
    pub(crate) async fn resolve(
        self: &Arc<Self>,
        sessions: &Arc<Sessions>,
        urls: &[String],
    ) -> Vec<Answer> {
        let places = match self.enter(sessions, urls) {
            Ok(places) => places,
            Err(error) => return urls.iter().map(|_| Err(error.clone())).collect(),
        };
        let mut answers = Vec::with_capacity(places.len());
        for place in places {
            answers.push(match place {
                Place::Known(presigned_url) => Ok(presigned_url),
                Place::Waiting(answer) => answer.await.unwrap_or(Err(CANCELLED)),
            });
        }
        answers
    }

    /// The next call for this URL asks the server.
    pub(crate) fn forget(&self, url: &str) {
        self.state().cache.forget(url);
    }

    fn enter(
        self: &Arc<Self>,
        sessions: &Arc<Sessions>,
        urls: &[String],
    ) -> Result<Vec<Place>, Error> {
        let now = sessions.clock.now();
        let mut state = self.state();
        let ticket = sessions.ticket()?;
        if state.epoch != ticket.epoch {
            let over =
                std::mem::replace(&mut *state, State { epoch: ticket.epoch, ..State::default() });
            for waiter in over.waiting.into_values().flatten() {
                let _ = waiter.send(Err(Error::NotLoggedIn));
            }
        }
        let was_idle = state.queued.is_empty();
        let places = urls.iter().map(|url| state.place(url, now)).collect();
        if was_idle && !state.queued.is_empty() {
            let flight = Flight { presigned: Arc::clone(self), epoch: ticket.epoch, urls: None };
            // A task of its own: a caller that gives up must not take the others with it.
            tokio::spawn(send(flight, Arc::clone(sessions), ticket));
        }
        Ok(places)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Place {
    Known(String),
    Waiting(oneshot::Receiver<Answer>),
}

impl State {
    fn place(&mut self, url: &str, now: i64) -> Place {
        if let Some(presigned_url) = self.cache.get(url, now) {
            return Place::Known(presigned_url);
        }
        let (waiter, answer) = oneshot::channel();
        if let Some(waiters) = self.waiting.get_mut(url) {
            waiters.push(waiter);
        } else {
            self.waiting.insert(url.to_owned(), vec![waiter]);
            self.queued.push(url.to_owned());
        }
        Place::Waiting(answer)
    }
}

/// URLs that one task answers for. If the task ends early, so does the wait for them.
struct Flight {
    presigned: Arc<Presigned>,
    epoch: u64,
    /// `None`: all that are queued.
    urls: Option<Vec<String>>,
}

impl Flight {
    /// Takes off with what is queued, in parts of one call each.
    fn parts(mut self) -> Vec<Self> {
        let mut state = self.presigned.state();
        if state.epoch != self.epoch {
            return Vec::new();
        }
        let queued = std::mem::take(&mut state.queued);
        drop(state);
        self.urls = Some(Vec::new());
        let part = |urls: &[String]| Self {
            presigned: Arc::clone(&self.presigned),
            epoch: self.epoch,
            urls: Some(urls.to_vec()),
        };
        queued.chunks(MAX_PRESIGN_URLS).map(part).collect()
    }

    /// Tells who waits, and keeps the answers for who comes later in the same session.
    fn land(&mut self, answers: Vec<Result<Item, Error>>) {
        let mut state = self.presigned.state();
        if state.epoch != self.epoch {
            return;
        }
        for (url, answer) in self.urls.take().into_iter().flatten().zip(answers) {
            for waiter in state.waiting.remove(&url).unwrap_or_default() {
                // A caller that gave up does not hear it.
                let _ = waiter.send(answer.clone().map(|item| item.presigned_url));
            }
            if let Ok(Item { presigned_url, expires_at: Some(expires_at) }) = answer {
                state.cache.set(url, presigned_url, expires_at);
            }
        }
        self.urls = Some(Vec::new());
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        let mut state = self.presigned.state();
        if state.epoch == self.epoch {
            let urls = self.urls.take().unwrap_or_else(|| std::mem::take(&mut state.queued));
            for url in urls {
                state.waiting.remove(&url);
            }
        }
    }
}

async fn send(flight: Flight, sessions: Arc<Sessions>, ticket: Ticket) {
    tokio::time::sleep(GATHER).await;
    let parts = flight.parts().into_iter().map(|part| send_part(part, &sessions, &ticket));
    futures_util::future::join_all(parts).await;
}

async fn send_part(mut flight: Flight, sessions: &Sessions, ticket: &Ticket) {
    let urls = flight.urls.clone().unwrap_or_default();
    let answers = match ask(sessions, ticket, &urls).await {
        Ok(items) => items,
        Err(error) => urls.iter().map(|_| Err(error.clone())).collect(),
    };
    flight.land(answers);
}

#[derive(Clone)]
struct Item {
    presigned_url: String,
    expires_at: Option<i64>,
}

async fn ask(
    sessions: &Sessions,
    ticket: &Ticket,
    urls: &[String],
) -> Result<Vec<Result<Item, Error>>, Error> {
    let request = sessions.request(ticket, Method::POST, &["media", "presign"], &[])?;
    let request =
        with_json(request, &PresignRequest { urls: urls.to_vec(), ..PresignRequest::default() })?;
    let answer: Envelope<Vec<PresignItem>, TimeMeta> = sessions.call(ticket, request).await?;
    if let Some(meta) = answer.meta {
        sessions.clock.set(meta.server_time);
    }
    let host = sessions.host();
    let in_order = answer.data.len() == urls.len()
        && answer.data.iter().zip(urls).all(|(item, url)| item.url() == url);
    if !in_order {
        return Err(Error::InvalidResponse { status: 200, what: "not the URLs asked for" });
    }
    Ok(answer.data.into_iter().map(|item| read(item, host.as_ref())).collect())
}

fn read(item: PresignItem, host: Option<&SecureMediaHost>) -> Result<Item, Error> {
    match item {
        PresignItem::Presigned { url, presigned_url, .. } if presigned_url == url => {
            Ok(Item { presigned_url, expires_at: None })
        }
        PresignItem::Presigned { url, presigned_url, expires_at } => {
            let is_of_this_file =
                host.and_then(|host| host.clean(&presigned_url)).is_some_and(|clean| clean == url);
            if is_of_this_file {
                Ok(Item { presigned_url, expires_at })
            } else {
                Err(Error::InvalidResponse { status: 200, what: "a URL of another file" })
            }
        }
        PresignItem::Refused { error, .. } => Err(Error::Refused {
            code: error.code,
            status: 0,
            details: error.refusal(),
            message: error.message,
            retry_after_seconds: None,
        }),
    }
}
