//! Sessions that end at the server: told once, and not when the user logged out.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use cloakroom_sdk::SecureMediaMode::{self, Embedded, HeaderBased};
use cloakroom_sdk::{Client, ErrorCode};
use cloakroom_test::{TestServer, data};
use reqwest::Method;
use serde_json::json;

use crate::{builder, logged_in, send_noise};

async fn counted(server: &TestServer, mode: SecureMediaMode) -> (Client, Arc<AtomicU32>) {
    let told = Arc::new(AtomicU32::new(0));
    let tell = Arc::clone(&told);
    let builder = builder(server).secure_media_mode(mode).on_session_expired(move || {
        tell.fetch_add(1, Ordering::Relaxed);
    });
    (logged_in(server, "bob", builder).await, told)
}

async fn revoke(server: &TestServer, revocation: &serde_json::Value) {
    let call = server.back_end(Method::POST, "/revocations").json(revocation);
    data(call.send().await.unwrap()).await;
}

#[tokio::test]
async fn a_revoked_session_is_told_once_whoever_notices_it_first() {
    let server = TestServer::start().await;
    let url = send_noise(&server, b"a few bytes").await;
    for mode in [Embedded, HeaderBased] {
        let (bob, told) = counted(&server, mode).await;
        bob.download(&url).await.unwrap();
        assert_eq!(told.load(Ordering::Relaxed), 0);
        revoke(&server, &json!({"kind": "user", "id": "bob"})).await;
        for _ in 0..2 {
            let error = bob.download(&url).await.unwrap_err();
            let is_told = matches!(error.code(), ErrorCode::SessionEnded | ErrorCode::NotLoggedIn);
            assert!(is_told, "{mode:?} {error:?}");
        }
        let error = bob.fetch_presigned_url(&url).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::NotLoggedIn);
        assert_eq!(told.load(Ordering::Relaxed), 1, "{mode:?}");
        let call = server.back_end(Method::PUT, "/users").json(&json!({"uidsToActivate": ["bob"]}));
        data(call.send().await.unwrap()).await;
    }
}

#[tokio::test]
async fn a_logout_is_not_told_and_a_new_login_may_expire_again() {
    let server = TestServer::start().await;
    let url = send_noise(&server, b"a few bytes").await;
    let (bob, told) = counted(&server, Embedded).await;
    bob.logout().await.unwrap();
    assert_eq!(bob.download(&url).await.unwrap_err().code(), ErrorCode::NotLoggedIn);
    assert_eq!(told.load(Ordering::Relaxed), 0);
    for times in 1..3 {
        let token = server.login("bob").await.auth_token;
        bob.login_with_auth_token(&token).await.unwrap();
        bob.download(&url).await.unwrap();
        let sessions =
            data(server.back_end(Method::GET, "/users/bob/sessions").send().await.unwrap());
        for session in sessions.await.as_array().unwrap() {
            revoke(&server, &json!({"kind": "session", "id": session["id"]})).await;
        }
        assert_eq!(bob.fetch_presigned_url(&url).await.unwrap_err().code(), ErrorCode::NotLoggedIn);
        assert_eq!(told.load(Ordering::Relaxed), times);
    }
}
