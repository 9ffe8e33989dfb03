//! The real-time channel: who hears of a message, when, and how it looks.

use cloakroom_test::{Login, TestServer, data};
use reqwest::Method;
use serde_json::{Value, json};

use crate::socket_client::{Socket, call, greeting, jwt, send_text};
use crate::two_nodes::fresh_database;

async fn revoke(server: &TestServer, body: Value) {
    let done = server.back_end(Method::POST, "/revocations").json(&body).send().await.unwrap();
    assert_eq!(data(done).await["applied"], true);
}

#[tokio::test]
async fn a_picture_is_at_the_other_side_at_once_as_rest_shows_it() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let (tablet, mallory) = (server.login("alice").await, server.login("mallory").await);
    let mut of_bob = Socket::open(&server, &bob).await;
    let mut of_sender = Socket::open(&server, &alice).await;
    let mut of_tablet = Socket::open(&server, &tablet).await;
    let mut of_mallory = Socket::open(&server, &mallory).await;

    let url = server.send_picture(&alice, "user:bob").await;
    let frame = of_bob.hear_of("message").await;
    assert_eq!(
        (&frame["sender"], &frame["receiver"], &frame["receiverType"]),
        (&json!("alice"), &json!("bob"), &json!("user"))
    );
    assert!(frame["deviceId"].is_string() && frame["deviceId"] != "web-1", "{frame}");
    assert_eq!(frame["body"]["data"]["url"], url);
    assert_eq!(frame["body"]["data"]["attachments"][0]["url"], url);
    let path = format!("/messages/{}", frame["body"]["id"].as_str().unwrap());
    let read = server.as_user(&bob, Method::GET, &path).send().await.unwrap();
    assert_eq!(frame["body"], data(read).await);
    assert_eq!(server.get(&format!("{url}?fat={}", bob.fat)).await.status(), 200);
    assert_eq!(of_tablet.hear_of("message").await["body"], frame["body"], "the other device");

    send_text(&server, &bob, "user:mallory", "for you").await;
    assert_eq!(of_mallory.hear_text().await, "for you", "the outsider heard nothing before");
    send_text(&server, &bob, "user:alice", "got it").await;
    assert_eq!(of_sender.hear_text().await, "got it", "who sends is not told of it");
}

#[tokio::test]
async fn a_group_hears_and_each_member_sees_the_own_standing() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let carol = server.login("carol").await;
    let mut sockets = [Socket::open(&server, &bob).await, Socket::open(&server, &carol).await];
    let scope = json!({"scope": "moderator"});
    call(&server, &alice, Method::PUT, "/groups/trip/members/carol", scope).await;
    let sent = send_text(&server, &alice, "group:trip", "hello").await;
    let path = format!("/messages/{}", sent["id"].as_str().unwrap());
    for (socket, login) in sockets.iter_mut().zip([&bob, &carol]) {
        let frame = socket.hear_of("message").await;
        assert_eq!((&frame["receiver"], &frame["receiverType"]), (&json!("trip"), &json!("group")));
        let read = server.as_user(login, Method::GET, &path).send().await.unwrap();
        assert_eq!(frame["body"], data(read).await, "{}", login.uid);
    }
}

#[tokio::test]
async fn edits_and_deletions_are_told_as_rest_answers_them() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let mut of_bob = Socket::open(&server, &bob).await;
    let mut of_alice = Socket::open(&server, &alice).await;
    let sent = send_text(&server, &alice, "user:bob", "helo").await;
    assert_eq!(of_bob.hear_text().await, "helo");
    let path = format!("/messages/{}", sent["id"].as_str().unwrap());
    let edited =
        call(&server, &alice, Method::PUT, &path, json!({"data": {"text": "hello"}})).await;
    let frame = of_bob.hear_of("message").await;
    assert_eq!(frame["body"], edited);
    assert_eq!(frame["body"]["data"]["action"], "edited");
    let deleted = call(&server, &alice, Method::DELETE, &path, json!({})).await;
    let frame = of_bob.hear_of("message").await;
    assert_eq!(frame["body"], deleted);
    assert_eq!(frame["body"]["data"]["action"], "deleted");
    assert!(!frame.to_string().contains("hello"), "what it said is gone");
    // The back end has no session: both sides hear of what it does.
    let second = send_text(&server, &alice, "user:bob", "again").await;
    let path = format!("/messages/{}", second["id"].as_str().unwrap());
    data(server.back_end(Method::DELETE, &path).send().await.unwrap()).await;
    let frame = of_alice.hear_of("message").await;
    assert_eq!(frame["body"]["data"]["action"], "deleted", "{frame}");
}

