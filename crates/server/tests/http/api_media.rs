//! Files as the back end sees them: listed, read, opened to the app, deleted.

use cloakroom_storage::{AppPolicy, AppSettings, TokenBasedFileAccess};
use cloakroom_test::{AUTH_KEY, START, TestServer, data, refusal};
use cloakroom_token::AppId;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

async fn code(call: RequestBuilder) -> (u16, String) {
    let (status, code, _) = refusal(call.send().await.unwrap()).await;
    (status, code)
}

async fn sent(call: RequestBuilder) -> Value {
    data(call.send().await.unwrap()).await
}

fn id_of(url: &str) -> &str {
    url.rsplit('/').next().unwrap().split('.').next().unwrap()
}

#[tokio::test]
async fn files_are_listed_newest_first_by_key_and_filter() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let mut urls = Vec::new();
    for number in 0..5 {
        let (login, to) = if number % 2 == 0 { (&alice, "user:bob") } else { (&bob, "group:trip") };
        urls.push(server.send_picture(login, to).await);
        server.clock.advance(10);
    }
    let list = async |query: &str| {
        let call = server.back_end(Method::GET, &format!("/media{query}"));
        call.send().await.unwrap().json::<Value>().await.unwrap()
    };
    let mut seen = Vec::new();
    let mut next = String::new();
    loop {
        let page = list(&format!("?per_page=2{next}")).await;
        let files = page["data"].as_array().unwrap();
        seen.extend(files.iter().map(|file| file["url"].as_str().unwrap().to_owned()));
        match page["meta"]["next"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => break,
        }
    }
    let newest_first: Vec<_> = urls.iter().rev().cloned().collect();
    assert_eq!(seen, newest_first);

    let message = sent(server.as_user(&alice, Method::GET, "/users/bob/messages")).await;
    let conversation = message[0]["conversationId"].as_str().unwrap();
    let cases = [
        ("?uploader=bob".to_owned(), vec![3, 1]),
        ("?audience=app".to_owned(), vec![]),
        ("?audience=conversation&state=ready&uploader=alice".to_owned(), vec![4, 2, 0]),
        ("?state=deleted".to_owned(), vec![]),
        (format!("?conversationId={conversation}"), vec![4, 2, 0]),
        (format!("?from={}&to={}", START.0 + 10, START.0 + 20), vec![2, 1]),
    ];
    for (query, numbers) in cases {
        let page = list(&query).await;
        let got: Vec<_> =
            page["data"].as_array().unwrap().iter().map(|f| f["url"].as_str().unwrap()).collect();
        let expected: Vec<_> = numbers.into_iter().map(|number: usize| &urls[number]).collect();
        assert_eq!(got, expected, "{query}");
    }
    for bad in [format!("?uploader=bob{next}"), "?cursor=x".to_owned()] {
        let got = code(server.back_end(Method::GET, &format!("/media{bad}"))).await;
        assert_eq!(got, (400, "ERR_CURSOR_INVALID".to_owned()), "{bad}");
    }
    for bad in ["?uploader=a%20b", "?per_page=0", "?audience=all", "?from=x"] {
        let got = code(server.back_end(Method::GET, &format!("/media{bad}"))).await;
        assert_eq!(got, (400, "ERR_BAD_REQUEST".to_owned()), "{bad}");
    }
    for (call, status, expected) in [
        (server.as_user(&alice, Method::GET, "/media"), 401, "ERR_NO_AUTH"),
        (
            server.back_end(Method::GET, "/media").header("onBehalfOf", "alice"),
            403,
            "ERR_NOT_PERMITTED",
        ),
        (server.api(Method::GET, "/media").header("apikey", AUTH_KEY), 403, "ERR_SCOPE_REQUIRED"),
    ] {
        assert_eq!(code(call).await, (status, expected.to_owned()));
    }
}

#[tokio::test]
async fn one_file_is_known_to_the_back_end_and_its_uploader() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let url = server.send_picture(&alice, "user:bob").await;
    let path = format!("/media/{}", id_of(&url));
    let file = sent(server.back_end(Method::GET, &path)).await;
    assert_eq!(file["url"], url);
    for (field, value) in [
        ("uploader", json!("alice")),
        ("audience", json!("conversation")),
        ("state", json!("ready")),
        ("name", json!("dot.png")),
        ("mimeType", json!("image/png")),
        ("createdAt", json!(START.0)),
        ("messages", json!(1)),
    ] {
        assert_eq!(file[field], value, "{field}");
    }
    assert_eq!(file["variants"][0]["variant"], "small");
    assert_eq!(sent(server.as_user(&alice, Method::GET, &path)).await, file);
    let missing = format!("/media/{}", "0".repeat(32));
    let not_found = (404, "ERR_FILE_NOT_FOUND".to_owned());
    for call in [
        server.as_user(&bob, Method::GET, &path),
        server.back_end(Method::GET, &path).header("onBehalfOf", "bob"),
        server.back_end(Method::GET, &missing),
        server.back_end(Method::GET, "/media/xyz"),
    ] {
        assert_eq!(code(call).await, not_found);
    }
    // Another app's key finds nothing of this app.
    let other = AppId::parse("otherapp").unwrap();
    let settings = AppSettings {
        policy: AppPolicy::default(),
        ..server.db().apps().list().await.unwrap()[0].settings.clone()
    };
    let apps = server.db().apps();
    apps.create(&other, "us", TokenBasedFileAccess::On, &settings, START).await.unwrap();
    let (key, hash) = (cloakroom_token::KeyId::parse("other").unwrap(), "ckr_key_other");
    let scope = cloakroom_storage::ApiKeyScope::FullAccess;
    let hash = cloakroom_storage::SecretHash::of(hash);
    server.db().api_keys().create(&other, &key, "other", scope, hash, START).await.unwrap();
    server.catch_up().await;
    for method in [Method::GET, Method::DELETE] {
        let call = server.http.request(method, format!("{}/v3{path}", server.api_origin));
        let call = call.header("appid", "otherapp").header("apikey", "ckr_key_other");
        assert_eq!(code(call).await, not_found);
    }
}

