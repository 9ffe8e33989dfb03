//! What must leave the screen is told to open pages.

use cloakroom_test::{Login, TestServer, refusal};
use reqwest::{Method, Response};
use serde_json::{Value, json};

/// An event stream, read as far as the test wants.
struct Events {
    response: Response,
    text: String,
}

impl Events {
    async fn open(server: &TestServer, login: &Login, media: &[&str]) -> Self {
        let call = server.as_user(login, Method::POST, "/me/events").json(&json!({"media": media}));
        let response = call.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["access-control-allow-origin"], "*");
        let mut events = Self { response, text: String::new() };
        events.block().await.unwrap();
        events
    }

    /// The next block of lines; `None` once the stream has ended.
    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                return Some(block);
            }
            let chunk = self.response.chunk().await.unwrap()?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    async fn gone(&mut self) -> String {
        let block = self.block().await.unwrap();
        let (event, data) = block.split_once('\n').unwrap();
        assert_eq!(event, "event: gone", "{block}");
        let data: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
        assert_eq!(data.as_object().unwrap().len(), 1, "ids only: {data}");
        data["media"].as_str().unwrap().to_owned()
    }
}

fn id(url: &str) -> &str {
    url.rsplit_once('/').unwrap().1.split_once('.').unwrap().0
}

async fn revoke(server: &TestServer, body: Value) {
    let call = server.back_end(Method::POST, "/revocations").json(&body);
    assert_eq!(call.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_file_that_is_taken_back_is_told_to_those_who_show_it() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let kept = server.send_picture(&alice, "user:bob").await;
    let taken = server.send_picture(&alice, "user:bob").await;
    let mut events = Events::open(&server, &bob, &[&kept, id(&taken)]).await;
    revoke(&server, json!({"kind": "file", "id": id(&taken)})).await;
    assert_eq!(events.gone().await, id(&taken));
    revoke(&server, json!({"kind": "file", "id": id(&kept)})).await;
    assert_eq!(events.gone().await, id(&kept), "each is told once");
}

#[tokio::test]
async fn leaving_a_group_takes_its_files_along_and_no_others() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let of_group = server.send_picture(&alice, "group:trip").await;
    let direct = server.send_picture(&alice, "user:bob").await;
    let mut events = Events::open(&server, &bob, &[&direct, &of_group]).await;
    revoke(&server, json!({"kind": "member", "guid": "trip", "uid": "bob"})).await;
    assert_eq!(events.gone().await, id(&of_group));
    revoke(&server, json!({"kind": "user", "id": "bob"})).await;
    assert_eq!(events.block().await.unwrap(), "event: session_ended\ndata: {}");
    assert_eq!(events.block().await, None, "the stream ends with its session");
}

#[tokio::test]
async fn what_is_not_theirs_looks_like_what_does_not_exist() {
    let server = TestServer::start().await;
    let (alice, mallory) = (server.login("alice").await, server.login("mallory").await);
    let foreign = server.send_picture(&alice, "user:bob").await;
    let missing = "0123456789abcdef0123456789abcdef";
    let mut events = Events::open(&server, &mallory, &[&foreign, missing]).await;
    assert_eq!(events.gone().await, id(&foreign));
    assert_eq!(events.gone().await, missing);
}

#[tokio::test]
async fn a_logout_ends_the_stream_and_bad_requests_open_none() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let mut events = Events::open(&server, &alice, &[]).await;
    let post = |body: Value| server.as_user(&alice, Method::POST, "/me/events").json(&body);
    let many: Vec<String> = (0..1001).map(|n| format!("{n:032x}")).collect();
    let cases = [
        (post(json!({"media": many})), 400, "ERR_TOO_MANY_URLS"),
        (post(json!({"media": ["https://evil.test/a.jpg"]})), 400, "ERR_INVALID_URL"),
        (server.api(Method::POST, "/me/events").json(&json!({})), 401, "ERR_NO_AUTH"),
    ];
    for (call, status, code) in cases {
        let (got, got_code, _) = refusal(call.send().await.unwrap()).await;
        assert_eq!((got, got_code.as_str()), (status, code));
    }
    let mut open = Vec::new();
    for _ in 0..4 {
        open.push(Events::open(&server, &alice, &[]).await);
    }
    let (status, code, _) = refusal(post(json!({})).send().await.unwrap()).await;
    assert_eq!((status, code.as_str()), (429, "ERR_RATE_LIMITED"));
    server.as_user(&alice, Method::DELETE, "/me").send().await.unwrap();
    assert_eq!(events.block().await.unwrap(), "event: session_ended\ndata: {}");
}

#[tokio::test]
async fn a_server_that_goes_down_ends_its_streams() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let mut events = Events::open(&server, &alice, &[]).await;
    let _server = server.restart().await;
    assert_eq!(events.block().await, None);
}
