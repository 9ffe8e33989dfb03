//! Delegated keys: the app's back end presigns by itself, within bounds, and is revoked as one.

use cloakroom_test::{APP, Login, START, TestServer, data, png, refusal};
use cloakroom_token::{
    AppId, DelegatedSigner, KeyId, PresignTerms, Seq, UnixSeconds, UrlPurpose, Views,
};
use reqwest::Method;
use serde_json::{Value, json};

async fn made(server: &TestServer, body: &Value) -> Value {
    data(server.back_end(Method::POST, "/delegated_keys").json(body).send().await.unwrap()).await
}

fn signer(made: &Value) -> DelegatedSigner {
    DelegatedSigner::new(
        made["mediaOrigin"].as_str().unwrap(),
        APP,
        made["id"].as_str().unwrap(),
        made["secret"].as_str().unwrap(),
        made["generation"].as_i64().unwrap(),
    )
    .unwrap()
}

fn mail() -> PresignTerms {
    PresignTerms { purpose: Some(UrlPurpose::Mail), ..PresignTerms::default() }
}

struct World {
    server: TestServer,
    alice: Login,
    url: String,
    made: Value,
    signer: DelegatedSigner,
}

/// A file from alice to bob, and a key for mails to users whose uid begins with `b` or all.
async fn world(prefix: Option<&str>) -> World {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let url = server.send_picture(&alice, "user:bob").await;
    let mut body = json!({"name": "Mailer", "maxTtlSeconds": 3600, "purposes": ["mail"]});
    if let Some(prefix) = prefix {
        body["uidPrefix"] = prefix.into();
    }
    let made = made(&server, &body).await;
    let signer = signer(&made);
    World { server, alice, url, made, signer }
}

impl World {
    fn signed(&self, uid: &str, terms: &PresignTerms, seconds: i64) -> String {
        let now = self.server.clock.now();
        self.signer.sign(&self.url, uid, terms, seconds, now).unwrap().url
    }

    async fn status(&self, url: &str) -> (u16, String) {
        let answer = self.server.get(url).await;
        if answer.status() == 200 {
            assert_eq!(answer.bytes().await.unwrap(), png());
            return (200, String::new());
        }
        let (status, _, reason) = refusal(answer).await;
        (status, reason)
    }
}

#[tokio::test]
async fn a_url_that_the_back_end_signed_opens_for_whom_it_names_and_is_decided_live() {
    let world = world(None).await;
    let url = world.signed("bob", &mail(), 600);
    assert_eq!(world.status(&url).await.0, 200);
    let stranger = world.signed("mallory", &mail(), 600);
    assert_eq!(world.status(&stranger).await, (403, "not_permitted".to_owned()));
    assert_eq!(world.status(&world.signed("nobody", &mail(), 600)).await.0, 401);
    let bob = world.server.back_end(Method::DELETE, "/users/bob").json(&json!({}));
    assert_eq!(bob.send().await.unwrap().status(), 400, "a deletion says what becomes of media");
    let off =
        world.server.back_end(Method::DELETE, "/users").json(&json!({"uidsToDeactivate": ["bob"]}));
    assert_eq!(off.send().await.unwrap().status(), 200);
    assert_eq!(world.status(&url).await, (401, "session_ended".to_owned()));
}

#[tokio::test]
async fn what_lies_outside_the_bounds_of_the_key_is_refused_at_the_fetch() {
    let world = world(Some("bo")).await;
    let altered = (403, "presign_altered".to_owned());
    assert_eq!(world.status(&world.signed("bob", &mail(), 3600)).await.0, 200);
    for (uid, terms, seconds, why) in [
        ("alice", mail(), 600, "another prefix"),
        ("bob", PresignTerms::default(), 600, "no purpose"),
        ("bob", PresignTerms { purpose: Some(UrlPurpose::Push), ..mail() }, 600, "another purpose"),
        ("bob", mail(), 86_400, "too long a life"),
    ] {
        assert_eq!(world.status(&world.signed(uid, &terms, seconds)).await, altered, "{why}");
    }
    let fresh = world.signed("bob", &mail(), 600);
    let swapped = fresh.replace("u:bob", "u:alice");
    assert_eq!(world.status(&swapped).await, altered);
    let session = world.server.presign(&world.alice, &world.url).await;
    let key = world.made["id"].as_str().unwrap();
    let (before, _) = session.split_once("&Key-Pair-Id=").unwrap();
    assert_eq!(world.status(&format!("{before}&Key-Pair-Id={key}")).await, altered);
    assert_eq!(world.status(&fresh.replace(key, "made-up")).await, altered);
}

