//! The real router over a real database, for the tests of the pages.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode, header, request};
use axum::response::Response;
use cloakroom_storage::{Db, SecretHash, SqliteOptions, TokenBasedFileAccess};
use cloakroom_token::{AppId, MediaOrigin, UnixSeconds};
use http_body_util::BodyExt;
use tempfile::TempDir;
use tower::ServiceExt;

use super::cookie::Cookie;
use super::{DashboardState, csrf, router};
use crate::access::{Access, AccessOptions};
use crate::app_defaults::app_settings;
use crate::clock::Clock;
use crate::ledger::{AddressDetail, Recorder};
use crate::master_key::MasterKey;
use crate::objects::Objects;
use crate::observe::Observer;
use crate::password;

pub(super) const EMAIL: &str = "ada@example.com";
pub(super) const PASSWORD: &str = "a long enough password";
pub(super) const SESSION: &str = "ckr_operator_test";
const START: UnixSeconds = UnixSeconds(1_790_000_000);

/// A dashboard with one operator, signed in as [`SESSION`], and the app `demoapp`.
pub(super) struct TestDashboard {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) access: Access,
    router: Router,
    _folder: TempDir,
}

/// An answer, read to its end.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) location: String,
    pub(super) cookies: Vec<String>,
    pub(super) head: HeaderMap,
    pub(super) html: String,
}

impl TestDashboard {
    pub(super) async fn start() -> Self {
        Self::start_at("http://127.0.0.1:8080").await
    }

    pub(super) async fn start_at(public_origin: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(START);
        let db =
            Db::open_sqlite(&folder.path().join("db"), SqliteOptions::default()).await.unwrap();
        let access = Access::new(AccessOptions {
            db: db.clone(),
            clock: clock.clone(),
            origin: MediaOrigin::parse("http://127.0.0.1:8082").unwrap(),
            issuer: "http://127.0.0.1:8081".to_owned(),
            master: MasterKey::load_or_make(&folder.path().join("master.key")).unwrap(),
            fail_closed_after: Duration::from_secs(10),
            objects: Objects::new(0),
        })
        .await
        .unwrap();
        let off = TokenBasedFileAccess::Off;
        let settings = app_settings("Demo app");
        db.apps().create(&app_id(), "us", off, &settings, START).await.unwrap();
        let stored = password::hash(PASSWORD).unwrap();
        db.operators().create("op1", EMAIL, &stored, START).await.unwrap();
        let (hash, until) = (SecretHash::of(SESSION), START.plus(1000));
        db.operators().begin_session("op1", hash, until, START).await.unwrap();
        let recorder = Recorder::new(clock.clone(), AddressDetail::None);
        let (db_of, clock_of, access_of) = (db.clone(), clock.clone(), access.clone());
        let observer = Observer::new(db.clone(), clock.clone());
        let state =
            DashboardState::new(db_of, clock_of, access_of, public_origin, 0, recorder, observer);
        Self { db, clock, access, router: router(state), _folder: folder }
    }

    /// Sends a request as it is.
    pub(super) async fn send(&self, request: Request<Body>) -> Answer {
        Answer::of(self.router.clone().oneshot(request).await.unwrap()).await
    }

    /// Opens a page as the operator.
    pub(super) async fn get(&self, path: &str) -> Answer {
        self.send(as_operator(path).body(Body::empty()).unwrap()).await
    }

    /// Sends a form as the operator, with the right token.
    pub(super) async fn post(&self, path: &str, fields: &str) -> Answer {
        let fields = format!("csrf={}&{fields}", csrf::token(SESSION));
        self.send(form(as_operator(path), fields)).await
    }

    pub(super) async fn app(&self) -> cloakroom_storage::App {
        self.db.apps().by_id(&app_id()).await.unwrap().unwrap()
    }
}

/// A request to the dashboard's host.
pub(super) fn to(path: &str) -> request::Builder {
    Request::builder().uri(path).header(header::HOST, "127.0.0.1:8080")
}

/// A request of the operator who is signed in.
pub(super) fn as_operator(path: &str) -> request::Builder {
    to(path).header(header::COOKIE, format!("cloakroom_operator={SESSION}"))
}

/// The request that sends these fields.
pub(super) fn form(request: request::Builder, fields: String) -> Request<Body> {
    request
        .method("POST")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(fields))
        .unwrap()
}

pub(super) fn app_id() -> AppId {
    AppId::parse("demoapp").unwrap()
}

impl Answer {
    async fn of(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let text = |value: &HeaderValue| value.to_str().unwrap().to_owned();
        let bytes = body.collect().await.unwrap().to_bytes();
        Self {
            status: parts.status,
            location: parts.headers.get(header::LOCATION).map(text).unwrap_or_default(),
            cookies: parts.headers.get_all(header::SET_COOKIE).iter().map(text).collect(),
            html: String::from_utf8(bytes.to_vec()).unwrap(),
            head: parts.headers,
        }
    }

    /// The value of a cookie that the answer sets; `None` if it sets none of this name.
    pub(super) fn cookie(&self, cookie: Cookie) -> Option<&str> {
        let pairs = self.cookies.iter().filter_map(|sent| sent.split(';').next()?.split_once('='));
        pairs.filter(|(name, _)| *name == cookie.name()).map(|(_, value)| value).next()
    }
}
