//! Auth tokens and sessions: each is the other, listed and ended by its id.

use cloakroom_test::{AUTH_KEY, START, TestServer, data, refusal};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

async fn code(call: RequestBuilder) -> (u16, String) {
    let (status, code, _) = refusal(call.send().await.unwrap()).await;
    (status, code)
}

async fn sent(call: RequestBuilder) -> Value {
    data(call.send().await.unwrap()).await
}

#[tokio::test]
async fn an_auth_token_with_an_end_ends_and_its_url_with_it() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let url = server.send_picture(&alice, "user:bob").await;
    let create = |body: Value| server.back_end(Method::POST, "/users/bob/auth_tokens").json(&body);
    for ttl in [59, 31_536_001, -1, 0] {
        let refused = code(create(json!({ "ttlSeconds": ttl }))).await;
        assert_eq!(refused, (400, "ERR_BAD_REQUEST".to_owned()), "{ttl}");
    }
    let made = sent(create(json!({"ttlSeconds": 60, "force": true}))).await;
    assert_eq!(made["expiresAt"], START.0 + 60);
    let token = made["authToken"].as_str().unwrap();
    let me = || server.api(Method::PUT, "/me").header("authtoken", token);
    let fat = sent(me()).await["fat"].as_str().unwrap().to_owned();
    assert_eq!(server.get(&format!("{url}?fat={fat}")).await.status(), 200);
    server.clock.advance(60);
    assert_eq!(code(me()).await, (401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND".to_owned()));
    assert_eq!(server.get(&format!("{url}?fat={fat}")).await.status(), 401);
    let list = sent(server.back_end(Method::GET, "/users/bob/auth_tokens")).await;
    assert_eq!((&list[0]["id"], &list[0]["ended"]), (&made["id"], &json!(true)));
}

#[tokio::test]
async fn sessions_are_listed_by_key_and_never_with_their_secret() {
    let server = TestServer::start().await;
    let mut logins = Vec::new();
    for _ in 0..5 {
        logins.push(server.login("alice").await);
        server.clock.advance(1);
    }
    server.login("bob").await;
    let mut seen = Vec::new();
    let mut next = String::new();
    loop {
        let path = format!("/users/alice/sessions?per_page=2{next}");
        let answer = server.back_end(Method::GET, &path).send().await.unwrap();
        let body: Value = answer.json().await.unwrap();
        assert!(!body.to_string().contains("ckr_at_"), "{body}");
        seen.extend(body["data"].as_array().unwrap().iter().map(|s| s["createdAt"].as_i64()));
        match body["meta"]["next"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => break,
        }
    }
    let expected: Vec<_> = (0..5).rev().map(|after| Some(START.0 + after)).collect();
    assert_eq!(seen, expected);
    let tokens = sent(server.back_end(Method::GET, "/users/alice/auth_tokens")).await;
    assert_eq!(tokens, sent(server.back_end(Method::GET, "/users/alice/sessions")).await);

    let own = sent(server.as_user(&logins[1], Method::GET, "/me/sessions")).await;
    let current: Vec<_> = own.as_array().unwrap().iter().map(|s| s["current"] == true).collect();
    assert_eq!(current, [false, false, false, true, false]);
    let stolen = format!("/users/bob/sessions?per_page=2{next}");
    let got = code(server.back_end(Method::GET, &stolen)).await;
    assert_eq!(got, (400, "ERR_CURSOR_INVALID".to_owned()), "a cursor is of one list");
}

#[tokio::test]
async fn ending_one_session_ends_its_token_and_urls_and_no_other() {
    let server = TestServer::start().await;
    let (one, other) = (server.login("bob").await, server.login("bob").await);
    let alice = server.login("alice").await;
    let url = server.send_picture(&alice, "user:bob").await;
    let presigned = server.presign(&one, &url).await;
    let sessions = sent(server.as_user(&one, Method::GET, "/me/sessions")).await;
    let mine = sessions.as_array().unwrap().iter().find(|s| s["current"] == true).unwrap();
    let id = mine["id"].as_str().unwrap();
    let by_alice = server.as_user(&alice, Method::DELETE, &format!("/me/sessions/{id}"));
    assert_eq!(code(by_alice).await, (404, "ERR_SESSION_NOT_FOUND".to_owned()));
    for path in [format!("/users/alice/sessions/{id}"), "/users/bob/auth_tokens/xyz".to_owned()] {
        let got = code(server.back_end(Method::DELETE, &path)).await;
        assert_eq!(got, (404, "ERR_SESSION_NOT_FOUND".to_owned()), "{path}");
    }
    // From the other login, as one does with a lost phone; then again, by two other ways.
    let done = json!({"success": true});
    let end = server.as_user(&other, Method::DELETE, &format!("/me/sessions/{id}"));
    assert_eq!(sent(end).await, done);
    for path in [format!("/users/bob/sessions/{id}"), format!("/users/bob/auth_tokens/{id}")] {
        assert_eq!(sent(server.back_end(Method::DELETE, &path)).await, done, "{path}");
    }
    let gone = code(server.as_user(&one, Method::GET, "/me")).await;
    assert_eq!(gone, (401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND".to_owned()));
    assert_eq!(server.get(&format!("{url}?fat={}", one.fat)).await.status(), 401);
    assert_eq!(server.get(&presigned).await.status(), 401);
    assert_eq!(server.get(&format!("{url}?fat={}", other.fat)).await.status(), 200);
}

#[tokio::test]
async fn all_auth_tokens_of_a_user_end_at_once() {
    let server = TestServer::start().await;
    let (one, other) = (server.login("bob").await, server.login("bob").await);
    let alice = server.login("alice").await;
    for _ in 0..2 {
        let call = server.back_end(Method::DELETE, "/users/bob/auth_tokens");
        assert_eq!(sent(call).await, json!({"success": true}));
    }
    for login in [&one, &other] {
        let got = code(server.as_user(login, Method::GET, "/me")).await;
        assert_eq!(got, (401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND".to_owned()));
    }
    assert_eq!(sent(server.as_user(&alice, Method::GET, "/me")).await["uid"], "alice");
    let again = server.login("bob").await;
    assert_eq!(sent(server.as_user(&again, Method::GET, "/me")).await["uid"], "bob");
}

#[tokio::test]
async fn only_the_back_end_sees_and_ends_the_sessions_of_others() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let id = "00112233445566778899aabbccddeeff";
    let calls = [
        (Method::GET, "/users/{uid}/sessions".to_owned()),
        (Method::GET, "/users/{uid}/auth_tokens".to_owned()),
        (Method::DELETE, "/users/{uid}/auth_tokens".to_owned()),
        (Method::DELETE, format!("/users/{{uid}}/auth_tokens/{id}")),
        (Method::DELETE, format!("/users/{{uid}}/sessions/{id}")),
    ];
    for (method, path) in calls {
        let (bob, nobody) = (path.replace("{uid}", "bob"), path.replace("{uid}", "nobody"));
        let as_user = code(server.as_user(&alice, method.clone(), &bob)).await;
        assert_eq!(as_user, (401, "ERR_NO_AUTH".to_owned()), "{bob}");
        let auth_only = server.api(method.clone(), &bob).header("apikey", AUTH_KEY);
        let answer = auth_only.send().await.unwrap();
        let text = answer.text().await.unwrap();
        assert!(text.contains("ERR_SCOPE_REQUIRED") && text.contains("fullAccess"), "{text}");
        let (status, _) = code(server.back_end(method.clone(), &nobody)).await;
        assert_eq!(status, 404, "{nobody}");
    }
    for (method, path) in [(Method::GET, "/me/sessions"), (Method::DELETE, "/me/sessions/x")] {
        let got = code(server.back_end(method, path)).await;
        assert_eq!(got, (401, "ERR_NO_AUTH".to_owned()), "{path}");
    }
}
