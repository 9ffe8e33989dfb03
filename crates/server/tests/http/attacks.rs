//! What was tried against the server, and must not work again.

use cloakroom_storage::TokenBasedFileAccess;
use cloakroom_test::{APP, Login, START, TestServer, data, refusal};
use cloakroom_token::AppId;
use futures_util::StreamExt;
use reqwest::Method;
use serde_json::{Value, json};

fn forward(url: &str, receiver: &str) -> Value {
    json!({"receiver": receiver, "receiverType": "user", "category": "message", "type": "image",
        "data": {"attachments": [{"url": url}]}})
}

async fn status(server: &TestServer, login: &Login, url: &str) -> u16 {
    server.get(&format!("{url}?fat={}", login.fat)).await.status().as_u16()
}

#[tokio::test]
async fn who_forwards_a_file_cannot_delete_it_everywhere() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let carol = server.login("carol").await;
    let url = server.send_picture(&alice, "user:bob").await;
    let sent = server.as_user(&bob, Method::POST, "/messages").json(&forward(&url, "carol"));
    let sent = data(sent.send().await.unwrap()).await;
    assert_eq!(status(&server, &carol, &url).await, 200);
    let path = format!("/messages/{}?scope=everywhere", sent["id"].as_str().unwrap());
    data(server.as_user(&bob, Method::DELETE, &path).send().await.unwrap()).await;
    assert_eq!(status(&server, &carol, &url).await, 403, "bob's own message is gone");
    assert_eq!(status(&server, &alice, &url).await, 200);
    assert_eq!(status(&server, &bob, &url).await, 200);

    let own = server.send_file(&alice, "user:bob", "x.png", "image/png", cloakroom_test::png());
    let own = own.await;
    let url = own["data"]["url"].as_str().unwrap();
    let again = server.as_user(&bob, Method::POST, "/messages").json(&forward(url, "carol"));
    data(again.send().await.unwrap()).await;
    let path = format!("/messages/{}?scope=everywhere", own["id"].as_str().unwrap());
    data(server.as_user(&alice, Method::DELETE, &path).send().await.unwrap()).await;
    assert_eq!(status(&server, &carol, url).await, 404, "the uploader takes it back everywhere");
}

#[tokio::test]
async fn a_back_end_that_names_nobody_properly_does_not_ask_for_itself() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let sent = server.send_file(&alice, "user:bob", "x.png", "image/png", cloakroom_test::png());
    let path = format!("/messages/{}", sent.await["id"].as_str().unwrap());
    for named in [vec![""], vec![" "], vec!["a b"], vec!["mallory", "alice"]] {
        let mut call = server.back_end(Method::GET, &path);
        for uid in &named {
            call = call.header("onbehalfof", *uid);
        }
        let (status, code, _) = refusal(call.send().await.unwrap()).await;
        assert_eq!((status, code.as_str()), (404, "ERR_UID_NOT_FOUND"), "{named:?}");
    }
    data(server.back_end(Method::GET, &path).send().await.unwrap()).await;
}

#[tokio::test]
async fn a_private_group_exists_for_its_members_only() {
    let server = TestServer::start().await;
    let (alice, mallory) = (server.login("alice").await, server.login("mallory").await);
    let new = json!({"guid": "secret", "name": "Secret", "type": "private"});
    data(server.as_user(&alice, Method::POST, "/groups").json(&new).send().await.unwrap()).await;
    let mut answers = Vec::new();
    for guid in ["secret", "nowhere"] {
        let message = json!({"receiver": guid, "receiverType": "group", "type": "text",
            "data": {"text": "x"}});
        let calls = [
            server.as_user(&mallory, Method::GET, &format!("/groups/{guid}")),
            server.as_user(&mallory, Method::GET, &format!("/groups/{guid}/messages")),
            server.as_user(&mallory, Method::GET, &format!("/groups/{guid}/members")),
            server.as_user(&mallory, Method::DELETE, &format!("/groups/{guid}/members")),
            server.as_user(&mallory, Method::POST, "/messages").json(&message),
        ];
        let mut told = Vec::new();
        for call in calls {
            told.push(refusal(call.send().await.unwrap()).await);
        }
        answers.push(told);
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn forged_tokens_of_a_neighbour_do_not_stop_a_viewer() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let url = server.send_picture(&alice, "user:bob").await;
    assert_eq!(status(&server, &alice, &url).await, 200);
    let mut paused = false;
    for n in 0..2000 {
        paused = server.get(&format!("{url}?fat=forged{n}")).await.status() == 429;
        if paused {
            break;
        }
    }
    assert!(paused);
    assert_eq!(status(&server, &alice, &url).await, 200, "verified before: costs nothing");
}

#[tokio::test]
async fn a_token_in_a_name_a_tag_or_another_spelling_reaches_nobody() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let url = server.send_picture(&alice, "user:bob").await;
    let leak = format!("{url}?fat={}", alice.fat);
    let loud = leak.replacen("http://", "HTTP://", 1);
    let mut message = forward(&leak, "bob");
    message["data"]["attachments"][0]["name"] = format!("{url}?fat=name").into();
    message["data"]["text"] = format!("see {loud} there").into();
    message["tags"] = json!([format!("{url}?fat=t")]);
    let sent = server.as_user(&alice, Method::POST, "/messages").json(&message);
    let sent = data(sent.send().await.unwrap()).await.to_string();
    assert!(!sent.contains("fat="), "{sent}");
}

#[tokio::test]
async fn a_token_that_was_seen_before_opens_no_other_app() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let url = server.send_picture(&alice, "user:bob").await;
    assert_eq!(status(&server, &alice, &url).await, 200);
    let other = AppId::parse("otherapp").unwrap();
    let apps = server.db().apps();
    let settings = apps.by_id(&AppId::parse(APP).unwrap()).await.unwrap().unwrap().settings;
    apps.create(&other, "us", TokenBasedFileAccess::On, &settings, START).await.unwrap();
    let foreign = format!("{}?fat={}", url.replace(APP, "otherapp"), alice.fat);
    let (status, _, reason) = refusal(server.get(&foreign).await).await;
    assert_eq!((status, reason.as_str()), (401, "fat_invalid"));
}

#[tokio::test]
async fn a_logout_cuts_a_download_that_is_under_way() {
    const SIZE: usize = 48 * 1024 * 1024;
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let sent = server.send_file(&alice, "user:bob", "x.bin", "application/zip", vec![7; SIZE]);
    let url = sent.await["data"]["url"].as_str().unwrap().to_owned();
    let mut body = server.get(&format!("{url}?fat={}", bob.fat)).await.bytes_stream();
    let mut received = body.next().await.unwrap().unwrap().len();
    data(server.as_user(&bob, Method::DELETE, "/me").send().await.unwrap()).await;
    let mut cut = false;
    while let Some(chunk) = body.next().await {
        match chunk {
            Ok(chunk) => received += chunk.len(),
            Err(_) => cut = true,
        }
    }
    assert!(cut && received < SIZE, "{received} of {SIZE} bytes after the logout");
}
