//! The doctor finds what is open, and leaves nothing behind.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use cloakroom_server::cli::doctor::{CannotExamine, DoctorOptions, Outcome, Report, examine};
use cloakroom_storage::TokenBasedFileAccess;
use cloakroom_test::{API_KEY, APP, TestServer, data};
use cloakroom_token::AppId;
use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpListener;

fn options(server: &TestServer) -> (TempDir, DoctorOptions) {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    std::fs::write(&key, format!("{API_KEY}\n")).unwrap();
    let options = DoctorOptions {
        api: server.api_origin.clone(),
        app: AppId::parse(APP).unwrap(),
        api_key_file: key,
        other_app: None,
        other_api_key_file: None,
        dashboard: Some(server.dashboard_origin.clone()),
        log: Vec::new(),
        behind_tls_proxy: false,
        json: None,
        html: None,
    };
    (folder, options)
}

fn with(report: &Report, outcome: Outcome) -> Vec<&str> {
    report.checks.iter().filter(|check| check.outcome == outcome).map(|check| check.id).collect()
}

/// Uids that the doctor left behind.
async fn left(server: &TestServer) -> usize {
    let found = server.back_end(Method::GET, "/users?perPage=100").send().await.unwrap();
    data(found).await.to_string().matches("doctor-").count()
}