#[tokio::test]
async fn a_lower_bound_of_the_app_holds_for_urls_that_are_out_already() {
    let world = world(None).await;
    let url = world.signed("bob", &mail(), 3600);
    assert_eq!(world.status(&url).await.0, 200);
    let call = world.server.back_end(Method::PUT, "/settings");
    let call = call.json(&json!({"backEndPresignTtlMaxSeconds": 900}));
    assert_eq!(call.send().await.unwrap().status(), 200);
    assert_eq!(world.status(&url).await, (403, "presign_altered".to_owned()));
    assert_eq!(world.status(&world.signed("bob", &mail(), 900)).await.0, 200);
}

#[tokio::test]
async fn a_url_that_claims_to_know_the_future_could_never_be_taken_back_and_is_refused() {
    let world = world(None).await;
    let head = world.made["generation"].as_i64().unwrap();
    world.signer.known(Seq(head + 1));
    let url = world.signed("bob", &mail(), 600);
    assert_eq!(world.status(&url).await, (403, "presign_altered".to_owned()));
    let call = world.server.back_end(Method::POST, "/groups");
    call.json(&json!({"guid": "g9", "name": "g", "type": "public"})).send().await.unwrap();
    let path = format!("/delegated_keys/{}", world.made["id"].as_str().unwrap());
    let got = data(world.server.back_end(Method::GET, &path).send().await.unwrap()).await;
    assert!(got["generation"].as_i64().unwrap() > head, "the feed went on");
    assert_eq!(world.status(&url).await.0, 200, "now that place is in the feed");
}

#[tokio::test]
async fn a_revocation_ends_urls_signed_before_it_until_the_signer_knows_of_it() {
    let world = world(None).await;
    let before = world.signed("bob", &mail(), 600);
    let call = world.server.back_end(Method::POST, "/revocations").json(&json!({"kind": "app"}));
    let receipt = data(call.send().await.unwrap()).await;
    let expired = (403, "presign_expired".to_owned());
    assert_eq!(world.status(&before).await, expired);
    assert_eq!(world.status(&world.signed("bob", &mail(), 600)).await, expired);
    world.signer.known(Seq(receipt["seq"].as_i64().unwrap()));
    assert_eq!(world.status(&world.signed("bob", &mail(), 600)).await.0, 200);
}

#[tokio::test]
async fn a_key_is_revoked_as_one_with_a_receipt_and_twice_is_harmless() {
    for by_revocations in [true, false] {
        let world = world(None).await;
        let id = world.made["id"].as_str().unwrap();
        let url = world.signed("bob", &mail(), 600);
        assert_eq!(world.status(&url).await.0, 200);
        for _ in 0..2 {
            let call = if by_revocations {
                let body = json!({"kind": "delegatedKey", "id": id});
                world.server.back_end(Method::POST, "/revocations").json(&body)
            } else {
                world.server.back_end(Method::DELETE, &format!("/delegated_keys/{id}"))
            };
            let receipt = data(call.send().await.unwrap()).await;
            assert_eq!(receipt["applied"], true, "{receipt}");
            assert_eq!(receipt["what"], json!({"kind": "delegatedKey", "id": id}));
            assert_eq!(world.status(&url).await, (403, "presign_altered".to_owned()));
        }
        let World { server, url, made, .. } = world;
        assert_eq!(after_restart(server, &url, made).await, 403);
    }
}

#[tokio::test]
async fn the_secret_is_shown_once_and_a_key_survives_a_restart() {
    let world = world(None).await;
    let secret = world.made["secret"].as_str().unwrap();
    assert!(secret.starts_with("ckr_dk_"));
    let listed = data(world.server.back_end(Method::GET, "/delegated_keys").send().await.unwrap());
    let listed = listed.await;
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert!(!listed.to_string().contains(secret) && !listed.to_string().contains("wrapped"));
    let row = world.server.db().delegated_keys();
    let id = KeyId::parse(world.made["id"].as_str().unwrap()).unwrap();
    let row = row.by_id(&AppId::parse(APP).unwrap(), &id).await.unwrap().unwrap();
    assert!(!String::from_utf8_lossy(&row.wrapped).contains(&secret[7..]));
    let World { server, url, made, .. } = world;
    assert_eq!(after_restart(server, &url, made).await, 200);
}