#[tokio::test]
async fn a_session_that_ends_closes_its_sockets_before_its_receipt() {
    for kind in ["session", "user", "logout"] {
        let server = TestServer::start().await;
        let (alice, bob) = (server.login("alice").await, server.login("bob").await);
        let mut of_bob = Socket::open(&server, &bob).await;
        match kind {
            "session" => {
                let own = server.as_user(&bob, Method::GET, "/me/sessions").send().await.unwrap();
                let id = data(own).await[0]["id"].clone();
                revoke(&server, json!({"kind": "session", "id": id})).await;
            }
            "user" => revoke(&server, json!({"kind": "user", "id": "bob"})).await,
            _ => {
                call(&server, &bob, Method::DELETE, "/me", json!({})).await;
            }
        }
        if kind == "logout" {
            send_text(&server, &alice, "user:bob", "too late").await;
        }
        assert_eq!(of_bob.hear().await, Err(4401), "{kind}");
    }
}

#[tokio::test]
async fn who_is_taken_out_of_a_group_hears_no_more_of_it() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let carol = server.login("carol").await;
    let (mut of_bob, mut of_carol) =
        (Socket::open(&server, &bob).await, Socket::open(&server, &carol).await);
    send_text(&server, &alice, "group:trip", "all here").await;
    for socket in [&mut of_bob, &mut of_carol] {
        assert_eq!(socket.hear_text().await, "all here");
    }
    call(&server, &alice, Method::DELETE, "/groups/trip/members/bob", json!({})).await;
    call(&server, &carol, Method::DELETE, "/groups/trip/members", json!({})).await;
    send_text(&server, &alice, "group:trip", "alone").await;
    for (socket, uid) in [(&mut of_bob, "bob"), (&mut of_carol, "carol")] {
        send_text(&server, &alice, &format!("user:{uid}"), "still friends").await;
        assert_eq!(socket.hear_text().await, "still friends", "{uid}");
    }
}

#[tokio::test]
async fn nothing_from_before_joining_is_told_where_the_group_hides_it() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let secret = json!({"guid": "club", "name": "Club", "type": "private"});
    call(&server, &alice, Method::POST, "/groups", secret).await;
    let club = cloakroom_token::Guid::parse("club").unwrap();
    let app = cloakroom_token::AppId::parse(cloakroom_test::APP).unwrap();
    let hides = |profile: &mut cloakroom_storage::GroupProfile| profile.history_from_join = true;
    server.db().groups().change(&app, &club, hides, server.clock.now()).await.unwrap();
    let old = send_text(&server, &alice, "group:club", "before").await;
    server.clock.advance(10);
    let add = json!({"participants": ["bob"]});
    call(&server, &alice, Method::PUT, "/groups/club/members", add).await;
    let mut of_bob = Socket::open(&server, &bob).await;
    let path = format!("/messages/{}", old["id"].as_str().unwrap());
    call(&server, &alice, Method::PUT, &path, json!({"data": {"text": "changed"}})).await;
    send_text(&server, &alice, "group:club", "after").await;
    assert_eq!(of_bob.hear_text().await, "after");
}

