//! `POST me/events` and `GET me/events`: tells an open page what must leave the screen.
//!
//! ```text
//! event: gone              event: session_ended
//! data: {"media":"<id>"}   data: {}
//! ```
//!
//! Opaque ids only: never why, and never through whom.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use cloakroom_storage::{Change, StorageError, TokenBasedFileAccess};
use cloakroom_token::{
    AppId, Claim, MediaId, MediaPath, MediaUrl, Refusal, SessionId, Uid, Variant,
};
use cloakroom_wire::{MAX_WATCHED, WatchRequest};
use futures_util::Stream;
use futures_util::stream;
use serde_json::json;
use tokio::sync::broadcast::{self, error::RecvError};

use super::Api;
use super::body::JsonBody;
use super::caller::UserCaller;
use super::error::ApiError;
use super::event_streams::EventStream;
use crate::access::{Access, News};

const KEEP_ALIVE: Duration = Duration::from_secs(25);
const RETRY: Duration = Duration::from_secs(2);

type Events = Sse<axum::response::sse::KeepAliveStream<EventsOf>>;
type EventsOf = std::pin::Pin<Box<dyn Stream<Item = Result<Event, Infallible>> + Send>>;

/// Watches media that are on the screen: each that the session may not read, now or later, is told
/// once as `event: gone`, and the end of the session as `event: session_ended`.
#[utoipa::path(
    post, path = "/me/events", tag = "sessions",
    request_body(content = WatchRequest),
    responses((status = 200, body = String, content_type = "text/event-stream",
        example = "event: gone\ndata: {\"media\":\"00112233445566778899aabbccddeeff\"}\n\n")),
    security(("authtoken" = [])),
)]
pub(super) async fn post_me_events(
    State(api): State<Api>,
    caller: UserCaller,
    JsonBody(WatchRequest { media }): JsonBody<WatchRequest>,
) -> Result<Events, ApiError> {
    if media.len() > MAX_WATCHED {
        return Err(ApiError::TooManyUrls { limit: MAX_WATCHED });
    }
    let watched = media
        .iter()
        .map(|named| Watched::parse(&api.access, &caller.app.id, named))
        .collect::<Result<Vec<_>, _>>()?;
    events(&api, caller, watched)
}

/// Tells the end of the session as `event: session_ended`.
#[utoipa::path(
    get, path = "/me/events", tag = "sessions",
    responses((status = 200, body = String, content_type = "text/event-stream",
        example = "event: session_ended\ndata: {}\n\n")),
    security(("authtoken" = [])),
)]
pub(super) async fn get_me_events(
    State(api): State<Api>,
    caller: UserCaller,
) -> Result<Events, ApiError> {
    events(&api, caller, Vec::new())
}

