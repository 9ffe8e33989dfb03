//! Login, renewal, logout, and who is refused.

use cloakroom_storage::{AppSettings, TokenBasedFileAccess};
use cloakroom_test::{API_KEY, APP, AUTH_KEY, START, TestServer, data, refusal};
use cloakroom_token::{AppId, Uid};
use reqwest::Method;
use serde_json::{Value, json};

fn app() -> AppId {
    AppId::parse(APP).unwrap()
}

async fn code(call: reqwest::RequestBuilder) -> (u16, String) {
    let (status, code, _) = refusal(call.send().await.unwrap()).await;
    (status, code)
}

async fn set(server: &TestServer, change: impl FnOnce(&mut AppSettings)) {
    let mut settings = server.db().apps().by_id(&app()).await.unwrap().unwrap().settings;
    change(&mut settings);
    server.db().apps().update_settings(&app(), &settings, START).await.unwrap();
    server.catch_up().await;
}

#[tokio::test]
async fn put_me_gives_user_settings_and_a_token_under_both_prefixes() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    for prefix in ["v3", "v3.0"] {
        let call = server.http.put(format!("{}/{prefix}/me", server.api_origin));
        let call = call.header("appid", APP).header("authtoken", &alice.auth_token);
        let body: Value =
            call.json(&json!({"platform": "WEB"})).send().await.unwrap().json().await.unwrap();
        let host = server.api_origin.strip_prefix("http://").unwrap();
        let me = &body["data"];
        assert_eq!(me["uid"], "alice");
        assert_eq!(me["authToken"], alice.auth_token);
        assert_eq!(me["fat"].as_str().unwrap().split('.').count(), 3);
        assert_eq!(me["fatExpiresAt"], START.0 + 86_400);
        assert_eq!(me["settings"]["CLIENT_API_HOST"], host);
        assert_eq!(me["settings"]["ADMIN_API_HOST"], host);
        assert_eq!(me["settings"]["CHAT_API_VERSION"], "v3.0");
        let secured = format!("{}/{APP}/media/", server.media_origin);
        assert_eq!(me["settings"]["SECURED_MEDIA_HOST"], secured);
        assert_eq!(me["settings"]["file.count.max"], 10);
        assert_eq!(body["meta"]["serverTime"], START.0);
    }
}

#[tokio::test]
async fn an_sdk_that_never_renews_gets_a_token_of_thirty_days() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    for (sdk, seconds) in [("javascript@4.2.0", 30 * 86_400), ("cloakroom-js@0.1.0", 86_400)] {
        let call = server.as_user(&alice, Method::PUT, "/me").header("sdk", sdk);
        let me = data(call.send().await.unwrap()).await;
        assert_eq!(me["fatExpiresAt"], START.0 + seconds, "{sdk}");
        let call = server.as_user(&alice, Method::POST, "/me/fat").header("sdk", sdk);
        let renewed = data(call.send().await.unwrap()).await;
        assert_eq!(renewed["fatExpiresAt"], START.0 + seconds, "{sdk}");
    }
}

#[tokio::test]
async fn with_the_switch_off_there_is_no_token_and_no_media_host() {
    let server = TestServer::start().await;
    let apps = server.db().apps();
    apps.retreat_token_based_file_access(&app(), TokenBasedFileAccess::Off, START).await.unwrap();
    server.catch_up().await;
    let alice = server.login("alice").await;
    let me = server.as_user(&alice, Method::PUT, "/me").send().await.unwrap();
    let me = data(me).await;
    assert!(me.get("fat").is_none() && me["settings"].get("SECURED_MEDIA_HOST").is_none(), "{me}");
    let renewed = server.as_user(&alice, Method::POST, "/me/fat").send().await.unwrap();
    assert_eq!(data(renewed).await, json!({"fat": null}));
    apps.advance_token_based_file_access(&app(), TokenBasedFileAccess::Observe, START)
        .await
        .unwrap();
    server.catch_up().await;
    let me = server.as_user(&alice, Method::PUT, "/me").send().await.unwrap();
    let me = data(me).await;
    assert!(me["fat"].is_string() && me["settings"]["SECURED_MEDIA_HOST"].is_string(), "{me}");
}

