//! The ledger through the REST API: who read what, who changed what, and nothing that opens a file.

use std::path::Path;

use cloakroom_storage::{ChainCheck, LedgerDay, LedgerMode};
use cloakroom_test::{API_KEY, APP, Login, TestServer, data, refusal};
use cloakroom_token::{AppId, ContentHash, KeyId, StatementKind, verify_statement};
use cloakroom_wire::LedgerHeadClaims;
use reqwest::Method;
use serde_json::{Value, json};

async fn ledger(server: &TestServer, query: &str) -> Vec<Value> {
    let path = format!("/ledger?per_page=100&{query}");
    let found = data(server.back_end(Method::GET, &path).send().await.unwrap()).await;
    found.as_array().unwrap().clone()
}

fn media_id(url: &str) -> String {
    url.rsplit_once('/').unwrap().1.split_once('.').unwrap().0.to_owned()
}

async fn set(server: &TestServer, settings: Value) {
    let call = server.back_end(Method::PUT, "/settings").json(&settings);
    assert_eq!(call.send().await.unwrap().status(), 200);
}

/// A file from alice to bob, with bob's and mallory's logins.
async fn world() -> (TestServer, String, Login, Login, Login) {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let (bob, mallory) = (server.login("bob").await, server.login("mallory").await);
    let url = server.send_picture(&alice, "user:bob").await;
    (server, url, alice, bob, mallory)
}

/// Kind, uid, status and count of each record.
fn told(records: &[Value]) -> Vec<(String, String, i64, i64)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let number = |value: &Value| value.as_i64().unwrap_or_default();
    let all = records.iter().filter(|record| record["kind"] != "act").map(|record| {
        (
            text(&record["kind"]),
            text(&record["uid"]),
            number(&record["status"]),
            number(&record["count"]),
        )
    });
    let mut all: Vec<_> = all.collect();
    all.sort();
    all
}

#[tokio::test]
async fn reads_are_told_by_file_and_by_user_allowed_and_refused() {
    let (server, url, alice, bob, mallory) = world().await;
    let with = |login: &Login| format!("{url}?fat={}", login.fat);
    let presigned = server.presign(&bob, &url).await;
    for _ in 0..2 {
        assert_eq!(server.get(&with(&bob)).await.status(), 200);
    }
    assert_eq!(server.get(&presigned).await.status(), 200);
    let etag = server.get(&with(&bob)).await.headers()["etag"].clone();
    let same = server.http.get(with(&bob)).header("if-none-match", etag).send().await.unwrap();
    assert_eq!(same.status(), 304);
    assert_eq!(server.http.head(with(&alice)).send().await.unwrap().status(), 200);
    assert_eq!(server.get(&with(&mallory)).await.status(), 403);
    for _ in 0..5 {
        assert_eq!(server.get(&url).await.status(), 401);
    }
    let expected = [
        ("read", "alice", 200, 1),
        ("read", "bob", 200, 4),
        ("read", "bob", 304, 1),
        ("read", "mallory", 403, 1),
    ];
    let expected =
        expected.map(|(kind, uid, status, count)| (kind.into(), uid.into(), status, count));
    let of_file = ledger(&server, &format!("mediaId={}", media_id(&url))).await;
    assert_eq!(told(&of_file), expected);
    let refused = of_file.iter().find(|record| record["refused"] == true).unwrap();
    assert_eq!(
        (&refused["reason"], &refused["variant"]),
        (&json!("not_permitted"), &json!("original"))
    );
    assert_eq!(refused["address"], "127.0.0.0", "cut to its network");
    assert!(refused["session"].as_str().unwrap().len() == 24, "a pseudonym: {refused}");
    assert_eq!(told(&ledger(&server, "uid=bob").await).len(), 2);
    assert_eq!(told(&ledger(&server, "outcome=allowed").await).len(), 3);
    let strangers = ledger(&server, "outcome=refused").await;
    let strangers: Vec<_> =
        told(&strangers).into_iter().filter(|one| one.0 == "refusals").collect();
    assert_eq!(strangers, [("refusals".into(), String::new(), 401, 5)], "counted, not listed");
    server.clock.advance(10);
    server.get(&with(&bob)).await;
    assert_eq!(told(&ledger(&server, "uid=bob").await).len(), 3, "ten seconds are one record");
}

