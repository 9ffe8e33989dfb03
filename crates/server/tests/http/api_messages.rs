//! Messages: sending, reading in pages, deleting, editing, and what they may carry.

use cloakroom_test::{APP, Login, TestServer, data, refusal};
use reqwest::Method;
use serde_json::{Value, json};

async fn code(call: reqwest::RequestBuilder) -> (u16, String) {
    let (status, code, _) = refusal(call.send().await.unwrap()).await;
    (status, code)
}

fn text(receiver: &str, text: &str) -> Value {
    json!({"receiver": receiver, "receiverType": "user", "category": "message", "type": "text",
        "data": {"text": text}, "text": text})
}

async fn send(server: &TestServer, sender: &Login, body: &Value) -> Value {
    data(server.as_user(sender, Method::POST, "/messages").json(body).send().await.unwrap()).await
}

async fn page(server: &TestServer, login: &Login, path: &str) -> (Vec<String>, Value) {
    let answer = server.as_user(login, Method::GET, path).send().await.unwrap();
    let body: Value = answer.json().await.unwrap();
    let ids = body["data"].as_array().unwrap().iter().map(|m| m["id"].as_str().unwrap().to_owned());
    (ids.collect(), body["meta"]["cursor"].clone())
}

#[tokio::test]
async fn a_text_reaches_the_other_side_with_everybody_in_it() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let mut body = text("bob", "hello");
    body["muid"] = "m1".into();
    let sent = send(&server, &alice, &body).await;
    assert_eq!(sent["conversationId"], "alice_user_bob");
    assert_eq!(sent["category"], "message");
    assert_eq!(sent["data"]["text"], "hello");
    assert_eq!(sent["data"]["entities"]["sender"]["entity"]["uid"], "alice");
    assert_eq!(sent["data"]["entities"]["receiver"]["entityType"], "user");
    assert_eq!(send(&server, &alice, &body).await["id"], sent["id"], "one message a muid");
    let (ids, cursor) = page(&server, &bob, "/users/alice/messages?affix=prepend").await;
    assert_eq!((ids, cursor), (vec![sent["id"].as_str().unwrap().to_owned()], Value::Null));
    let path = format!("/messages/{}?withThreadSubscribed=true", sent["id"].as_str().unwrap());
    let one = server.as_user(&bob, Method::GET, &path).send().await.unwrap();
    assert_eq!(data(one).await, sent);
    let mallory = server.login("mallory").await;
    let hidden = code(server.as_user(&mallory, Method::GET, &path)).await;
    assert_eq!(hidden, (404, "ERR_MESSAGE_ID_NOT_FOUND".to_owned()));
}

#[tokio::test]
async fn pages_go_both_ways_without_a_gap() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let mut sent = Vec::new();
    for n in 0..7 {
        let message = send(&server, &alice, &text("bob", &n.to_string())).await;
        sent.push(message["id"].as_str().unwrap().to_owned());
    }
    for (affix, mut start) in [("prepend", String::new()), ("append", "&id=0".to_owned())] {
        let mut seen: Vec<String> = Vec::new();
        loop {
            let path = format!("/users/bob/messages?per_page=3&affix={affix}{start}");
            let (ids, cursor) = page(&server, &alice, &path).await;
            seen = if affix == "prepend" { [ids, seen].concat() } else { [seen, ids].concat() };
            let Some(id) = cursor["id"].as_str() else { break };
            assert_eq!(cursor["affix"], affix);
            start = format!("&id={id}&sentAt={}", cursor["sentAt"]);
        }
        assert_eq!(seen, sent, "{affix}");
    }
    let bad = [("per_page=0", "per_page"), ("per_page=101", "per_page"), ("id=x", "id")];
    for (query, field) in bad {
        let path = format!("/users/bob/messages?{query}");
        let answer = server.as_user(&alice, Method::GET, &path).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{query}");
        let body: Value = answer.json().await.unwrap();
        assert!(body["error"]["message"].as_str().unwrap().starts_with(field), "{body}");
    }
}

#[tokio::test]
async fn only_those_who_may_write_there_do() {
    let server = TestServer::start().await;
    let mallory = server.login("mallory").await;
    let group = json!({"receiver": "trip", "receiverType": "group", "type": "text",
        "data": {"text": "x"}});
    let mut nowhere = group.clone();
    nowhere["receiver"] = "nowhere".into();
    let mut action = text("alice", "x");
    action["category"] = "action".into();
    let mut empty = text("alice", "x");
    empty["type"] = "image".into();
    let cases = [
        (group, 403, "ERR_NOT_A_MEMBER"),
        (nowhere, 404, "ERR_GUID_NOT_FOUND"),
        (text("nobody", "x"), 404, "ERR_UID_NOT_FOUND"),
        (text("a b", "x"), 404, "ERR_UID_NOT_FOUND"),
        (action, 400, "ERR_BAD_REQUEST"),
        (empty, 400, "ERR_BAD_REQUEST"),
        (json!({"receiver": "alice"}), 400, "ERR_INVALID_JSON"),
    ];
    for (body, status, expected) in cases {
        let call = server.as_user(&mallory, Method::POST, "/messages").json(&body);
        assert_eq!(code(call).await, (status, expected.to_owned()), "{body}");
    }
    let list = code(server.as_user(&mallory, Method::GET, "/groups/trip/messages")).await;
    assert_eq!(list, (403, "ERR_NOT_A_MEMBER".to_owned()));
}

