//! Messages: pages, what their URLs look like in both modes, and what is sent.

use crate::support::{Reply, Seen, Server};
use axum::extract::{FromRequest as _, Multipart, Request};
use cloakroom_sdk::SecureMediaMode::{Embedded, HeaderBased};
use cloakroom_sdk::{Client, Error, MediaKind, MediaMessage, Receiver, Upload};
use serde_json::{Value, json};

const USER: &str = "GET /v3/users/bob/messages";

fn message(id: u32, data: &Value) -> Value {
    json!({"id": id.to_string(), "conversationId": "c", "sender": "alice", "receiver": "bob",
        "receiverType": "user", "category": "message", "type": "text", "sentAt": id,
        "updatedAt": id, "data": data})
}

fn page(ids: impl IntoIterator<Item = u32>, cursor: Option<u32>) -> Reply {
    let data: Vec<Value> = ids.into_iter().map(|id| message(id, &json!({"text": "t"}))).collect();
    let meta = cursor.map_or(
        json!({}),
        |id| json!({"cursor": {"id": id.to_string(), "sentAt": id, "affix": "prepend"}}),
    );
    Reply::json(200, &json!({"data": data, "meta": meta}))
}

fn ids(page: &[cloakroom_sdk::Message]) -> Vec<&str> {
    page.iter().map(|message| message.id.as_str()).collect()
}

#[tokio::test]
async fn pages_go_back_to_the_beginning_and_on_from_the_newest() {
    let server = Server::start().await;
    let client = server.logged_in(HeaderBased).await;
    server.on(USER, page([8, 9], Some(8))).on(USER, page([7], None)).on(USER, page([10], None));
    let mut request = client.messages(Receiver::user("bob")).limit(2);
    assert_eq!(ids(&request.fetch_previous().await.unwrap()), ["8", "9"]);
    assert_eq!(ids(&request.fetch_previous().await.unwrap()), ["7"]);
    assert!(request.fetch_previous().await.unwrap().is_empty(), "the beginning was reached");
    assert_eq!(ids(&request.fetch_next().await.unwrap()), ["10"]);
    request.fetch_next().await.unwrap();
    let query = |line: &str| line.split_once('?').map(|(_, query)| query.to_owned()).unwrap();
    let queries: Vec<String> = server.lines().iter().map(|line| query(line)).collect();
    assert_eq!(
        queries,
        [
            "per_page=2&affix=prepend",
            "per_page=2&id=8&sentAt=8&affix=prepend",
            "per_page=2&id=9&sentAt=9&affix=append",
            "per_page=2&id=10&sentAt=10&affix=append",
        ]
    );
}

#[tokio::test]
async fn a_group_and_a_starting_message_are_named_in_the_request() {
    let server = Server::start().await;
    let client = server.logged_in(HeaderBased).await;
    server.on("GET /v3/groups/trip/messages", page([], None));
    let mut request = client.messages(Receiver::group("trip")).starting_at("5");
    request.fetch_previous().await.unwrap();
    request.fetch_next().await.unwrap();
    client.messages(Receiver::group("trip")).fetch_next().await.unwrap();
    assert_eq!(
        server.lines(),
        [
            "GET /v3/groups/trip/messages?per_page=30&id=5&affix=prepend",
            "GET /v3/groups/trip/messages?per_page=30&id=5&affix=append",
            "GET /v3/groups/trip/messages?per_page=30&sentAt=0&affix=append",
        ]
    );
    let wrong = client.messages(Receiver::group("../me")).fetch_previous().await;
    assert!(matches!(wrong, Err(Error::InvalidArgument(_))));
}

async fn fetched(server: &Server, client: &Client) -> cloakroom_sdk::Message {
    let url = server.media(1);
    let hostile = format!("https://evil.test/?u={url}");
    let user = |avatar: &str| json!({"entityType": "user", "entity": {"uid": "u", "name": url, "avatar": avatar}});
    let data = json!({
        "text": url, "metadata": {"a": url}, "url": format!("{url}?fat=somebody.elses"),
        "attachments": [
            {"url": url, "name": url, "size": 1, "thumbnails": [server.media(2)]},
            {"url": hostile, "name": "x", "size": 1},
        ],
        "entities": {"sender": user(&url), "receiver": user(&hostile)},
    });
    server.on("GET /v3/messages/7", Reply::json(200, &json!({"data": message(7, &data)})));
    client.message("7").await.unwrap()
}

#[tokio::test]
async fn in_embedded_mode_media_urls_and_only_these_carry_the_own_fat() {
    let server = Server::start().await;
    let client = server.logged_in(Embedded).await;
    let data = fetched(&server, &client).await.data;
    let (url, with_fat) = (server.media(1), format!("{}?fat=fat.1", server.media(1)));
    assert_eq!(data.url.as_deref(), Some(&*with_fat));
    assert_eq!(data.attachments[0].url, with_fat);
    assert_eq!(data.attachments[0].thumbnails, [format!("{}?fat=fat.1", server.media(2))]);
    let shown = serde_json::to_value(&data).unwrap();
    assert_eq!(shown["entities"]["sender"]["entity"]["avatar"], with_fat);
    for place in ["/text", "/metadata/a", "/attachments/0/name", "/entities/sender/entity/name"] {
        assert_eq!(shown.pointer(place).unwrap(), &url, "{place}");
    }
    let hostile = format!("https://evil.test/?u={url}");
    for place in ["/attachments/1/url", "/entities/receiver/entity/avatar"] {
        assert_eq!(shown.pointer(place).unwrap(), &hostile, "{place}");
    }
}