#[tokio::test]
async fn a_block_keeps_both_sides_apart_until_it_ends() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let carol = server.login("carol").await;
    let mut of_alice = Socket::open(&server, &alice).await;
    let mut of_bob = Socket::open(&server, &bob).await;
    let blocks = json!({"blockedUids": ["alice"]});
    let path = "/users/bob/blockedusers";
    call(&server, &bob, Method::POST, path, blocks.clone()).await;
    send_text(&server, &alice, "user:bob", "unheard").await;
    send_text(&server, &bob, "user:alice", "unheard too").await;
    // What is told goes by what holds at that moment, and each socket is told in order.
    for (socket, uid) in [(&mut of_alice, "alice"), (&mut of_bob, "bob")] {
        send_text(&server, &carol, &format!("user:{uid}"), "from another").await;
        assert_eq!(socket.hear_text().await, "from another");
    }
    call(&server, &bob, Method::DELETE, path, blocks).await;
    send_text(&server, &alice, "user:bob", "heard").await;
    send_text(&server, &bob, "user:alice", "heard too").await;
    assert_eq!(of_bob.hear_text().await, "heard");
    assert_eq!(of_alice.hear_text().await, "heard too");
}

#[tokio::test]
async fn what_would_bait_a_token_out_arrives_disarmed() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let mut of_bob = Socket::open(&server, &bob).await;
    let secured = format!("{}/{}/media/", server.media_origin, cloakroom_test::APP);
    let hostile = format!("https://evil.test/?u={secured}a.png");
    let rename = json!({"name": format!("Eve {secured}"), "avatar": hostile});
    call(&server, &alice, Method::PUT, "/users/alice", rename).await;
    let body = json!({"receiver": "bob", "receiverType": "user", "type": "text",
        "data": {"text": hostile, "metadata": {"avatar": hostile}}});
    let sent = call(&server, &alice, Method::POST, "/messages", body).await;
    let path = format!("/messages/{}", sent["id"].as_str().unwrap());
    call(&server, &alice, Method::PUT, &path, json!({"data": {"text": hostile}})).await;
    for _ in 0..2 {
        let frame = of_bob.hear_of("message").await.to_string();
        assert!(frame.contains("evil.test") && !frame.contains(&secured), "{frame}");
    }
    call(&server, &bob, Method::PUT, "/users/bob", json!({"name": format!("B {secured}")})).await;
    let mut of_alice = Socket::open(&server, &alice).await;
    of_bob.say(&receipt(&sent["id"])).await;
    let frame = of_alice.hear_of("receipts").await.to_string();
    assert!(frame.contains("Http") && !frame.contains(&secured), "{frame}");
}

fn receipt(id: &Value) -> Value {
    json!({"type": "receipts", "body": {"action": "read", "messageId": id}})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_sent_at_one_node_is_heard_at_the_other_once() {
    let Some((_folder, file)) = fresh_database("sockets_of_two_nodes") else { return };
    let first = TestServer::start_with(|config| {
        config.database.postgres_url_file = Some(file.clone());
    })
    .await;
    let second = first.second_node(&file).await;
    let (alice, bob) = (first.login("alice").await, first.login("bob").await);
    let open = async |login: &Login| {
        let jwt = jwt(&first, login).await;
        let mut socket = Socket::connect_to(&second, &first.api_origin).await;
        assert_eq!(socket.greet(&greeting(&login.uid, &jwt)).await, "200");
        (socket, jwt)
    };
    let ((mut of_bob, used), (mut of_alice, _)) = (open(&bob).await, open(&alice).await);
    let mut again = Socket::connect(&first).await;
    assert_eq!(again.greet(&greeting("bob", &used)).await, "401", "used at the other node");
    for n in 0..3 {
        let sent = send_text(&first, &alice, "user:bob", &n.to_string()).await;
        let frame = of_bob.hear_of("message").await;
        assert_eq!(frame["body"], sent, "each once, in order");
        of_bob.say(&receipt(&sent["id"])).await;
        let heard = of_alice.hear_of("receipts").await;
        assert_eq!(heard["body"]["messageId"], sent["id"], "the sender's own text is not told");
    }
    revoke(&first, json!({"kind": "user", "id": "bob"})).await;
    assert_eq!(of_bob.hear().await, Err(4401));
}
