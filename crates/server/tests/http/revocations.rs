//! Taking things back, with a receipt.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cloakroom_storage::NewReceipt;
use cloakroom_test::{APP, AUTH_KEY, TestServer, data, png, refusal};
use cloakroom_token::{AppId, KeyId, Seq, StatementKind, Uid, verify_statement};
use cloakroom_wire::ReceiptClaims;
use reqwest::Method;
use serde_json::{Value, json};

async fn revoke(server: &TestServer, body: &Value) -> Value {
    let call = server.back_end(Method::POST, "/revocations").json(body);
    data(call.send().await.unwrap()).await
}

async fn status(server: &TestServer, url: &str) -> u16 {
    server.get(url).await.status().as_u16()
}

fn uid(name: &str) -> Uid {
    Uid::parse(name).unwrap()
}

fn media_id(url: &str) -> &str {
    url.rsplit_once('/').unwrap().1.split_once('.').unwrap().0
}

#[tokio::test]
async fn each_kind_is_taken_back_from_every_url_that_is_out() {
    let kinds = [
        (json!({"kind": "file", "id": "FILE"}), 403, 403),
        (json!({"kind": "message", "id": "MESSAGE"}), 404, 404),
        (json!({"kind": "conversation", "guid": "trip"}), 403, 403),
        (json!({"kind": "app"}), 401, 403),
        (json!({"kind": "member", "guid": "trip", "uid": "carol"}), 403, 403),
        (json!({"kind": "session", "id": "SESSION"}), 401, 401),
        (json!({"kind": "user", "id": "carol"}), 401, 401),
    ];
    for (kind, by_fat, by_presigned) in kinds {
        let server = TestServer::start().await;
        let (alice, carol) = (server.login("alice").await, server.login("carol").await);
        let sent = server.send_file(&alice, "group:trip", "a.png", "image/png", png()).await;
        let url = sent["data"]["attachments"][0]["url"].as_str().unwrap();
        let app = AppId::parse(APP).unwrap();
        let sessions = server.db().sessions().of_user(&app, &uid("carol")).await.unwrap();
        let named = kind
            .to_string()
            .replace("FILE", media_id(url))
            .replace("MESSAGE", sent["id"].as_str().unwrap())
            .replace("SESSION", &sessions[0].id.to_string());
        let body: Value = serde_json::from_str(&named).unwrap();
        let (by_token, presigned) =
            (format!("{url}?fat={}", carol.fat), server.presign(&carol, url).await);
        assert_eq!(status(&server, &by_token).await, 200, "{kind}");
        assert_eq!(status(&server, &presigned).await, 200, "{kind}");
        for time in ["once", "twice"] {
            let receipt = revoke(&server, &body).await;
            assert_eq!(receipt["applied"], true, "{time} {receipt}");
            assert_eq!((&receipt["nodes"], &receipt["edgeUntil"]), (&json!(1), &Value::Null));
            assert_eq!(status(&server, &by_token).await, by_fat, "{time} {kind}");
            assert_eq!(status(&server, &presigned).await, by_presigned, "{time} {kind}");
        }
    }
}

#[tokio::test]
async fn a_receipt_is_genuine_by_the_published_keys() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let url = server.send_picture(&alice, "user:bob").await;
    let receipt = revoke(&server, &json!({"kind": "file", "id": media_id(&url)})).await;
    let jwks: Value = server
        .get(&format!("{}/.well-known/jwks.json", server.api_origin))
        .await
        .json()
        .await
        .unwrap();
    let keys: Vec<(KeyId, [u8; 32])> = jwks["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| {
            let public = URL_SAFE_NO_PAD.decode(key["x"].as_str().unwrap()).unwrap();
            (KeyId::parse(key["kid"].as_str().unwrap()).unwrap(), public.try_into().unwrap())
        })
        .collect();
    let text = receipt["receipt"].as_str().unwrap();
    let claims: ReceiptClaims = verify_statement(&keys, StatementKind::Receipt, text).unwrap();
    assert_eq!(claims.jti, receipt["id"].as_str().unwrap());
    assert_eq!((claims.aud.as_deref(), claims.nodes), (Some(APP), 1));
    assert_eq!(claims.what.id, media_id(&url));
    assert_eq!(claims.applied_at, server.clock.now().0);
    // A receipt opens nothing, wherever a token may stand.
    for with in [format!("{url}?fat={text}"), url.clone()] {
        let answer = server.http.get(&with).bearer_auth(text).send().await.unwrap();
        assert_eq!(answer.status(), 401);
    }
}