#[tokio::test]
async fn a_logout_ends_the_auth_token_before_its_answer_is_read() {
    let server = TestServer::start().await;
    let (first, second) = (server.login("alice").await, server.login("alice").await);
    let out = server.as_user(&first, Method::DELETE, "/me").send().await.unwrap();
    assert_eq!(data(out).await, json!({"success": true}));
    for (method, path) in [
        (Method::GET, "/me"),
        (Method::PUT, "/me"),
        (Method::DELETE, "/me"),
        (Method::POST, "/me/fat"),
        (Method::GET, "/users/bob/messages"),
    ] {
        let got = code(server.as_user(&first, method, path)).await;
        assert_eq!(got, (401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND".to_owned()), "{path}");
    }
    let other = server.as_user(&second, Method::GET, "/me").send().await.unwrap();
    assert_eq!(data(other).await["uid"], "alice");
}

#[tokio::test]
async fn a_deactivated_user_cannot_log_in_and_loses_the_session() {
    let server = TestServer::start().await;
    let bob = server.login("bob").await;
    server.db().users().deactivate(&app(), &Uid::parse("bob").unwrap(), START).await.unwrap();
    server.catch_up().await;
    let me = code(server.as_user(&bob, Method::PUT, "/me")).await;
    assert_eq!(me, (401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND".to_owned()));
    let again = code(server.back_end(Method::POST, "/users/bob/auth_tokens")).await;
    assert_eq!(again, (403, "ERR_USER_DEACTIVATED".to_owned()));
}

#[tokio::test]
async fn keys_do_what_their_scope_says_and_browsers_get_least() {
    let server = TestServer::start().await;
    let login =
        |key: &str| server.api(Method::POST, "/users/alice/auth_tokens").header("apikey", key);
    let origin = "http://page.test";
    let refused = [
        (login("ckr_key_unknown"), 401, "ERR_API_KEY_NOT_FOUND"),
        (server.api(Method::POST, "/users/alice/auth_tokens"), 401, "ERR_NO_AUTH"),
        (login(API_KEY).header("origin", origin), 403, "ERR_API_KEY_FROM_BROWSER"),
        (login(AUTH_KEY).header("origin", origin), 403, "ERR_CLIENT_LOGIN_OFF"),
        (server.back_end(Method::POST, "/users/nobody/auth_tokens"), 404, "ERR_UID_NOT_FOUND"),
        (server.api(Method::GET, "/users").header("apikey", AUTH_KEY), 403, "ERR_SCOPE_REQUIRED"),
        (
            server
                .api(Method::POST, "/media/presign")
                .header("apikey", AUTH_KEY)
                .header("onBehalfOf", "alice")
                .json(&json!({"urls": []})),
            403,
            "ERR_SCOPE_REQUIRED",
        ),
        (server.back_end(Method::PUT, "/me"), 401, "ERR_NO_AUTH"),
        (server.http.get(format!("{}/v3/me", server.api_origin)), 404, "ERR_APP_NOT_FOUND"),
        (
            server.http.get(format!("{}/v3/me", server.api_origin)).header("appid", "nosuchapp"),
            404,
            "ERR_APP_NOT_FOUND",
        ),
    ];
    for (call, status, expected) in refused {
        assert_eq!(code(call).await, (status, expected.to_owned()));
    }
    assert_eq!(login(AUTH_KEY).send().await.unwrap().status(), 200);
    set(&server, |settings| settings.client_login_by_auth_key = true).await;
    let from_page = login(AUTH_KEY).header("origin", origin).send().await.unwrap();
    assert_eq!(data(from_page).await["uid"], "alice");
}

#[tokio::test]
async fn an_expired_session_of_another_app_or_user_opens_nothing() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let other = AppId::parse("otherapp").unwrap();
    let settings = server.db().apps().by_id(&app()).await.unwrap().unwrap().settings;
    let apps = server.db().apps();
    apps.create(&other, "us", TokenBasedFileAccess::On, &settings, START).await.unwrap();
    server.catch_up().await;
    let me = server.http.get(format!("{}/v3/me", server.api_origin));
    let me = me.header("appid", "otherapp").header("authtoken", &alice.auth_token);
    assert_eq!(code(me).await, (401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND".to_owned()));
    let key = server.http.get(format!("{}/v3/users", server.api_origin));
    let key = key.header("appid", "otherapp").header("apikey", API_KEY);
    assert_eq!(code(key).await, (401, "ERR_API_KEY_NOT_FOUND".to_owned()));
}
