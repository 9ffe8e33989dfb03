//! The blocking client: on a thread of its own all works, inside a runtime nothing does.

use std::io::Read as _;

use cloakroom_sdk::blocking::Client;
use cloakroom_sdk::{Error, MediaKind, MediaMessage, Receiver, SecureMediaMode, Upload};
use cloakroom_test::{APP, TestServer};

use crate::noise;

fn client(server: &TestServer) -> Client {
    let builder = cloakroom_sdk::Client::builder(APP, &server.api_origin);
    Client::new(builder.secure_media_mode(SecureMediaMode::HeaderBased)).unwrap()
}

#[test]
fn all_of_it_works_without_async_code() {
    let servers = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (server, alice, bob) = servers.block_on(async {
        let server = TestServer::start().await;
        let (alice, bob) = (server.login("alice").await, server.login("bob").await);
        (server, alice.auth_token, bob.auth_token)
    });
    let bytes = noise(300_000);

    let sender = client(&server);
    assert_eq!(sender.login_with_auth_token(&alice).unwrap().uid, "alice");
    let to = Receiver::user("bob");
    let upload = sender.upload(&to, Upload::bytes("n.bin", bytes.clone())).chunk_bytes(100_000);
    let file = upload.send().unwrap();
    let message = MediaMessage::of_uploaded(to.clone(), MediaKind::File, &file);
    sender.send_media(&message).unwrap();
    let text = sender.send_text(&to, "hello").unwrap();
    assert_eq!(sender.message(&text.id).unwrap().id, text.id);
    sender.delete_message(&text.id).unwrap();

    let reader = client(&server);
    reader.login_with_auth_token(&bob).unwrap();
    assert!(reader.is_header_mode_enabled() && reader.fat().is_some());
    assert!(reader.requires_secure_access(&file.url));
    let mut request = reader.messages(Receiver::user("alice")).limit(10);
    assert!(request.fetch_previous().unwrap().iter().any(|message| message.id != text.id));
    assert!(request.fetch_next().unwrap().is_empty());
    let opened = reader.fetch_presigned_urls(&[&file.url, "junk"]).unwrap();
    assert!(opened[0].as_ref().unwrap().contains("Signature=") && opened[1].is_ok());
    assert_eq!(reader.media_url(&file.url).unwrap(), file.url, "clean in header mode");

    let mut download = reader.download(&file.url).unwrap();
    let (mut first, mut rest) = ([0; 1000], Vec::new());
    download.read_exact(&mut first).unwrap();
    download.read_to_end(&mut rest).unwrap();
    assert!([&first[..], &rest].concat() == bytes);
    let part = reader.download_range(&file.url, 10..20).unwrap();
    assert_eq!(part.bytes().unwrap(), bytes[10..20]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("n.bin");
    reader.download_to_file(&file.url, &path).unwrap();
    assert!(std::fs::read(path).unwrap() == bytes);

    reader.logout().unwrap();
    assert!(matches!(reader.download(&file.url), Err(Error::NotLoggedIn)));
    servers.block_on(server.stop());
}

#[tokio::test]
async fn inside_a_runtime_it_is_an_error_and_no_panic() {
    let server = TestServer::start().await;
    let token = server.login("alice").await.auth_token;
    let blocking = client(&server);
    let refused = blocking.login_with_auth_token(&token);
    assert!(matches!(refused, Err(Error::BlockingInsideRuntime)), "{refused:?}");
    assert_eq!(blocking.logged_in_user(), None, "nothing was sent");
    blocking.as_async().login_with_auth_token(&token).await.unwrap();
    assert!(blocking.logged_in_user().is_some());
    drop(blocking);
}
