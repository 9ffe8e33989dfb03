//! Webhooks: what the app's back end is told, and where it may never be told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use aws_lc_rs::hmac;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Router, routing};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cloakroom_server::AddressRange;
use cloakroom_server::config::Config;
use cloakroom_storage::WebhookEvent;
use cloakroom_test::{APP, START, TestServer, data, refusal};
use cloakroom_token::AppId;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Status, location and bytes of a reply.
type Answer = (u16, &'static str, usize);

/// A back end that keeps what it is told, and answers as it was set to.
#[derive(Clone, Default)]
struct Receiver {
    told: Arc<Mutex<Vec<(HeaderMap, String)>>>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
    url: String,
}

impl Receiver {
    async fn start() -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/in?key=of-the-receiver", socket.local_addr().unwrap());
        let receiver = Self { url, ..Self::default() };
        let router = Router::new().fallback(routing::any(take)).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(socket, router).await.unwrap() });
        receiver
    }

    fn answer(&self, status: u16) {
        self.answers.lock().unwrap().push_back((status, "", 0));
    }

    /// What was told since this was asked last.
    fn told(&self) -> Vec<(HeaderMap, String)> {
        std::mem::take(&mut self.told.lock().unwrap())
    }

    fn events(&self) -> Vec<String> {
        let mut events: Vec<_> = self.told().iter().map(|(_, body)| kind(body)).collect();
        events.sort();
        events
    }
}

async fn take(State(receiver): State<Receiver>, headers: HeaderMap, body: String) -> Response {
    receiver.told.lock().unwrap().push((headers, body));
    let answer = receiver.answers.lock().unwrap().pop_front();
    let (status, location, size) = answer.unwrap_or((204, "", 0));
    let status = StatusCode::from_u16(status).unwrap();
    (status, [(header::LOCATION, location)], Bytes::from(vec![b'x'; size])).into_response()
}

fn kind(body: &str) -> String {
    let body: Value = serde_json::from_str(body).unwrap();
    body["type"].as_str().unwrap().to_owned()
}

fn with_loopback(config: &mut Config) {
    let range = |text: &str| AddressRange::try_from(text.to_owned()).unwrap();
    config.webhooks.private_ranges = vec![range("127.0.0.0/8"), range("::1/128")];
}

async fn make(server: &TestServer, url: &str, events: &[&str]) -> Value {
    let call = server.back_end(Method::POST, "/webhooks");
    data(call.json(&json!({ "url": url, "events": events })).send().await.unwrap()).await
}

async fn post(server: &TestServer, path: &str) -> Value {
    data(server.back_end(Method::POST, path).send().await.unwrap()).await
}

async fn deliveries(server: &TestServer, id: &str, query: &str) -> Vec<Value> {
    let path = format!("/webhooks/{id}/deliveries{query}");
    let listed = data(server.back_end(Method::GET, &path).send().await.unwrap()).await;
    listed.as_array().unwrap().clone()
}

async fn tell(server: &TestServer) {
    let app = AppId::parse(APP).unwrap();
    let now = server.clock.now();
    let webhooks = server.db().webhooks();
    let told = webhooks.enqueue(&app, WebhookEvent::MediaRefused, &json!({}), now).await;
    assert_eq!(told.unwrap(), 1);
}

fn is_signed(secret: &str, headers: &HeaderMap, body: &str) -> bool {
    let text = |name: &str| headers[name].to_str().unwrap().to_owned();
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let signed = format!("{}.{}.{body}", text("webhook-id"), text("webhook-timestamp"));
    text("webhook-signature").split(' ').any(|one| {
        let tag = STANDARD.decode(one.strip_prefix("v1,").unwrap()).unwrap();
        hmac::verify(&key, signed.as_bytes(), &tag).is_ok()
    })
}

