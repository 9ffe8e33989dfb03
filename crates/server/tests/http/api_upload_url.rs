//! Presigned forms: who gets one, what it takes, and that it takes nothing else.

use cloakroom_test::{Login, START, TestServer, data, png, refusal};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

/// Announces one file; the whole answer about it.
async fn announce(server: &TestServer, login: &Login, file: Value, receiver: &str) -> Value {
    let (kind, to) = receiver.split_once(':').unwrap();
    let body = json!({"files": {"f1": file}, "receiver": to, "receiverType": kind});
    let call = server.as_user(login, Method::POST, "/files/upload-url").json(&body);
    data(call.send().await.unwrap()).await["f1"].clone()
}

fn picture() -> Value {
    json!({"fileId": "f1", "name": "dot.png", "size": png().len(), "mimeType": "image/png"})
}

fn form(granted: &Value, bytes: Vec<u8>) -> Form {
    let token = granted["request"]["body"]["token"].as_str().unwrap().to_owned();
    Form::new().text("token", token).part("file", Part::bytes(bytes).file_name("x"))
}

async fn post(server: &TestServer, granted: &Value, form: Form) -> reqwest::Response {
    let url = granted["request"]["url"].as_str().unwrap();
    assert!(url.starts_with(&server.api_origin), "{url}");
    server.http.post(url).multipart(form).send().await.unwrap()
}

async fn status(server: &TestServer, login: &Login, granted: &Value) -> Value {
    let url = granted["request"]["url"].as_str().unwrap();
    let path = &url.split_once("/v3").unwrap().1.replace("/upload/", "/");
    data(server.as_user(login, Method::GET, path).send().await.unwrap()).await
}

async fn send(server: &TestServer, login: &Login, url: &str) -> reqwest::Response {
    let message = json!({"receiver": "bob", "receiverType": "user", "type": "image",
        "data": {"attachments": [{"url": url, "name": "dot.png"}]}});
    server.as_user(login, Method::POST, "/messages").json(&message).send().await.unwrap()
}

#[tokio::test]
async fn a_form_is_sent_without_any_other_credential_and_its_file_goes_into_a_message() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let granted = announce(&server, &alice, picture(), "user:bob").await;
    let attachment = &granted["attachment"];
    assert_eq!(
        (&attachment["extension"], &attachment["size"]),
        (&json!("png"), &json!(png().len()))
    );
    assert_eq!(granted["expiresAt"], START.0 + 3600);
    assert_eq!(status(&server, &alice, &granted).await["state"], "receiving");
    let url = attachment["url"].as_str().unwrap();
    let (code, _, _) = refusal(send(&server, &alice, url).await).await;
    assert_eq!(code, 404, "its bytes have not come");
    let sent = data(post(&server, &granted, form(&granted, png())).await).await;
    assert_eq!((&sent["state"], &sent["attachment"]["width"]), (&json!("ready"), &json!(1)));
    let read = async |login: &Login| {
        server.get(&format!("{url}?fat={}", login.fat)).await.status().as_u16()
    };
    assert_eq!((read(&alice).await, read(&bob).await), (200, 403), "no message carries it yet");
    let message = data(send(&server, &alice, url).await).await;
    assert_eq!(message["data"]["attachments"][0]["url"], url);
    assert_eq!((read(&alice).await, read(&bob).await), (200, 200));
}

#[tokio::test]
async fn a_form_sent_again_changes_nothing() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let granted = announce(&server, &alice, picture(), "user:bob").await;
    let first = data(post(&server, &granted, form(&granted, png())).await).await;
    let other = vec![0; png().len()];
    let second = data(post(&server, &granted, form(&granted, other)).await).await;
    assert_eq!(first, second);
    let url = first["attachment"]["url"].as_str().unwrap();
    let bytes = server.get(&format!("{url}?fat={}", alice.fat)).await.bytes().await.unwrap();
    assert_eq!(bytes, png());
}

#[tokio::test]
async fn the_bytes_decide_the_type_and_a_picture_has_to_be_one() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let html = b"<html><script>alert(1)</script>".to_vec();
    let cases = [
        ("image/png", "a.png", png(), "png", None),
        ("", "a.jpeg", png(), "png", None),
        ("application/octet-stream", "a", png(), "png", None),
        ("", "a.png", html.clone(), "html", None),
        ("image/png", "a.png", html, "", Some("ERR_FILE_TYPE_REFUSED")),
        ("image/png", "a.png", png()[..40].to_vec(), "", Some("ERR_FILE_TYPE_REFUSED")),
    ];
    for (declared, name, bytes, extension, refused) in cases {
        let file = json!({"name": name, "size": bytes.len(), "mimeType": declared});
        let granted = announce(&server, &alice, file, "user:bob").await;
        let answer = post(&server, &granted, form(&granted, bytes)).await;
        let (code, told) = match refused {
            None => (200, answer.status().as_u16()),
            Some(_) => (415, refusal(answer).await.0),
        };
        assert_eq!(told, code, "{declared} {name}");
        let now = status(&server, &alice, &granted).await;
        assert_eq!(now["state"], if refused.is_some() { "refused" } else { "ready" });
        assert_eq!(now["refusal"].as_str(), refused);
        let url = now["attachment"]["url"].as_str().unwrap_or_default();
        assert!(url.ends_with(extension), "{url}");
        if refused.is_none() {
            let early = granted["attachment"]["url"].as_str().unwrap();
            let message = data(send(&server, &alice, early).await).await;
            assert_eq!(message["data"]["attachments"][0]["url"], url, "the right one goes out");
        }
    }
}

