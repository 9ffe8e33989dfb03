//! Files that come along: what is taken, what is refused, and that nothing is left behind.

use std::path::Path;
use std::time::Duration;

use cloakroom_storage::AppSettings;
use cloakroom_test::{APP, Login, START, TestServer, data, media_form, png, refusal};
use cloakroom_token::AppId;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

fn app() -> AppId {
    AppId::parse(APP).unwrap()
}

fn part(bytes: Vec<u8>) -> Part {
    Part::bytes(bytes).file_name("a.png").mime_str("image/png").unwrap()
}

async fn post(server: &TestServer, login: &Login, form: Form) -> (u16, String) {
    let call = server.as_user(login, Method::POST, "/messages").multipart(form);
    let (status, code, _) = refusal(call.send().await.unwrap()).await;
    (status, code)
}

async fn set(server: &TestServer, change: impl FnOnce(&mut AppSettings)) {
    let mut settings = server.db().apps().by_id(&app()).await.unwrap().unwrap().settings;
    change(&mut settings);
    server.db().apps().update_settings(&app(), &settings, START).await.unwrap();
    server.catch_up().await;
}

/// How many files lie under a folder of the server, its database left out.
fn files_under(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries
        .map(|entry| entry.unwrap().path())
        .map(|path| if path.is_dir() { files_under(&path) } else { 1 })
        .sum()
}

fn left_behind(server: &TestServer) -> usize {
    let folders = std::fs::read_dir(server.folder()).unwrap().map(|entry| entry.unwrap().path());
    folders.filter(|path| path.is_dir()).map(|path| files_under(&path)).sum()
}

/// Lets the server work until this many files lie about; fails if that never comes.
async fn until_left(server: &TestServer, files: usize) {
    let settled = async {
        while left_behind(server) != files {
            tokio::task::yield_now().await;
        }
    };
    let _ = tokio::time::timeout(Duration::from_mins(1), settled).await;
    assert_eq!(left_behind(server), files);
}

async fn nothing_is_left(server: &TestServer) {
    until_left(server, 0).await;
    assert_eq!(server.db().media().usage(&app()).await.unwrap().files, 0);
}

#[tokio::test]
async fn a_form_as_the_official_sdk_sends_it_becomes_a_message() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let form = Form::new()
        .text("type", "video")
        .text("receiverType", "user")
        .text("category", "message")
        .text("data", r#"{"metadata":{"a":1}}"#)
        .part(
            "files[]",
            Part::bytes(png()).file_name("../Fat cat.PNG").mime_str("video/mp4").unwrap(),
        )
        .part("files[]", part(png()))
        .text("caption", "look")
        .text("muid", "m1")
        .text("tags[]", "pets")
        .text("receiver", "bob");
    let call = server.as_user(&alice, Method::POST, "/messages").multipart(form);
    let message = data(call.send().await.unwrap()).await;
    assert_eq!(message["type"], "image", "the bytes decide");
    assert_eq!(message["muid"], "m1");
    assert_eq!(message["tags"][0], "pets");
    assert_eq!(message["data"]["text"], "look");
    assert_eq!(message["data"]["metadata"]["a"], 1);
    let attachments = message["data"]["attachments"].as_array().unwrap();
    assert_eq!(attachments.len(), 2);
    assert_eq!(attachments[0]["name"], "Fat cat.PNG");
    assert_eq!(attachments[0]["mimeType"], "image/png");
    assert_eq!(attachments[0]["extension"], "png");
    assert_eq!(attachments[0]["size"], png().len());
    assert_eq!(message["data"]["url"], attachments[0]["url"]);
    for attachment in attachments {
        let url = attachment["url"].as_str().unwrap();
        assert!(!url.contains("fat") && !url.contains('?'), "{url}");
        assert_eq!(server.get(&format!("{url}?fat={}", bob.fat)).await.status(), 200);
    }
}

