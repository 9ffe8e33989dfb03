//! A real server for tests: real `SQLite`, a real folder, real sockets on port 0, and a clock that
//! stands still until it is moved by hand.
//!
//! The app `testapp` is protected. `alice` and `bob` share a conversation, `alice`, `bob` and
//! `carol` the group `trip`; `mallory` shares nothing with anybody.
#![expect(clippy::unwrap_used, reason = "a test helper may panic")]

mod samples;

use std::path::Path;
use std::time::Duration;

use cloakroom_server::config::Config;
use cloakroom_server::{Clock, Installation, Running, Sockets};
use cloakroom_storage::{
    ApiKeyScope, AppPolicy, AppSettings, Db, GroupKind, GroupProfile, MemberScope, SecretHash,
    TokenBasedFileAccess, UserProfile,
};
use cloakroom_token::{AppId, Guid, KeyId, Uid, UnixSeconds};
use reqwest::multipart::{Form, Part};
use reqwest::{Method, RequestBuilder, Response, redirect};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

pub use samples::{gps_jpeg, png};

/// The moment at which every test begins.
pub const START: UnixSeconds = UnixSeconds(1_790_000_000);
/// The app of every test.
pub const APP: &str = "testapp";
/// A `fullAccess` key of the app.
pub const API_KEY: &str = "ckr_key_full_access_for_tests";
/// An `authOnly` key of the app.
pub const AUTH_KEY: &str = "ckr_key_auth_only_for_tests";

const USERS: [&str; 4] = ["alice", "bob", "carol", "mallory"];

/// A running server with a seeded app. Stops when dropped.
pub struct TestServer {
    /// The clock of the server.
    pub clock: Clock,
    /// A client that follows no redirect and keeps no cookie.
    pub http: reqwest::Client,
    /// `http://127.0.0.1:port` of the dashboard.
    pub dashboard_origin: String,
    /// `http://127.0.0.1:port` of the REST API.
    pub api_origin: String,
    /// `http://127.0.0.1:port` of the secure media host.
    pub media_origin: String,
    /// `http://127.0.0.1:port` of the metrics.
    pub metrics_origin: String,
    folder: TempDir,
    running: Option<Running>,
}

/// A user who logged in.
#[derive(Clone, Debug)]
pub struct Login {
    /// Who.
    pub uid: String,
    /// The auth token.
    pub auth_token: String,
    /// The File Access Token; empty where the app has none.
    pub fat: String,
}