#[tokio::test]
async fn what_does_not_fit_the_announcement_is_refused_and_may_be_sent_right() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let granted = announce(&server, &alice, picture(), "user:bob").await;
    let file = || Part::bytes(png()).file_name("x");
    let token = || granted["request"]["body"]["token"].as_str().unwrap().to_owned();
    let (mut long, mut short) = (png(), png());
    long.push(0);
    short.pop();
    let digest = [("content-digest", "sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:")];
    let headers = reqwest::header::HeaderMap::from_iter(
        digest.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())),
    );
    let cases = [
        (form(&granted, long), 413, "ERR_FILE_SIZE_EXCEEDED"),
        (form(&granted, short), 400, "ERR_BAD_REQUEST"),
        (Form::new().text("token", "ckr_up_x").part("file", file()), 404, "ERR_UPLOAD_NOT_FOUND"),
        (Form::new().part("file", file()).text("token", token()), 400, "ERR_BAD_REQUEST"),
        (Form::new().text("token", token()), 400, "ERR_BAD_REQUEST"),
    ];
    for (form, code, name) in cases {
        let (status, told, _) = refusal(post(&server, &granted, form).await).await;
        assert_eq!((status, told.as_str()), (code, name));
        assert_eq!(status_name(&server, &alice, &granted).await, "receiving");
    }
    let wrong = Form::new().text("token", token()).part("file", file().headers(headers));
    let (status, told, _) = refusal(post(&server, &granted, wrong).await).await;
    assert_eq!((status, told.as_str()), (422, "ERR_HASH_MISMATCH"));
}

async fn status_name(server: &TestServer, login: &Login, granted: &Value) -> String {
    status(server, login, granted).await["state"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_announced_hash_is_compared() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let mut file = picture();
    file["sha256"] = json!("00".repeat(32));
    let granted = announce(&server, &alice, file.clone(), "user:bob").await;
    let (code, name, _) = refusal(post(&server, &granted, form(&granted, png())).await).await;
    assert_eq!((code, name.as_str()), (422, "ERR_HASH_MISMATCH"));
    file["sha256"] = json!("zz");
    let refused = announce(&server, &alice, file, "user:bob").await;
    assert_eq!(refused["error"]["code"], "ERR_BAD_REQUEST");
}

#[tokio::test]
async fn a_form_ends_with_its_hour_and_with_the_session() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let granted = announce(&server, &alice, picture(), "user:bob").await;
    let ended = announce(&server, &server.login("alice").await, picture(), "user:bob").await;
    let other = server.login("alice").await;
    let of_other = announce(&server, &other, picture(), "user:bob").await;
    data(server.as_user(&other, Method::DELETE, "/me").send().await.unwrap()).await;
    let (code, name, _) = refusal(post(&server, &of_other, form(&of_other, png())).await).await;
    assert_eq!((code, name.as_str()), (401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND"));
    server.clock.advance(3599);
    assert_eq!(post(&server, &granted, form(&granted, png())).await.status(), 200);
    server.clock.advance(1);
    let (code, name, _) = refusal(post(&server, &ended, form(&ended, png())).await).await;
    assert_eq!((code, name.as_str()), (410, "ERR_UPLOAD_EXPIRED"));
}

#[tokio::test]
async fn permission_size_and_number_are_asked_before_any_byte() {
    let server = TestServer::start().await;
    let (alice, mallory) = (server.login("alice").await, server.login("mallory").await);
    let call = async |login: &Login, body: Value| {
        let call = server.as_user(login, Method::POST, "/files/upload-url").json(&body);
        let (status, code, _) = refusal(call.send().await.unwrap()).await;
        (status, code)
    };
    let one = |receiver: &str, kind: &str| json!({"files": {"f": picture()}, "receiver": receiver, "receiverType": kind});
    let eleven: serde_json::Map<_, _> = (0..11).map(|i| (format!("f{i}"), picture())).collect();
    let many = json!({"files": eleven, "receiver": "bob", "receiverType": "user"});
    assert_eq!(call(&mallory, one("trip", "group")).await, (403, "ERR_NOT_A_MEMBER".to_owned()));
    assert_eq!(call(&alice, one("nobody", "user")).await, (404, "ERR_UID_NOT_FOUND".to_owned()));
    assert_eq!(call(&alice, many).await, (400, "ERR_FILE_COUNT_EXCEEDED".to_owned()));
    let large = json!({"name": "a", "size": 105_000_000, "mimeType": ""});
    let empty = json!({"name": "a", "size": 0, "mimeType": ""});
    for (file, expected) in [(large, "ERR_FILE_SIZE_EXCEEDED"), (empty, "ERR_FILE_EMPTY")] {
        let refused = announce(&server, &alice, file, "user:bob").await;
        assert_eq!(refused["error"]["code"], expected);
    }
}

#[tokio::test]
async fn an_upload_is_its_senders_and_the_back_ends_to_know() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let granted = announce(&server, &alice, picture(), "user:bob").await;
    let url = granted["request"]["url"].as_str().unwrap();
    let path = &url.split_once("/v3").unwrap().1.replace("/upload/", "/");
    let (code, name, _) =
        refusal(server.as_user(&bob, Method::GET, path).send().await.unwrap()).await;
    assert_eq!((code, name.as_str()), (404, "ERR_UPLOAD_NOT_FOUND"));
    let known = data(server.back_end(Method::GET, path).send().await.unwrap()).await;
    assert_eq!(known["state"], "receiving");
    let listed = server.back_end(Method::GET, "/media?state=receiving").send().await.unwrap();
    assert_eq!(data(listed).await.as_array().unwrap().len(), 1);
}
