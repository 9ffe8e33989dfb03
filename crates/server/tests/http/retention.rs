//! Files that go by themselves, and those that are held.

use cloakroom_test::{Login, TestServer, data};
use reqwest::Method;
use serde_json::{Value, json};

async fn set(server: &TestServer, settings: Value) {
    let call = server.back_end(Method::PUT, "/settings").json(&settings);
    data(call.send().await.unwrap()).await;
}

async fn status(server: &TestServer, login: &Login, url: &str) -> u16 {
    server.get(&format!("{url}?fat={}", login.fat)).await.status().as_u16()
}

fn small(url: &str) -> String {
    url.replace(".png", "_small.webp")
}

async fn hold(server: &TestServer, url: &str, hold: bool) {
    let id = &url.rsplit('/').next().unwrap()[..32];
    let call = server.back_end(Method::PUT, &format!("/media/{id}/legal_hold"));
    data(call.json(&json!({ "hold": hold })).send().await.unwrap()).await;
}

#[tokio::test]
async fn a_picture_goes_after_its_time_with_its_thumbnails_and_a_record() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    set(&server, json!({"mediaRetention": {"file": {"afterSeconds": 3600}}})).await;
    let url = server.send_picture(&alice, "user:bob").await;
    let other = server.send_picture(&alice, "user:bob").await;
    let again = json!({"receiver": "bob", "receiverType": "user", "type": "image",
        "data": {"attachments": [{"url": other}]}});
    data(server.as_user(&alice, Method::POST, "/messages").json(&again).send().await.unwrap())
        .await;
    server.clock.advance(3599);
    server.keep_retention().await;
    assert_eq!(
        (status(&server, &bob, &url).await, status(&server, &bob, &small(&url)).await),
        (200, 200)
    );
    server.clock.advance(1);
    server.keep_retention().await;
    for login in [&alice, &bob] {
        assert_eq!(
            (status(&server, login, &url).await, status(&server, login, &small(&url)).await),
            (404, 404)
        );
    }
    assert_eq!(status(&server, &bob, &other).await, 200, "a message of another type has it");
    server.clock.advance(25 * 3600);
    server.clear_away().await;
    let app = cloakroom_token::AppId::parse(cloakroom_test::APP).unwrap();
    let id = cloakroom_token::MediaId::parse(&url.rsplit('/').next().unwrap()[..32]).unwrap();
    let facts = server.db().media().file_facts(&app, id).await.unwrap().unwrap();
    assert!(facts.versions.is_empty(), "bytes and thumbnails are gone");
    server.keep_ledger().await;
    let records = server.back_end(Method::GET, "/ledger").send().await.unwrap();
    let records = data(records).await;
    let record = records.as_array().unwrap().iter().find(|one| one["act"] == "retention");
    let record = record.unwrap_or_else(|| unreachable!("{records}"));
    assert!(record["target"].as_str().unwrap().starts_with("message/"), "{record}");
    assert_eq!(record["by"], "retention");
}

#[tokio::test]
async fn a_picture_goes_once_everybody_looked() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let carol = server.login("carol").await;
    set(&server, json!({"mediaRetention": {"*": {"afterView": true}}})).await;
    let direct = server.send_picture(&alice, "user:bob").await;
    let group = server.send_picture(&alice, "group:trip").await;
    let later = async |seconds| {
        server.keep_retention().await;
        server.clock.advance(seconds);
        server.keep_retention().await;
    };
    let head = server.http.head(format!("{direct}?fat={}", bob.fat)).send().await.unwrap();
    assert_eq!(head.status(), 200);
    assert_eq!(status(&server, &bob, &small(&direct)).await, 200);
    assert_eq!(status(&server, &alice, &direct).await, 200);
    later(3600).await;
    assert_eq!(status(&server, &bob, &direct).await, 200, "nobody had looked but its sender");
    assert_eq!(status(&server, &bob, &group).await, 200);
    later(599).await;
    assert_eq!(status(&server, &bob, &direct).await, 200, "ten minutes are not over");
    later(1).await;
    assert_eq!(status(&server, &bob, &direct).await, 404);
    assert_eq!(status(&server, &bob, &group).await, 200, "carol has not looked");
    assert_eq!(status(&server, &carol, &group).await, 200);
    later(600).await;
    assert_eq!(status(&server, &carol, &group).await, 404);
}

#[tokio::test]
async fn what_is_held_stays_until_it_is_let_go() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    set(&server, json!({"mediaRetention": {"*": {"afterSeconds": 60}}})).await;
    let url = server.send_picture(&alice, "user:bob").await;
    hold(&server, &url, true).await;
    server.clock.advance(60);
    server.keep_retention().await;
    assert_eq!(status(&server, &bob, &url).await, 200);
    hold(&server, &url, false).await;
    set(&server, json!({"legalHold": true})).await;
    server.keep_retention().await;
    assert_eq!(status(&server, &bob, &url).await, 200, "the whole app is held");
    set(&server, json!({"legalHold": false})).await;
    server.keep_retention().await;
    assert_eq!(status(&server, &bob, &url).await, 404);
}

#[tokio::test]
async fn the_bytes_of_a_held_file_outlive_its_deletion() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let (one, two) = (
        server.send_picture(&alice, "user:bob").await,
        server.send_picture(&alice, "user:bob").await,
    );
    hold(&server, &one, true).await;
    for url in [&one, &two] {
        let id = &url.rsplit('/').next().unwrap()[..32];
        let call = server.back_end(Method::DELETE, &format!("/media/{id}"));
        data(call.send().await.unwrap()).await;
        assert_eq!(status(&server, &alice, url).await, 404, "nobody reads it, held or not");
    }
    let app = cloakroom_token::AppId::parse(cloakroom_test::APP).unwrap();
    let used = async || server.db().media().usage(&app).await.unwrap().files;
    server.clock.advance(25 * 3600);
    server.clear_away().await;
    assert_eq!(used().await, 1);
    hold(&server, &one, false).await;
    server.clear_away().await;
    assert_eq!(used().await, 0);
}

#[tokio::test]
async fn a_forwarded_file_stays_through_the_other_message() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    set(&server, json!({"mediaRetention": {"*": {"afterSeconds": 60}}})).await;
    let url = server.send_picture(&alice, "user:bob").await;
    server.clock.advance(50);
    let forward = json!({"receiver": "carol", "receiverType": "user", "type": "image",
        "data": {"attachments": [{"url": url}]}});
    data(server.as_user(&bob, Method::POST, "/messages").json(&forward).send().await.unwrap())
        .await;
    let carol = server.login("carol").await;
    server.clock.advance(10);
    server.keep_retention().await;
    assert_eq!(status(&server, &carol, &url).await, 200);
    server.clock.advance(50);
    server.keep_retention().await;
    assert_eq!(status(&server, &carol, &url).await, 404);
}