#[tokio::test]
async fn acts_are_told_with_who_did_them_and_so_is_a_look_into_the_ledger() {
    let (server, url, _, bob, _) = world().await;
    server.back_end(Method::PUT, "/users/bob").json(&json!({"name": "Bob"})).send().await.unwrap();
    let explain = format!("/media/{}/explain?uid=mallory", media_id(&url));
    assert_eq!(server.back_end(Method::GET, &explain).send().await.unwrap().status(), 200);
    let body = json!({"kind": "user", "id": "bob"});
    server.back_end(Method::POST, "/revocations").json(&body).send().await.unwrap();
    server.as_user(&bob, Method::GET, "/me").send().await.unwrap();
    let low = server.api(Method::PUT, "/settings").header("apikey", cloakroom_test::AUTH_KEY);
    assert_eq!(low.json(&json!({})).send().await.unwrap().status(), 403);
    ledger(&server, "").await;
    let acts = ledger(&server, "").await;
    let acts: Vec<_> = acts.iter().filter(|record| record["kind"] == "act").collect();
    let find = |act: &str| {
        let found = acts.iter().find(|record| record["act"].as_str().unwrap().starts_with(act));
        *found.unwrap_or_else(|| panic!("{act} in {acts:?}"))
    };
    let put = find("PUT /v3/users/{uid}");
    assert_eq!(
        (&put["uid"], &put["by"], &put["byId"]),
        (&json!("bob"), &json!("apiKey"), &json!("full"))
    );
    let explained = find("GET /v3/media/{id}/explain");
    assert_eq!(explained["uid"], "mallory");
    assert_eq!(explained["mediaId"], media_id(&url));
    let revoked = find("POST /v3/revocations");
    assert_eq!((&revoked["target"], &revoked["uid"]), (&json!("user"), &json!("bob")));
    assert_eq!(find("PUT /v3/settings")["status"], 403, "a try that was refused");
    find("GET /v3/ledger");
    assert!(
        acts.iter().all(|record| !record["act"].as_str().unwrap().ends_with("/me")),
        "users' own calls are no acts"
    );
}

/// All bytes of the ledger's files.
fn bytes(folder: &Path) -> String {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.to_string_lossy().contains("ledger.db"));
    files.map(|path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned()).collect()
}

#[tokio::test]
async fn nothing_that_opens_a_file_stands_in_the_ledger() {
    let (server, url, alice, bob, mallory) = world().await;
    let presigned = server.presign(&bob, &url).await;
    for url in
        [presigned.clone(), format!("{url}?fat={}", bob.fat), format!("{url}?fat={}", mallory.fat)]
    {
        let call = server.http.get(&url).header("user-agent", bob.auth_token.as_str());
        call.header("sdk", mallory.auth_token.as_str()).send().await.unwrap();
    }
    let path = format!("/users/bob/auth_tokens/{}", alice.auth_token);
    server.back_end(Method::DELETE, &path).send().await.unwrap();
    let session = presigned.split_once("s:").unwrap().1.split('&').next().unwrap();
    let path = format!("/users/bob/sessions/{session}");
    assert_eq!(server.back_end(Method::DELETE, &path).send().await.unwrap().status(), 200);
    server.keep_ledger().await;
    let bytes = bytes(server.folder());
    assert!(bytes.contains("not_permitted"), "the reads are there");
    let signature = presigned.split_once("Signature=").unwrap().1.split('&').next().unwrap();
    let secrets = [&bob.fat, &mallory.fat, &bob.auth_token, &mallory.auth_token, &alice.auth_token];
    for secret in secrets.map(String::as_str).into_iter().chain([signature, session, API_KEY]) {
        let part = &secret[secret.len() - 20..];
        assert!(!bytes.contains(part), "{part}");
    }
}

#[tokio::test]
async fn an_erased_user_is_nobody_and_the_chain_still_verifies() {
    let (server, url, _, bob, _) = world().await;
    server.get(&format!("{url}?fat={}", bob.fat)).await;
    assert_eq!(told(&ledger(&server, "uid=bob").await).len(), 1);
    let call = server.back_end(Method::DELETE, "/users/bob").json(&json!({"media": "keep"}));
    assert_eq!(call.send().await.unwrap().status(), 200);
    assert!(ledger(&server, "uid=bob").await.is_empty());
    let of_file = ledger(&server, &format!("mediaId={}", media_id(&url))).await;
    assert_eq!((of_file.len(), of_file[0].get("uid")), (1, None));
    assert_eq!(server.get(&format!("{url}?fat={}", bob.fat)).await.status(), 401);
    assert!(ledger(&server, "uid=bob").await.is_empty(), "a later try has no name either");
    let today = LedgerDay::of(server.clock.now());
    let (check, records, hash) = exported(&server, today).await;
    assert_eq!(check.end_at(records, hash), []);
}

/// The chain of an export, and its end.
async fn exported(server: &TestServer, day: LedgerDay) -> (ChainCheck, i64, ContentHash) {
    let path = format!("/ledger/export?day={day}");
    let answer = server.back_end(Method::GET, &path).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/x-ndjson");
    let text = answer.text().await.unwrap();
    let mut check = ChainCheck::new(Some(&AppId::parse(APP).unwrap()), day);
    let (mut records, mut end) = (0, ContentHash([0; 32]));
    for line in text.lines() {
        let rest = line.strip_prefix("{\"hash\":\"").unwrap();
        let (hash, body) = rest.split_once("\",\"record\":").unwrap();
        let mut bytes = [0; 32];
        bytes.copy_from_slice(&hex_bytes(hash));
        (records, end) = (records + 1, ContentHash(bytes));
        let body = body.strip_suffix('}').unwrap().to_owned();
        let record =
            cloakroom_storage::StoredRecord { number: records, body, hash: end, index: None };
        check.take(&record);
    }
    (check, records, end)
}

