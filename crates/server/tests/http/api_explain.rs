//! `explain` names the rule and the facts, and decides as the media host does.

use cloakroom_storage::TokenBasedFileAccess;
use cloakroom_test::{APP, AUTH_KEY, TestServer, data, refusal};
use cloakroom_token::{AppId, Guid, Uid};
use reqwest::Method;
use serde_json::{Value, json};

async fn explain(server: &TestServer, url: &str, who: &str) -> Value {
    let media = url.rsplit_once('/').unwrap().1.split_once('.').unwrap().0;
    let call = server.back_end(Method::GET, &format!("/media/{media}/explain?{who}"));
    data(call.send().await.unwrap()).await
}

async fn revoke(server: &TestServer, body: Value) {
    let call = server.back_end(Method::POST, "/revocations").json(&body);
    assert_eq!(call.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn the_explanation_is_what_the_media_host_does() {
    let server = TestServer::start().await;
    let app = AppId::parse(APP).unwrap();
    let alice = server.login("alice").await;
    let to_bob = server.send_picture(&alice, "user:bob").await;
    let to_trip = server.send_picture(&alice, "group:trip").await;
    let cases = [
        (&to_bob, "alice", "uploader"),
        (&to_bob, "bob", "carried"),
        (&to_bob, "carol", "not_in_audience"),
        (&to_trip, "carol", "carried"),
        (&to_trip, "mallory", "not_in_audience"),
    ];
    for (url, uid, rule) in cases {
        let why = explain(&server, url, &format!("uid={uid}")).await;
        assert_eq!(why["rule"], rule, "{uid} {why}");
        let login = server.login(uid).await;
        let seen = server.get(&format!("{url}?fat={}", login.fat)).await.status().as_u16();
        assert_eq!(why["status"], seen, "{uid}");
        assert_eq!(why["decision"], if seen == 200 { "allowed" } else { "refused" });
        assert_eq!(why.get("reason").is_some(), seen != 200);
    }
    let why = explain(&server, &to_trip, "uid=carol").await;
    let carrier = &why["facts"]["conversations"][0];
    assert_eq!((&carrier["guid"], &carrier["standing"]), (&json!("trip"), &json!("member")));
    assert_eq!((&carrier["counts"], &carrier["historyFromJoin"]), (&json!(true), &json!(false)));

    let (bob, carol) = (Uid::parse("bob").unwrap(), Uid::parse("carol").unwrap());
    let trip = Guid::parse("trip").unwrap();
    let now = server.clock.now();
    server.db().blocks().add(&app, &Uid::parse("alice").unwrap(), &bob, now).await.unwrap();
    server.db().groups().ban(&app, &trip, &carol, now).await.unwrap();
    server.catch_up().await;
    let why = explain(&server, &to_bob, "uid=bob").await;
    assert_eq!(why["facts"]["conversations"][0]["blockedSince"], now.0);
    assert_eq!(why["facts"]["conversations"][0]["counts"], false);
    assert_eq!(explain(&server, &to_trip, "uid=carol").await["rule"], "not_in_audience");
    // The refused are not told who did it.
    let login = server.login("carol").await;
    let told = server.get(&format!("{to_trip}?fat={}", login.fat)).await.text().await.unwrap();
    for word in ["ban", "block", "alice", "trip"] {
        assert!(!told.contains(word), "{told}");
    }

    revoke(&server, json!({"kind": "user", "id": "bob"})).await;
    let why = explain(&server, &to_bob, "uid=bob").await;
    assert_eq!((&why["rule"], &why["status"]), (&json!("user_inactive"), &json!(401)));
    assert_eq!(why["facts"]["user"]["state"], "inactive");
    let media = to_trip.rsplit_once('/').unwrap().1.split_once('.').unwrap().0;
    revoke(&server, json!({"kind": "file", "id": media})).await;
    assert_eq!(explain(&server, &to_trip, "uid=alice").await["rule"], "file_revoked");
}

#[tokio::test]
async fn a_session_is_explained_with_its_end() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let url = server.send_picture(&alice, "user:bob").await;
    let app = AppId::parse(APP).unwrap();
    let uid = Uid::parse("alice").unwrap();
    let session = server.db().sessions().of_user(&app, &uid).await.unwrap()[0].id;
    let who = format!("session={session}");
    let why = explain(&server, &url, &who).await;
    assert_eq!(
        (&why["rule"], &why["facts"]["session"]["state"]),
        (&json!("uploader"), &json!("live"))
    );
    assert_eq!(why["facts"]["user"]["uid"], "alice");
    server.as_user(&alice, Method::DELETE, "/me").send().await.unwrap();
    let why = explain(&server, &url, &who).await;
    assert_eq!((&why["rule"], &why["reason"]), (&json!("session_ended"), &json!("session_ended")));
    assert_eq!(why["facts"]["session"]["state"], "ended");
}

#[tokio::test]
async fn an_app_that_does_not_protect_is_said_so() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let url = server.send_picture(&alice, "user:bob").await;
    let app = AppId::parse(APP).unwrap();
    let off = TokenBasedFileAccess::Off;
    let apps = server.db().apps();
    apps.retreat_token_based_file_access(&app, off, server.clock.now()).await.unwrap();
    server.catch_up().await;
    let why = explain(&server, &url, "uid=mallory").await;
    assert_eq!((&why["decision"], &why["rule"]), (&json!("allowed"), &json!("protection_off")));
}

#[tokio::test]
async fn only_the_back_end_hears_it_and_what_is_missing_looks_alike() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let missing = "0123456789abcdef0123456789abcdef";
    let path = format!("/media/{missing}/explain?uid=alice");
    let why = data(server.back_end(Method::GET, &path).send().await.unwrap()).await;
    assert_eq!((&why["rule"], why["facts"].get("file")), (&json!("file_missing"), None));
    let get = |path: &str| server.api(Method::GET, path);
    let cases = [
        (get(&path), 401, "ERR_NO_AUTH"),
        (get(&path).header("authtoken", &alice.auth_token), 401, "ERR_NO_AUTH"),
        (get(&path).header("apikey", AUTH_KEY), 403, "ERR_SCOPE_REQUIRED"),
        (server.back_end(Method::GET, "/media/x/explain?uid=alice"), 404, "ERR_FILE_NOT_FOUND"),
        (
            server.back_end(Method::GET, &format!("/media/{missing}/explain")),
            400,
            "ERR_BAD_REQUEST",
        ),
    ];
    for (call, status, code) in cases {
        let (got, got_code, _) = refusal(call.send().await.unwrap()).await;
        assert_eq!((got, got_code.as_str()), (status, code));
    }
}
