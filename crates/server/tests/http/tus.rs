//! Resumable uploads by tus 1.0.0, call by call.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cloakroom_storage::{Blobs, Staging, UploadPart};
use cloakroom_test::{APP, Login, TestServer, data, png, refusal};
use cloakroom_token::{AppId, BlobKey, MediaId};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::json;
use tokio::io::AsyncWriteExt;

const BYTES: &str = "application/offset+octet-stream";

fn tus(server: &TestServer, login: &Login, method: Method, path: &str) -> RequestBuilder {
    server.as_user(login, method, path).header("tus-resumable", "1.0.0")
}

fn metadata(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<_> =
        pairs.iter().map(|(name, value)| format!("{name} {}", STANDARD.encode(value))).collect();
    pairs.join(",")
}

fn creation(server: &TestServer, login: &Login, length: usize) -> RequestBuilder {
    let said = [("filename", "dot.png"), ("filetype", "image/png"), ("receiver", "bob")];
    tus(server, login, Method::POST, "/files/tus")
        .header("upload-length", length)
        .header("upload-metadata", metadata(&said))
}

/// The path of a fresh upload of this many bytes.
async fn create(server: &TestServer, login: &Login, length: usize) -> String {
    let created = creation(server, login, length).send().await.unwrap();
    assert_eq!(created.status(), 201);
    let location = created.headers()["location"].to_str().unwrap();
    assert!(location.starts_with(&server.api_origin), "{location}");
    location.split_once("/v3").unwrap().1.to_owned()
}

fn patch(
    server: &TestServer,
    login: &Login,
    path: &str,
    offset: usize,
    bytes: &[u8],
) -> RequestBuilder {
    tus(server, login, Method::PATCH, path)
        .header("upload-offset", offset)
        .header("content-type", BYTES)
        .body(bytes.to_vec())
}

async fn offset(server: &TestServer, login: &Login, path: &str) -> String {
    let head = tus(server, login, Method::HEAD, path).send().await.unwrap();
    assert_eq!(head.status(), 200);
    assert_eq!(head.headers()["cache-control"], "no-store");
    said(&head, "upload-offset")
}

fn said(response: &Response, name: &str) -> String {
    response.headers()[name].to_str().unwrap().to_owned()
}

fn id_of(path: &str) -> MediaId {
    MediaId::parse(path.rsplit('/').next().unwrap()).unwrap()
}

#[tokio::test]
async fn an_upload_in_two_parts_becomes_a_file_and_goes_into_a_message() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let picture = png();
    let path = create(&server, &alice, picture.len()).await;
    assert_eq!(offset(&server, &alice, &path).await, "0");
    let first = patch(&server, &alice, &path, 0, &picture[..30]).send().await.unwrap();
    assert_eq!((first.status().as_u16(), said(&first, "upload-offset")), (204, "30".to_owned()));
    assert!(first.headers().contains_key("upload-expires"));
    assert_eq!(offset(&server, &alice, &path).await, "30");
    let last = patch(&server, &alice, &path, 30, &picture[30..]).send().await.unwrap();
    let url = said(&last, "media-url");
    let message = json!({"receiver": "bob", "receiverType": "user", "type": "image",
        "data": {"attachments": [{"url": url}]}});
    let call = server.as_user(&alice, Method::POST, "/messages").json(&message);
    let sent = data(call.send().await.unwrap()).await;
    assert_eq!(sent["data"]["attachments"][0]["name"], "dot.png");
    let read = server.get(&format!("{url}?fat={}", bob.fat)).await;
    assert_eq!(read.bytes().await.unwrap(), picture);
    assert_eq!(offset(&server, &alice, &path).await, picture.len().to_string());
    let parts = server.db().uploads().parts(&AppId::parse(APP).unwrap(), id_of(&path)).await;
    assert_eq!(parts.unwrap(), [], "the parts are gone");
}