fn hex_bytes(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

#[tokio::test]
async fn an_app_says_which_reads_are_kept() {
    let (server, url, _, bob, mallory) = world().await;
    let look = async || {
        server.get(&format!("{url}?fat={}", bob.fat)).await;
        server.get(&format!("{url}?fat={}", mallory.fat)).await;
        server.keep_ledger().await;
        let reads = ledger(&server, &format!("mediaId={}", media_id(&url))).await;
        let statuses: Vec<_> = told(&reads).iter().map(|one| one.2).collect();
        statuses
    };
    assert_eq!(look().await, [200, 403]);
    set(&server, json!({"ledger": "refusals"})).await;
    server.clock.advance(10);
    assert_eq!(look().await, [200, 403, 403]);
    set(&server, json!({"ledger": "off"})).await;
    server.clock.advance(10);
    assert_eq!(look().await, [200, 403, 403]);
    let acts = ledger(&server, "").await;
    let settings = acts.iter().filter(|record| record["act"] == "PUT /v3/settings");
    assert_eq!(settings.count(), 2, "acts are kept whatever the mode");
    let status = server.back_end(Method::GET, "/ledger/status").send().await.unwrap();
    assert_eq!(data(status).await["mode"], "off");
    let app = AppId::parse(APP).unwrap();
    let stored = server.db().apps().by_id(&app).await.unwrap().unwrap();
    assert_eq!(stored.settings.policy.ledger, LedgerMode::Off);
}

#[tokio::test]
async fn a_day_that_is_over_has_a_signed_head_until_its_time_is_over_too() {
    let (server, url, _, bob, _) = world().await;
    let today = LedgerDay::of(server.clock.now());
    set(&server, json!({"ledgerRetentionDays": 2})).await;
    server.get(&format!("{url}?fat={}", bob.fat)).await;
    server.keep_ledger().await;
    let heads = async || {
        let heads = server.back_end(Method::GET, "/ledger/heads").send().await.unwrap();
        data(heads).await.as_array().unwrap().clone()
    };
    assert_eq!(heads().await[0].get("head"), None, "the day is open");
    server.clock.advance(86_400 + 600);
    server.keep_ledger().await;
    let head = heads().await[0].clone();
    let jwks = server.get(&format!("{}/.well-known/jwks.json", server.api_origin)).await;
    let jwks: Value = jwks.json().await.unwrap();
    let keys: Vec<(KeyId, [u8; 32])> = jwks["keys"].as_array().unwrap().iter().map(key).collect();
    let text = head["head"].as_str().unwrap();
    let claims: LedgerHeadClaims =
        verify_statement(&keys, StatementKind::LedgerHead, text).unwrap();
    assert_eq!(
        (claims.day.as_str(), claims.aud.as_deref()),
        (today.to_string().as_str(), Some(APP))
    );
    assert_eq!(
        (claims.records, &json!(claims.hash)),
        (head["records"].as_i64().unwrap(), &head["hash"])
    );
    let (check, records, hash) = exported(&server, today).await;
    assert_eq!((records, check.end_at(records, hash)), (claims.records, vec![]));
    server.clock.advance(86_400);
    server.keep_ledger().await;
    assert!(heads().await[0].get("removedAt").is_none());
    server.clock.advance(86_400);
    server.keep_ledger().await;
    assert!(heads().await[0]["removedAt"].is_i64(), "the head stays, its records go");
    assert_eq!(exported(&server, today).await.1, 0);
}

fn key(jwk: &Value) -> (KeyId, [u8; 32]) {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let public = URL_SAFE_NO_PAD.decode(jwk["x"].as_str().unwrap()).unwrap();
    (KeyId::parse(jwk["kid"].as_str().unwrap()).unwrap(), public.try_into().unwrap())
}

#[tokio::test]
async fn the_ledger_is_for_the_back_end_and_bad_questions_are_named() {
    let (server, _, alice, ..) = world().await;
    let user = server.as_user(&alice, Method::GET, "/ledger").send().await.unwrap();
    assert_eq!(refusal(user).await.1, "ERR_NO_AUTH");
    for (query, field) in [
        ("uid=a%20b", "uid"),
        ("mediaId=1", "mediaId"),
        ("outcome=maybe", "outcome"),
        ("per_page=0", "per_page"),
        ("user=bob", "user"),
        ("cursor=x", "cursor"),
    ] {
        let answer =
            server.back_end(Method::GET, &format!("/ledger?{query}")).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{query}");
        assert!(answer.text().await.unwrap().contains(field), "{query}");
    }
    for path in ["/ledger/export?day=2026-02-30", "/ledger/heads?from=yesterday", "/ledger/export"]
    {
        let answer = server.back_end(Method::GET, path).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{path}");
    }
}
