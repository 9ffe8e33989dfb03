//! Keys rotate without breaking anybody, and a revoked one takes all it signed along.

use cloakroom_storage::{Change, KeyPurpose, NewSigningKey, SecretHash};
use cloakroom_test::{Login, START, TestServer, data, refusal};
use cloakroom_token::KeyId;
use reqwest::Method;
use serde_json::{Value, json};

const OPERATOR_TOKEN: &str = "ckr_op_for_tests";

async fn start() -> TestServer {
    let server = TestServer::start().await;
    let operators = server.db().operators();
    operators.create("op", "op@example.org", "no hash", START).await.unwrap();
    let token = SecretHash::of(OPERATOR_TOKEN);
    operators.begin_session("op", token, START.plus(86_400), START).await.unwrap();
    server
}

fn operator(server: &TestServer, method: Method, path: &str) -> reqwest::RequestBuilder {
    let url = format!("{}/v3{path}", server.api_origin);
    server.http.request(method, url).bearer_auth(OPERATOR_TOKEN)
}

async fn rotate(server: &TestServer, body: Value) -> Value {
    let call = operator(server, Method::POST, "/signing_keys/rotate").json(&body);
    data(call.send().await.unwrap()).await
}

async fn published(server: &TestServer) -> Vec<String> {
    let jwks = server.get(&format!("{}/.well-known/jwks.json", server.api_origin)).await;
    let jwks: Value = jwks.json().await.unwrap();
    let keys = jwks["keys"].as_array().unwrap();
    keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

async fn renewed(server: &TestServer, login: &Login) -> String {
    let call = server.as_user(login, Method::POST, "/me/fat");
    data(call.send().await.unwrap()).await["fat"].as_str().unwrap().to_owned()
}

/// The id of the key that signed a token.
fn kid(fat: &str) -> String {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let header = URL_SAFE_NO_PAD.decode(fat.split('.').next().unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_rotation_breaks_nobody_and_a_revocation_ends_what_the_key_signed() {
    let server = start().await;
    let alice = server.login("alice").await;
    let url = server.send_picture(&alice, "user:bob").await;
    let status = async |fat: &str| server.get(&format!("{url}?fat={fat}")).await.status().as_u16();
    let old = kid(&alice.fat);

    let dry = rotate(&server, json!({"purpose": "fat", "dryRun": true})).await;
    assert_eq!(
        (&dry["before"], &dry["liveSessions"], dry.get("id")),
        (&json!(old), &json!(1), None)
    );
    assert_eq!(dry["breaks"], 0);
    let made = rotate(&server, json!({"purpose": "fat"})).await;
    let new = made["id"].as_str().unwrap().to_owned();
    let wait = made["signsFrom"].as_i64().unwrap() - server.clock.now().0;
    assert!(wait > 0, "every node needs the time to learn of it");
    assert!(published(&server).await.contains(&new), "it is published before it signs");
    assert_eq!(kid(&renewed(&server, &alice).await), old);

    server.clock.advance(wait);
    server.catch_up().await;
    let fresh = renewed(&server, &alice).await;
    assert_eq!(kid(&fresh), new);
    assert_eq!((status(&alice.fat).await, status(&fresh).await), (200, 200));
    assert!(published(&server).await.contains(&old));

    let path = format!("/signing_keys/{old}");
    let dry = operator(&server, Method::DELETE, &format!("{path}?dryRun=true"));
    let dry = data(dry.send().await.unwrap()).await;
    assert_eq!((&dry["breaks"], &dry["dryRun"]), (&json!(0), &json!(true)), "it was renewed");
    assert_eq!(status(&alice.fat).await, 200);
    let done = data(operator(&server, Method::DELETE, &path).send().await.unwrap()).await;
    assert_eq!(done["revocation"]["applied"], true);
    assert_eq!((status(&alice.fat).await, status(&fresh).await), (401, 200));
    assert!(!published(&server).await.contains(&old));
}

#[tokio::test]
async fn a_revoked_key_that_signed_has_a_successor_at_once() {
    let server = start().await;
    let alice = server.login("alice").await;
    let url = server.send_picture(&alice, "user:bob").await;
    let presigned = server.presign(&alice, &url).await;
    let listed = operator(&server, Method::GET, "/signing_keys").send().await.unwrap();
    let listed = data(listed).await;
    let key = listed.as_array().unwrap().iter().find(|key| key["purpose"] == "presign").unwrap();
    assert_eq!(key["signs"], true);
    let text = listed.to_string();
    assert!(!text.contains("wrapped") && !text.contains("secret"), "{text}");
    let path = format!("/signing_keys/{}", key["id"].as_str().unwrap());
    operator(&server, Method::DELETE, &path).send().await.unwrap();
    let (status, _, reason) = refusal(server.get(&presigned).await).await;
    assert_eq!((status, reason.as_str()), (403, "presign_altered"));
    let fresh = server.presign(&alice, &url).await;
    assert_eq!(server.get(&fresh).await.status(), 200);
    let again = operator(&server, Method::DELETE, &path).send().await.unwrap();
    assert_eq!(again.status(), 200, "twice is harmless");
}

/// A download of [`LARGE`] bytes that has begun.
struct Download(reqwest::Response, usize);

const LARGE: usize = 48 * 1024 * 1024;

impl Download {
    async fn begin(server: &TestServer, url: &str) -> Self {
        let mut answer = server.get(url).await;
        assert_eq!(answer.status(), 200);
        let first = answer.chunk().await.unwrap().unwrap().len();
        Self(answer, first)
    }

    /// Whether all of it comes.
    async fn comes_whole(mut self) -> bool {
        while let Ok(Some(chunk)) = self.0.chunk().await {
            self.1 += chunk.len();
        }
        self.1 == LARGE
    }
}

#[tokio::test]
async fn a_revoked_key_cuts_the_downloads_that_it_signed_and_a_rotation_cuts_none() {
    let server = start().await;
    let (alice, mut bob) = (server.login("alice").await, server.login("bob").await);
    let bytes = vec![7; LARGE];
    let sent = server.send_file(&alice, "user:bob", "x.bin", "application/zip", bytes).await;
    let url = sent["data"]["url"].as_str().unwrap().to_owned();
    for purpose in ["fat", "presign"] {
        let asked = async |bob: &Login| match purpose {
            "fat" => format!("{url}?fat={}", bob.fat),
            _ => server.presign(bob, &url).await,
        };
        let old = asked(&bob).await;
        let over_rotation = Download::begin(&server, &old).await;
        let made = rotate(&server, json!({ "purpose": purpose })).await;
        server.clock.advance(made["signsFrom"].as_i64().unwrap() - server.clock.now().0);
        server.catch_up().await;
        assert!(over_rotation.comes_whole().await, "{purpose}: a rotation cuts nothing");

        bob = server.login("bob").await;
        let new = asked(&bob).await;
        let key = match purpose {
            "fat" => kid(old.split("fat=").nth(1).unwrap()),
            _ => old.split("Key-Pair-Id=").nth(1).unwrap().to_owned(),
        };
        assert!(!new.contains(&key) || purpose == "fat", "another key signs");
        let doomed = Download::begin(&server, &old).await;
        let other = Download::begin(&server, &new).await;
        let call = operator(&server, Method::DELETE, &format!("/signing_keys/{key}"));
        data(call.send().await.unwrap()).await;
        assert!(!doomed.comes_whole().await, "{purpose}: it is cut");
        assert!(other.comes_whole().await, "{purpose}: another key is none of its business");
    }
}

#[tokio::test]
async fn a_ring_that_cannot_be_loaded_gives_no_receipt_until_it_can() {
    let server = start().await;
    let alice = server.login("alice").await;
    let url = format!("{}?fat={}", server.send_picture(&alice, "user:bob").await, alice.fat);
    let junk = KeyId::parse("junk").unwrap();
    let row = NewSigningKey {
        id: &junk,
        purpose: KeyPurpose::Fat,
        algorithm: "EdDSA",
        wrapped: b"not wrapped by our master key",
        public: None,
        signs_from: START.plus(1_000_000),
    };
    let keys = server.db().signing_keys();
    keys.insert(&row, START).await.unwrap();
    let path = format!("/signing_keys/{}", kid(&alice.fat));
    let (status, code, _) =
        refusal(operator(&server, Method::DELETE, &path).send().await.unwrap()).await;
    assert_eq!((status, code.as_str()), (500, "ERR_INTERNAL"), "no receipt");
    keys.revoke(&junk, START).await.unwrap();
    server.catch_up().await;
    assert_eq!(server.get(&url).await.status(), 401, "its key is revoked");
    let again = server.login("alice").await;
    let fresh = url.replace(&alice.fat, &again.fat);
    assert_eq!(server.get(&fresh).await.status(), 200);
}

#[tokio::test]
async fn the_last_key_of_a_purpose_is_followed_by_one_that_all_nodes_learn_of_first() {
    let server = start().await;
    let alice = server.login("alice").await;
    let before = server.db().changes().head().await.unwrap();
    let path = format!("/signing_keys/{}", kid(&alice.fat));
    operator(&server, Method::DELETE, &path).send().await.unwrap();
    let feed = server.db().changes().after(before, 10).await.unwrap();
    let named = feed.iter().filter_map(|entry| match &entry.change {
        Some(Change::SigningKey(id)) => Some(id.to_string()),
        _ => None,
    });
    let successor = kid(&server.login("alice").await.fat);
    assert_eq!(named.collect::<Vec<_>>(), [successor, kid(&alice.fat)]);
}

#[tokio::test]
async fn the_key_ring_is_for_operators() {
    let server = start().await;
    let alice = server.login("alice").await;
    let calls = [
        server.back_end(Method::GET, "/signing_keys"),
        server.as_user(&alice, Method::GET, "/signing_keys"),
        server.back_end(Method::DELETE, "/signing_keys/k1"),
        server.back_end(Method::POST, "/signing_keys/rotate").json(&json!({"purpose": "fat"})),
    ];
    for call in calls {
        assert_eq!(refusal(call.send().await.unwrap()).await.1, "ERR_NO_AUTH");
    }
    let missing = operator(&server, Method::DELETE, "/signing_keys/none").send().await.unwrap();
    assert_eq!(refusal(missing).await.1, "ERR_SIGNING_KEY_NOT_FOUND");
    let bad = operator(&server, Method::POST, "/signing_keys/rotate");
    let bad = bad.json(&json!({"purpose": "moon"})).send().await.unwrap();
    assert_eq!(refusal(bad).await.1, "ERR_INVALID_JSON");
}

#[tokio::test]
async fn a_url_that_was_fetched_again_ends_with_its_key_its_session_and_its_time_all_the_same() {
    for end in ["key", "session", "time"] {
        let server = start().await;
        let (alice, bob) = (server.login("alice").await, server.login("bob").await);
        let url = server.send_picture(&alice, "user:bob").await;
        let presigned = server.presign(&bob, &url).await;
        for fetch in 0..3 {
            assert_eq!(server.get(&presigned).await.status(), 200, "{end} {fetch}");
        }
        let of_another = presigned.replacen("Expires=1", "Expires=2", 1);
        assert_eq!(server.get(&of_another).await.status(), 403);
        let expected = match end {
            "key" => {
                let key = presigned.split("Key-Pair-Id=").nth(1).unwrap();
                let call = operator(&server, Method::DELETE, &format!("/signing_keys/{key}"));
                data(call.send().await.unwrap()).await;
                "presign_altered"
            }
            "session" => {
                data(server.as_user(&bob, Method::DELETE, "/me").send().await.unwrap()).await;
                "session_ended"
            }
            _ => {
                server.clock.advance(3600);
                "presign_expired"
            }
        };
        server.catch_up().await;
        let (_, _, reason) = refusal(server.get(&presigned).await).await;
        assert_eq!(reason, expected);
    }
}