#[tokio::test]
async fn what_is_refused_leaves_nothing_behind() {
    let server = TestServer::start().await;
    set(&server, |settings| (settings.file_size_max, settings.file_count_max) = (1000, 2)).await;
    let (alice, mallory) = (server.login("alice").await, server.login("mallory").await);
    let three = media_form("user:bob", part(png())).part("files[]", part(png()));
    let three = three.part("files[]", part(png()));
    let cases = [
        (&alice, media_form("user:bob", part(vec![0; 1001])), 413, "ERR_FILE_SIZE_EXCEEDED"),
        (&alice, media_form("user:bob", part(vec![0; 3_000_000])), 413, "ERR_FILE_SIZE_EXCEEDED"),
        (&alice, media_form("user:bob", part(Vec::new())), 400, "ERR_FILE_EMPTY"),
        (&alice, media_form("user:bob", part(png()[..40].to_vec())), 415, "ERR_FILE_TYPE_REFUSED"),
        (&alice, three, 400, "ERR_FILE_COUNT_EXCEEDED"),
        (&alice, media_form("user:nobody", part(png())), 404, "ERR_UID_NOT_FOUND"),
        (&mallory, media_form("group:trip", part(png())), 403, "ERR_NOT_A_MEMBER"),
        (&alice, Form::new().part("files[]", part(png())), 400, "ERR_BAD_REQUEST"),
    ];
    for (login, form, status, expected) in cases {
        assert_eq!(post(&server, login, form).await, (status, expected.to_owned()));
        nothing_is_left(&server).await;
    }
}

#[tokio::test]
async fn the_same_muid_twice_keeps_one_file() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let form = media_form("user:bob", part(png())).text("muid", "m1");
        let call = server.as_user(&alice, Method::POST, "/messages").multipart(form);
        ids.push(data(call.send().await.unwrap()).await["id"].clone());
    }
    assert_eq!(ids[0], ids[1]);
    assert_eq!(server.db().media().usage(&app()).await.unwrap().files, 1);
    assert_eq!(left_behind(&server), 2, "the file and its thumbnail");
}

/// The beginning of an upload, up to somewhere inside its file.
fn head(server: &TestServer, login: &Login, length: usize) -> String {
    let host = server.api_origin.strip_prefix("http://").unwrap();
    format!(
        "POST /v3/messages HTTP/1.1\r\nhost: {host}\r\nappid: {APP}\r\nauthtoken: {}\r\n\
         connection: close\r\ncontent-type: multipart/form-data; boundary=b\r\n\
         content-length: {length}\r\n\r\n",
        login.auth_token
    )
}

const PARTS: &str = "--b\r\ncontent-disposition: form-data; name=\"type\"\r\n\r\nfile\r\n\
    --b\r\ncontent-disposition: form-data; name=\"files[]\"; filename=\"a.txt\"\r\n\r\nhalf a fi";

#[tokio::test]
async fn a_body_that_ends_inside_a_file_is_a_truncated_upload() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let address = server.api_origin.strip_prefix("http://").unwrap();
    let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
    socket.write_all(head(&server, &alice, PARTS.len()).as_bytes()).await.unwrap();
    socket.write_all(PARTS.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    assert!(answer.contains("ERR_UPLOAD_TRUNCATED"), "{answer}");
    nothing_is_left(&server).await;
}

#[tokio::test]
async fn a_caller_who_hangs_up_leaves_nothing_behind() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let address = server.api_origin.strip_prefix("http://").unwrap();
    let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
    socket.write_all(head(&server, &alice, 1_000_000).as_bytes()).await.unwrap();
    socket.write_all(PARTS.as_bytes()).await.unwrap();
    socket.flush().await.unwrap();
    until_left(&server, 1).await;
    drop(socket);
    nothing_is_left(&server).await;
}

#[tokio::test]
async fn a_user_sends_so_many_files_at_once() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let address = server.api_origin.strip_prefix("http://").unwrap();
    let mut sockets = Vec::new();
    for _ in 0..32 {
        let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
        socket.write_all(head(&server, &alice, 1_000_000).as_bytes()).await.unwrap();
        socket.write_all(PARTS.as_bytes()).await.unwrap();
        sockets.push(socket);
    }
    until_left(&server, 32).await;
    let refused = post(&server, &alice, media_form("user:bob", part(png()))).await;
    assert_eq!(refused, (429, "ERR_TOO_MANY_UPLOADS".to_owned()));
    server.send_picture(&bob, "user:alice").await;
    drop(sockets);
    until_left(&server, 2).await;
    server.send_picture(&alice, "user:bob").await;
}

#[tokio::test]
async fn a_form_without_a_boundary_is_refused() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    for (declared, expected) in
        [("multipart/form-data", "ERR_BAD_REQUEST"), ("text/plain", "ERR_INVALID_JSON")]
    {
        let call = server.as_user(&alice, Method::POST, "/messages");
        let answer = call.header("content-type", declared).body("x").send().await.unwrap();
        assert_eq!(answer.status(), 400);
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["error"]["code"], expected);
    }
}
