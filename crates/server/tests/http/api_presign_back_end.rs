//! Presigning by the app's back end: purposes, lifetimes, renditions, dispositions.

use cloakroom_test::{API_KEY, TestServer, data, refusal};
use reqwest::Method;
use serde_json::{Value, json};

async fn presign(server: &TestServer, uid: Option<&str>, body: &Value) -> Value {
    let mut call = server.back_end(Method::POST, "/media/presign");
    if let Some(uid) = uid {
        call = call.header("onBehalfOf", uid);
    }
    data(call.json(body).send().await.unwrap()).await[0].clone()
}

#[tokio::test]
async fn a_bearer_url_has_a_purpose_and_ends_with_the_key_that_made_it() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let url = server.send_picture(&alice, "user:bob").await;
    let body = json!({"name": "Mailer", "scope": "fullAccess"});
    let key = data(server.back_end(Method::POST, "/apikeys").json(&body).send().await.unwrap());
    let key = key.await;
    let call = server
        .api(Method::POST, "/media/presign")
        .header("apikey", key["apiKey"].as_str().unwrap());
    let call = call.json(&json!({"urls": [url], "purpose": "mail", "ttlSeconds": 604_800}));
    let item = data(call.send().await.unwrap()).await[0].clone();
    let presigned = item["presignedUrl"].as_str().unwrap();
    let principal = format!("?Principal=k:{}&", key["id"].as_str().unwrap());
    assert!(presigned.contains(&principal) && presigned.contains("&Purpose=mail&"), "{presigned}");
    let life = item["expiresAt"].as_i64().unwrap() - server.clock.now().0;
    assert!((403_200..=604_800).contains(&life), "{life}");
    assert_eq!(server.get(presigned).await.status(), 200);
    let stripped = presigned.replace("&Purpose=mail", "");
    assert_eq!(server.get(&stripped).await.status(), 403);
    let path = format!("/apikeys/{}", key["id"].as_str().unwrap());
    server.back_end(Method::DELETE, &path).send().await.unwrap();
    assert_eq!(refusal(server.get(presigned).await).await.2, "presign_altered");
}

#[tokio::test]
async fn a_url_on_behalf_of_a_user_is_checked_as_that_user() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let url = server.send_picture(&alice, "group:trip").await;
    let body = json!({"urls": [url], "purpose": "push", "ttlSeconds": 3600});
    let item = presign(&server, Some("carol"), &body).await;
    let presigned = item["presignedUrl"].as_str().unwrap();
    assert!(presigned.contains("?Principal=u:carol&"), "{presigned}");
    assert_eq!(server.get(presigned).await.status(), 200);
    assert_eq!(
        presign(&server, Some("mallory"), &body).await["error"]["code"],
        "ERR_NOT_PERMITTED"
    );
    server.back_end(Method::DELETE, "/groups/trip/members/carol").send().await.unwrap();
    assert_eq!(server.get(presigned).await.status(), 403);
}

#[tokio::test]
async fn a_disposition_is_signed_and_obeyed() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let url = server.send_picture(&alice, "user:bob").await;
    for (word, expected) in [("attachment", "attachment"), ("inline", "inline")] {
        let body = json!({"urls": [url], "purpose": "download", "disposition": word});
        let item = presign(&server, None, &body).await;
        let presigned = item["presignedUrl"].as_str().unwrap();
        let answer = server.get(presigned).await;
        assert_eq!(answer.status(), 200);
        let got =
            answer.headers().get("content-disposition").map_or("inline", |v| v.to_str().unwrap());
        assert!(got.starts_with(expected), "{got}");
        assert_eq!(server.get(&presigned.replace(word, "other")).await.status(), 403);
    }
}

#[tokio::test]
async fn a_rendition_that_is_not_there_is_said_so_and_opens_nothing_else() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let url = server.send_picture(&alice, "user:bob").await;
    let body = json!({"urls": [url], "purpose": "mail", "variant": "large"});
    let item = presign(&server, None, &body).await;
    assert_eq!(item["error"]["code"], "ERR_FILE_NOT_FOUND", "{item}");
}

#[tokio::test]
async fn terms_are_for_the_back_end_and_within_bounds() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let url = server.send_picture(&alice, "user:bob").await;
    for (name, value) in [
        ("purpose", json!("mail")),
        ("ttlSeconds", json!(60)),
        ("views", json!(1)),
        ("variant", json!("small")),
        ("disposition", json!("inline")),
    ] {
        let mut body = json!({"urls": [url]});
        body[name] = value;
        let call = server.as_user(&alice, Method::POST, "/media/presign").json(&body);
        let (status, code, _) = refusal(call.send().await.unwrap()).await;
        assert_eq!((status, code.as_str()), (403, "ERR_NOT_PERMITTED"), "{name}");
    }
    for (body, field) in [
        (json!({"urls": [url], "purpose": "mail", "ttlSeconds": 59}), "ttlSeconds"),
        (json!({"urls": [url], "purpose": "mail", "ttlSeconds": 604_801}), "ttlSeconds"),
        (json!({"urls": [url], "purpose": "mail", "views": 0}), "views"),
        (json!({"urls": [url], "purpose": "mail", "views": 1001}), "views"),
        (json!({"urls": [url], "purpose": "mail", "views": 1, "variant": "small"}), "views"),
        (json!({"urls": [url], "purpose": "fun"}), "fun"),
        (json!({"urls": [url], "purposes": ["mail"]}), "purposes"),
    ] {
        let call = server.back_end(Method::POST, "/media/presign").json(&body);
        let answer = call.send().await.unwrap();
        assert_eq!(answer.status(), 400, "{body}");
        let text = answer.text().await.unwrap();
        assert!(text.contains(field), "{text}");
    }
    let call = server.back_end(Method::POST, "/media/presign");
    let call = call.json(&json!({"urls": [url], "ttlSeconds": 60}));
    assert_eq!(refusal(call.send().await.unwrap()).await.1, "ERR_NO_AUTH", "{API_KEY}");
}

#[tokio::test]
async fn an_auth_only_key_never_presigns() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let url = server.send_picture(&alice, "user:bob").await;
    let call =
        server.api(Method::POST, "/media/presign").header("apikey", cloakroom_test::AUTH_KEY);
    let call = call.json(&json!({"urls": [url], "purpose": "mail"}));
    let (status, code, _) = refusal(call.send().await.unwrap()).await;
    assert_eq!((status, code.as_str()), (403, "ERR_SCOPE_REQUIRED"));
}