#[tokio::test]
async fn a_good_installation_passes_and_nothing_is_left_of_the_examination() {
    let server = TestServer::start().await;
    let (folder, mut options) = options(&server);
    let log = folder.path().join("server.log");
    std::fs::write(&log, "nothing in here\n").unwrap();
    options.log = vec![log.clone()];
    let report = examine(&options).await.unwrap();
    assert_eq!(with(&report, Outcome::Fail), Vec::<&str>::new(), "{:#?}", report.checks);
    assert_eq!(with(&report, Outcome::Skipped), ["foreign_app"]);
    assert_eq!(with(&report, Outcome::Warn), ["tls.api", "tls.media"], "loopback");
    assert!(report.passed > 25, "{}", report.passed);
    assert_eq!(left(&server).await, 0);
    let html = report.html().unwrap();
    let text = serde_json::to_string(&report).unwrap() + &html + &report.lines().join("\n");
    assert!(html.contains("Private is private") && !html.contains("<script"));
    for secret in [API_KEY, "eyJ0", "ckr_at", "Signature="] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn the_token_of_another_app_is_tried() {
    let server = TestServer::start().await;
    let other = AppId::parse("otherapp").unwrap();
    let app = AppId::parse(APP).unwrap();
    let settings = server.db().apps().by_id(&app).await.unwrap().unwrap().settings;
    let on = TokenBasedFileAccess::On;
    let now = server.clock.now();
    server.db().apps().create(&other, "us", on, &settings, now).await.unwrap();
    let secret = cloakroom_storage::SecretHash::of("ckr_key_other");
    let (id, scope) = (
        cloakroom_token::KeyId::parse("other").unwrap(),
        cloakroom_storage::ApiKeyScope::FullAccess,
    );
    server.db().api_keys().create(&other, &id, "k", scope, secret, now).await.unwrap();
    let (folder, mut options) = options(&server);
    let key = folder.path().join("other");
    std::fs::write(&key, "ckr_key_other").unwrap();
    (options.other_app, options.other_api_key_file) = (Some(other), Some(key));
    let report = examine(&options).await.unwrap();
    assert!(with(&report, Outcome::Pass).contains(&"foreign_app"));
    assert_eq!(with(&report, Outcome::Skipped), ["logs"]);
    let call = server.back_end(Method::PUT, "/settings");
    call.json(&json!({"clientLoginByAuthKey": true})).send().await.unwrap();
    options.behind_tls_proxy = true;
    let report = examine(&options).await.unwrap();
    assert_eq!(with(&report, Outcome::Warn), ["login_off"]);
    assert_eq!(with(&report, Outcome::Skipped), ["tls.api", "tls.media", "logs"]);
}

#[tokio::test]
async fn an_app_without_protection_is_open_and_the_doctor_says_where() {
    let server = TestServer::start().await;
    let app = AppId::parse(APP).unwrap();
    let (apps, now) = (server.db().apps(), server.clock.now());
    let (_folder, options) = options(&server);
    apps.retreat_token_based_file_access(&app, TokenBasedFileAccess::Observe, now).await.unwrap();
    server.catch_up().await;
    let report = examine(&options).await.unwrap();
    assert!(with(&report, Outcome::Warn).contains(&"protection"));
    for id in ["no_token", "outsider", "junk_token", "presigned.altered", "logout"] {
        assert!(with(&report, Outcome::Fail).contains(&id), "{id}");
    }
    apps.retreat_token_based_file_access(&app, TokenBasedFileAccess::Off, now).await.unwrap();
    server.catch_up().await;
    let report = examine(&options).await.unwrap();
    assert!(with(&report, Outcome::Fail).contains(&"protection"));
    assert!(report.html().unwrap().contains("Private is not private"));
    assert_eq!(left(&server).await, 0, "whatever was found");
}

#[tokio::test]
async fn what_cannot_be_examined_is_said() {
    let server = TestServer::start().await;
    let (folder, good) = options(&server);
    let wrong = folder.path().join("wrong");
    std::fs::write(&wrong, "ckr_key_wrong").unwrap();
    let options = DoctorOptions { api_key_file: wrong, ..good.clone() };
    let error = examine(&options).await.unwrap_err().to_string();
    assert_eq!(error, "the API refuses to make a user: 401 ERR_API_KEY_NOT_FOUND");
    let options = DoctorOptions { api_key_file: PathBuf::from("/nonexistent"), ..good.clone() };
    assert!(matches!(examine(&options).await, Err(CannotExamine::File { .. })));
    let options = DoctorOptions { api: "http://127.0.0.1:1".to_owned(), ..good };
    assert!(matches!(examine(&options).await, Err(CannotExamine::Unreachable(_))));
}

/// What a careless proxy in front of the secure media host does.
#[derive(Clone, Copy, Debug)]
enum Careless {
    Caches,
    DropsHeaders,
    Lists,
    ServesWithoutToken,
    TellsWhatExists,
}

/// An answer that is given again.
type Kept = (StatusCode, HeaderMap, Vec<u8>);

#[derive(Clone)]
struct Proxy {
    careless: Careless,
    to: Arc<str>,
    host: Arc<str>,
    http: reqwest::Client,
    kept: Arc<Mutex<Option<Kept>>>,
}

async fn pass(State(proxy): State<Proxy>, request: Request) -> Response {
    let uri = request.uri().clone();
    let path = uri.path_and_query().unwrap().to_string();
    let has_credential = request.headers().contains_key("fat")
        || request.headers().contains_key("authorization")
        || path.contains('?');
    match proxy.careless {
        Careless::Lists if path.split('?').next().unwrap().ends_with('/') => {
            return "<a href=file.png>".into_response();
        }
        Careless::ServesWithoutToken if !has_credential => return "the file".into_response(),
        Careless::TellsWhatExists if path.contains(&"0".repeat(32)) => {
            return StatusCode::NOT_FOUND.into_response();
        }
        _ => {}
    }
    if let (Careless::Caches, Some(kept)) = (proxy.careless, proxy.kept.lock().unwrap().clone())
        && has_credential
    {
        return (kept.0, kept.1, kept.2).into_response();
    }
    let mut call = proxy.http.request(request.method().clone(), format!("{}{path}", proxy.to));
    for (name, value) in request.headers() {
        if name != "host" {
            call = call.header(name, value);
        }
    }
    let host = request.headers()["host"].to_str().unwrap();
    let answer = call.header("host", if host == "other.example" { host } else { &*proxy.host });
    let answer = answer.send().await.unwrap();
    let (status, mut headers) = (answer.status(), answer.headers().clone());
    let bytes = answer.bytes().await.unwrap().to_vec();
    if matches!(proxy.careless, Careless::DropsHeaders) {
        headers.remove("cache-control");
        headers.remove("x-content-type-options");
    }
    if status == 200 && has_credential {
        *proxy.kept.lock().unwrap() = Some((status, headers.clone(), bytes.clone()));
    }
    (status, headers, Body::from(bytes)).into_response()
}

#[tokio::test]
async fn a_careless_proxy_is_found_out() {
    for (careless, ids) in [
        (Careless::Caches, ["outsider", "logout", "revocation"].as_slice()),
        (Careless::DropsHeaders, &["headers.file", "headers.refusal"]),
        (Careless::Lists, &["listing"]),
        (Careless::ServesWithoutToken, &["no_token", "headers.refusal"]),
        (Careless::TellsWhatExists, &["existence"]),
    ] {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", socket.local_addr().unwrap());
        let public = origin.clone();
        let server = TestServer::start_with(|config| config.media.public_origin = public).await;
        let proxy = Proxy {
            careless,
            to: server.media_origin.as_str().into(),
            host: origin.strip_prefix("http://").unwrap().into(),
            http: reqwest::Client::new(),
            kept: Arc::default(),
        };
        let router = Router::new().fallback(pass).with_state(proxy);
        tokio::spawn(async move { axum::serve(socket, router).await.unwrap() });
        let (folder, mut options) = options(&server);
        let log = folder.path().join("proxy.log");
        std::fs::write(&log, format!("GET /x apikey={API_KEY}\n")).unwrap();
        options.log = vec![log];
        let report = examine(&options).await.unwrap();
        let failed = with(&report, Outcome::Fail);
        for id in ids.iter().chain(&["logs"]) {
            assert!(failed.contains(id), "{careless:?}: {id} in {failed:?}");
        }
        assert_eq!(left(&server).await, 0);
    }
}