#[tokio::test]
async fn in_header_mode_urls_stay_clean() {
    let server = Server::start().await;
    let client = server.logged_in(HeaderBased).await;
    let data = fetched(&server, &client).await.data;
    assert_eq!(data.attachments[0].url, server.media(1));
}

#[tokio::test]
async fn a_text_is_sent_and_a_message_deleted() {
    let server = Server::start().await;
    let client = server.logged_in(Embedded).await;
    server.on("POST /v3/messages", Reply::data(message(7, &json!({"text": "hi"}))));
    let sent = client.send_text(&Receiver::group("trip"), "hi").await.unwrap();
    assert_eq!((sent.id.as_str(), sent.data.text.as_deref()), ("7", Some("hi")));
    let body = json!({"receiver": "trip", "receiverType": "group", "category": "message",
        "type": "text", "data": {"text": "hi"}});
    assert_eq!(server.seen()[0].json(), body);

    let action = json!({"id": "8", "receiver": "bob", "receiverType": "user", "category": "action",
        "type": "message", "data": {"action": "deleted", "entities": {}}});
    server.on("DELETE /v3/messages/7", Reply::data(action));
    client.delete_message("7").await.unwrap();
    assert!(matches!(client.delete_message("../me").await, Err(Error::InvalidArgument(_))));
}

/// Name, file name and content of each part, as another multipart reader sees them.
async fn parts(seen: &Seen) -> Vec<(String, Option<String>, String)> {
    let mut request = Request::new(axum::body::Body::from(seen.body.clone()));
    *request.headers_mut() = seen.headers.clone();
    let mut multipart = Multipart::from_request(request, &()).await.unwrap();
    let mut parts = Vec::new();
    while let Some(part) = multipart.next_field().await.unwrap() {
        let name = part.name().unwrap().to_owned();
        let file_name = part.file_name().map(str::to_owned);
        parts.push((name, file_name, part.text().await.unwrap()));
    }
    parts
}

#[tokio::test]
async fn files_are_streamed_in_the_order_the_official_sdk_sends() {
    let server = Server::start().await;
    let client = server.logged_in(Embedded).await;
    server.on("POST /v3/messages", Reply::data(message(7, &json!({}))));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cät \"1\".jpg");
    std::fs::write(&path, "meow").unwrap();
    let sent = MediaMessage::new(Receiver::user("bob"), MediaKind::Image, Upload::path(&path))
        .file(Upload::bytes("dog\r\nx: y.jpg", "woof").content_type("image/jpeg"))
        .caption("look")
        .metadata(json!({"a": 1}))
        .muid("m1")
        .tag("pets");
    client.send_media(&sent).await.unwrap();
    let part = |name: &str, file: Option<&str>, text: &str| {
        (name.to_owned(), file.map(str::to_owned), text.to_owned())
    };
    let seen = server.seen().remove(0);
    assert!(seen.header("content-length").is_some(), "the length is known before");
    assert_eq!(
        parts(&seen).await,
        [
            part("type", None, "image"),
            part("receiverType", None, "user"),
            part("category", None, "message"),
            part("data", None, r#"{"text":"look","metadata":{"a":1}}"#),
            part("files[]", Some("cät \"1\".jpg"), "meow"),
            part("files[]", Some("dog__x: y.jpg"), "woof"),
            part("caption", None, "look"),
            part("muid", None, "m1"),
            part("tags[]", None, "pets"),
            part("receiver", None, "bob"),
        ]
    );
}

#[tokio::test]
async fn what_the_app_does_not_allow_is_not_sent() {
    let server = Server::start().await;
    let client = server.logged_in(Embedded).await;
    let send = |files: Vec<Upload>| {
        let mut files = files.into_iter();
        let message =
            MediaMessage::new(Receiver::user("bob"), MediaKind::File, files.next().unwrap());
        let message = files.fold(message, MediaMessage::file);
        let client = client.clone();
        async move { client.send_media(&message).await.unwrap_err() }
    };
    let small = Upload::bytes("a", "a");
    let error = send(vec![Upload::bytes("a", vec![0; 1001])]).await;
    assert!(matches!(error, Error::FileTooLarge { size_bytes: 1001, max_bytes: 1000 }));
    assert!(matches!(send(vec![small; 3]).await, Error::TooManyFiles { count: 3, max: 2 }));
    let error = send(vec![Upload::path("/no/such/file")]).await;
    assert!(matches!(error, Error::UnreadableFile(_)));
    let error = send(vec![Upload::bytes("a", "a").content_type("no\r\nX: type")]).await;
    assert!(matches!(error, Error::InvalidArgument(_)));
    assert!(server.seen().is_empty());
}
