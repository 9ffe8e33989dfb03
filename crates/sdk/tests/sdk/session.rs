//! Login, logout, and the File Access Token's life.

use crate::support::{NOON, Reply, Server};
use cloakroom_sdk::SecureMediaMode::{Embedded, HeaderBased};
use cloakroom_sdk::{Client, Error, ErrorCode};
use serde_json::json;

#[tokio::test]
async fn login_by_auth_key_makes_a_token_and_takes_it() {
    let server = Server::start().await;
    server
        .on(
            "POST /v3/users/alice/auth_tokens",
            Reply::data(json!({"uid": "alice", "authToken": "t"})),
        )
        .on("PUT /v3/me", Reply::data(server.me("fat.1", 60)));
    let client = server.client(Embedded);
    assert_eq!((client.logged_in_user(), client.fat()), (None, None));
    let user = client.login("alice", "ckr_key_1").await.unwrap();
    assert_eq!(user.name, "Alice");
    assert_eq!(client.logged_in_user().unwrap().uid, "alice");
    assert_eq!(client.fat().unwrap().as_str(), "fat.1");

    let seen = server.seen();
    assert_eq!(seen[0].header("apikey"), Some("ckr_key_1"));
    assert_eq!(seen[0].header("authtoken"), None);
    assert_eq!(seen[1].header("authtoken"), Some("t"));
    assert_eq!(seen[1].header("apikey"), None);
    for seen in &seen {
        assert_eq!(seen.header("appid"), Some("demoapp"));
        assert!(seen.header("sdk").unwrap().starts_with("cloakroom-rust@"));
    }
}

#[tokio::test]
async fn a_refused_login_tells_the_servers_code_and_leaves_nobody_logged_in() {
    let server = Server::start().await;
    server.on("PUT /v3/me", Reply::error(401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND"));
    let client = server.client(Embedded);
    let error = client.login_with_auth_token("gone").await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::AuthTokenNotFound);
    assert_eq!(client.logged_in_user(), None);
    for uid in ["", "..", "a/b", "a?b"] {
        let refused = client.login(uid, "k").await;
        assert!(matches!(refused, Err(Error::InvalidArgument(_))), "{uid:?}");
    }
    let refused = client.login("alice", "line\r\nbreak").await;
    assert!(matches!(refused, Err(Error::InvalidArgument(_))));
}

#[tokio::test]
async fn an_answer_that_is_none_is_an_invalid_response() {
    let server = Server::start().await;
    for reply in [
        Reply::bytes(200, b"<html>"),
        Reply::bytes(204, b""),
        Reply::bytes(502, b"bad gateway"),
        Reply::json(200, &json!({"data": {"name": "no uid"}})),
    ] {
        server.no_more("PUT /v3/me").on("PUT /v3/me", reply);
        let error = server.client(Embedded).login_with_auth_token("t").await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidResponse, "{error}");
    }
}

#[tokio::test]
async fn no_server_is_a_network_error_that_shows_no_url() {
    let client = Client::builder("demoapp", "http://127.0.0.1:1").build().unwrap();
    let error = client.login_with_auth_token("t").await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Network);
    assert!(error.may_help_to_retry());
    assert!(!format!("{error:?}").contains("127.0.0.1:1/"), "{error:?}");
}

#[tokio::test]
async fn logout_ends_the_session_here_even_if_the_server_fails() {
    let server = Server::start().await;
    let client = server.logged_in(Embedded).await;
    server.on("DELETE /v3/me", Reply::error(500, "ERR_INTERNAL"));
    assert_eq!(client.logout().await.unwrap_err().code(), ErrorCode::Internal);
    assert_eq!((client.logged_in_user(), client.fat()), (None, None));
    assert!(matches!(client.logout().await, Err(Error::NotLoggedIn)));
    let url = server.media(1);
    assert!(client.requires_secure_access(&url), "a media URL is still known as such");
    assert!(matches!(client.fetch_presigned_url(&url).await, Err(Error::NotLoggedIn)));
    assert!(matches!(client.download(&url).await, Err(Error::NotLoggedIn)));
    assert_eq!(server.lines(), ["DELETE /v3/me"]);
}