#[tokio::test]
async fn a_creation_may_bring_its_first_bytes_or_all() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let picture = png();
    for (bytes, is_whole) in [(&picture[..10], false), (&picture[..], true)] {
        let call = creation(&server, &alice, picture.len()).header("content-type", BYTES);
        let created = call.body(bytes.to_vec()).send().await.unwrap();
        assert_eq!(created.status(), 201);
        assert_eq!(said(&created, "upload-offset"), bytes.len().to_string());
        assert_eq!(created.headers().contains_key("media-url"), is_whole);
    }
}

#[tokio::test]
async fn a_server_says_what_it_speaks() {
    let server = TestServer::start().await;
    let options =
        server.http.request(Method::OPTIONS, format!("{}/v3/files/tus", server.api_origin));
    let answer = options.send().await.unwrap();
    assert_eq!((answer.status().as_u16(), said(&answer, "tus-version")), (204, "1.0.0".to_owned()));
    let extensions = said(&answer, "tus-extension");
    assert_eq!(extensions, "creation,creation-with-upload,expiration,checksum,termination");
    assert_eq!(said(&answer, "tus-checksum-algorithm"), "sha1,sha256");
    for name in ["PATCH", "HEAD", "DELETE"] {
        assert!(said(&answer, "access-control-allow-methods").contains(name), "{name}");
    }
    for name in ["upload-offset", "tus-resumable", "upload-metadata"] {
        assert!(said(&answer, "access-control-allow-headers").contains(name), "{name}");
    }
}

#[tokio::test]
async fn what_breaks_the_protocol_is_refused_and_keeps_nothing() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let picture = png();
    let path = create(&server, &alice, picture.len()).await;
    let sha256_of_nothing = format!("sha256 {}", STANDARD.encode([0; 32]));
    let to = |pairs: &[(&str, &str)]| {
        tus(&server, &alice, Method::POST, "/files/tus")
            .header("upload-length", 9)
            .header("upload-metadata", metadata(pairs))
    };
    let plain = server.as_user(&alice, Method::PATCH, &path).header("content-type", BYTES);
    let mut long = picture.clone();
    long.push(0);
    let cases = [
        (patch(&server, &alice, &path, 3, &picture), 409, "ERR_UPLOAD_OFFSET"),
        (patch(&server, &alice, &path, 0, &long), 413, "ERR_FILE_SIZE_EXCEEDED"),
        (patch(&server, &bob, &path, 0, &picture), 404, "ERR_UPLOAD_NOT_FOUND"),
        (plain.header("upload-offset", 0), 412, "ERR_TUS_VERSION"),
        (
            tus(&server, &alice, Method::PATCH, &path).header("upload-offset", 0),
            400,
            "ERR_BAD_REQUEST",
        ),
        (
            patch(&server, &alice, &path, 0, &picture).header("upload-checksum", sha256_of_nothing),
            460,
            "ERR_CHECKSUM_MISMATCH",
        ),
        (
            patch(&server, &alice, &path, 0, &picture).header("upload-checksum", "md5 AA=="),
            400,
            "ERR_BAD_REQUEST",
        ),
        (creation(&server, &alice, 0), 400, "ERR_FILE_EMPTY"),
        (creation(&server, &alice, 200_000_000), 413, "ERR_FILE_SIZE_EXCEEDED"),
        (creation(&server, &alice, 9).header("upload-concat", "partial"), 400, "ERR_BAD_REQUEST"),
        (creation(&server, &alice, 9).header("upload-defer-length", "1"), 400, "ERR_BAD_REQUEST"),
        (to(&[("filename", "a")]), 400, "ERR_BAD_REQUEST"),
        (to(&[("receiver", "nobody")]), 404, "ERR_UID_NOT_FOUND"),
        (
            tus(&server, &server.login("mallory").await, Method::POST, "/files/tus")
                .header("upload-length", 9)
                .header(
                    "upload-metadata",
                    metadata(&[("receiver", "trip"), ("receiverType", "group")]),
                ),
            403,
            "ERR_NOT_A_MEMBER",
        ),
    ];
    for (call, status, code) in cases {
        let response = call.send().await.unwrap();
        assert_eq!(said(&response, "tus-resumable"), "1.0.0");
        let (got, told, _) = refusal(response).await;
        assert_eq!((got, told.as_str()), (status, code));
        if code != "ERR_FILE_SIZE_EXCEEDED" {
            assert_eq!(offset(&server, &alice, &path).await, "0", "{code}");
        }
    }
}

