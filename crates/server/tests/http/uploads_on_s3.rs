//! Uploads where the bytes lie in an object store.

use cloakroom_server::config::Config;
use cloakroom_storage::{Blobs, S3Settings};
use cloakroom_test::{Login, TestServer, data, png};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::object_store;

const BYTES: &str = "application/offset+octet-stream";

fn on_s3(settings: &S3Settings, credentials: &std::path::Path) -> impl FnOnce(&mut Config) {
    let keys = format!("{}\n{}\n", settings.access_key_id, settings.secret_access_key);
    std::fs::write(credentials, keys).unwrap();
    let (settings, file) = (settings.clone(), credentials.to_owned());
    move |config| {
        config.store.s3_bucket = Some(settings.bucket);
        config.store.s3_endpoint = settings.endpoint;
        config.store.s3_credentials_file = Some(file);
    }
}

async fn objects(settings: &S3Settings) -> Vec<u64> {
    let blobs = Blobs::s3(settings).unwrap();
    let mut sizes = Vec::new();
    for shard in 0..=u8::MAX {
        sizes.extend(blobs.list(shard).await.unwrap().iter().map(|blob| blob.size_bytes));
    }
    sizes.sort_unstable();
    sizes
}

async fn send_and_read(server: &TestServer, alice: &Login, url: &str) -> Vec<u8> {
    let message = json!({"receiver": "bob", "receiverType": "user", "type": "file",
        "data": {"attachments": [{"url": url}]}});
    data(server.as_user(alice, Method::POST, "/messages").json(&message).send().await.unwrap())
        .await;
    let bob = server.login("bob").await;
    let read = server.get(&format!("{url}?fat={}", bob.fat)).await;
    assert_eq!(read.status(), 200);
    read.bytes().await.unwrap().to_vec()
}

#[tokio::test]
async fn a_form_and_parts_of_any_size_become_files_in_an_object_store() {
    let (_folder, settings) = object_store::start().await;
    let keys = tempfile::NamedTempFile::new().unwrap();
    let server = TestServer::start_with(on_s3(&settings, keys.path())).await;
    let alice = server.login("alice").await;

    let file = json!({"name": "dot.png", "size": png().len(), "mimeType": "image/png"});
    let body = json!({"files": {"f": file}, "receiver": "bob", "receiverType": "user"});
    let call = server.as_user(&alice, Method::POST, "/files/upload-url").json(&body);
    let granted = data(call.send().await.unwrap()).await["f"].clone();
    let post = async |bytes: Vec<u8>| -> Value {
        let token = granted["request"]["body"]["token"].as_str().unwrap().to_owned();
        let form = Form::new().text("token", token).part("file", Part::bytes(bytes).file_name("x"));
        let url = granted["request"]["url"].as_str().unwrap();
        data(server.http.post(url).multipart(form).send().await.unwrap()).await
    };
    let first = post(png()).await;
    let before = objects(&settings).await;
    assert_eq!(before.len(), 2, "the picture and its thumbnail");
    assert_eq!(post(vec![0; png().len()]).await, first);
    assert_eq!(objects(&settings).await, before, "sent again it changes nothing");
    let url = first["attachment"]["url"].as_str().unwrap();
    assert_eq!(send_and_read(&server, &alice, url).await, png());

    // More than a part of ours, then a tail that no multipart upload of S3 would take by itself.
    let bytes: Vec<u8> = (0..9_000_000_u32).map(|i| (i % 251).to_le_bytes()[0]).collect();
    let tus = |server: &TestServer, method, path: &str| {
        server.as_user(&alice, method, path).header("tus-resumable", "1.0.0")
    };
    let created = tus(&server, Method::POST, "/files/tus")
        .header("upload-length", bytes.len())
        .header("upload-metadata", "receiver Ym9i");
    let created = created.send().await.unwrap();
    let path = created.headers()["location"].to_str().unwrap().split_once("/v3").unwrap().1;
    let append = |server: &TestServer, from: usize, to: usize| {
        tus(server, Method::PATCH, path)
            .header("upload-offset", from)
            .header("content-type", BYTES)
            .body(bytes[from..to].to_vec())
    };
    assert_eq!(append(&server, 0, 8_900_000).send().await.unwrap().status(), 204);
    assert_eq!(append(&server, 8_900_000, 8_900_003).send().await.unwrap().status(), 204);
    let lying = objects(&settings).await;
    assert_eq!(lying.iter().sum::<u64>() - before.iter().sum::<u64>(), 8_900_003);
    assert!(lying.contains(&3), "a tail is an object of its own: {lying:?}");
    let server = server.restart_with(on_s3(&settings, keys.path())).await;
    let last = append(&server, 8_900_003, bytes.len()).send().await.unwrap();
    let url = last.headers()["media-url"].to_str().unwrap().to_owned();
    assert!(send_and_read(&server, &alice, &url).await == bytes, "its bytes are those sent");
    let mut after = before;
    after.push(bytes.len() as u64);
    assert_eq!(objects(&settings).await, after, "its parts are gone");
}