#[tokio::test]
async fn carrying_a_file_needs_the_right_to_read_it() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let (carol, mallory) = (server.login("carol").await, server.login("mallory").await);
    let url = server.send_picture(&alice, "user:bob").await;
    let forward = |receiver: &str, url: &str| {
        json!({"receiver": receiver, "receiverType": "user", "type": "image",
            "data": {"attachments": [{"url": url, "name": "mine.png", "size": 1}]}})
    };
    let foreign = "https://evil.test/a.png";
    let other_app = url.replace(&format!("/{APP}/"), "/otherapp/");
    let junk = format!("{}/{APP}/media/junk.png", server.media_origin);
    let missing = format!("{}/{APP}/media/{}.png", server.media_origin, "0".repeat(32));
    let cases = [
        (&mallory, url.as_str(), 403, "ERR_ATTACHMENT_FORBIDDEN"),
        (&mallory, missing.as_str(), 403, "ERR_ATTACHMENT_FORBIDDEN"),
        (&bob, foreign, 400, "ERR_FOREIGN_URL"),
        (&bob, other_app.as_str(), 400, "ERR_FOREIGN_URL"),
        (&bob, junk.as_str(), 400, "ERR_INVALID_URL"),
    ];
    for (sender, url, status, expected) in cases {
        let body = forward("carol", url);
        let call = server.as_user(sender, Method::POST, "/messages").json(&body);
        assert_eq!(code(call).await, (status, expected.to_owned()), "{url}");
    }
    assert_eq!(server.get(&format!("{url}?fat={}", carol.fat)).await.status(), 403);
    // As the official SDK forwards: with the forwarder's own token in the URL.
    let sent = send(&server, &bob, &forward("carol", &format!("{url}?fat={}", bob.fat))).await;
    let attachment = &sent["data"]["attachments"][0];
    assert_eq!(attachment["url"], url);
    assert_eq!(attachment["name"], "mine.png");
    assert_eq!(attachment["mimeType"], "image/png");
    assert_eq!(attachment["size"], cloakroom_test::png().len());
    assert_eq!((&attachment["width"], &attachment["height"]), (&json!(1), &json!(1)));
    assert_eq!(sent["data"]["url"], url);
    assert_eq!(server.get(&format!("{url}?fat={}", carol.fat)).await.status(), 200);
    let by_url = json!({"receiver": "carol", "receiverType": "user", "type": "image",
        "data": {"url": url}});
    assert_eq!(send(&server, &bob, &by_url).await["data"]["attachments"][0]["url"], url);
}

#[tokio::test]
async fn a_url_in_text_or_metadata_carries_nothing_and_goes_out_disarmed() {
    let server = TestServer::start().await;
    let (alice, mallory) = (server.login("alice").await, server.login("mallory").await);
    let url = server.send_picture(&alice, "user:bob").await;
    let off = url.replacen("http:", "Http:", 1);
    let hostile = format!("https://evil.test/?u={url}");
    let body = json!({"receiver": "mallory", "receiverType": "user", "type": "text",
        "data": {"text": format!("look {url}?fat={} {hostile}", alice.fat),
            "metadata": {"avatar": hostile, "url": format!("{url}?fat={}", alice.fat)}}});
    let sent = send(&server, &alice, &body).await;
    let secured = format!("{}/{APP}/media/", server.media_origin);
    let shown = sent.to_string();
    assert!(!shown.contains(&secured) && !shown.contains(&alice.fat), "{shown}");
    assert_eq!(sent["data"]["text"], format!("look {off} https://evil.test/?u={off}"));
    assert_eq!(sent["data"]["metadata"]["url"], off);
    let list = server.as_user(&mallory, Method::GET, "/users/alice/messages").send().await.unwrap();
    let list = list.text().await.unwrap();
    assert!(!list.contains(&secured) && !list.contains(&alice.fat), "{list}");
    assert_eq!(server.get(&format!("{url}?fat={}", mallory.fat)).await.status(), 403);
}

