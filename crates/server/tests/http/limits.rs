//! Limits count work: URLs, bytes, failed verifications, logins, room.

use cloakroom_storage::AppPolicy;
use cloakroom_test::{API_KEY, APP, AUTH_KEY, TestServer, data, media_form, png, refusal};
use cloakroom_token::AppId;
use reqwest::multipart::Part;
use reqwest::{Method, Response};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// A server that keeps files in memory whatever the run of the tests says.
async fn with_policy(change: impl FnOnce(&mut AppPolicy)) -> TestServer {
    let server = TestServer::start_with(|config| config.media.cache_bytes = 1 << 20).await;
    let id = AppId::parse(APP).unwrap();
    let mut settings = server.db().apps().by_id(&id).await.unwrap().unwrap().settings;
    change(&mut settings.policy);
    server.db().apps().update_settings(&id, &settings, server.clock.now()).await.unwrap().unwrap();
    server.catch_up().await;
    server
}

/// The seconds that a 429 asks to wait.
async fn wait(answer: Response) -> i64 {
    let seconds = answer.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    let (status, code, _) = refusal(answer).await;
    assert_eq!((status, code.as_str()), (429, "ERR_RATE_LIMITED"));
    assert!(seconds > 0);
    seconds
}

#[tokio::test]
async fn presigning_counts_urls_by_session_and_by_app() {
    let server = with_policy(|policy| {
        policy.presigned_urls_per_minute_per_session = 10;
        policy.presigned_urls_per_minute = Some(25);
    })
    .await;
    let people =
        [server.login("alice").await, server.login("bob").await, server.login("carol").await];
    let ask = async |who: usize, urls: usize| {
        let body = json!({ "urls": vec!["https://elsewhere.example/x"; urls] });
        server
            .as_user(&people[who], Method::POST, "/media/presign")
            .json(&body)
            .send()
            .await
            .unwrap()
    };
    assert_eq!(ask(0, 9).await.status(), 200);
    assert_eq!(ask(0, 1).await.status(), 200);
    let seconds = wait(ask(0, 5).await).await;
    assert_eq!(seconds, 30, "ten a minute: five take half of one");
    assert_eq!(ask(1, 10).await.status(), 200, "another session has its own");
    assert_eq!(wait(ask(2, 10).await).await, 12, "the app has 5 of 25 left");
    server.clock.advance(seconds);
    assert_eq!(ask(0, 5).await.status(), 200);
}

#[tokio::test]
async fn bytes_from_the_store_are_counted_and_what_is_in_memory_is_not() {
    let server = with_policy(|policy| policy.cold_bytes_per_minute_per_session = Some(1)).await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let one = server.send_picture(&alice, "user:bob").await;
    let two = server.send_picture(&alice, "user:bob").await;
    let read = async |url: &str, fat: &str| server.get(&format!("{url}?fat={fat}")).await;
    assert_eq!(read(&one, &alice.fat).await.status(), 200);
    assert_eq!(read(&one, &alice.fat).await.status(), 200, "it is in memory");
    let refused = read(&two, &alice.fat).await;
    let seconds = refused.headers()["retry-after"].to_str().unwrap().parse::<i64>().unwrap();
    let expected = (429, "ERR_RATE_LIMITED".to_owned(), "retry_later".to_owned());
    assert_eq!(refusal(refused).await, expected);
    assert_eq!(read(&two, &bob.fat).await.status(), 200, "another session has its own");
    assert!(seconds > 0);
    let three = server.send_picture(&alice, "user:bob").await;
    assert_eq!(read(&three, &alice.fat).await.status(), 429);
    server.clock.advance(3600);
    assert_eq!(read(&three, &alice.fat).await.status(), 200);
}

#[tokio::test]
async fn a_file_that_is_kept_at_its_second_view_is_paid_for_once() {
    let server = with_policy(|policy| policy.cold_bytes_per_minute_per_session = Some(1)).await;
    let alice = server.login("alice").await;
    let mut urls = Vec::new();
    for byte in [1, 2] {
        let bytes = vec![byte; 20_000];
        let sent = server.send_file(&alice, "user:bob", "f.bin", "application/octet-stream", bytes);
        let sent = sent.await["data"]["attachments"][0]["url"].as_str().unwrap().to_owned();
        urls.push(format!("{sent}?fat={}", alice.fat));
    }
    for view in 1..=4 {
        assert_eq!(server.get(&urls[0]).await.status(), 200, "view {view}");
    }
    for _ in 0..2 {
        assert_eq!(server.get(&urls[1]).await.status(), 429, "a refused view is no first one");
    }
}

