//! Users are changed, locked out, let in again and deleted, and what that does to their media.

use cloakroom_test::{AUTH_KEY, TestServer, data, refusal};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

async fn code(call: RequestBuilder) -> (u16, String) {
    let (status, code, _) = refusal(call.send().await.unwrap()).await;
    (status, code)
}

async fn sent(call: RequestBuilder) -> Value {
    data(call.send().await.unwrap()).await
}

async fn opens(server: &TestServer, url: &str) -> u16 {
    server.get(url).await.status().as_u16()
}

#[tokio::test]
async fn the_back_end_changes_anybody_and_a_user_the_own_profile() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let body = json!({"name": "Alice M.", "avatar": "https://a.test/a.png", "link": "https://a.test",
        "statusMessage": "away", "role": "staff", "tags": ["blue"], "metadata": {"team": 7}});
    let put = |body: &Value| server.back_end(Method::PUT, "/users/alice").json(body);
    let user = sent(put(&body)).await;
    for (field, value) in body.as_object().unwrap() {
        assert_eq!(&user[field], value, "{field}");
    }
    let user = sent(put(&json!({"avatar": null, "metadata": null}))).await;
    assert!(user.get("avatar").is_none() && user.get("metadata").is_none(), "{user}");
    assert_eq!((&user["name"], &user["role"]), (&json!("Alice M."), &json!("staff")));

    let own = |body: Value| server.as_user(&alice, Method::PUT, "/users/alice").json(&body);
    assert_eq!(sent(own(json!({"name": "Al"}))).await["name"], "Al");
    let other = server.as_user(&alice, Method::PUT, "/users/bob").json(&json!({"name": "B"}));
    let as_bob = put(&json!({"name": "B"})).header("onBehalfOf", "bob");
    let auth_only = server.api(Method::PUT, "/users/alice").header("apikey", AUTH_KEY);
    let refused = [
        (other, 403, "ERR_NOT_PERMITTED"),
        (as_bob, 403, "ERR_NOT_PERMITTED"),
        (own(json!({"role": "admin"})), 403, "ERR_NOT_PERMITTED"),
        (own(json!({"tags": []})), 403, "ERR_NOT_PERMITTED"),
        (auth_only.json(&json!({})), 403, "ERR_SCOPE_REQUIRED"),
        (put(&json!({"name": ""})), 400, "ERR_BAD_REQUEST"),
        (put(&json!({"name": "a\u{202E}gpj.exe"})), 400, "ERR_BAD_REQUEST"),
        (put(&json!({"statusMessage": "\u{2066}"})), 400, "ERR_BAD_REQUEST"),
        (put(&json!({"tags": vec!["t"; 26]})), 400, "ERR_BAD_REQUEST"),
        (put(&json!({"uid": "bob"})), 400, "ERR_UNKNOWN_FIELD"),
        (server.back_end(Method::PUT, "/users/nobody").json(&json!({})), 404, "ERR_UID_NOT_FOUND"),
        (server.api(Method::PUT, "/users/alice").json(&json!({})), 401, "ERR_NO_AUTH"),
    ];
    for (number, (call, status, expected)) in refused.into_iter().enumerate() {
        assert_eq!(code(call).await, (status, expected.to_owned()), "case {number}");
    }
    let bad = put(&json!({"nickname": "x"})).send().await.unwrap();
    assert!(bad.text().await.unwrap().contains("nickname"), "the unknown field is named");
}

#[tokio::test]
async fn an_avatar_that_its_user_may_not_read_is_refused() {
    let server = TestServer::start().await;
    let (alice, mallory) = (server.login("alice").await, server.login("mallory").await);
    let url = server.send_picture(&alice, "user:bob").await;
    let put = |login, uid: &str, url: &str| {
        let path = format!("/users/{uid}");
        server.as_user(login, Method::PUT, &path).json(&json!({ "avatar": url }))
    };
    let refused = code(put(&mallory, "mallory", &url)).await;
    assert_eq!(refused, (403, "ERR_ATTACHMENT_FORBIDDEN".to_owned()));
    let with_token = format!("{url}?fat={}", alice.fat);
    assert_eq!(sent(put(&alice, "alice", &with_token)).await["avatar"], url);
}

