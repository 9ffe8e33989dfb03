//! Both secure media modes.

use cloakroom_sdk::{Client, MediaKind, MediaMessage, Receiver, SecureMediaMode, Upload};
use cloakroom_test::{TestServer, png};

use crate::client;

async fn send(client: &Client) -> String {
    let upload = Upload::bytes("dot.png", png()).content_type("image/png");
    let message = MediaMessage::new(Receiver::user("bob"), MediaKind::Image, upload);
    let sent = client.send_media(&message).await.unwrap();
    sent.data.attachments[0].url.clone()
}

#[tokio::test]
async fn both_modes_open_a_picture_and_an_outsider_does_not() {
    let server = TestServer::start().await;
    let alice = client(&server, "alice", SecureMediaMode::HeaderBased).await;
    let url = send(&alice).await;
    assert!(alice.is_header_mode_enabled() && alice.requires_secure_access(&url));
    let presigned = alice.fetch_presigned_url(&url).await.unwrap();
    assert_ne!(presigned, url);
    assert_eq!(server.get(&presigned).await.bytes().await.unwrap(), png());

    let bob = client(&server, "bob", SecureMediaMode::Embedded).await;
    let page = bob.messages(Receiver::user("alice")).fetch_previous().await.unwrap();
    let embedded = &page[0].data.attachments[0].url;
    assert!(embedded.starts_with(&format!("{url}?fat=")), "{embedded}");
    assert_eq!(server.get(embedded).await.bytes().await.unwrap(), png());
    assert_eq!(bob.download(&url).await.unwrap().bytes().await.unwrap(), png());

    let mallory = client(&server, "mallory", SecureMediaMode::HeaderBased).await;
    let refused = mallory.fetch_presigned_url(&url).await.unwrap_err();
    assert_eq!(refused.code().as_str(), "ERR_NOT_PERMITTED");
}

#[tokio::test]
async fn an_expired_url_and_token_are_renewed_and_a_logout_ends_both() {
    let server = TestServer::start().await;
    let alice = client(&server, "alice", SecureMediaMode::HeaderBased).await;
    let url = send(&alice).await;
    let first = alice.fetch_presigned_url(&url).await.unwrap();
    assert_eq!(alice.fetch_presigned_url(&url).await.unwrap(), first, "cached");
    server.clock.advance(900);
    assert_eq!(server.get(&first).await.status(), 403);
    let fresh = alice.fetch_presigned_url(&url).await.unwrap();
    assert_eq!(server.get(&fresh).await.status(), 200);
    server.clock.advance(2 * 86_400);
    assert_eq!(alice.download(&url).await.unwrap().bytes().await.unwrap(), png());
    let fresh = alice.fetch_presigned_url(&url).await.unwrap();
    alice.logout().await.unwrap();
    assert!(alice.fat().is_none());
    assert_eq!(server.get(&fresh).await.status(), 401);
    assert_eq!(
        alice.fetch_presigned_url(&url).await.unwrap_err().code().as_str(),
        "ERR_NOT_LOGGED_IN"
    );
}
