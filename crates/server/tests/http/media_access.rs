//! Every row of the refusal table, for tokens and for presigned URLs.

use cloakroom_storage::{DeletionScope, TokenBasedFileAccess};
use cloakroom_test::{APP, START, TestServer, refusal};
use cloakroom_token::{AppId, Guid, MediaId, Uid};
use reqwest::Method;

fn app() -> AppId {
    AppId::parse(APP).unwrap()
}

fn media_id(url: &str) -> MediaId {
    let name = url.rsplit('/').next().unwrap();
    MediaId::parse(&name[..32]).unwrap()
}

async fn end(server: &TestServer, login: &cloakroom_test::Login) {
    let ended = server.as_user(login, Method::DELETE, "/me").send().await.unwrap();
    assert_eq!(ended.status(), 200);
}

#[tokio::test]
async fn those_in_the_conversation_read_by_every_carrier_and_nobody_else_does() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let (carol, mallory) = (server.login("carol").await, server.login("mallory").await);
    let url = server.send_picture(&alice, "user:bob").await;
    assert!(url.starts_with(&format!("{}/{APP}/media/", server.media_origin)), "{url}");
    for reader in [&alice, &bob] {
        let by_query = server.get(&format!("{url}?fat={}", reader.fat)).await;
        let by_header = server.http.get(&url).header("fat", &reader.fat).send().await.unwrap();
        let by_bearer = server.http.get(&url).bearer_auth(&reader.fat).send().await.unwrap();
        let by_presigned = server.get(&server.presign(reader, &url).await).await;
        let both = server.http.get(format!("{url}?fat={0}", reader.fat));
        let both = both.header("fat", &reader.fat).send().await.unwrap();
        for answer in [by_query, by_header, by_bearer, by_presigned, both] {
            assert_eq!(answer.status(), 200, "{}", reader.uid);
            assert_eq!(answer.bytes().await.unwrap(), cloakroom_test::png());
        }
    }
    for outsider in [&carol, &mallory] {
        let answer = server.get(&format!("{url}?fat={}", outsider.fat)).await;
        assert_eq!(
            refusal(answer).await,
            (403, "ERR_NOT_PERMITTED".to_owned(), "not_permitted".to_owned())
        );
    }
}

#[tokio::test]
async fn a_missing_malformed_expired_foreign_or_doubled_credential_is_401() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let url = server.send_picture(&alice, "user:bob").await;
    let presigned = server.presign(&alice, &url).await;
    let query = presigned.split_once('?').unwrap().1;
    let missing = url.replace("/media/", "/media/0000").replace(".png", "");
    let missing = format!("{}.png", &missing[..missing.len() - 4]);
    let cases = [
        (url.clone(), "fat_missing"),
        (missing.clone(), "fat_missing"),
        (format!("{url}?fat="), "fat_invalid"),
        (format!("{url}?fat=junk"), "fat_invalid"),
        (format!("{missing}?fat=junk"), "fat_invalid"),
        (format!("{url}?fat={}x", alice.fat), "fat_invalid"),
        (format!("{url}?fat={0}&fat={0}", alice.fat), "two_credentials"),
        (format!("{url}?fat={}&{query}", alice.fat), "two_credentials"),
    ];
    for (url, reason) in cases {
        let answer = server.get(&url).await;
        assert_eq!(answer.headers()["www-authenticate"], "Bearer", "{url}");
        let (status, _, got) = refusal(answer).await;
        assert_eq!((status, got.as_str()), (401, reason), "{url}");
    }
    let two = server.http.get(format!("{url}?fat={}", alice.fat)).header("fat", &bob.fat);
    assert_eq!(refusal(two.send().await.unwrap()).await.2, "two_credentials");

    let other = AppId::parse("otherapp").unwrap();
    let settings = server.db().apps().by_id(&app()).await.unwrap().unwrap().settings;
    server
        .db()
        .apps()
        .create(&other, "us", TokenBasedFileAccess::On, &settings, START)
        .await
        .unwrap();
    let foreign = url.replace(APP, other.as_str());
    let answer = server.get(&format!("{foreign}?fat={}", alice.fat)).await;
    assert_eq!(refusal(answer).await.2, "fat_invalid", "another app's token");

    server.clock.advance(86_400);
    let (status, code, reason) =
        refusal(server.get(&format!("{url}?fat={}", alice.fat)).await).await;
    assert_eq!((status, code.as_str(), reason.as_str()), (401, "ERR_FAT_EXPIRED", "fat_expired"));
}

