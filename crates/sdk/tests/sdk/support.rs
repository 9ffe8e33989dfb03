//! A server on loopback that answers what a test says, and remembers what it was asked.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use cloakroom_sdk::{Client, ClientBuilder, Clock, SecureMediaMode};
use futures_util::stream::{self, StreamExt as _};
use serde_json::{Value, json};
use tokio::sync::{Semaphore, watch};

/// When every test begins, by our clock and the server's.
pub(crate) const NOON: i64 = 1_790_000_000;

/// What the server says to one request.
#[derive(Clone)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    is_held: bool,
    announced: Option<usize>,
}

impl Reply {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        let body = serde_json::to_vec(body).unwrap();
        Self { status, headers: Vec::new(), body, is_held: false, announced: None }
    }

    pub(crate) fn data(data: Value) -> Self {
        let mut body = json!({"meta": {"serverTime": NOON}});
        body["data"] = data;
        Self::json(200, &body)
    }

    pub(crate) fn refused(status: u16, code: &str, reason: &str, refresh: &str) -> Self {
        let details = json!({"reason": reason, "retry": refresh != "none", "refresh": refresh});
        Self::json(status, &json!({"error": {"code": code, "message": "no", "details": details}}))
    }

    pub(crate) fn error(status: u16, code: &str) -> Self {
        Self::json(status, &json!({"error": {"code": code, "message": "no"}}))
    }

    pub(crate) fn bytes(status: u16, body: &[u8]) -> Self {
        Self { status, headers: Vec::new(), body: body.to_vec(), is_held: false, announced: None }
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Says another length than it has, so that the connection ends early.
    pub(crate) fn announcing(mut self, length: usize) -> Self {
        self.announced = Some(length);
        self
    }

    /// Kept back until [`Server::release`].
    pub(crate) fn held(mut self) -> Self {
        self.is_held = true;
        self
    }
}

/// What the server was asked.
#[derive(Clone)]
pub(crate) struct Seen {
    /// Method, path and query.
    pub(crate) line: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

struct Script {
    replies: HashMap<String, VecDeque<Reply>>,
    seen: Vec<Seen>,
    asked: watch::Sender<()>,
    released: Arc<Semaphore>,
}

/// The server, and a clock to advance by hand.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) origin: String,
    script: Arc<Mutex<Script>>,
    now: Arc<AtomicI64>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let script = Arc::new(Mutex::new(Script {
            replies: HashMap::new(),
            seen: Vec::new(),
            asked: watch::Sender::new(()),
            released: Arc::new(Semaphore::new(0)),
        }));
        let app = Router::new().fallback(answer).with_state(Arc::clone(&script));
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { origin, script, now: Arc::new(AtomicI64::new(NOON)) }
    }

    /// The next reply to a line such as `PUT /v3/me`; the last one is repeated for ever.
    pub(crate) fn on(&self, line: &str, reply: Reply) -> &Self {
        self.script.lock().unwrap().replies.entry(line.to_owned()).or_default().push_back(reply);
        self
    }

    /// Drops what was said for a line before.
    pub(crate) fn no_more(&self, line: &str) -> &Self {
        self.script.lock().unwrap().replies.remove(line);
        self
    }

    /// What was asked since the last call of this.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.script.lock().unwrap().seen)
    }

    /// The lines of what was asked since.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.line).collect()
    }

    /// Waits until this many requests that nobody has taken by [`Server::seen`] are there.
    pub(crate) async fn asked(&self, times: usize) {
        let mut asked = self.script.lock().unwrap().asked.subscribe();
        while self.script.lock().unwrap().seen.len() < times {
            asked.changed().await.unwrap();
        }
    }

    /// Lets one held reply go.
    pub(crate) fn release(&self) {
        self.script.lock().unwrap().released.add_permits(1);
    }

    pub(crate) fn advance(&self, seconds: i64) {
        self.now.fetch_add(seconds, Ordering::Relaxed);
    }

    /// A clean media URL, told apart by `n`.
    pub(crate) fn media(&self, n: u32) -> String {
        format!("{}{}", self.origin, media_path(n))
    }

    /// Its presigned twin.
    pub(crate) fn presigned(&self, n: u32, signature: &str) -> String {
        format!("{}?Principal=s:1&Expires=9&Signature={signature}&Key-Pair-Id=k", self.media(n))
    }

    pub(crate) fn client(&self, mode: SecureMediaMode) -> Client {
        self.client_with(mode, |builder| builder)
    }

    pub(crate) fn client_with(
        &self,
        mode: SecureMediaMode,
        change: impl FnOnce(ClientBuilder) -> ClientBuilder,
    ) -> Client {
        let now = Arc::clone(&self.now);
        let builder = Client::builder("demoapp", &self.origin)
            .secure_media_mode(mode)
            .clock(Clock::new(move || now.load(Ordering::Relaxed)));
        change(builder).build().unwrap()
    }

    /// The answer to `PUT me` of an app that protects its media.
    pub(crate) fn me(&self, fat: &str, life_seconds: i64) -> Value {
        json!({
            "uid": "alice", "name": "Alice", "authToken": "ckr_at_1", "fat": fat,
            "fatExpiresAt": NOON + life_seconds,
            "settings": {
                "CLIENT_API_HOST": "h", "ADMIN_API_HOST": "h", "CHAT_API_VERSION": "v3.0",
                "SECURED_MEDIA_HOST": format!("{}/demoapp/media/", self.origin),
                "file.size.max": 1000, "file.count.max": 2
            }
        })
    }

    /// A client whose user is logged in, with a FAT `fat.1` for an hour.
    pub(crate) async fn logged_in(&self, mode: SecureMediaMode) -> Client {
        self.on("PUT /v3/me", Reply::data(self.me("fat.1", 3600)));
        let client = self.client(mode);
        client.login_with_auth_token("ckr_at_1").await.unwrap();
        self.seen();
        client
    }
}

pub(crate) fn media_path(n: u32) -> String {
    format!("/demoapp/media/{n:032x}.jpg")
}

async fn answer(State(script): State<Arc<Mutex<Script>>>, request: Request) -> Response {
    let line = format!("{} {}", request.method(), request.uri());
    let bare = line.split('?').next().unwrap().to_owned();
    let headers = request.headers().clone();
    let body = to_bytes(request.into_body(), usize::MAX).await.unwrap().to_vec();
    let (reply, released) = {
        let mut script = script.lock().unwrap();
        script.seen.push(Seen { line: line.clone(), headers, body });
        script.asked.send_replace(());
        let key = if script.replies.contains_key(&line) { line } else { bare };
        let reply = match script.replies.get_mut(&key) {
            Some(replies) if replies.len() > 1 => replies.pop_front(),
            Some(replies) => replies.front().cloned(),
            None => None,
        };
        (reply, Arc::clone(&script.released))
    };
    let reply = reply.unwrap_or_else(|| Reply::error(404, "ERR_ROUTE_NOT_FOUND"));
    if reply.is_held {
        released.acquire().await.unwrap().forget();
    }
    let mut response = Response::new(match reply.announced {
        // The server drops the connection when the body ends too early.
        Some(_) => Body::from_stream(stream::iter([Ok(reply.body)]).chain(stream::once(async {
            // What came before is sent meanwhile.
            tokio::task::yield_now().await;
            Err(std::io::Error::other("cut"))
        }))),
        None => Body::from(reply.body),
    });
    if let Some(announced) = reply.announced {
        response.headers_mut().insert("content-length", announced.into());
    }
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap();
    for (name, value) in reply.headers {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}
