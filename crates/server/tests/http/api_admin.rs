//! API keys, settings and apps: by a key of the app, or by an operator.

use cloakroom_storage::{SecretHash, TokenBasedFileAccess};
use cloakroom_test::{API_KEY, APP, AUTH_KEY, START, TestServer, data, refusal};
use cloakroom_token::{AppId, UnixSeconds};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

const OPERATOR: &str = "ckr_op_for_tests";

async fn code(call: RequestBuilder) -> (u16, String) {
    let (status, code, _) = refusal(call.send().await.unwrap()).await;
    (status, code)
}

async fn sent(call: RequestBuilder) -> Value {
    data(call.send().await.unwrap()).await
}

async fn with_operator() -> TestServer {
    let server = TestServer::start().await;
    let operators = server.db().operators();
    operators.create("op", "op@example.org", "no password", START).await.unwrap();
    let until = UnixSeconds(START.0 + 3600);
    operators.begin_session("op", SecretHash::of(OPERATOR), until, START).await.unwrap();
    server
}

fn operator(server: &TestServer, method: Method, path: &str) -> RequestBuilder {
    server.api(method, path).bearer_auth(OPERATOR)
}

#[tokio::test]
async fn a_key_shows_its_secret_once_and_works_until_deleted() {
    let server = with_operator().await;
    let users = |key: &str| server.api(Method::GET, "/users").header("apikey", key);
    let new = json!({"name": "Second", "scope": "fullAccess"});
    let made = sent(server.back_end(Method::POST, "/apikeys").json(&new)).await;
    let (id, key) = (made["id"].as_str().unwrap(), made["apiKey"].as_str().unwrap());
    assert!(key.starts_with("ckr_key_"));
    assert_eq!((&made["name"], &made["scope"]), (&new["name"], &new["scope"]));
    sent(users(key)).await;
    let new = json!({"name": "For logins", "scope": "authOnly"});
    let weak = sent(operator(&server, Method::POST, "/apikeys").json(&new)).await;
    let weak = weak["apiKey"].as_str().unwrap();
    assert_eq!(code(users(weak)).await, (403, "ERR_SCOPE_REQUIRED".to_owned()));
    for call in
        [server.back_end(Method::GET, "/apikeys"), operator(&server, Method::GET, "/apikeys")]
    {
        let list = sent(call).await;
        assert_eq!(list.as_array().unwrap().len(), 4);
        let text = list.to_string();
        for secret in [key, weak, API_KEY, AUTH_KEY, "apiKey", "hash"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
    for _ in 0..2 {
        let delete = operator(&server, Method::DELETE, &format!("/apikeys/{id}"));
        assert_eq!(sent(delete).await, json!({"success": true}));
    }
    assert_eq!(code(users(key)).await, (401, "ERR_API_KEY_NOT_FOUND".to_owned()));
    let list = sent(server.back_end(Method::GET, "/apikeys")).await;
    let deleted = list.as_array().unwrap().iter().find(|one| one["id"] == id).unwrap();
    assert_eq!(deleted["revokedAt"], START.0);
    for (body, expected) in [
        (json!({"name": "", "scope": "fullAccess"}), "ERR_BAD_REQUEST"),
        (json!({"name": "a\u{202E}", "scope": "fullAccess"}), "ERR_BAD_REQUEST"),
        (json!({"name": "n", "scope": "all"}), "ERR_INVALID_JSON"),
        (json!({"name": "n", "scope": "authOnly", "secret": "s"}), "ERR_UNKNOWN_FIELD"),
    ] {
        let call = server.back_end(Method::POST, "/apikeys").json(&body);
        assert_eq!(code(call).await, (400, expected.to_owned()), "{body}");
    }
}

#[tokio::test]
async fn a_rotated_key_goes_on_for_its_grace() {
    let server = with_operator().await;
    let users = |key: &str| server.api(Method::GET, "/users").header("apikey", key);
    let rotate = |id: &str, body: Value| {
        operator(&server, Method::POST, &format!("/apikeys/{id}/rotate")).json(&body)
    };
    let made = sent(rotate("full", json!({"graceSeconds": 60}))).await;
    assert_eq!((&made["name"], &made["scope"]), (&json!("for tests"), &json!("fullAccess")));
    let (id, key) = (made["id"].as_str().unwrap(), made["apiKey"].as_str().unwrap());
    assert_ne!(id, "full");
    sent(users(key)).await;
    sent(users(API_KEY)).await;
    server.clock.advance(60);
    assert_eq!(code(users(API_KEY)).await, (401, "ERR_API_KEY_NOT_FOUND".to_owned()));
    sent(users(key)).await;
    let ended = (404, "ERR_API_KEY_ID_NOT_FOUND".to_owned());
    assert_eq!(code(rotate("full", json!({}))).await, ended);
    assert_eq!(code(rotate("none", json!({}))).await, ended);
    assert_eq!(code(rotate("a b", json!({}))).await, ended);
    for grace in [-1, 604_801] {
        let refused = code(rotate(id, json!({ "graceSeconds": grace }))).await;
        assert_eq!(refused, (400, "ERR_BAD_REQUEST".to_owned()), "{grace}");
    }
    // Without a body, the old one ends at once; a key may rotate itself.
    let call = server.api(Method::POST, &format!("/apikeys/{id}/rotate")).header("apikey", key);
    let last = sent(call).await["apiKey"].as_str().unwrap().to_owned();
    assert_eq!(code(users(key)).await, (401, "ERR_API_KEY_NOT_FOUND".to_owned()));
    sent(users(&last)).await;
}

#[tokio::test]
async fn settings_are_changed_in_parts_and_each_within_bounds() {
    let server = with_operator().await;
    let put = |body: &Value| server.back_end(Method::PUT, "/settings").json(body);
    let before = sent(server.back_end(Method::GET, "/settings")).await;
    assert_eq!((&before["id"], &before["region"]), (&json!(APP), &json!("us")));
    assert_eq!(before["tokenBasedFileAccess"], "on");
    let body = json!({"name": "Renamed", "presignTtlSeconds": 60, "fatLifetimeSeconds": 300,
        "clientLoginByAuthKey": true, "fileSizeMax": 1000, "fileCountMax": 3,
        "allowedOrigins": ["https://a.test"], "backEndPresignTtlMaxSeconds": 3600,
        "ledger": "refusals", "ledgerRetentionDays": 7, "coldBytesPerMinutePerSession": 1000,
        "coldBytesPerMinute": 2000, "presignedUrlsPerMinutePerSession": 5,
        "presignedUrlsPerMinute": 50, "storageQuotaBytes": 5000, "allowedTypes": ["image/*"],
        "mediaRetention": {"image": {"afterSeconds": 60, "afterView": true}}, "legalHold": true});
    let after = sent(put(&body)).await;
    for (field, value) in before.as_object().unwrap() {
        let expected = body.get(field).unwrap_or(value);
        assert_eq!(&after[field], expected, "{field}");
        let read_only =
            ["id", "region", "tokenBasedFileAccess", "createdAt", "updatedAt"].contains(&&**field);
        assert_eq!(body.get(field).is_none(), read_only, "{field} has no way to be set");
    }
    assert_eq!(sent(operator(&server, Method::GET, "/settings")).await, after);
    let one = json!({"storageQuotaBytes": null, "fileCountMax": 4});
    let after = sent(operator(&server, Method::PUT, "/settings").json(&one)).await;
    assert_eq!((&after["storageQuotaBytes"], &after["fileCountMax"]), (&Value::Null, &json!(4)));
    assert_eq!(after["coldBytesPerMinute"], 2000);
    // In force at once.
    let alice = server.login("alice").await;
    let me = sent(server.as_user(&alice, Method::PUT, "/me")).await;
    assert_eq!(me["settings"]["file.count.max"], 4);
    assert_eq!(me["fatExpiresAt"], START.0 + 300);
    for (field, value) in [
        ("presignTtlSeconds", json!(59)),
        ("presignTtlSeconds", json!(2_678_401)),
        ("fatLifetimeSeconds", json!(299)),
        ("fatLifetimeSeconds", json!(2_592_001)),
        ("fileCountMax", json!(0)),
        ("storageQuotaBytes", json!(-1)),
        ("allowedOrigins", json!(["*"])),
        ("name", json!("a\u{2067}b")),
    ] {
        let answer = put(&json!({ field: value, "fileSizeMax": 7 })).send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert_eq!(status, 400, "{field} {text}");
        assert!(text.contains("ERR_BAD_REQUEST") && text.contains(field), "{text}");
    }
    let kept = sent(server.back_end(Method::GET, "/settings")).await;
    assert_eq!(kept["fileSizeMax"], 1000, "what was refused changed nothing");
    for field in ["id", "region", "tokenBasedFileAccess", "other"] {
        let answer = put(&json!({ field: "x" })).send().await.unwrap();
        let text = answer.text().await.unwrap();
        assert!(text.contains("ERR_UNKNOWN_FIELD") && text.contains(field), "{text}");
    }
}

#[tokio::test]
async fn token_based_file_access_only_goes_forward() {
    let server = with_operator().await;
    let app = AppId::parse(APP).unwrap();
    let apps = server.db().apps();
    apps.retreat_token_based_file_access(&app, TokenBasedFileAccess::Off, START).await.unwrap();
    server.catch_up().await;
    let alice = server.login("alice").await;
    let url = server.send_picture(&alice, "user:bob").await;
    let to = |state: &str| {
        let call = server.back_end(Method::PUT, "/settings/token_based_file_access");
        call.json(&json!({ "to": state }))
    };
    for (state, open) in [("observe", 200), ("observe", 200), ("on", 401), ("on", 401)] {
        assert_eq!(sent(to(state)).await["tokenBasedFileAccess"], state);
        assert_eq!(server.get(&url).await.status(), open, "{state}");
    }
    for back in ["observe", "off"] {
        assert_eq!(code(to(back)).await, (409, "ERR_STEP_NOT_ALLOWED".to_owned()), "{back}");
    }
    assert_eq!(code(to("maybe")).await, (400, "ERR_INVALID_JSON".to_owned()));
    assert_eq!(server.get(&url).await.status(), 401);
}

#[tokio::test]
async fn apps_are_made_and_listed_by_operators() {
    let server = with_operator().await;
    let apps =
        |method: Method| server.http.request(method, format!("{}/v3/apps", server.api_origin));
    let post = |body: &Value| apps(Method::POST).bearer_auth(OPERATOR).json(body);
    let body = json!({"id": "newapp", "name": "New", "region": "eu-1"});
    server.clock.advance(1);
    let made = sent(post(&body)).await;
    assert_eq!((&made["id"], &made["region"]), (&json!("newapp"), &json!("eu-1")));
    assert_eq!(
        (&made["tokenBasedFileAccess"], &made["clientLoginByAuthKey"]),
        (&json!("off"), &json!(false))
    );
    assert_eq!(code(post(&body)).await, (409, "ERR_APP_ALREADY_EXISTS".to_owned()));
    for (field, value) in [
        ("id", "abc"),
        ("id", "MyApp"),
        ("id", "my-app"),
        ("id", "fatapp"),
        ("id", "app\u{202E}"),
        ("name", ""),
        ("name", "a\u{0}b"),
        ("region", "EU"),
        ("region", "fat"),
    ] {
        let mut body = json!({"id": "other", "name": "Other"});
        body[field] = json!(value);
        let answer = post(&body).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{field} {value}");
        assert!(answer.text().await.unwrap().contains(&format!("{field} must")), "{value}");
    }
    let path = format!("{}/v3/apps?per_page=1&page=2", server.api_origin);
    let list = server.http.get(path).bearer_auth(OPERATOR);
    let list: Value = list.send().await.unwrap().json().await.unwrap();
    assert_eq!(
        (&list["data"][0]["id"], &list["meta"]["pagination"]["total"]),
        (&json!("newapp"), &json!(2))
    );
    // The first key of the new app is the operator's to make.
    let key = server.http.post(format!("{}/v3/apikeys", server.api_origin));
    let key = key.header("appid", "newapp").bearer_auth(OPERATOR);
    let key = sent(key.json(&json!({"name": "First", "scope": "fullAccess"}))).await;
    let users = server.http.get(format!("{}/v3/users", server.api_origin));
    let users = users.header("appid", "newapp").header("apikey", key["apiKey"].as_str().unwrap());
    assert_eq!(sent(users).await, json!([]));
    let app_key = apps(Method::GET).header("appid", APP).header("apikey", API_KEY);
    assert_eq!(code(app_key).await, (401, "ERR_NO_AUTH".to_owned()));
    let unknown = apps(Method::GET).bearer_auth("ckr_op_other");
    assert_eq!(code(unknown).await, (401, "ERR_OPERATOR_TOKEN_NOT_FOUND".to_owned()));
    server.clock.advance(3599);
    let late = code(apps(Method::GET).bearer_auth(OPERATOR)).await;
    assert_eq!(late, (401, "ERR_OPERATOR_TOKEN_NOT_FOUND".to_owned()));
}

#[tokio::test]
async fn keys_and_settings_are_for_who_looks_after_the_app() {
    let server = with_operator().await;
    let alice = server.login("alice").await;
    let calls = [
        (Method::GET, "/apikeys"),
        (Method::POST, "/apikeys"),
        (Method::POST, "/apikeys/full/rotate"),
        (Method::DELETE, "/apikeys/full"),
        (Method::GET, "/settings"),
        (Method::PUT, "/settings"),
        (Method::PUT, "/settings/token_based_file_access"),
    ];
    for (method, path) in calls {
        let call = || server.api(method.clone(), path);
        let foreign =
            server.http.request(method.clone(), format!("{}/v3{path}", server.api_origin));
        let cases = [
            (call(), 401, "ERR_NO_AUTH"),
            (call().header("authtoken", &alice.auth_token), 401, "ERR_NO_AUTH"),
            (call().header("apikey", AUTH_KEY), 403, "ERR_SCOPE_REQUIRED"),
            (
                call().header("apikey", API_KEY).header("onBehalfOf", "alice"),
                403,
                "ERR_NOT_PERMITTED",
            ),
            (call().bearer_auth("ckr_op_other"), 401, "ERR_OPERATOR_TOKEN_NOT_FOUND"),
            (
                call().bearer_auth(OPERATOR).header("origin", "http://page.test"),
                401,
                "ERR_OPERATOR_TOKEN_NOT_FOUND",
            ),
            (foreign.bearer_auth(OPERATOR).header("appid", "nosuchapp"), 404, "ERR_APP_NOT_FOUND"),
        ];
        for (call, status, expected) in cases {
            assert_eq!(code(call).await, (status, expected.to_owned()), "{method} {path}");
        }
    }
    let gone = server.back_end(Method::DELETE, "/apikeys/none");
    assert_eq!(code(gone).await, (404, "ERR_API_KEY_ID_NOT_FOUND".to_owned()));
}