#[tokio::test]
async fn a_good_token_opens_from_an_address_that_sent_too_many_forged_ones() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let url = server.send_picture(&alice, "user:bob").await;
    let presigned = server.presign(&alice, &url).await;
    let mut refused = None;
    for n in 0..2000 {
        let answer = server.get(&format!("{url}?fat=forged{n}")).await;
        if answer.status() == 429 {
            refused = Some(answer);
            break;
        }
    }
    wait(refused.unwrap()).await;
    assert_eq!(server.get(&format!("{url}?fat={}", bob.fat)).await.status(), 200, "never seen");
    assert_eq!(server.get(&presigned).await.status(), 200);
    let altered = presigned.replace("Expires=1", "Expires=2");
    assert_ne!(altered, presigned);
    assert_eq!(server.get(&altered).await.status(), 429);
}

#[tokio::test]
async fn unknown_keys_and_tokens_are_counted_by_address_and_good_ones_still_work() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let mut last = None;
    for n in 0..2000 {
        let (name, value) = if n % 2 == 0 { ("apikey", "none") } else { ("authtoken", "none") };
        let answer = server.api(Method::GET, "/users").header(name, format!("{value}{n}"));
        let answer = answer.send().await.unwrap();
        let status = answer.status();
        last = Some(answer);
        if status == 429 {
            break;
        }
    }
    wait(last.unwrap()).await;
    data(server.as_user(&alice, Method::GET, "/me").send().await.unwrap()).await;
    data(server.api(Method::GET, "/users").header("apikey", API_KEY).send().await.unwrap()).await;
}

#[tokio::test]
async fn logins_by_an_auth_only_key_are_counted_by_uid() {
    let server = TestServer::start().await;
    let log_in = async |uid: &str, key: &str| {
        let call = server.api(Method::POST, &format!("/users/{uid}/auth_tokens"));
        call.header("apikey", key).json(&json!({})).send().await.unwrap()
    };
    for n in 0..60 {
        assert_eq!(log_in("alice", AUTH_KEY).await.status(), 200, "{n}");
    }
    let seconds = wait(log_in("alice", AUTH_KEY).await).await;
    assert_eq!(log_in("bob", AUTH_KEY).await.status(), 200);
    assert_eq!(log_in("alice", API_KEY).await.status(), 200, "the back end is not a stranger");
    server.clock.advance(seconds);
    assert_eq!(log_in("alice", AUTH_KEY).await.status(), 200);
}

#[tokio::test]
async fn the_password_of_a_group_cannot_be_guessed_quickly() {
    let server = TestServer::start().await;
    let (alice, mallory) = (server.login("alice").await, server.login("mallory").await);
    let group = json!({ "guid": "vault", "name": "v", "type": "password", "password": "open" });
    let made = server.as_user(&alice, Method::POST, "/groups").json(&group).send().await.unwrap();
    data(made).await;
    let join = async |password: &str| {
        let call = server.as_user(&mallory, Method::POST, "/groups/vault/members");
        call.json(&json!({ "password": password })).send().await.unwrap()
    };
    for n in 0..10 {
        assert_eq!(join(&format!("guess {n}")).await.status(), 403, "{n}");
    }
    let seconds = wait(join("open").await).await;
    server.clock.advance(seconds);
    assert_eq!(join("open").await.status(), 200);
}

#[tokio::test]
async fn a_file_beyond_the_quota_is_refused_and_nothing_of_it_is_kept() {
    let room = u64::try_from(png().len()).unwrap() * 2 - 1;
    let server = with_policy(|policy| policy.storage_quota_bytes = Some(room)).await;
    let alice = server.login("alice").await;
    server.send_picture(&alice, "user:bob").await;
    let app = AppId::parse(APP).unwrap();
    let before = server.db().media().usage(&app).await.unwrap();
    let form = media_form("user:bob", Part::bytes(png()).file_name("dot.png"));
    let call = server.as_user(&alice, Method::POST, "/messages").multipart(form);
    let (status, code, _) = refusal(call.send().await.unwrap()).await;
    assert_eq!((status, code.as_str()), (507, "ERR_STORAGE_QUOTA_EXCEEDED"));
    assert_eq!(server.db().media().usage(&app).await.unwrap(), before);
    let text = json!({
        "receiver": "bob", "receiverType": "user", "category": "message", "type": "text",
        "data": { "text": "words take no room" },
    });
    data(server.as_user(&alice, Method::POST, "/messages").json(&text).send().await.unwrap()).await;
}

#[tokio::test]
async fn a_request_head_beyond_bounds_is_refused() {
    let server = TestServer::start().await;
    for origin in [&server.media_origin, &server.api_origin, &server.dashboard_origin] {
        let address = origin.strip_prefix("http://").unwrap();
        let status = async |size: usize| {
            let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
            let padding = "x".repeat(size);
            let head = format!("GET / HTTP/1.1\r\nhost: {address}\r\nx-pad: {padding}\r\n\r\n");
            // The server may answer before it has read all.
            let _ = stream.write_all(head.as_bytes()).await;
            let mut answer = [0; 12];
            stream.read_exact(&mut answer).await.unwrap();
            String::from_utf8(answer.to_vec()).unwrap()
        };
        assert_ne!(status(8_000).await, "HTTP/1.1 431", "a long token passes");
        assert_eq!(status(40_000).await, "HTTP/1.1 431");
    }
}