#[tokio::test]
async fn who_does_not_wait_asks_later() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let url = server.send_picture(&alice, "user:bob").await;
    let body = json!({"kind": "file", "id": media_id(&url)});
    let call = server.back_end(Method::POST, "/revocations?wait=false").json(&body);
    let answer = call.send().await.unwrap();
    assert_eq!(answer.status(), 202);
    let open = data(answer).await;
    assert_eq!((&open["applied"], open.get("receipt")), (&json!(false), None), "{open}");
    let path = format!("/revocations/{}", open["id"].as_str().unwrap());
    let done = data(server.back_end(Method::GET, &path).send().await.unwrap()).await;
    assert_eq!(done["applied"], true);
    assert!(done["receipt"].is_string());
    let again = data(server.back_end(Method::GET, &path).send().await.unwrap()).await;
    assert_eq!(done, again, "a receipt does not change");
}

#[tokio::test]
async fn a_reactivated_user_revives_nothing_that_was_handed_out() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let url = server.send_picture(&alice, "user:bob").await;
    let presigned = server.presign(&bob, &url).await;
    revoke(&server, &json!({"kind": "user", "id": "bob"})).await;
    let app = AppId::parse(APP).unwrap();
    assert!(server.db().users().reactivate(&app, &uid("bob"), server.clock.now()).await.unwrap());
    server.catch_up().await;
    let (status, _, reason) = refusal(server.get(&format!("{url}?fat={}", bob.fat)).await).await;
    assert_eq!((status, reason.as_str()), (401, "fat_expired"));
    let (status, _, reason) = refusal(server.get(&presigned).await).await;
    assert_eq!((status, reason.as_str()), (403, "presign_expired"));
    let fresh = server.login("bob").await;
    assert_eq!(server.get(&format!("{url}?fat={}", fresh.fat)).await.status(), 200);
}

#[tokio::test]
async fn only_the_back_end_itself_takes_things_back_and_only_its_own() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let url = server.send_picture(&alice, "user:bob").await;
    let body = json!({"kind": "file", "id": media_id(&url)});
    let post = || server.api(Method::POST, "/revocations").json(&body);
    let cases = [
        (post(), 401, "ERR_NO_AUTH"),
        (post().header("authtoken", &alice.auth_token), 401, "ERR_NO_AUTH"),
        (post().header("apikey", AUTH_KEY), 403, "ERR_SCOPE_REQUIRED"),
        (
            server.back_end(Method::POST, "/revocations").json(&body).header("onbehalfof", "alice"),
            403,
            "ERR_NOT_PERMITTED",
        ),
        (post().header("authorization", "Bearer ckr_op_x"), 401, "ERR_OPERATOR_TOKEN_NOT_FOUND"),
    ];
    for (call, status, code) in cases {
        let (got, got_code, _) = refusal(call.send().await.unwrap()).await;
        assert_eq!((got, got_code.as_str()), (status, code));
    }
    let missing = "0123456789abcdef0123456789abcdef";
    let cases = [
        (json!({"kind": "file", "id": missing}), 404, "ERR_FILE_NOT_FOUND"),
        (json!({"kind": "file", "id": "\u{202e}"}), 404, "ERR_FILE_NOT_FOUND"),
        (json!({"kind": "message", "id": "999"}), 404, "ERR_MESSAGE_ID_NOT_FOUND"),
        (json!({"kind": "user", "id": "nobody"}), 404, "ERR_UID_NOT_FOUND"),
        (json!({"kind": "session", "id": missing}), 404, "ERR_SESSION_NOT_FOUND"),
        (json!({"kind": "member", "guid": "none", "uid": "bob"}), 404, "ERR_GUID_NOT_FOUND"),
        (json!({"kind": "conversation"}), 400, "ERR_BAD_REQUEST"),
        (json!({"kind": "apiKey", "id": "none"}), 404, "ERR_API_KEY_ID_NOT_FOUND"),
        (json!({"kind": "signingKey", "id": "none"}), 401, "ERR_NO_AUTH"),
    ];
    for (body, status, code) in cases {
        let call = server.back_end(Method::POST, "/revocations").json(&body);
        let (got, got_code, _) = refusal(call.send().await.unwrap()).await;
        assert_eq!((got, got_code.as_str()), (status, code), "{body}");
    }
    let call = server.back_end(Method::GET, &format!("/revocations/{missing}"));
    assert_eq!(refusal(call.send().await.unwrap()).await.1, "ERR_RECEIPT_NOT_FOUND");
    assert_eq!(server.get(&format!("{url}?fat={}", alice.fat)).await.status(), 200);
}

#[tokio::test]
async fn a_receipt_of_another_app_is_not_told() {
    let server = TestServer::start().await;
    let id = "5f0e6a1c9b7d4e2f8a3b1c0d9e8f7a6b";
    let new = NewReceipt { id, app: None, kind: "signingKey", target: "k", seqs: None };
    server.db().receipts().begin(&new, server.clock.now()).await.unwrap();
    let call = server.back_end(Method::GET, &format!("/revocations/{id}"));
    assert_eq!(refusal(call.send().await.unwrap()).await.1, "ERR_RECEIPT_NOT_FOUND");
    assert!(server.db().receipts().by_id(id).await.unwrap().unwrap().barrier > Seq(0));
}