#[tokio::test]
async fn bytes_with_their_right_checksum_are_kept() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let picture = png();
    let path = create(&server, &alice, picture.len()).await;
    let digest =
        aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, &picture[..9]);
    let sha1 = format!("sha1 {}", STANDARD.encode(digest.as_ref()));
    let call = patch(&server, &alice, &path, 0, &picture[..9]).header("upload-checksum", sha1);
    assert_eq!(call.send().await.unwrap().status(), 204);
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &picture[9..]);
    let sha256 = format!("sha256 {}", STANDARD.encode(digest.as_ref()));
    let call = patch(&server, &alice, &path, 9, &picture[9..]).header("upload-checksum", sha256);
    assert!(call.send().await.unwrap().headers().contains_key("media-url"));
}

#[tokio::test]
async fn what_arrived_before_a_connection_broke_is_kept_and_a_restart_loses_nothing() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let picture = png();
    let path = create(&server, &alice, picture.len()).await;
    let host = server.api_origin.strip_prefix("http://").unwrap().to_owned();
    let mut socket = tokio::net::TcpStream::connect(&host).await.unwrap();
    let head = format!(
        "PATCH /v3{path} HTTP/1.1\r\nhost: {host}\r\nappid: {APP}\r\nauthtoken: {}\r\n\
         tus-resumable: 1.0.0\r\nupload-offset: 0\r\ncontent-type: {BYTES}\r\n\
         content-length: {}\r\n\r\n",
        alice.auth_token,
        picture.len()
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    socket.write_all(&picture[..20]).await.unwrap();
    socket.shutdown().await.unwrap();
    drop(socket);
    let kept = async {
        while offset(&server, &alice, &path).await != "20" {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_mins(1), kept).await.unwrap();
    let server = server.restart().await;
    assert_eq!(offset(&server, &alice, &path).await, "20");
    let last = patch(&server, &alice, &path, 20, &picture[20..]).send().await.unwrap();
    let (url, alice) = (said(&last, "media-url"), server.login("alice").await);
    let read = server.get(&format!("{url}?fat={}", alice.fat)).await;
    assert_eq!(read.bytes().await.unwrap(), picture);
}

#[tokio::test]
async fn an_upload_whose_server_died_after_the_last_byte_is_taken_in_by_the_next() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let (picture, app) = (png(), AppId::parse(APP).unwrap());
    let path = create(&server, &alice, picture.len()).await;
    let first = patch(&server, &alice, &path, 0, &picture[..30]).send().await.unwrap();
    assert_eq!(first.status(), 204);
    // What such a server leaves behind: the bytes, their row, and nobody at work on them.
    let uploads = server.db().uploads();
    let upload = uploads.by_id(&app, id_of(&path)).await.unwrap().unwrap();
    let other = tempfile::tempdir().unwrap();
    let mut staged = Staging::open(other.path()).unwrap().stage(1000).await.unwrap();
    staged.append(&picture[30..]).await.unwrap();
    let staged = staged.finish().await.unwrap();
    let blob_key = BlobKey::from_bytes([7; 16]);
    let blobs = Blobs::folder(&server.folder().join("files")).unwrap();
    blobs.put(blob_key, &staged).await.unwrap();
    let part = UploadPart { size_bytes: staged.size_bytes(), blob_key };
    let now = cloakroom_test::START;
    assert!(uploads.append(&upload, 30, part, now).await.unwrap().unwrap().is_complete());
    server.work_on_files().await;
    server.catch_up().await;
    let status = path.replace("/tus", "");
    let status = data(server.as_user(&alice, Method::GET, &status).send().await.unwrap()).await;
    let url = status["attachment"]["url"].as_str().unwrap();
    let read = server.get(&format!("{url}?fat={}", alice.fat)).await;
    assert_eq!(read.bytes().await.unwrap(), picture);
}