fn events(api: &Api, caller: UserCaller, watched: Vec<Watched>) -> Result<Events, ApiError> {
    let UserCaller { app, session, uid, .. } = caller;
    let room = api.event_streams.open(&app.id, session).ok_or(ApiError::TooManyStreams)?;
    let page = Watcher {
        news: api.access.news(),
        access: api.access.clone(),
        app: app.id.clone(),
        session,
        uid,
        watched,
        told: VecDeque::new(),
        is_first: true,
        is_over: false,
        _room: room,
    };
    let events: EventsOf = Box::pin(stream::unfold(page, |mut page| async move {
        page.next().await.map(|event| (Ok(event), page))
    }));
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

/// A medium that is on the screen.
enum Watched {
    Id(MediaId),
    Path(MediaPath),
}

impl Watched {
    fn parse(access: &Access, app: &AppId, named: &str) -> Result<Self, ApiError> {
        if let Ok(id) = MediaId::parse(named) {
            return Ok(Self::Id(id));
        }
        let url = MediaUrl::parse(access.origin(), named).map_err(|_| ApiError::InvalidUrl)?;
        if url.path().app() == app {
            Ok(Self::Path(url.path().clone()))
        } else {
            Err(ApiError::InvalidUrl)
        }
    }

    const fn id(&self) -> MediaId {
        match self {
            Self::Id(id) => *id,
            Self::Path(path) => path.media(),
        }
    }
}

/// What has to be looked at again.
enum Look {
    At(Vec<MediaId>),
    AtEverything,
}

struct Watcher {
    access: Access,
    app: AppId,
    session: SessionId,
    uid: Uid,
    watched: Vec<Watched>,
    news: broadcast::Receiver<News>,
    told: VecDeque<Event>,
    is_first: bool,
    is_over: bool,
    _room: EventStream,
}

impl Watcher {
    /// The next event; `None` when the stream ends.
    async fn next(&mut self) -> Option<Event> {
        if std::mem::take(&mut self.is_first) {
            self.look(&Look::AtEverything).await.ok()?;
            return Some(Event::default().retry(RETRY).comment("watching"));
        }
        loop {
            if let Some(event) = self.told.pop_front() {
                return Some(event);
            }
            if self.is_over {
                return None;
            }
            let look = match self.news.recv().await {
                Ok(News::Applied(changes)) => match changes.as_deref() {
                    Some(changes) => self.concerning(changes),
                    None => Some(Look::AtEverything),
                },
                Err(RecvError::Lagged(_)) => Some(Look::AtEverything),
                Ok(News::Closing) | Err(RecvError::Closed) => return None,
            };
            if let Some(look) = look {
                self.look(&look).await.ok()?;
            }
        }
    }

    /// What these changes may bear on; `None` if on nothing here.
    fn concerning(&self, changes: &[Change]) -> Option<Look> {
        let mut files = Vec::new();
        for change in changes {
            match change {
                Change::File(app, media)
                    if *app == self.app && self.watched.iter().any(|one| one.id() == *media) =>
                {
                    files.push(*media);
                }
                Change::AppSettings(app) | Change::Group(app, _) if *app == self.app => {
                    return Some(Look::AtEverything);
                }
                Change::Session(app, session) if *app == self.app && *session == self.session => {
                    return Some(Look::AtEverything);
                }
                Change::UserState(app, uid) | Change::GroupMember(app, _, uid)
                    if *app == self.app && *uid == self.uid =>
                {
                    return Some(Look::AtEverything);
                }
                Change::Block(app, one, other)
                    if *app == self.app && (*one == self.uid || *other == self.uid) =>
                {
                    return Some(Look::AtEverything);
                }
                _ => {}
            }
        }
        (!files.is_empty()).then_some(Look::At(files))
    }

    /// Decides again, and notes what there is to tell.
    async fn look(&mut self, look: &Look) -> Result<(), StorageError> {
        let claim = Claim::Session(self.session);
        if !self.access.is_alive(&self.app, &claim).await? {
            self.told.push_back(Event::default().event("session_ended").data("{}"));
            self.is_over = true;
            return Ok(());
        }
        let mut kept = Vec::with_capacity(self.watched.len());
        for watched in std::mem::take(&mut self.watched) {
            let is_concerned = match look {
                Look::AtEverything => true,
                Look::At(ids) => ids.contains(&watched.id()),
            };
            if is_concerned && self.is_gone(&watched, &claim).await? {
                let data = json!({ "media": watched.id() }).to_string();
                self.told.push_back(Event::default().event("gone").data(data));
            } else {
                kept.push(watched);
            }
        }
        self.watched = kept;
        Ok(())
    }

    /// Whether the session may not read it; what does not exist is answered alike.
    async fn is_gone(&self, watched: &Watched, claim: &Claim) -> Result<bool, StorageError> {
        let path = match watched {
            Watched::Path(path) => Some(path.clone()),
            Watched::Id(id) => self.access.media(&self.app, *id).await?.and_then(|stored| {
                let version = stored.version(Variant::Original)?;
                MediaPath::new(self.app.clone(), *id, Variant::Original, &version.extension).ok()
            }),
        };
        let Some(path) = path else { return Ok(true) };
        let Err(refusal) = self.access.decide(&path, claim, None).await? else { return Ok(false) };
        let app = self.access.app(&self.app).await?;
        let protects =
            app.is_some_and(|app| app.token_based_file_access == TokenBasedFileAccess::On);
        Ok(match refusal {
            Refusal::NotReady => false,
            Refusal::FileMissing | Refusal::FileRevoked => true,
            _ => protects,
        })
    }
}
