//! A call with an `Idempotency-Key` is done once.

use cloakroom_test::{API_KEY, APP, AUTH_KEY, START, TestServer, data, media_form, png, refusal};
use cloakroom_token::{AppId, KeyId, Uid};
use reqwest::multipart::Part;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

const KEY: &str = "idempotency-key";

fn app() -> AppId {
    AppId::parse(APP).unwrap()
}

fn is_replayed(answer: &Response) -> bool {
    answer.headers().get("idempotency-replayed").is_some_and(|value| value == "true")
}

fn new_user(server: &TestServer, uid: &str, key: &str) -> RequestBuilder {
    let body = json!({"uid": uid, "name": uid});
    server.back_end(Method::POST, "/users").header(KEY, key).json(&body)
}

async fn code(call: RequestBuilder) -> (u16, String) {
    let (status, code, _) = refusal(call.send().await.unwrap()).await;
    (status, code)
}

#[tokio::test]
async fn the_first_answer_comes_again_success_or_refusal() {
    let server = TestServer::start().await;
    for (uid, status) in [("dora", 200), ("alice", 409)] {
        let first = new_user(&server, uid, uid).send().await.unwrap();
        assert!(!is_replayed(&first));
        assert_eq!(first.status(), status);
        let kind = first.headers()["content-type"].clone();
        let first = first.text().await.unwrap();
        let again = new_user(&server, uid, uid).send().await.unwrap();
        assert!(is_replayed(&again), "{uid}");
        assert_eq!(again.status(), status);
        assert_eq!(again.headers()["content-type"], kind);
        assert_eq!(again.headers()["access-control-allow-origin"], "*");
        assert_eq!(again.text().await.unwrap(), first);
    }
    let without = new_user(&server, "dora", "another").send().await.unwrap();
    assert_eq!(without.status(), 409, "another key is another call");
}

#[tokio::test]
async fn another_call_under_the_same_key_is_refused() {
    let server = TestServer::start().await;
    data(new_user(&server, "dora", "k").send().await.unwrap()).await;
    let other_body = code(new_user(&server, "emil", "k")).await;
    assert_eq!(other_body, (422, "ERR_IDEMPOTENCY_MISMATCH".to_owned()));
    let other_query = server
        .back_end(Method::POST, "/users?x=1")
        .header(KEY, "k")
        .json(&json!({"uid": "dora", "name": "dora"}));
    assert_eq!(code(other_query).await.1, "ERR_IDEMPOTENCY_MISMATCH");
    let other_path = server.back_end(Method::POST, "/groups").header(KEY, "k");
    let other_path = other_path.json(&json!({"guid": "g", "name": "g"}));
    assert_eq!(data(other_path.send().await.unwrap()).await["guid"], "g");
}

#[tokio::test]
async fn a_secret_is_neither_kept_nor_shown_twice() {
    let server = TestServer::start().await;
    let login = || {
        let call = server.back_end(Method::POST, "/users/alice/auth_tokens");
        call.header(KEY, "k").json(&json!({}))
    };
    let made = data(login().send().await.unwrap()).await;
    assert!(made["authToken"].as_str().unwrap().starts_with("ckr_at_"));
    let again = login().send().await.unwrap();
    assert_eq!(again.status(), 409);
    let again: Value = again.json().await.unwrap();
    assert_eq!(again["error"]["code"], "ERR_ALREADY_CREATED");
    let sessions = server.db().sessions();
    let sessions = sessions.of_user(&app(), &Uid::parse("alice").unwrap()).await.unwrap();
    assert_eq!(sessions.len(), 1);
    assert_eq!(again["error"]["details"]["id"], sessions[0].id.to_string());
    assert!(!again.to_string().contains("ckr_"), "{again}");
}

#[tokio::test]
async fn what_is_made_anew_for_each_call_is_done_again() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    for path in ["/me/fat", "/media/presign"] {
        for _ in 0..2 {
            let call = server.as_user(&alice, Method::POST, path).header(KEY, "k");
            let answer = call.json(&json!({"urls": []})).send().await.unwrap();
            assert!(answer.status() == 200 && !is_replayed(&answer), "{path}");
        }
    }
}

#[tokio::test]
async fn a_key_belongs_to_its_caller() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let text = json!({"receiver": "carol", "receiverType": "user", "type": "text",
        "data": {"text": "hello"}});
    let call = |call: RequestBuilder| call.header(KEY, "k").json(&text);
    let on_behalf =
        |uid: &str| server.back_end(Method::POST, "/messages").header("onBehalfOf", uid.to_owned());
    let mut ids = Vec::new();
    for sent in [
        server.as_user(&alice, Method::POST, "/messages"),
        server.as_user(&bob, Method::POST, "/messages"),
        on_behalf("alice"),
        on_behalf("bob"),
    ] {
        let answer = call(sent).send().await.unwrap();
        assert!(!is_replayed(&answer));
        ids.push(data(answer).await["id"].as_str().unwrap().to_owned());
    }
    let again = call(server.as_user(&bob, Method::POST, "/messages")).send().await.unwrap();
    assert!(is_replayed(&again));
    assert_eq!(data(again).await["id"], ids[1].as_str());
    ids.dedup();
    assert_eq!(ids.len(), 4);
}

