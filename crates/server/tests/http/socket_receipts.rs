//! What readers say they received and read, and what is left to read.

use cloakroom_test::{Login, TestServer, data, refusal};
use reqwest::Method;
use serde_json::{Value, json};

use crate::socket_client::{Socket, call, send_text};

fn receipt(action: &str, id: &Value) -> Value {
    json!({"appId": "testapp", "receiver": "alice", "receiverType": "user", "sender": "bob",
        "deviceId": "web-1", "type": "receipts",
        "body": {"action": action, "messageId": id, "user": {"uid": "mallory"}}})
}

async fn get(server: &TestServer, login: &Login, path: &str) -> Value {
    data(server.as_user(login, Method::GET, path).send().await.unwrap()).await
}

#[tokio::test]
async fn a_receipt_reaches_the_sender_and_takes_from_what_is_unread() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let (mut of_alice, mut of_bob) =
        (Socket::open(&server, &alice).await, Socket::open(&server, &bob).await);
    let first = send_text(&server, &alice, "user:bob", "one").await;
    let second = send_text(&server, &alice, "user:bob", "two").await;
    let counts = async || get(&server, &bob, "/messages?unread=1&count=1").await;
    let of_alice_alone = "/users/alice/messages?unread=1&count=1&uid=alice";
    assert_eq!(counts().await, json!([{"entityType": "user", "entityId": "alice", "count": 2}]));

    of_bob.say(&receipt("delivered", &second["id"])).await;
    let frame = of_alice.hear_of("receipts").await;
    assert_eq!(
        (&frame["sender"], &frame["receiver"], &frame["receiverType"]),
        (&json!("bob"), &json!("alice"), &json!("user"))
    );
    let body = &frame["body"];
    assert_eq!((&body["action"], &body["messageId"]), (&json!("delivered"), &second["id"]));
    assert_eq!(body["user"]["uid"], "bob", "who the socket's is, not who the frame says");
    assert!(body["timestamp"].is_i64());
    assert_eq!(counts().await[0]["count"], 2, "received is not read");

    of_bob.say(&receipt("read", &first["id"])).await;
    assert_eq!(of_alice.hear_of("receipts").await["body"]["action"], "read");
    assert_eq!(counts().await[0]["count"], 1);
    // Backwards, twice and of what was received: nothing is told.
    of_bob.say(&receipt("delivered", &first["id"])).await;
    of_bob.say(&receipt("read", &first["id"])).await;
    of_bob.say(&receipt("read", &second["id"])).await;
    let frame = of_alice.hear_of("receipts").await;
    assert_eq!(frame["body"]["messageId"], second["id"]);
    assert_eq!(counts().await, json!([]));
    assert_eq!(get(&server, &bob, of_alice_alone).await, json!([]));
}

#[tokio::test]
async fn a_receipt_of_what_one_may_not_see_moves_and_tells_nothing() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let mallory = server.login("mallory").await;
    let mut of_alice = Socket::open(&server, &alice).await;
    let mut of_mallory = Socket::open(&server, &mallory).await;
    let secret = send_text(&server, &alice, "user:bob", "not for mallory").await;
    let hers = send_text(&server, &alice, "user:mallory", "for mallory").await;
    assert_eq!(of_mallory.hear_text().await, "for mallory");
    for body in [
        receipt("read", &secret["id"]),
        receipt("seen", &hers["id"]),
        receipt("read", &json!("99999")),
        receipt("read", &json!({"$gt": 0})),
        json!({"type": "receipts"}),
        json!({"type": "presence", "body": {"action": "online"}}),
        json!([]),
    ] {
        of_mallory.say(&body).await;
    }
    of_mallory.say(&receipt("read", &hers["id"])).await;
    let frame = of_alice.hear_of("receipts").await;
    assert_eq!(frame["body"]["messageId"], hers["id"], "nothing came before");
    assert_eq!(get(&server, &bob, "/messages?unread=1&count=1").await[0]["count"], 1);
}

#[tokio::test]
async fn a_conversation_is_read_by_rest_too() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let mut of_alice = Socket::open(&server, &alice).await;
    let empty = get(&server, &bob, "/users/alice/conversation").await;
    assert_eq!(empty["conversationId"], "alice_user_bob");
    assert_eq!((&empty["unreadMessageCount"], &empty["updatedAt"]), (&json!(0), &json!(0)));
    assert!(empty.get("lastMessage").is_none(), "{empty}");
    let first = send_text(&server, &alice, "user:bob", "one").await;
    let second = send_text(&server, &alice, "user:bob", "two").await;
    let group = send_text(&server, &alice, "group:trip", "three").await;
    let list = get(&server, &bob, "/conversations").await;
    assert_eq!(
        (&list[0]["unreadMessageCount"], &list[1]["unreadMessageCount"]),
        (&json!(1), &json!(2))
    );
    for (path, at) in [("/users/alice/conversation", 1), ("/groups/trip/conversation", 0)] {
        assert_eq!(get(&server, &bob, path).await, list[at], "{path}");
    }
    let own = get(&server, &alice, "/users/bob/conversation").await;
    assert_eq!(own["unreadMessageCount"], 0, "one's own need no reading");

    let cases = [
        // (path, body, status, what is left)
        ("/users/alice/conversation/read", json!({"messageId": first["id"]}), 1),
        ("/users/alice/conversation/read", json!({}), 0),
        ("/users/alice/conversation/read", json!({"messageId": first["id"]}), 0),
        ("/groups/trip/conversation/read", json!({"messageId": group["id"]}), 0),
    ];
    for (path, body, left) in cases {
        let marked = call(&server, &bob, Method::POST, path, body.clone()).await;
        assert_eq!(marked, json!({"success": true, "unreadMessageCount": left}), "{path} {body}");
    }
    for expected in [&first, &second, &group] {
        let frame = of_alice.hear_of("receipts").await;
        assert_eq!(frame["body"]["messageId"], expected["id"]);
    }
    assert_eq!(get(&server, &bob, "/groups/trip/messages?unread=1&count=1").await, json!([]));
    let (user, trip) = ("/users/alice/conversation/read", "/groups/trip/conversation/read");
    let refused = [
        (&bob, user, json!({"messageId": group["id"]}), 404, "ERR_MESSAGE_ID_NOT_FOUND"),
        (&bob, trip, json!({"messageId": first["id"]}), 404, "ERR_MESSAGE_ID_NOT_FOUND"),
        (&bob, trip, json!({"messageId": "x"}), 400, "ERR_BAD_REQUEST"),
        (&bob, "/users/nobody/conversation/read", json!({}), 404, "ERR_UID_NOT_FOUND"),
    ];
    let mallory = server.login("mallory").await;
    let outside = [(&mallory, trip, json!({}), 403, "ERR_NOT_A_MEMBER")];
    for (login, path, body, status, expected) in refused.into_iter().chain(outside) {
        let call = server.as_user(login, Method::POST, path).json(&body);
        let (got, code, _) = refusal(call.send().await.unwrap()).await;
        assert_eq!((got, code.as_str()), (status, expected), "{path} {body}");
    }
}