#[tokio::test]
async fn a_refused_file_says_so_and_cannot_be_gone_on_with() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let html = b"<html><script>alert(1)</script>";
    let path = create(&server, &alice, html.len()).await;
    let (code, name, _) =
        refusal(patch(&server, &alice, &path, 0, html).send().await.unwrap()).await;
    assert_eq!((code, name.as_str()), (415, "ERR_FILE_TYPE_REFUSED"));
    let head = tus(&server, &alice, Method::HEAD, &path).send().await.unwrap();
    assert_eq!(head.status(), 404);
    let status = path.replace("/tus", "");
    let status = data(server.as_user(&alice, Method::GET, &status).send().await.unwrap()).await;
    assert_eq!((&status["state"], &status["refusal"]), (&json!("refused"), &json!(name)));
}

#[tokio::test]
async fn an_ended_upload_leaves_nothing_and_an_expired_one_neither() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let picture = png();
    let ended = create(&server, &alice, picture.len()).await;
    patch(&server, &alice, &ended, 0, &picture[..30]).send().await.unwrap();
    let expired = create(&server, &alice, picture.len()).await;
    patch(&server, &alice, &expired, 0, &picture[..30]).send().await.unwrap();
    let unsent = create(&server, &alice, picture.len()).await;
    let sent = patch(&server, &alice, &unsent, 0, &picture).send().await.unwrap();
    let url = said(&sent, "media-url");
    let over = server
        .as_user(&alice, Method::POST, &ended)
        .header("tus-resumable", "1.0.0")
        .header("x-http-method-override", "DELETE");
    assert_eq!(over.send().await.unwrap().status(), 204);
    let head = async |path: &str| {
        tus(&server, &alice, Method::HEAD, path).send().await.unwrap().status().as_u16()
    };
    assert_eq!((head(&ended).await, head(&expired).await), (404, 200));
    server.clock.advance(3 * 24 * 3600);
    assert_eq!(head(&expired).await, 410);
    let (code, name, _) =
        refusal(patch(&server, &alice, &expired, 30, &picture[30..]).send().await.unwrap()).await;
    assert_eq!((code, name.as_str()), (410, "ERR_UPLOAD_EXPIRED"));
    server.clear_away().await;
    assert_eq!(head(&expired).await, 404);
    let login = server.login("alice").await;
    let read = async |fat: &str| server.get(&format!("{url}?fat={fat}")).await.status().as_u16();
    assert_eq!(read(&login.fat).await, 200);
    server.clock.advance(7 * 24 * 3600);
    server.clear_away().await;
    server.catch_up().await;
    let login = server.login("alice").await;
    assert_eq!(read(&login.fat).await, 404, "nobody ever sent it");
}

#[tokio::test]
async fn a_user_has_only_so_many_uploads_under_way() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    for _ in 0..100 {
        create(&server, &alice, 9).await;
    }
    let (code, name, _) = refusal(creation(&server, &alice, 9).send().await.unwrap()).await;
    assert_eq!((code, name.as_str()), (429, "ERR_TOO_MANY_UPLOADS"));
}

#[tokio::test]
async fn bytes_do_not_come_in_crumbs() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let path = create(&server, &alice, 70_000).await;
    for at in 0..1001 {
        let sent = patch(&server, &alice, &path, at, b"x").send().await.unwrap();
        assert_eq!(sent.status(), 204, "part {at}");
    }
    let (code, name, _) =
        refusal(patch(&server, &alice, &path, 1001, &vec![7; 68_999]).send().await.unwrap()).await;
    assert_eq!((code, name.as_str()), (400, "ERR_TOO_MANY_PARTS"));
    let ended = tus(&server, &alice, Method::DELETE, &path).send().await.unwrap();
    assert_eq!(ended.status(), 204);
    let files = server.folder().join("files");
    assert_eq!(files_under(&files), 0, "none of its parts is left");
}

fn files_under(folder: &std::path::Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { files_under(&path) } else { 1 }).sum()
}