impl TestServer {
    /// Starts a server as a new user would configure it.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// Starts a server whose configuration `change` may change.
    ///
    /// # Panics
    ///
    /// If it does not start.
    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = Box::pin(Self::open(folder, Clock::fixed(START), change)).await;
        seed(server.db()).await;
        server
    }

    /// Stops the server and starts it again on the same data, on other ports.
    ///
    /// # Panics
    ///
    /// If it does not start.
    pub async fn restart(self) -> Self {
        self.restart_with(|_| {}).await
    }

    /// As [`TestServer::restart`], with a configuration that `change` may change.
    ///
    /// # Panics
    ///
    /// If it does not start.
    pub async fn restart_with(mut self, change: impl FnOnce(&mut Config)) -> Self {
        self.running.take().unwrap().shut_down().await;
        let folder = std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap());
        Box::pin(Self::open(folder, self.clock.clone(), change)).await
    }

    /// Starts a second node beside this one, which must be on PostgreSQL: the same database, master
    /// key, files and public origins. Ask it at its own addresses, under the hosts of the first.
    ///
    /// # Panics
    ///
    /// If it does not start.
    pub async fn second_node(&self, postgres_url_file: &Path) -> Self {
        let first = self.folder.path().to_owned();
        let origins = (self.api_origin.clone(), self.media_origin.clone());
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(first.join("files"), folder.path().join("files")).unwrap();
        Self::open(folder, self.clock.clone(), |config| {
            config.database.postgres_url_file = Some(postgres_url_file.to_owned());
            config.keys.master_key_file = Some(first.join("master.key"));
            (config.api.public_origin, config.media.public_origin) = origins;
        })
        .await
    }

    /// Stops, and leaves its data folder.
    ///
    /// # Panics
    ///
    /// If it was stopped before.
    pub async fn stop(mut self) -> TempDir {
        self.running.take().unwrap().shut_down().await;
        self.folder
    }

    /// Goes on with a data folder at this time.
    ///
    /// # Panics
    ///
    /// If the server does not start.
    pub async fn resume(folder: TempDir, now: UnixSeconds) -> Self {
        Box::pin(Self::open(folder, Clock::fixed(now), |_| {})).await
    }

    async fn open(folder: TempDir, clock: Clock, change: impl FnOnce(&mut Config)) -> Self {
        let sockets = Sockets {
            dashboard: TcpListener::bind("127.0.0.1:0").await.unwrap(),
            api: TcpListener::bind("127.0.0.1:0").await.unwrap(),
            media: TcpListener::bind("127.0.0.1:0").await.unwrap(),
            metrics: Some(TcpListener::bind("127.0.0.1:0").await.unwrap()),
        };
        let metrics_origin = sockets.metrics.as_ref().map(origin_of).unwrap();
        let origin = origin_of;
        let (api_origin, media_origin) = (origin(&sockets.api), origin(&sockets.media));
        let mut config = Config::load(None).unwrap();
        // What starts other programs is for the tests that want it.
        config.ingest.posters = false;
        config.data_dir = folder.path().to_owned();
        config.dashboard.public_origin = origin(&sockets.dashboard);
        config.api.public_origin.clone_from(&api_origin);
        config.media.public_origin.clone_from(&media_origin);
        config.media.fail_closed_after_seconds = 600;
        if let Some(bytes) = cache_bytes() {
            config.media.cache_bytes = bytes;
        }
        change(&mut config);
        let server = Self {
            clock: clock.clone(),
            http: reqwest::Client::builder()
                .redirect(redirect::Policy::none())
                .timeout(Duration::from_mins(2))
                .build()
                .unwrap(),
            dashboard_origin: config.dashboard.public_origin.clone(),
            api_origin,
            media_origin,
            metrics_origin,
            folder,
            running: None,
        };
        let installation = Installation::open(config, clock).await.unwrap();
        Self { running: Some(installation.serve_on(sockets).unwrap()), ..server }
    }

    /// The server's metadata.
    ///
    /// # Panics
    ///
    /// If the server was stopped.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.running.as_ref().unwrap().installation().db
    }

    /// Lets the server see what a test wrote past it.
    ///
    /// # Panics
    ///
    /// If the database fails.
    pub async fn catch_up(&self) {
        self.running.as_ref().unwrap().installation().catch_up().await.unwrap();
    }

    /// Sends webhooks what is due by the clock, and returns once each try has ended.
    ///
    /// # Panics
    ///
    /// If the database fails.
    pub async fn deliver_webhooks(&self) {
        self.running.as_ref().unwrap().installation().deliver_webhooks().await.unwrap();
    }

    /// Does the work on files that is due by the clock.
    ///
    /// # Panics
    ///
    /// If the database fails.
    pub async fn work_on_files(&self) {
        self.running.as_ref().unwrap().installation().work_on_files().await.unwrap();
    }

    /// Clears away what is due by the clock.
    ///
    /// # Panics
    ///
    /// If the server is down.
    pub async fn clear_away(&self) {
        self.running.as_ref().unwrap().installation().clear_away().await;
    }

    /// Removes what goes by itself and is due by the clock.
    ///
    /// # Panics
    ///
    /// If the database fails.
    pub async fn keep_retention(&self) {
        self.running.as_ref().unwrap().installation().keep_retention().await.unwrap();
    }

    /// Writes what the ledger has noted, and does what is due there by the clock.
    ///
    /// # Panics
    ///
    /// If the database fails.
    pub async fn keep_ledger(&self) {
        self.running.as_ref().unwrap().installation().keep_ledger().await.unwrap();
    }

    /// The data folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A call of the REST API with the app's id; `path` begins behind `/v3`.
    pub fn api(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}/v3{path}", self.api_origin)).header("appid", APP)
    }

    /// A call as the app's back end.
    pub fn back_end(&self, method: Method, path: &str) -> RequestBuilder {
        self.api(method, path).header("apikey", API_KEY)
    }

    /// A call as a user.
    pub fn as_user(&self, login: &Login, method: Method, path: &str) -> RequestBuilder {
        self.api(method, path).header("authtoken", &login.auth_token)
    }

    /// Logs a user in.
    ///
    /// # Panics
    ///
    /// If the server refuses.
    pub async fn login(&self, uid: &str) -> Login {
        let made = self.back_end(Method::POST, &format!("/users/{uid}/auth_tokens"));
        let made = data(made.json(&json!({})).send().await.unwrap()).await;
        let auth_token = made["authToken"].as_str().unwrap().to_owned();
        let login = Login { uid: uid.to_owned(), auth_token, fat: String::new() };
        let me = self.as_user(&login, Method::PUT, "/me").json(&json!({}));
        let me = data(me.send().await.unwrap()).await;
        Login { fat: me["fat"].as_str().unwrap_or_default().to_owned(), ..login }
    }

    /// Sends a file to `user:uid` or `group:guid`; gives the message.
    ///
    /// # Panics
    ///
    /// If the server refuses.
    pub async fn send_file(
        &self,
        sender: &Login,
        receiver: &str,
        file_name: &str,
        content_type: &str,
        bytes: Vec<u8>,
    ) -> Value {
        let part = Part::bytes(bytes).file_name(file_name.to_owned());
        let form = media_form(receiver, part.mime_str(content_type).unwrap());
        let call = self.as_user(sender, Method::POST, "/messages").multipart(form);
        data(call.send().await.unwrap()).await
    }

    /// Sends the PNG of [`png`]; gives the clean media URL.
    ///
    /// # Panics
    ///
    /// If the server refuses.
    pub async fn send_picture(&self, sender: &Login, receiver: &str) -> String {
        let message = self.send_file(sender, receiver, "dot.png", "image/png", png()).await;
        message["data"]["attachments"][0]["url"].as_str().unwrap().to_owned()
    }

    /// Reads a media URL as it is.
    ///
    /// # Panics
    ///
    /// If there is no answer.
    pub async fn get(&self, url: &str) -> Response {
        self.http.get(url).send().await.unwrap()
    }

    /// Presigns one URL.
    ///
    /// # Panics
    ///
    /// If the server refuses.
    pub async fn presign(&self, login: &Login, url: &str) -> String {
        let call = self.as_user(login, Method::POST, "/media/presign");
        let items = data(call.json(&json!({ "urls": [url] })).send().await.unwrap()).await;
        items[0]["presignedUrl"].as_str().unwrap_or_else(|| unreachable!("{items}")).to_owned()
    }
}