#[tokio::test]
async fn a_locked_out_user_reads_nothing_and_comes_back_without_the_old_tokens() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let url = server.send_picture(&alice, "user:bob").await;
    let (with_fat, presigned) =
        (format!("{url}?fat={}", bob.fat), server.presign(&bob, &url).await);
    assert_eq!((opens(&server, &with_fat).await, opens(&server, &presigned).await), (200, 200));

    let lock = || {
        let body = json!({"uidsToDeactivate": ["bob", "nobody", "a b"]});
        server.back_end(Method::DELETE, "/users").json(&body)
    };
    let first = sent(lock()).await;
    assert_eq!(first["bob"], json!({"success": true}));
    for missing in ["nobody", "a b"] {
        assert_eq!(first[missing]["error"]["code"], "ERR_UID_NOT_FOUND");
    }
    assert_eq!((opens(&server, &with_fat).await, opens(&server, &presigned).await), (401, 401));
    assert_eq!(sent(lock()).await, first, "again changes nothing");
    let user = sent(server.back_end(Method::GET, "/users/bob")).await;
    assert!(user["deactivatedAt"].is_number(), "{user}");
    let for_alice = format!("{url}?fat={}", alice.fat);
    assert_eq!(opens(&server, &for_alice).await, 200, "others keep theirs");

    let unlock = || {
        let body = json!({"uidsToActivate": ["bob", "nobody"]});
        server.back_end(Method::PUT, "/users").json(&body)
    };
    let first = sent(unlock()).await;
    assert_eq!(first["bob"], json!({"success": true}));
    assert_eq!(first["nobody"]["error"]["code"], "ERR_UID_NOT_FOUND");
    assert_eq!(sent(unlock()).await, first, "again changes nothing");
    assert_eq!(opens(&server, &with_fat).await, 401, "an old token stays refused");
    assert_eq!(opens(&server, &presigned).await, 403, "an old URL stays refused");
    let again = server.login("bob").await;
    assert_eq!(opens(&server, &format!("{url}?fat={}", again.fat)).await, 200);
}

#[tokio::test]
async fn a_user_is_deleted_with_or_without_files_but_never_by_default() {
    for (media, expected) in [("keep", 200), ("delete", 404)] {
        let server = TestServer::start().await;
        let (alice, bob) = (server.login("alice").await, server.login("bob").await);
        let url = server.send_picture(&alice, "user:bob").await;
        let delete = |query: &str| server.back_end(Method::DELETE, &format!("/users/alice{query}"));
        for call in [
            delete(""),
            delete("?media=maybe"),
            delete("?permanent=true"),
            delete(&format!("?media={media}&permanent=false")),
            delete("").json(&json!({"permanent": true})),
            delete("?media=keep").json(&json!({"media": "delete"})),
        ] {
            assert_eq!(code(call).await, (400, "ERR_BAD_REQUEST".to_owned()));
        }
        let named = delete("").send().await.unwrap().text().await.unwrap();
        assert!(named.contains("media must say"), "{named}");
        let body = json!({"permanent": true, "media": media});
        assert_eq!(sent(delete("").json(&body)).await, json!({"success": true}));
        assert_eq!(sent(delete(&format!("?media={media}"))).await, json!({"success": true}));
        assert_eq!(opens(&server, &format!("{url}?fat={}", alice.fat)).await, 401);
        assert_eq!(opens(&server, &format!("{url}?fat={}", bob.fat)).await, expected, "{media}");
        let gone = server.back_end(Method::GET, "/users/alice");
        assert_eq!(code(gone).await, (404, "ERR_UID_NOT_FOUND".to_owned()));
        let again = json!({"uid": "alice", "name": "Alice"});
        let again = server.back_end(Method::POST, "/users").json(&again);
        assert_eq!(code(again).await, (409, "ERR_UID_ALREADY_EXISTS".to_owned()));
    }
}

#[tokio::test]
async fn only_the_back_end_in_its_own_name_locks_out_and_deletes() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let calls = [
        (Method::PUT, "/users", json!({"uidsToActivate": ["bob"]})),
        (Method::DELETE, "/users", json!({"uidsToDeactivate": ["bob"]})),
        (Method::DELETE, "/users/bob", json!({"media": "keep"})),
    ];
    for (method, path, body) in calls {
        let call = || server.api(method.clone(), path).json(&body);
        let cases = [
            (call(), 401, "ERR_NO_AUTH"),
            (call().header("authtoken", &alice.auth_token), 401, "ERR_NO_AUTH"),
            (call().header("apikey", AUTH_KEY), 403, "ERR_SCOPE_REQUIRED"),
            (
                server.back_end(method.clone(), path).json(&body).header("onBehalfOf", "alice"),
                403,
                "ERR_NOT_PERMITTED",
            ),
        ];
        for (call, status, expected) in cases {
            assert_eq!(code(call).await, (status, expected.to_owned()), "{method} {path}");
        }
    }
    let lock = |body: Value| server.back_end(Method::DELETE, "/users").json(&body);
    for (body, expected) in [
        (json!({"uidsToDeactivate": []}), "ERR_BAD_REQUEST"),
        (json!({"uidsToDeactivate": vec!["bob"; 101]}), "ERR_BAD_REQUEST"),
        (json!({"uids": ["bob"]}), "ERR_UNKNOWN_FIELD"),
        (json!({}), "ERR_INVALID_JSON"),
    ] {
        assert_eq!(code(lock(body)).await, (400, expected.to_owned()));
    }
    let nobody = server.back_end(Method::DELETE, "/users/nobody?media=keep");
    assert_eq!(code(nobody).await, (404, "ERR_UID_NOT_FOUND".to_owned()));
}