#[tokio::test]
async fn a_hostile_avatar_goes_out_disarmed_everywhere() {
    let server = TestServer::start().await;
    let secured = format!("{}/{APP}/media/", server.media_origin);
    let hostile = format!("https://evil.test/?u={secured}a.png");
    let user = json!({"uid": "eve", "name": format!("Eve {secured}"), "avatar": hostile});
    let made = server.back_end(Method::POST, "/users").json(&user).send().await.unwrap();
    assert!(!data(made).await.to_string().contains(&secured));
    let (eve, alice) = (server.login("eve").await, server.login("alice").await);
    send(&server, &eve, &text("alice", "hi")).await;
    for path in ["/users/eve", "/users", "/users/eve/messages", "/conversations"] {
        let answer = server.as_user(&alice, Method::GET, path).send().await.unwrap();
        let shown = answer.text().await.unwrap();
        assert!(shown.contains("evil.test") && !shown.contains(&secured), "{path} {shown}");
    }
    let me = server.as_user(&eve, Method::PUT, "/me").send().await.unwrap();
    let me = data(me).await;
    assert!(!me["avatar"].as_str().unwrap().contains(&secured));
    assert_eq!(me["settings"]["SECURED_MEDIA_HOST"], secured);
}

#[tokio::test]
async fn a_deletion_is_an_action_and_takes_what_was_said() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let sent = send(&server, &alice, &text("bob", "oops")).await;
    let path = format!("/messages/{}", sent["id"].as_str().unwrap());
    let foreign = code(server.as_user(&bob, Method::DELETE, &path)).await;
    assert_eq!(foreign, (403, "ERR_NOT_PERMITTED".to_owned()));
    let body = json!({"id": sent["id"]});
    let call = server.as_user(&alice, Method::DELETE, &path).json(&body);
    let action = data(call.send().await.unwrap()).await;
    assert_eq!(action["category"], "action");
    assert_eq!(action["type"], "message");
    assert_eq!(action["data"]["action"], "deleted");
    let on = &action["data"]["entities"]["on"];
    assert_eq!((&on["entityType"], &on["entity"]["id"]), (&json!("message"), &sent["id"]));
    assert_eq!(on["entity"]["deletedBy"], "alice");
    assert!(on["entity"]["deletedAt"].is_i64());
    let (ids, _) = page(&server, &bob, "/users/alice/messages").await;
    assert_eq!(ids.len(), 1);
    let left = server.as_user(&bob, Method::GET, &path).send().await.unwrap();
    assert!(!left.text().await.unwrap().contains("oops"));
    let again = server.as_user(&alice, Method::DELETE, &path).send().await.unwrap();
    assert_eq!(data(again).await["data"]["action"], "deleted");
    let missing = code(server.as_user(&alice, Method::DELETE, "/messages/99999")).await;
    assert_eq!(missing, (404, "ERR_MESSAGE_ID_NOT_FOUND".to_owned()));
    let second = send(&server, &alice, &text("bob", "b")).await;
    let path = format!("/messages/{}", second["id"].as_str().unwrap());
    let by_back_end = server.back_end(Method::DELETE, &path).send().await.unwrap();
    assert!(data(by_back_end).await["data"]["entities"]["on"]["entity"]["deletedBy"].is_null());
}

#[tokio::test]
async fn an_edit_changes_the_words_and_keeps_the_files() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let url = server.send_picture(&alice, "user:bob").await;
    let (ids, _) = page(&server, &alice, "/users/bob/messages").await;
    let path = format!("/messages/{}", ids[0]);
    let body = json!({"receiverId": "bob", "type": "image", "receiverType": "user",
        "category": "message", "data": {"text": "better"}, "text": "better", "id": ids[0]});
    let foreign = code(server.as_user(&bob, Method::PUT, &path).json(&body)).await;
    assert_eq!(foreign, (403, "ERR_NOT_PERMITTED".to_owned()));
    let call = server.as_user(&alice, Method::PUT, &path).json(&body);
    let action = data(call.send().await.unwrap()).await;
    assert_eq!(action["data"]["action"], "edited");
    let on = &action["data"]["entities"]["on"]["entity"]["data"];
    assert_eq!((&on["text"], &on["url"]), (&json!("better"), &json!(url)));
    assert_eq!(server.get(&format!("{url}?fat={}", bob.fat)).await.status(), 200);
}

#[tokio::test]
async fn conversations_are_listed_the_newest_first_and_end() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    send(&server, &alice, &text("bob", "one")).await;
    let group = json!({"receiver": "trip", "receiverType": "group", "type": "text",
        "data": {"text": "two"}});
    send(&server, &alice, &group).await;
    let list = server.as_user(&alice, Method::GET, "/conversations?page=1").send().await.unwrap();
    let list = data(list).await;
    assert_eq!(list[0]["conversationType"], "group");
    assert_eq!(list[0]["conversationWith"]["guid"], "trip");
    assert_eq!(list[0]["conversationWith"]["hasJoined"], true);
    assert_eq!(list[1]["conversationWith"]["uid"], "bob");
    assert_eq!(list[1]["lastMessage"]["data"]["text"], "one");
    let past = server.as_user(&alice, Method::GET, "/conversations?page=2").send().await.unwrap();
    assert_eq!(data(past).await, json!([]));
}