/// What a URL is answered that is signed with the same key once the server runs again, at another
/// port.
async fn after_restart(server: TestServer, url: &str, mut made: Value) -> u16 {
    let old = server.media_origin.clone();
    let server = server.restart().await;
    made["mediaOrigin"] = server.media_origin.clone().into();
    let url = url.replace(&old, &server.media_origin);
    let signed = signer(&made).sign(&url, "bob", &mail(), 600, server.clock.now()).unwrap();
    server.get(&signed.url).await.status().as_u16()
}

#[tokio::test]
async fn fetches_are_counted_against_the_key() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let url = server.send_picture(&alice, "user:bob").await;
    let body = json!({"name": "Slow", "maxTtlSeconds": 600, "fetchesPerMinute": 2});
    let signer = signer(&made(&server, &body).await);
    let url = signer.sign(&url, "bob", &mail(), 600, START).unwrap().url;
    for expected in [200, 200, 429] {
        assert_eq!(server.get(&url).await.status(), expected);
    }
    server.clock.advance(31);
    assert_eq!(server.get(&url).await.status(), 200);
}

#[tokio::test]
async fn views_signed_by_the_back_end_are_counted() {
    let world = world(None).await;
    let terms = PresignTerms { views: Views::new(1), ..mail() };
    let url = world.signed("bob", &terms, 3600);
    assert_eq!(world.status(&url).await.0, 200);
    world.server.clock.advance(601);
    assert_eq!(world.status(&url).await, (403, "presign_expired".to_owned()));
}

#[tokio::test]
async fn bad_keys_are_refused_by_the_field_and_others_keys_are_not_there() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    for (body, field) in [
        (json!({"name": "", "maxTtlSeconds": 60}), "name"),
        (json!({"name": "n", "maxTtlSeconds": 59}), "maxTtlSeconds"),
        (json!({"name": "n", "maxTtlSeconds": 604_801}), "maxTtlSeconds"),
        (json!({"name": "n", "maxTtlSeconds": 60, "uidPrefix": "a b"}), "uidPrefix"),
        (json!({"name": "n", "maxTtlSeconds": 60, "fetchesPerMinute": 0}), "fetchesPerMinute"),
    ] {
        let answer = server.back_end(Method::POST, "/delegated_keys").json(&body).send().await;
        let answer = answer.unwrap();
        assert_eq!(answer.status(), 400, "{body}");
        let text = answer.text().await.unwrap();
        assert!(text.contains(field), "{text}");
    }
    let unknown = json!({"name": "n", "maxTtlSeconds": 60, "purposes": ["moon"]});
    let answer = server.back_end(Method::POST, "/delegated_keys").json(&unknown).send().await;
    assert_eq!(answer.unwrap().status(), 400);
    let user = server.as_user(&alice, Method::GET, "/delegated_keys").send().await.unwrap();
    assert_eq!(refusal(user).await.1, "ERR_NO_AUTH");
    for (method, path) in
        [(Method::GET, "/delegated_keys/none"), (Method::DELETE, "/delegated_keys/none")]
    {
        let answer = server.back_end(method, path).send().await.unwrap();
        assert_eq!(refusal(answer).await.1, "ERR_DELEGATED_KEY_NOT_FOUND");
    }
    for n in 0..20 {
        made(&server, &json!({"name": format!("k{n}"), "maxTtlSeconds": 60})).await;
    }
    let answer = server.back_end(Method::POST, "/delegated_keys");
    let answer = answer.json(&json!({"name": "k20", "maxTtlSeconds": 60})).send().await.unwrap();
    assert_eq!(answer.status(), 400);
    let page = server.back_end(Method::GET, "/delegated_keys?per_page=15").send().await.unwrap();
    let page: Value = page.json().await.unwrap();
    let next = page["meta"]["next"].as_str().unwrap();
    let path = format!("/delegated_keys?per_page=15&cursor={next}");
    let rest = data(server.back_end(Method::GET, &path).send().await.unwrap()).await;
    assert_eq!((page["data"].as_array().unwrap().len(), rest.as_array().unwrap().len()), (15, 5));
    assert!(UnixSeconds(page["data"][0]["createdAt"].as_i64().unwrap()) >= START);
}
