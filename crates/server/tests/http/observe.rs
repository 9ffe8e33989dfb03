//! Observe before enforce: nothing is refused, and what would be is counted.

use cloakroom_storage::TokenBasedFileAccess;
use cloakroom_test::{APP, Login, TestServer, data, refusal};
use cloakroom_token::AppId;
use reqwest::Method;
use serde_json::Value;

async fn set(server: &TestServer, to: TokenBasedFileAccess) {
    let app = AppId::parse(APP).unwrap();
    let apps = server.db().apps();
    apps.retreat_token_based_file_access(&app, to, server.clock.now()).await.unwrap();
    apps.advance_token_based_file_access(&app, to, server.clock.now()).await.unwrap();
    server.catch_up().await;
}

async fn observe(server: &TestServer, query: &str) -> Value {
    let call = server.back_end(Method::GET, &format!("/observe{query}"));
    data(call.send().await.unwrap()).await
}

async fn world() -> (TestServer, String, Login, Login) {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let mallory = server.login("mallory").await;
    let url = server.send_picture(&alice, "user:bob").await;
    (server, url, alice, mallory)
}

/// Reason, client and count of what would have been refused.
fn counts(observed: &Value) -> Vec<(String, String, i64)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let all = observed["refused"].as_array().unwrap().iter();
    let mut all: Vec<_> = all
        .map(|seen| (text(&seen["reason"]), text(&seen["client"]), seen["count"].as_i64().unwrap()))
        .collect();
    all.sort();
    all
}

#[tokio::test]
async fn nothing_is_refused_and_each_reason_is_counted_by_client() {
    let (server, url, alice, mallory) = world().await;
    let presigned = server.presign(&alice, &url).await;
    set(&server, TokenBasedFileAccess::Observe).await;
    let ended = server.login("bob").await;
    server.as_user(&ended, Method::DELETE, "/me").send().await.unwrap();
    let get = async |url: &str, client: &str| {
        let call = server.http.get(url).header("user-agent", client);
        assert_eq!(call.send().await.unwrap().status(), 200, "{url}");
    };
    get(&url, "curl/8.5.0").await;
    get(&url, "curl/8.5.0").await;
    get(&url, "Mozilla/5.0 Chrome/156.0.0.0 Safari/537.36").await;
    get(&format!("{url}?fat=junk"), "curl/8.5.0").await;
    get(&format!("{url}?fat={}", mallory.fat), "curl/8.5.0").await;
    get(&format!("{url}?fat={}", ended.fat), "curl/8.5.0").await;
    get(&presigned.replace("Signature=", "Signature=A"), "curl/8.5.0").await;
    get(&format!("{url}?fat={}", alice.fat), "curl/8.5.0").await;
    let observed = observe(&server, "").await;
    assert_eq!(observed["tokenBasedFileAccess"], "observe");
    let curl = |reason: &str, count| (reason.to_owned(), "curl/8.5.0".to_owned(), count);
    let chrome = ("fat_missing".to_owned(), "Chrome/156".to_owned(), 1);
    assert_eq!(
        counts(&observed),
        [
            curl("fat_invalid", 1),
            chrome,
            curl("fat_missing", 2),
            curl("not_permitted", 1),
            curl("presign_altered", 1),
            curl("session_ended", 1),
        ]
    );
    assert_eq!(observed["refused"][0]["path"], format!("/{APP}/media/*.png"));
    assert!(!observed.to_string().contains(url.rsplit_once('/').unwrap().1), "no file is named");
    let again = server.restart().await;
    assert_eq!(counts(&observe(&again, "?days=1").await).len(), 6, "they outlive the server");
    again.clock.advance(86_400);
    assert!(counts(&observe(&again, "?days=1").await).is_empty());
    assert_eq!(counts(&observe(&again, "?days=2").await).len(), 6);
}

#[tokio::test]
async fn sessions_that_would_lose_their_media_are_counted() {
    let server = TestServer::start().await;
    let sessions = async || {
        let observed = observe(&server, "").await;
        (
            observed["liveSessions"].as_i64().unwrap(),
            observed["liveSessionsWithoutFat"].as_i64().unwrap(),
        )
    };
    set(&server, TokenBasedFileAccess::Off).await;
    assert_eq!(sessions().await, (0, 0));
    server.login("alice").await;
    assert_eq!(sessions().await, (1, 1), "off gives no token");
    set(&server, TokenBasedFileAccess::Observe).await;
    let bob = server.login("bob").await;
    assert_eq!(sessions().await, (2, 1));
    server.clock.advance(86_400);
    assert_eq!(sessions().await, (2, 2), "bob's has expired");
    server.as_user(&bob, Method::DELETE, "/me").send().await.unwrap();
    assert_eq!(sessions().await, (1, 1));
}

#[tokio::test]
async fn the_cache_headers_are_the_same_whatever_the_switch_says() {
    let (server, url, alice, _) = world().await;
    let with_fat = format!("{url}?fat={}", alice.fat);
    let headers = async || {
        let answer = server.get(&with_fat).await;
        assert_eq!(answer.status(), 200);
        let mut headers: Vec<_> = answer
            .headers()
            .iter()
            .filter(|(name, _)| *name != "date")
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        headers.sort();
        headers
    };
    let on = headers().await;
    assert!(on.iter().any(|(name, value)| name == "cache-control" && value == "private, no-cache"));
    for other in [TokenBasedFileAccess::Observe, TokenBasedFileAccess::Off] {
        set(&server, other).await;
        assert_eq!(headers().await, on, "{other:?}");
    }
}

#[tokio::test]
async fn only_observe_counts_and_only_the_back_end_looks() {
    let (server, url, alice, _) = world().await;
    assert_eq!(server.get(&url).await.status(), 401);
    set(&server, TokenBasedFileAccess::Off).await;
    assert_eq!(server.get(&url).await.status(), 200);
    assert!(counts(&observe(&server, "").await).is_empty());
    let user = server.as_user(&alice, Method::GET, "/observe").send().await.unwrap();
    assert_eq!(refusal(user).await.1, "ERR_NO_AUTH");
    for query in ["?days=0", "?days=91", "?weeks=1"] {
        let answer =
            server.back_end(Method::GET, &format!("/observe{query}")).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{query}");
    }
}