#[tokio::test]
async fn a_session_that_the_server_ended_is_over_here_too() {
    let server = Server::start().await;
    let client = server.logged_in(Embedded).await;
    server.on("GET /v3/messages/7", Reply::error(401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND"));
    assert!(matches!(client.message("7").await, Err(Error::NotLoggedIn)));
    assert_eq!(client.logged_in_user(), None);
    server.on("DELETE /v3/me", Reply::data(json!({"success": true})));
    assert!(matches!(client.logout().await, Err(Error::NotLoggedIn)));
}

#[tokio::test]
async fn a_fat_ends_by_the_servers_clock_to_the_second() {
    let server = Server::start().await;
    server.advance(-5000); // our clock is slow; the server's says noon
    let client = server.logged_in(Embedded).await;
    server.advance(3599);
    assert!(client.fat().is_some());
    server.advance(1);
    assert_eq!(client.fat(), None);
}

#[tokio::test]
async fn a_fat_is_renewed_when_used_near_its_end_once_for_all() {
    let server = Server::start().await;
    let client = server.logged_in(Embedded).await;
    let renewed = Reply::json(
        200,
        &json!({"data": {"fat": "fat.2", "fatExpiresAt": NOON + 7200},
            "meta": {"serverTime": NOON + 3000}}),
    );
    server.on("POST /v3/me/fat", renewed.held());
    let url = server.media(1);
    server.advance(2999);
    assert_eq!(client.media_url(&url).await, format!("{url}?fat=fat.1"));
    assert_eq!(server.lines(), [""; 0], "not due yet");
    server.advance(1);
    let urls = futures_util::future::join_all((0..20).map(|_| client.media_url(&url)));
    let (urls, ()) = tokio::join!(urls, async {
        server.asked(1).await;
        server.release();
    });
    assert!(urls.iter().all(|got| *got == format!("{url}?fat=fat.2")), "{urls:?}");
    assert_eq!(server.lines(), ["POST /v3/me/fat"]);
}

#[tokio::test]
async fn a_failed_renewal_is_no_error_while_the_old_fat_is_valid_and_is_not_repeated_at_once() {
    let server = Server::start().await;
    let client = server.logged_in(Embedded).await;
    server.on("POST /v3/me/fat", Reply::error(503, "ERR_BUSY"));
    let url = server.media(1);
    server.advance(3100);
    for _ in 0..3 {
        assert_eq!(client.media_url(&url).await, format!("{url}?fat=fat.1"));
    }
    assert_eq!(server.lines(), ["POST /v3/me/fat"]);
    server.advance(5);
    client.media_url(&url).await;
    assert_eq!(server.lines(), ["POST /v3/me/fat"]);
    server.advance(495);
    assert_eq!(client.media_url(&url).await, url, "without a FAT the URL stays clean");
}

#[tokio::test]
async fn protection_that_was_switched_off_leaves_urls_alone() {
    let server = Server::start().await;
    let client = server.logged_in(Embedded).await;
    server.on("POST /v3/me/fat", Reply::data(json!({"fat": null})));
    server.advance(3100);
    let url = server.media(1);
    assert_eq!(client.media_url(&url).await, url);
    assert_eq!((client.fat(), client.secure_media_host()), (None, None));
    assert!(!client.requires_secure_access(&url));
}

#[tokio::test]
async fn the_helpers_tell_mode_host_and_fat() {
    let server = Server::start().await;
    let clients = [server.logged_in(Embedded).await, server.logged_in(HeaderBased).await];
    assert_eq!(clients.each_ref().map(Client::is_header_mode_enabled), [false, true]);
    let host = server.origin.strip_prefix("http://").unwrap();
    assert_eq!(clients[1].secure_media_host().as_deref(), Some(host));
    assert!(clients[0].requires_secure_access(&server.media(1)));
    assert!(!clients[0].requires_secure_access(&format!("https://evil.test/?{}", server.media(1))));
    server.advance(3600);
    assert!(!clients[1].is_header_mode_enabled(), "no valid FAT any more");
    let url = server.media(1);
    assert_eq!(clients[1].media_url(&url).await, url);
    assert!(!server.client(HeaderBased).is_header_mode_enabled());
}

#[tokio::test]
async fn debug_shows_no_token() {
    let server = Server::start().await;
    let client = server.logged_in(Embedded).await;
    let shown = format!("{client:?} {:?}", client.fat());
    assert!(!shown.contains("fat.1") && !shown.contains("ckr_at_1"), "{shown}");
}