#[tokio::test]
async fn the_list_of_users_has_filters() {
    let server = TestServer::start().await;
    let body = json!({"uidsToDeactivate": ["bob"]});
    sent(server.back_end(Method::DELETE, "/users").json(&body)).await;
    let cases: [(&str, &[&str]); 7] = [
        ("", &["alice", "bob", "carol", "mallory"]),
        ("?status=active", &["alice", "carol", "mallory"]),
        ("?status=deactivated", &["bob"]),
        ("?status=online", &[]),
        ("?status=offline&searchKey=AL", &["alice", "mallory"]),
        ("?searchKey=al&per_page=1&page=2", &["mallory"]),
        ("?searchKey=%25", &[]),
    ];
    for (query, expected) in cases {
        let users = sent(server.back_end(Method::GET, &format!("/users{query}"))).await;
        let uids: Vec<_> =
            users.as_array().unwrap().iter().map(|user| user["uid"].as_str().unwrap()).collect();
        assert_eq!(uids, expected, "{query}");
    }
    let bad = server.back_end(Method::GET, "/users?status=asleep");
    assert_eq!(code(bad).await, (400, "ERR_BAD_REQUEST".to_owned()));
}

#[tokio::test]
async fn who_is_blocked_sees_nothing_new_and_only_the_user_and_the_back_end_know() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let list =
        |body: &Value| server.as_user(&alice, Method::POST, "/users/alice/blockedusers").json(body);
    let before = server.send_picture(&alice, "user:bob").await;
    let body = json!({"blockedUids": ["bob", "alice", "nobody"]});
    server.clock.advance(1);
    let first = sent(list(&body)).await;
    assert_eq!(first["bob"], json!({"success": true}));
    assert_eq!(first["alice"]["error"]["code"], "ERR_BAD_REQUEST");
    assert_eq!(first["nobody"]["error"]["code"], "ERR_UID_NOT_FOUND");
    assert_eq!(sent(list(&body)).await, first, "again changes nothing");
    server.clock.advance(1);
    let after = server.send_picture(&alice, "user:bob").await;
    let as_bob = |url: &str| format!("{url}?fat={}", bob.fat);
    assert_eq!(opens(&server, &as_bob(&before)).await, 200);
    assert_eq!(opens(&server, &as_bob(&after)).await, 403);

    for call in [
        server.as_user(&alice, Method::GET, "/users/alice/blockedusers"),
        server.back_end(Method::GET, "/users/alice/blockedusers"),
    ] {
        let blocked = sent(call).await;
        assert_eq!(blocked.as_array().unwrap().len(), 1);
        assert_eq!(blocked[0]["uid"], "bob");
        assert!(blocked[0]["blockedAt"].is_number());
    }
    let spy = server.as_user(&bob, Method::GET, "/users/alice/blockedusers");
    assert_eq!(code(spy).await, (403, "ERR_NOT_PERMITTED".to_owned()));
    let body = json!({"blockedUids": ["bob"]});
    for method in [Method::POST, Method::DELETE] {
        let call = server.as_user(&bob, method.clone(), "/users/alice/blockedusers").json(&body);
        assert_eq!(code(call).await, (403, "ERR_NOT_PERMITTED".to_owned()));
        let call = server.back_end(method.clone(), "/users/nobody/blockedusers").json(&body);
        assert_eq!(code(call).await, (404, "ERR_UID_NOT_FOUND".to_owned()));
        let call = server.api(method, "/users/alice/blockedusers").header("apikey", AUTH_KEY);
        assert_eq!(code(call.json(&body)).await, (403, "ERR_SCOPE_REQUIRED".to_owned()));
    }
    let unblock = || server.back_end(Method::DELETE, "/users/alice/blockedusers").json(&body);
    for _ in 0..2 {
        assert_eq!(sent(unblock()).await, json!({"bob": {"success": true}}));
    }
    assert_eq!(opens(&server, &as_bob(&after)).await, 200);
}