#[tokio::test]
async fn a_presigned_url_that_expired_or_was_altered_is_403() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let url = server.send_picture(&alice, "user:bob").await;
    let other = server.send_picture(&alice, "user:bob").await;
    let presigned = server.presign(&alice, &url).await;
    let query = presigned.split_once('?').unwrap().1;
    let cut = presigned.split("&Signature=").next().unwrap();
    let altered = [
        format!("{other}?{query}"),
        presigned.replace("Generation=0", "Generation=1"),
        presigned.replace("Principal=s:", "Principal=u:"),
        presigned.replace("&Expires=", "&Expires=9"),
        format!("{presigned}&x=1"),
        format!("{url}?Disposition=attachment&{query}"),
        cut.to_owned(),
    ];
    for url in altered {
        let (status, _, reason) = refusal(server.get(&url).await).await;
        assert_eq!((status, reason.as_str()), (403, "presign_altered"), "{url}");
    }
    server.clock.advance(599);
    assert_eq!(server.get(&presigned).await.status(), 200, "two thirds of its life at least");
    server.clock.advance(301);
    let (status, code, reason) = refusal(server.get(&presigned).await).await;
    assert_eq!(
        (status, code.as_str(), reason.as_str()),
        (403, "ERR_PRESIGN_EXPIRED", "presign_expired")
    );
    let fresh = server.presign(&alice, &url).await;
    assert_eq!(server.get(&fresh).await.status(), 200, "a fresh one opens");
}

#[tokio::test]
async fn the_same_session_gets_the_same_presigned_bytes_within_a_bucket() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let url = server.send_picture(&alice, "user:bob").await;
    let first = server.presign(&alice, &url).await;
    assert_eq!(server.presign(&alice, &url).await, first);
    server.clock.advance(300);
    assert_ne!(server.presign(&alice, &url).await, first);
}

#[tokio::test]
async fn a_logout_ends_tokens_and_presigned_urls_at_once() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let again = server.login("alice").await;
    let url = server.send_picture(&alice, "user:bob").await;
    let with_fat = format!("{url}?fat={}", alice.fat);
    let presigned = server.presign(&alice, &url).await;
    assert_eq!(server.get(&with_fat).await.status(), 200);
    assert_eq!(server.get(&presigned).await.status(), 200);
    end(&server, &alice).await;
    for dead in [&with_fat, &presigned] {
        let (status, code, reason) = refusal(server.get(dead).await).await;
        assert_eq!(
            (status, code.as_str(), reason.as_str()),
            (401, "ERR_SESSION_ENDED", "session_ended")
        );
    }
    for alive in [&bob, &again] {
        assert_eq!(server.get(&format!("{url}?fat={}", alive.fat)).await.status(), 200);
    }
    let renew = server.as_user(&alice, Method::POST, "/me/fat").send().await.unwrap();
    assert_eq!(refusal(renew).await.1, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND");
}

#[tokio::test]
async fn a_deactivated_user_reads_nothing_and_nothing_old_revives() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let url = server.send_picture(&bob, "user:alice").await;
    let presigned = server.presign(&bob, &url).await;
    let uid = Uid::parse("bob").unwrap();
    server.db().users().deactivate(&app(), &uid, START).await.unwrap();
    server.catch_up().await;
    for dead in [format!("{url}?fat={}", bob.fat), presigned.clone()] {
        assert_eq!(refusal(server.get(&dead).await).await.2, "session_ended");
    }
    let by_alice = server.get(&format!("{url}?fat={}", alice.fat)).await;
    assert_eq!(by_alice.status(), 200, "what the user sent stays for the others");
    server.db().users().reactivate(&app(), &uid, START).await.unwrap();
    server.catch_up().await;
    let old = refusal(server.get(&format!("{url}?fat={}", bob.fat)).await).await;
    assert_eq!((old.0, old.2.as_str()), (401, "fat_expired"), "superseded");
    assert_eq!(refusal(server.get(&presigned).await).await.0, 403, "superseded");
}

#[tokio::test]
async fn a_deleted_message_takes_its_file_along_also_for_its_uploader() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let message =
        server.send_file(&alice, "user:bob", "dot.png", "image/png", cloakroom_test::png()).await;
    let url = message["data"]["attachments"][0]["url"].as_str().unwrap().to_owned();
    let presigned = server.presign(&bob, &url).await;
    assert_eq!(server.get(&presigned).await.status(), 200);
    let path = format!("/messages/{}", message["id"].as_str().unwrap());
    let deleted = server.as_user(&alice, Method::DELETE, &path).send().await.unwrap();
    assert_eq!(deleted.status(), 200);
    for url in [presigned, format!("{url}?fat={}", alice.fat), format!("{url}?fat={}", bob.fat)] {
        let (status, code, _) = refusal(server.get(&url).await).await;
        assert_eq!((status, code.as_str()), (404, "ERR_FILE_NOT_FOUND"), "{url}");
    }
    assert_eq!(refusal(server.get(&url).await).await.0, 401, "401 comes before 404");
}

