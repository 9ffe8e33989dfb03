//! Presigning many URLs in one call.

use cloakroom_storage::TokenBasedFileAccess;
use cloakroom_test::{APP, START, TestServer, data, png, refusal};
use cloakroom_token::AppId;
use reqwest::Method;
use serde_json::{Value, json};

async fn items(call: reqwest::RequestBuilder, urls: &[String]) -> Vec<Value> {
    let answer = data(call.json(&json!({ "urls": urls })).send().await.unwrap()).await;
    answer.as_array().unwrap().clone()
}

#[tokio::test]
async fn each_url_has_its_own_answer_in_the_order_of_the_request() {
    let server = TestServer::start().await;
    let (alice, carol) = (server.login("alice").await, server.login("carol").await);
    let private = server.send_picture(&alice, "user:bob").await;
    let shared = server.send_picture(&alice, "group:trip").await;
    let urls = [
        shared.clone(),
        private.clone(),
        "not a url".to_owned(),
        "https://evil.test/a.png".to_owned(),
        private.replace(APP, "otherapp"),
        format!("{}/{APP}/media/{}.png", server.media_origin, "0".repeat(32)),
        format!("{shared}?fat={}", alice.fat),
    ];
    let got = items(server.as_user(&carol, Method::POST, "/media/presign"), &urls).await;
    assert_eq!(got.len(), urls.len());
    for (item, url) in got.iter().zip(&urls) {
        assert_eq!(item["url"], *url);
    }
    assert_eq!(got[1]["error"]["code"], "ERR_NOT_PERMITTED");
    for item in &got[2..5] {
        assert_eq!(item["error"]["code"], "ERR_INVALID_URL", "{item}");
    }
    assert_eq!(got[5]["error"]["code"], "ERR_FILE_NOT_FOUND");
    for item in [&got[0], &got[6]] {
        let presigned = item["presignedUrl"].as_str().unwrap();
        assert!(presigned.starts_with(&format!("{shared}?Principal=s:")), "{presigned}");
        assert!(!presigned.contains("fat="), "{presigned}");
        let answer = server.get(presigned).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.bytes().await.unwrap(), png());
        let expires = item["expiresAt"].as_i64().unwrap();
        assert!((START.0 + 600..=START.0 + 900).contains(&expires), "{expires}");
    }
}

#[tokio::test]
async fn a_thousand_urls_are_one_call_and_one_more_is_refused() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let url = server.send_picture(&alice, "user:bob").await;
    let call = || server.as_user(&alice, Method::POST, "/media/presign");
    let got = items(call(), &vec![url.clone(); 1000]).await;
    assert!(got.len() == 1000 && got.iter().all(|item| item["presignedUrl"].is_string()));
    let answer = call().json(&json!({"urls": vec![url; 1001]})).send().await.unwrap();
    let (status, code, _) = refusal(answer).await;
    assert_eq!((status, code.as_str()), (400, "ERR_TOO_MANY_URLS"));
    assert!(items(call(), &[]).await.is_empty());
}

#[tokio::test]
async fn the_back_end_presigns_as_a_user_and_survives_a_logout() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let url = server.send_picture(&alice, "user:bob").await;
    let call =
        |uid: &str| server.back_end(Method::POST, "/media/presign").header("onBehalfOf", uid);
    let got = items(call("bob"), std::slice::from_ref(&url)).await;
    let presigned = got[0]["presignedUrl"].as_str().unwrap();
    assert!(presigned.contains("?Principal=u:bob&"), "{presigned}");
    assert_eq!(server.get(presigned).await.status(), 200);
    let refused = items(call("mallory"), std::slice::from_ref(&url)).await;
    assert_eq!(refused[0]["error"]["code"], "ERR_NOT_PERMITTED");
    let nobody = server.back_end(Method::POST, "/media/presign").json(&json!({"urls": [url]}));
    let (status, code, _) = refusal(nobody.send().await.unwrap()).await;
    assert_eq!((status, code.as_str()), (401, "ERR_NO_AUTH"));
}

#[tokio::test]
async fn with_the_switch_off_every_url_comes_back_as_it_was_sent() {
    let server = TestServer::start().await;
    let (alice, mallory) = (server.login("alice").await, server.login("mallory").await);
    let url = server.send_picture(&alice, "user:bob").await;
    let app = AppId::parse(APP).unwrap();
    let apps = server.db().apps();
    apps.retreat_token_based_file_access(&app, TokenBasedFileAccess::Off, START).await.unwrap();
    server.catch_up().await;
    let urls = [url.clone(), "junk".to_owned()];
    let call = || server.as_user(&mallory, Method::POST, "/media/presign");
    for (item, url) in items(call(), &urls).await.iter().zip(&urls) {
        assert_eq!(*item, json!({"url": url, "presignedUrl": url}));
    }
    apps.advance_token_based_file_access(&app, TokenBasedFileAccess::Observe, START).await.unwrap();
    server.catch_up().await;
    let got = items(call(), std::slice::from_ref(&url)).await;
    assert_eq!(got[0], json!({"url": url, "presignedUrl": url}), "nothing breaks while observing");
}