#[tokio::test]
async fn who_may_not_ask_is_told_nothing_and_keeps_nothing() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    data(new_user(&server, "dora", "k").send().await.unwrap()).await;
    let keys = server.db().api_keys();
    keys.revoke(&app(), &KeyId::parse("full").unwrap(), START).await.unwrap();
    server.catch_up().await;
    let revoked = code(new_user(&server, "dora", "k")).await;
    assert_eq!(revoked, (401, "ERR_API_KEY_NOT_FOUND".to_owned()));

    let text = json!({"receiver": "bob", "receiverType": "user", "type": "text",
        "data": {"text": "hello"}});
    let send = |text: &Value| {
        server.as_user(&alice, Method::POST, "/messages").header(KEY, "k").json(text)
    };
    data(send(&text).send().await.unwrap()).await;
    server.as_user(&alice, Method::DELETE, "/me").send().await.unwrap();
    assert_eq!(code(send(&text)).await.1, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND");

    let strange = |body: Value| {
        let call = server.api(Method::POST, "/users").header("apikey", "ckr_key_unknown");
        call.header(KEY, "stranger").json(&body)
    };
    for name in ["one", "two"] {
        let refused = code(strange(json!({"uid": name, "name": name}))).await;
        assert_eq!(refused, (401, "ERR_API_KEY_NOT_FOUND".to_owned()), "never a mismatch");
    }
}

#[tokio::test]
async fn a_refused_login_is_not_kept() {
    let server = TestServer::start().await;
    let call = |key: Option<&str>| {
        let call = server.api(Method::POST, "/users/alice/auth_tokens").header(KEY, "k");
        let call = if let Some(key) = key { call.header("apikey", key.to_owned()) } else { call };
        call.json(&json!({}))
    };
    assert_eq!(code(call(None)).await, (401, "ERR_NO_AUTH".to_owned()));
    assert_eq!(call(Some(AUTH_KEY)).send().await.unwrap().status(), 200);
    assert_eq!(call(Some(API_KEY)).send().await.unwrap().status(), 200, "another caller");
    assert_eq!(code(call(Some(AUTH_KEY))).await.1, "ERR_ALREADY_CREATED");
}

#[tokio::test]
async fn an_answer_is_kept_for_a_day_also_over_a_restart() {
    let server = TestServer::start().await;
    data(new_user(&server, "dora", "k").send().await.unwrap()).await;
    server.clock.advance(24 * 3600 - 1);
    let server = server.restart().await;
    assert!(is_replayed(&new_user(&server, "dora", "k").send().await.unwrap()));
    server.clock.advance(1);
    let anew = new_user(&server, "dora", "k").send().await.unwrap();
    assert!(!is_replayed(&anew));
    assert_eq!(anew.status(), 409, "done again: the uid is taken");
}

#[tokio::test]
async fn a_key_that_cannot_be_one_is_named() {
    let server = TestServer::start().await;
    let long = "k".repeat(256);
    for key in ["", "a b", &long] {
        let answer = new_user(&server, "dora", key).send().await.unwrap();
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["error"]["code"], "ERR_BAD_REQUEST", "{key}");
        assert!(body["error"]["message"].as_str().unwrap().starts_with("Idempotency-Key "));
    }
    let twice = new_user(&server, "dora", "k").header(KEY, "k");
    assert_eq!(code(twice).await, (400, "ERR_BAD_REQUEST".to_owned()));
    assert_eq!(new_user(&server, "dora", &long[1..]).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn an_upload_is_told_to_use_its_muid() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let part = Part::bytes(png()).file_name("a.png").mime_str("image/png").unwrap();
    let call = server.as_user(&alice, Method::POST, "/messages").header(KEY, "k");
    let answer = call.multipart(media_form("user:bob", part)).send().await.unwrap();
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["error"]["code"], "ERR_BAD_REQUEST");
    assert!(body["error"]["message"].as_str().unwrap().contains("muid"), "{body}");
}

#[tokio::test]
async fn of_calls_at_the_same_time_one_is_done() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let text = json!({"receiver": "bob", "receiverType": "user", "type": "text",
        "data": {"text": "hello"}});
    let calls = (0..12).map(|_| {
        let call = server.as_user(&alice, Method::POST, "/messages").header(KEY, "k").json(&text);
        tokio::spawn(async move { call.send().await.unwrap() })
    });
    let (mut done, mut ids) = (0, Vec::new());
    for answer in calls.collect::<Vec<_>>() {
        let answer = answer.await.unwrap();
        if answer.status() == 503 {
            assert_eq!(answer.headers()["retry-after"], "1");
            let (_, code, _) = refusal(answer).await;
            assert_eq!(code, "ERR_BUSY");
            continue;
        }
        done += u8::from(!is_replayed(&answer));
        ids.push(data(answer).await["id"].clone());
    }
    ids.dedup();
    assert_eq!((done, ids.len()), (1, 1));
    let sent = server.as_user(&alice, Method::GET, "/users/bob/messages").send().await.unwrap();
    assert_eq!(data(sent).await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn who_hangs_up_and_comes_again_sends_one_message() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let body = json!({"receiver": "bob", "receiverType": "user", "type": "text",
        "data": {"text": "hello"}})
    .to_string();
    let host = server.api_origin.strip_prefix("http://").unwrap();
    for _ in 0..5 {
        let head = format!(
            "POST /v3/messages HTTP/1.1\r\nhost: {host}\r\nappid: {APP}\r\nauthtoken: {}\r\n\
             idempotency-key: k\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            alice.auth_token,
            body.len()
        );
        let mut socket = tokio::net::TcpStream::connect(host).await.unwrap();
        socket.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        drop(socket);
    }
    let again = loop {
        let call = server.as_user(&alice, Method::POST, "/messages").header(KEY, "k");
        let call = call.header("content-type", "application/json").body(body.clone());
        let answer = call.send().await.unwrap();
        if answer.status() != 503 {
            break answer;
        }
        tokio::task::yield_now().await;
    };
    data(again).await;
    let sent = server.as_user(&alice, Method::GET, "/users/bob/messages").send().await.unwrap();
    assert_eq!(data(sent).await.as_array().unwrap().len(), 1);
}