#[tokio::test]
async fn a_deleted_file_opens_to_nobody() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    for by_uploader in [true, false] {
        let url = server.send_picture(&alice, "user:bob").await;
        let path = format!("/media/{}", id_of(&url));
        let presigned = server.presign(&bob, &url).await;
        let refused = code(server.as_user(&bob, Method::DELETE, &path)).await;
        assert_eq!(refused, (404, "ERR_FILE_NOT_FOUND".to_owned()));
        assert_eq!(server.get(&presigned).await.status(), 200);
        for _ in 0..2 {
            let call = if by_uploader {
                server.as_user(&alice, Method::DELETE, &path)
            } else {
                server.back_end(Method::DELETE, &path)
            };
            assert_eq!(sent(call).await, json!({"success": true}));
        }
        for url in [format!("{url}?fat={}", alice.fat), presigned] {
            assert_eq!(server.get(&url).await.status(), 404, "{url}");
        }
        let file = sent(server.back_end(Method::GET, &path)).await;
        assert_eq!((&file["state"], &file["deletedAt"]), (&json!("deleted"), &json!(START.0)));
    }
    let deleted = sent(server.back_end(Method::GET, "/media?state=deleted")).await;
    assert_eq!(deleted.as_array().unwrap().len(), 2);
    assert_eq!(sent(server.back_end(Method::GET, "/media")).await, json!([]));
}

#[tokio::test]
async fn a_file_is_opened_to_the_app_by_the_back_end_or_as_the_own_avatar() {
    let server = TestServer::start().await;
    let (alice, mallory) = (server.login("alice").await, server.login("mallory").await);
    let url = server.send_picture(&alice, "user:bob").await;
    let path = format!("/media/{}/audience", id_of(&url));
    let as_mallory = format!("{url}?fat={}", mallory.fat);
    let set = |audience: &str| json!({ "audience": audience });
    let own = |audience: &str| server.as_user(&alice, Method::PUT, &path).json(&set(audience));
    let not_permitted = (403, "ERR_NOT_PERMITTED".to_owned());
    assert_eq!(code(own("app")).await, not_permitted, "not the avatar");
    let other = server.as_user(&mallory, Method::PUT, &path).json(&set("app"));
    assert_eq!(code(other).await, (404, "ERR_FILE_NOT_FOUND".to_owned()));
    assert_eq!(server.get(&as_mallory).await.status(), 403);
    let avatar = json!({ "avatar": url });
    sent(server.as_user(&alice, Method::PUT, "/users/alice").json(&avatar)).await;
    for _ in 0..2 {
        assert_eq!(sent(own("app")).await, json!({"success": true}));
    }
    assert_eq!(server.get(&as_mallory).await.status(), 200);
    assert_eq!(code(own("conversation")).await, not_permitted);
    let listed = sent(server.back_end(Method::GET, "/media?audience=app")).await;
    assert_eq!(listed[0]["url"], url);
    let back = server.back_end(Method::PUT, &path).json(&set("conversation"));
    assert_eq!(sent(back).await, json!({"success": true}));
    assert_eq!(server.get(&as_mallory).await.status(), 403);
    for (body, expected) in
        [(set("world"), "ERR_INVALID_JSON"), (json!({"to": "app"}), "ERR_UNKNOWN_FIELD")]
    {
        let call = server.back_end(Method::PUT, &path).json(&body);
        assert_eq!(code(call).await, (400, expected.to_owned()));
    }
    let auth_only = server.api(Method::PUT, &path).header("apikey", AUTH_KEY).json(&set("app"));
    assert_eq!(code(auth_only).await, (403, "ERR_SCOPE_REQUIRED".to_owned()));
    sent(server.back_end(Method::DELETE, &format!("/media/{}", id_of(&url)))).await;
    let gone = server.back_end(Method::PUT, &path).json(&set("app"));
    assert_eq!(code(gone).await, (404, "ERR_FILE_NOT_FOUND".to_owned()));
}