#[tokio::test]
async fn the_back_end_is_told_what_happens_signed_and_by_ids_alone() {
    let server = TestServer::start_with(with_loopback).await;
    let receiver = Receiver::start().await;
    let names = ["media.uploaded", "media.ready", "media.refused", "session.ended"];
    let made = make(&server, &receiver.url, &names).await;
    let alice = server.login("alice").await;
    let url = server.send_picture(&alice, "user:bob").await;
    data(server.as_user(&alice, Method::DELETE, "/me").send().await.unwrap()).await;
    server.deliver_webhooks().await;
    let told = receiver.told();
    let mut kinds: Vec<_> = told.iter().map(|(_, body)| kind(body)).collect();
    kinds.sort();
    assert_eq!(kinds, ["media.ready", "media.uploaded", "session.ended"]);
    for (headers, body) in &told {
        assert!(is_signed(made["secret"].as_str().unwrap(), headers, body), "{body}");
        assert!(!is_signed("whsec_AAAA", headers, body));
        assert_eq!(headers["webhook-timestamp"], START.0.to_string());
        for secret in [&alice.fat, &alice.auth_token, "http", "dot.png"] {
            assert!(!body.contains(secret), "{secret} stands in {body}");
        }
        let body: Value = serde_json::from_str(body).unwrap();
        assert_eq!(headers["webhook-id"], body["id"].as_str().unwrap());
        assert_eq!((&body["appId"], &body["createdAt"]), (&json!(APP), &json!(START.0)));
        if body["type"] == "media.ready" {
            assert!(url.contains(body["data"]["mediaId"].as_str().unwrap()));
            assert_eq!(body["data"]["uid"], "alice");
        }
    }
    let id = made["id"].as_str().unwrap();
    let listed = deliveries(&server, id, "?state=delivered").await;
    assert_eq!(listed.len(), 3);
    assert_eq!((&listed[0]["lastStatus"], &listed[0]["attempts"]), (&json!(204), &json!(1)));
    server.deliver_webhooks().await;
    assert_eq!(receiver.told().len(), 0, "what was taken is not sent again");
}

#[tokio::test]
async fn a_refused_upload_is_told_of() {
    let server = TestServer::start_with(with_loopback).await;
    let receiver = Receiver::start().await;
    make(&server, &receiver.url, &["media.refused", "media.ready"]).await;
    let alice = server.login("alice").await;
    let mut damaged = cloakroom_test::png();
    damaged.truncate(30);
    let part = reqwest::multipart::Part::bytes(damaged).file_name("cat.png");
    let form = cloakroom_test::media_form("user:bob", part);
    let call = server.as_user(&alice, Method::POST, "/messages").multipart(form);
    let (status, code, _) = refusal(call.send().await.unwrap()).await;
    assert_eq!((status, code.as_str()), (415, "ERR_FILE_TYPE_REFUSED"));
    server.deliver_webhooks().await;
    assert_eq!(receiver.events(), ["media.refused"]);
}