#[tokio::test]
async fn a_file_stays_readable_through_another_message_unless_deleted_everywhere() {
    let server = TestServer::start().await;
    let (alice, carol) = (server.login("alice").await, server.login("carol").await);
    let message =
        server.send_file(&alice, "user:bob", "dot.png", "image/png", cloakroom_test::png()).await;
    let url = message["data"]["attachments"][0]["url"].as_str().unwrap().to_owned();
    let forward = serde_json::json!({
        "type": "image", "receiverType": "group", "category": "message", "receiver": "trip",
        "data": { "attachments": [{
            "url": format!("{url}?fat={}", alice.fat), "name": "dot.png",
            "mimeType": "image/png", "extension": "png", "size": 1,
        }] },
    });
    let call = server.as_user(&alice, Method::POST, "/messages").json(&forward);
    let forwarded = cloakroom_test::data(call.send().await.unwrap()).await;
    assert!(!forwarded.to_string().contains("fat="), "the sender's token is dropped: {forwarded}");
    let by_carol = format!("{url}?fat={}", carol.fat);
    assert_eq!(server.get(&by_carol).await.status(), 200, "the group carries it now");
    let first: i64 = message["id"].as_str().unwrap().parse().unwrap();
    let messages = server.db().messages();
    messages.delete(&app(), first, None, None, DeletionScope::Message, START).await.unwrap();
    server.catch_up().await;
    assert_eq!(server.get(&by_carol).await.status(), 200, "through the other message");
    let second: i64 = forwarded["id"].as_str().unwrap().parse().unwrap();
    messages.delete(&app(), second, None, None, DeletionScope::Everywhere, START).await.unwrap();
    server.catch_up().await;
    assert_eq!(refusal(server.get(&by_carol).await).await.0, 404);
}

#[tokio::test]
async fn a_group_opens_its_files_to_present_members_only() {
    let server = TestServer::start().await;
    let (alice, carol) = (server.login("alice").await, server.login("carol").await);
    let mallory = server.login("mallory").await;
    let url = server.send_picture(&alice, "group:trip").await;
    let by = |login: &cloakroom_test::Login| format!("{url}?fat={}", login.fat);
    assert_eq!(server.get(&by(&carol)).await.status(), 200);
    assert_eq!(refusal(server.get(&by(&mallory)).await).await.0, 403);
    let trip = Guid::parse("trip").unwrap();
    let presigned = server.presign(&carol, &url).await;
    server
        .db()
        .groups()
        .remove_member(&app(), &trip, &Uid::parse("carol").unwrap(), START)
        .await
        .unwrap();
    server.catch_up().await;
    assert_eq!(refusal(server.get(&by(&carol)).await).await.0, 403, "left");
    assert_eq!(refusal(server.get(&presigned).await).await.0, 403, "also by a URL handed out");
}

#[tokio::test]
async fn a_revoked_file_is_403_for_everybody_and_missing_files_are_404() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let url = server.send_picture(&alice, "user:bob").await;
    let presigned = server.presign(&alice, &url).await;
    assert_eq!(server.get(&presigned).await.status(), 200);
    server.db().media().revoke(&app(), media_id(&url), START).await.unwrap();
    server.catch_up().await;
    for dead in [presigned, format!("{url}?fat={}", alice.fat)] {
        assert_eq!(refusal(server.get(&dead).await).await.0, 403, "{dead}");
    }
    let missing = format!("{}/{APP}/media/{}.png", server.media_origin, "0".repeat(32));
    let answer = server.get(&format!("{missing}?fat={}", alice.fat)).await;
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert!(answer.headers().get("etag").is_none());
    assert_eq!(refusal(answer).await.1, "ERR_FILE_NOT_FOUND");
    let other_extension = url.replace(".png", ".jpg");
    let answer = server.get(&format!("{other_extension}?fat={}", alice.fat)).await;
    assert_eq!(refusal(answer).await.0, 404);
}

#[tokio::test]
async fn with_the_switch_off_media_needs_no_token_and_observe_refuses_nobody() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let url = server.send_picture(&alice, "user:bob").await;
    for state in [TokenBasedFileAccess::Observe, TokenBasedFileAccess::Off] {
        let apps = server.db().apps();
        apps.retreat_token_based_file_access(&app(), state, START).await.unwrap();
        server.catch_up().await;
        for url in [url.clone(), format!("{url}?fat=junk"), format!("{url}?Expires=1")] {
            let answer = server.get(&url).await;
            assert_eq!(answer.status(), 200, "{state:?} {url}");
            assert_eq!(answer.headers()["cache-control"], "private, no-cache");
        }
    }
    let me = server.as_user(&alice, Method::PUT, "/me").json(&serde_json::json!({}));
    let me = cloakroom_test::data(me.send().await.unwrap()).await;
    assert!(me.get("fat").is_none(), "off: no token");
    assert!(me["settings"].get("SECURED_MEDIA_HOST").is_none(), "off: no secure media host");
    assert_eq!(server.presign(&alice, &url).await, url, "off: the URL comes back as it is");
    server.db().media().revoke(&app(), media_id(&url), START).await.unwrap();
    server.catch_up().await;
    assert_eq!(refusal(server.get(&url).await).await.0, 403, "what was taken back stays so");
}