/// The form of a media message, `receiver` last as the official SDK sends it.
///
/// # Panics
///
/// If `receiver` is not `user:uid` or `group:guid`.
#[must_use]
pub fn media_form(receiver: &str, file: Part) -> Form {
    let (receiver_type, receiver) = receiver.split_once(':').unwrap();
    Form::new()
        .text("type", "file")
        .text("receiverType", receiver_type.to_owned())
        .text("category", "message")
        .text("data", "{}")
        .part("files[]", file)
        .text("receiver", receiver.to_owned())
}

/// The `data` of an answer.
///
/// # Panics
///
/// If it is an error; the panic shows it.
pub async fn data(response: Response) -> Value {
    let status = response.status();
    let mut body: Value = response.json().await.unwrap();
    assert!(status.is_success(), "{status} {body}");
    body["data"].take()
}

/// Status, error code and reason of a refusal; the reason is empty where there is none.
///
/// # Panics
///
/// If the answer is no error envelope.
pub async fn refusal(response: Response) -> (u16, String, String) {
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (status, text(&body["error"]["code"]), text(&body["error"]["details"]["reason"]))
}

async fn seed(db: &Db) {
    let app = AppId::parse(APP).unwrap();
    let settings = AppSettings {
        name: "An app for tests".to_owned(),
        presign_ttl_seconds: 900,
        fat_lifetime_seconds: 86_400,
        client_login_by_auth_key: false,
        file_size_max: 100 * 1024 * 1024,
        file_count_max: 10,
        allowed_origins: Vec::new(),
        policy: AppPolicy::default(),
    };
    db.apps().create(&app, "us", TokenBasedFileAccess::On, &settings, START).await.unwrap();
    let keys =
        [("full", ApiKeyScope::FullAccess, API_KEY), ("auth", ApiKeyScope::AuthOnly, AUTH_KEY)];
    for (id, scope, secret) in keys {
        let (id, hash) = (KeyId::parse(id).unwrap(), SecretHash::of(secret));
        db.api_keys().create(&app, &id, "for tests", scope, hash, START).await.unwrap();
    }
    for uid in USERS {
        let profile = UserProfile {
            name: uid.to_owned(),
            avatar: None,
            link: None,
            role: "default".to_owned(),
            status_message: None,
            metadata: None,
            tags: Vec::new(),
        };
        db.users().create(&app, &Uid::parse(uid).unwrap(), &profile, START).await.unwrap();
    }
    let trip = Guid::parse("trip").unwrap();
    let profile = GroupProfile {
        name: "trip".to_owned(),
        kind: GroupKind::Public,
        password_hash: None,
        owner: Uid::parse("alice").ok(),
        icon: None,
        description: None,
        metadata: None,
        history_from_join: false,
    };
    db.groups().create(&app, &trip, &profile, START).await.unwrap();
    for uid in &USERS[..3] {
        let uid = Uid::parse(uid).unwrap();
        db.groups().add_member(&app, &trip, &uid, MemberScope::Participant, START).await.unwrap();
    }
}

fn origin_of(socket: &TcpListener) -> String {
    format!("http://{}", socket.local_addr().unwrap())
}

/// How much every server of this run keeps in memory, if the environment says so: what is served
/// must not depend on it.
#[expect(clippy::disallowed_methods, reason = "only tests are configured by it")]
fn cache_bytes() -> Option<u64> {
    std::env::var("CLOAKROOM_TEST_CACHE_BYTES").ok().map(|bytes| bytes.parse().unwrap())
}