#[tokio::test]
async fn a_failed_delivery_is_retried_later_and_later_then_dead_and_may_be_replayed() {
    let server = TestServer::start_with(with_loopback).await;
    let receiver = Receiver::start().await;
    let made = make(&server, &receiver.url, &["media.refused"]).await;
    let id = made["id"].as_str().unwrap();
    for _ in 0..8 {
        receiver.answer(500);
    }
    tell(&server).await;
    server.deliver_webhooks().await;
    let first = receiver.told();
    assert_eq!(first.len(), 1);
    server.clock.advance(4);
    server.deliver_webhooks().await;
    assert_eq!(receiver.told().len(), 0, "it is too early");
    for (n, wait) in [2, 36, 144, 720, 4320, 25_920, 103_680].into_iter().enumerate() {
        let listed = deliveries(&server, id, "").await;
        assert_eq!(
            (&listed[0]["state"], &listed[0]["attempts"]),
            (&json!("pending"), &json!(n + 1))
        );
        server.clock.advance(wait);
        server.deliver_webhooks().await;
        let again = receiver.told();
        assert_eq!(again.len(), 1, "try {}", n + 2);
        assert_eq!(again[0].0["webhook-id"], first[0].0["webhook-id"]);
        assert_eq!(again[0].1, first[0].1);
        assert!(is_signed(made["secret"].as_str().unwrap(), &again[0].0, &again[0].1));
    }
    server.clock.advance(1_000_000);
    server.deliver_webhooks().await;
    assert_eq!(receiver.told().len(), 0, "it is dead");
    let dead = deliveries(&server, id, "?state=dead").await;
    assert_eq!((&dead[0]["lastStatus"], &dead[0]["lastError"]), (&json!(500), &json!("status")));
    let event = dead[0]["id"].as_str().unwrap();
    let replay = format!("/webhooks/{id}/deliveries/{event}/replay");
    assert_eq!(post(&server, &replay).await, json!({ "replayed": 1 }));
    server.deliver_webhooks().await;
    assert_eq!(receiver.told()[0].0["webhook-id"], event);
    assert_eq!(deliveries(&server, id, "?state=dead").await.len(), 0);
    let none = server.back_end(Method::POST, &format!("/webhooks/{id}/deliveries/evt_1/replay"));
    let (status, code, _) = refusal(none.send().await.unwrap()).await;
    assert_eq!((status, code.as_str()), (404, "ERR_WEBHOOK_NOT_FOUND"));
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_told_nothing_until_it_is_replayed() {
    let server = TestServer::start_with(with_loopback).await;
    let receiver = Receiver::start().await;
    let made = make(&server, &receiver.url, &["media.refused"]).await;
    let id = made["id"].as_str().unwrap();
    receiver.answer(410);
    tell(&server).await;
    server.deliver_webhooks().await;
    assert_eq!(receiver.told().len(), 1);
    let listed = data(server.back_end(Method::GET, "/webhooks").send().await.unwrap()).await;
    assert_eq!(listed[0]["disabledAt"], START.0);
    let alice = server.login("alice").await;
    server.send_picture(&alice, "user:bob").await;
    server.deliver_webhooks().await;
    assert_eq!(receiver.told().len(), 0);
    assert_eq!(post(&server, &format!("/webhooks/{id}/replay")).await, json!({ "replayed": 1 }));
    server.deliver_webhooks().await;
    assert_eq!(receiver.events(), ["media.refused"]);
    post(&server, &format!("/webhooks/{id}/test")).await;
    server.deliver_webhooks().await;
    assert_eq!(receiver.events(), ["webhook.test"]);
}

#[tokio::test]
async fn a_receiver_that_hangs_is_given_up_and_others_are_told() {
    let server = TestServer::start_with(|config| {
        with_loopback(config);
        config.webhooks.time_limit_ms = 200;
    })
    .await;
    let receiver = Receiver::start().await;
    let hanging = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", hanging.local_addr().unwrap());
    let made = make(&server, &url, &["media.ready"]).await;
    make(&server, &receiver.url, &["media.ready"]).await;
    let alice = server.login("alice").await;
    server.send_picture(&alice, "user:bob").await;
    server.deliver_webhooks().await;
    assert_eq!(receiver.events(), ["media.ready"]);
    let listed = deliveries(&server, made["id"].as_str().unwrap(), "").await;
    assert_eq!(
        (&listed[0]["state"], &listed[0]["lastError"]),
        (&json!("pending"), &json!("timeout"))
    );
    assert!(listed[0].get("lastStatus").is_none());
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_a_reply_is_kept_as_status_and_size() {
    let server = TestServer::start_with(with_loopback).await;
    let (receiver, other) = (Receiver::start().await, Receiver::start().await);
    let made = make(&server, &receiver.url, &["media.refused"]).await;
    let id = made["id"].as_str().unwrap();
    let location = String::leak(other.url.clone());
    receiver.answers.lock().unwrap().extend([(307, &*location, 5), (200, "", 1_000_000)]);
    tell(&server).await;
    server.deliver_webhooks().await;
    let listed = deliveries(&server, id, "").await;
    assert_eq!(
        (&listed[0]["lastError"], &listed[0]["lastStatus"]),
        (&json!("redirect"), &json!(307))
    );
    assert_eq!(listed[0]["lastSize"], 5);
    server.clock.advance(10);
    server.deliver_webhooks().await;
    let listed = deliveries(&server, id, "").await;
    assert_eq!(
        (&listed[0]["state"], &listed[0]["lastSize"]),
        (&json!("delivered"), &json!(65_536))
    );
    assert_eq!((receiver.told().len(), other.told().len()), (2, 0));
}

#[tokio::test]
async fn a_target_that_is_not_public_is_refused_when_it_is_made_and_when_it_becomes_so() {
    let server = TestServer::start().await;
    for url in [
        "http://127.0.0.1:9/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://10.1.2.3/",
        "https://169.254.169.254/latest/meta-data",
        "https://name.invalid/",
        "https://user:pass@1.1.1.1/",
        "http://1.1.1.1/",
        "ftp://1.1.1.1/",
    ] {
        let call = server.back_end(Method::POST, "/webhooks");
        let body = json!({ "url": url, "events": ["media.ready"] });
        let (status, code, _) = refusal(call.json(&body).send().await.unwrap()).await;
        assert_eq!((status, code.as_str()), (400, "ERR_WEBHOOK_TARGET_REFUSED"), "{url}");
    }
    let server = server.restart_with(with_loopback).await;
    let receiver = Receiver::start().await;
    let by_name = receiver.url.replace("127.0.0.1", "localhost");
    let made = [
        make(&server, &by_name, &["media.ready"]).await,
        make(&server, &receiver.url, &["media.ready"]).await,
    ];
    let server = server.restart().await;
    let alice = server.login("alice").await;
    server.send_picture(&alice, "user:bob").await;
    server.deliver_webhooks().await;
    for made in &made {
        let listed = deliveries(&server, made["id"].as_str().unwrap(), "").await;
        assert_eq!(listed[0]["lastError"], "target_refused", "{}", made["url"]);
    }
    assert_eq!(receiver.told().len(), 0, "no byte went there");
    let server = server.restart_with(with_loopback).await;
    server.clock.advance(60);
    server.deliver_webhooks().await;
    assert_eq!(receiver.events(), ["media.ready", "media.ready"], "it survived the restarts");
}

#[tokio::test]
async fn a_new_secret_signs_beside_the_old_one_for_a_day() {
    let server = TestServer::start_with(with_loopback).await;
    let receiver = Receiver::start().await;
    let made = make(&server, &receiver.url, &["media.refused"]).await;
    let id = made["id"].as_str().unwrap();
    let rotated = post(&server, &format!("/webhooks/{id}/rotate_secret")).await;
    let (old, new) = (made["secret"].as_str().unwrap(), rotated["secret"].as_str().unwrap());
    assert_ne!(old, new);
    tell(&server).await;
    server.deliver_webhooks().await;
    let (headers, body) = receiver.told().remove(0);
    assert!(is_signed(old, &headers, &body) && is_signed(new, &headers, &body));
    server.clock.advance(24 * 3600);
    tell(&server).await;
    server.deliver_webhooks().await;
    let (headers, body) = receiver.told().remove(0);
    assert!(!is_signed(old, &headers, &body) && is_signed(new, &headers, &body));
    let listed = server.back_end(Method::GET, "/webhooks").send().await.unwrap();
    let listed = listed.text().await.unwrap();
    assert!(listed.contains(id) && !listed.contains("whsec_") && !listed.contains("secret"));
}

#[tokio::test]
async fn webhooks_are_the_back_ends_and_bounded() {
    let server = TestServer::start_with(with_loopback).await;
    let alice = server.login("alice").await;
    let (status, ..) =
        refusal(server.as_user(&alice, Method::GET, "/webhooks").send().await.unwrap()).await;
    assert_eq!(status, 401);
    let url = "http://127.0.0.1:9/";
    for body in [
        json!({ "url": url, "events": [] }),
        json!({ "url": url, "events": ["media.eaten"] }),
        json!({ "url": url, "events": ["webhook.test"] }),
        json!({ "url": url, "events": ["media.ready"], "scret": "x" }),
    ] {
        let call = server.back_end(Method::POST, "/webhooks").json(&body);
        assert_eq!(refusal(call.send().await.unwrap()).await.0, 400, "{body}");
    }
    let first = make(&server, url, &["media.refused", "media.refused"]).await;
    assert_eq!(first["events"], json!(["media.refused"]));
    for _ in 1..20 {
        make(&server, url, &["ledger.head"]).await;
    }
    let one_more = server.back_end(Method::POST, "/webhooks");
    let body = json!({ "url": url, "events": ["media.ready"] });
    assert_eq!(refusal(one_more.json(&body).send().await.unwrap()).await.0, 400);
    let id = first["id"].as_str().unwrap();
    for _ in 0..3 {
        tell(&server).await;
    }
    server.deliver_webhooks().await;
    let page = async |query: String| {
        let path = format!("/webhooks/{id}/deliveries?per_page=2{query}");
        let answer = server.back_end(Method::GET, &path).send().await.unwrap();
        answer.json::<Value>().await.unwrap()
    };
    let one = page(String::new()).await;
    let next = one["meta"]["next"].as_str().unwrap();
    let two = page(format!("&cursor={next}")).await;
    assert_eq!(
        (one["data"].as_array().unwrap().len(), two["data"].as_array().unwrap().len()),
        (2, 1)
    );
    assert!(two["meta"].get("next").is_none());
    let other = page(format!("&state=dead&cursor={next}")).await;
    assert_eq!(other["error"]["code"], "ERR_CURSOR_INVALID");
    let gone = server.back_end(Method::DELETE, &format!("/webhooks/{id}"));
    data(gone.send().await.unwrap()).await;
    let gone = server.back_end(Method::GET, &format!("/webhooks/{id}/deliveries"));
    assert_eq!(refusal(gone.send().await.unwrap()).await.0, 404);
}
