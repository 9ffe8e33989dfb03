//! Who gets a socket, and who loses it.

use std::time::Duration;

use cloakroom_storage::TokenBasedFileAccess;
use cloakroom_test::{APP, TestServer, data, refusal};
use cloakroom_token::AppId;
use futures_util::SinkExt;
use reqwest::Method;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::socket_client::{Socket, greeting, jwt, send_text};

/// Lets `time` pass for everything that waits.
async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

async fn greet(server: &TestServer, greeting: &Value) -> String {
    let mut socket = Socket::connect(server).await;
    let code = socket.greet(greeting).await;
    if code != "200" {
        assert_eq!(socket.hear().await, Err(1008), "refused and closed");
    }
    code
}

#[tokio::test]
async fn a_ticket_opens_one_socket_of_its_own_user_and_app_within_a_minute() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let app = AppId::parse(APP).unwrap();
    let other = AppId::parse("otherapp").unwrap();
    let settings = server.db().apps().by_id(&app).await.unwrap().unwrap().settings;
    let (on, now) = (TokenBasedFileAccess::On, server.clock.now());
    server.db().apps().create(&other, "us", on, &settings, now).await.unwrap();

    let fresh = jwt(&server, &alice).await;
    let of_other_app = {
        let mut greeting = greeting("alice", &fresh);
        greeting["appId"] = "otherapp".into();
        greeting
    };
    let mut of_no_app = of_other_app.clone();
    of_no_app["appId"] = "nosuchapp".into();
    let mut no_auth = greeting("alice", &fresh);
    no_auth["type"] = "message".into();
    let cases = [
        ("another app's", of_other_app, "401"),
        ("no app's", of_no_app, "401"),
        ("another user's", greeting("bob", &fresh), "401"),
        ("a File Access Token", greeting("alice", &alice.fat), "401"),
        ("an auth token", greeting("alice", &alice.auth_token), "401"),
        ("nothing", greeting("alice", ""), "401"),
        ("altered", greeting("alice", &format!("{fresh}x")), "401"),
        ("not a greeting", json!({"action": "ping"}), "400"),
        ("of another type", no_auth, "400"),
        ("the right one", greeting("alice", &fresh), "200"),
        ("used before", greeting("alice", &fresh), "401"),
    ];
    for (what, greeting, expected) in cases {
        assert_eq!(greet(&server, &greeting).await, expected, "{what}");
    }
    let old = jwt(&server, &alice).await;
    server.clock.advance(59);
    let ended = jwt(&server, &bob).await;
    server.clock.advance(1);
    assert_eq!(greet(&server, &greeting("alice", &old)).await, "401", "expired");
    server.as_user(&bob, Method::DELETE, "/me").send().await.unwrap();
    assert_eq!(greet(&server, &greeting("bob", &ended)).await, "401", "its session has ended");
}

#[tokio::test]
async fn a_ticket_is_good_for_nothing_else() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let url = server.send_picture(&alice, "user:bob").await;
    let jwt = jwt(&server, &alice).await;
    let (status, code, _) = refusal(server.get(&format!("{url}?fat={jwt}")).await).await;
    assert_eq!((status, code.as_str()), (401, "ERR_FAT_INVALID"));
    let me = server.api(Method::GET, "/me").header("authtoken", &jwt).send().await.unwrap();
    assert_eq!(refusal(me).await.0, 401);
    let me = server.as_user(&alice, Method::PUT, "/me").json(&json!({})).send().await.unwrap();
    let settings = data(me).await["settings"].take();
    let (host, port) = server.api_origin.strip_prefix("http://").unwrap().rsplit_once(':').unwrap();
    assert_eq!(settings["CHAT_HOST"], host);
    assert_eq!(settings["CHAT_WSS_PORT"].to_string(), port);
    let page = server.http.get(format!("{}/", server.api_origin));
    assert_eq!(refusal(page.send().await.unwrap()).await.1, "ERR_ROUTE_NOT_FOUND");
    let elsewhere = server.http.get(format!("{}/", server.api_origin)).header("host", "evil.test");
    let elsewhere = elsewhere.header("upgrade", "websocket").header("connection", "upgrade");
    assert_eq!(elsewhere.send().await.unwrap().status(), 421);
}

#[tokio::test]
async fn a_client_that_stays_silent_is_told_and_closed() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let mut stranger = Socket::connect(&server).await;
    let mut friend = Socket::open(&server, &alice).await;
    friend.say(&json!({"action": "ping", "ack": "true"})).await;
    assert_eq!(friend.hear().await, Ok(json!({"action": "pong"})));
    // The server has begun to wait for the stranger before it answered the friend.
    pass(Duration::from_secs(10)).await;
    let told = stranger.hear().await.unwrap();
    assert_eq!((&told["type"], &told["body"]["code"]), (&json!("auth"), &json!("408")));
    assert_eq!(stranger.hear().await, Err(1008));
    pass(Duration::from_secs(39)).await;
    friend.say(&json!({"action": "ping", "ack": "true"})).await;
    assert_eq!(friend.hear().await, Ok(json!({"action": "pong"})), "a ping keeps it open");
    pass(Duration::from_secs(50)).await;
    assert_eq!(friend.hear().await, Err(1001));
}

#[tokio::test]
async fn a_frame_that_is_too_large_ends_its_socket() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let mut stranger = Socket::connect(&server).await;
    let large = greeting("alice", &"x".repeat(70_000));
    assert_eq!(stranger.greet(&large).await, "413");
    assert_eq!(stranger.hear().await, Err(1008));
    for size in [70_000, 1 << 20] {
        let mut friend = Socket::open(&server, &alice).await;
        let sent = friend.0.send(Message::text("x".repeat(size))).await;
        if size == 70_000 {
            sent.unwrap();
            assert_eq!(friend.hear().await, Err(1009));
        } else {
            assert!(friend.hear().await.is_err(), "{size}");
        }
    }
}

#[tokio::test]
async fn a_client_that_says_too_much_is_closed() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let mut socket = Socket::open(&server, &alice).await;
    for _ in 0..1200 {
        socket.say(&json!({"type": "typing"})).await;
    }
    socket.say(&json!({"action": "ping"})).await;
    assert_eq!(socket.hear().await, Err(1008));
}

#[tokio::test]
async fn a_client_that_does_not_read_is_closed_and_holds_nobody_up() {
    let server = TestServer::start().await;
    let (alice, bob, tablet) =
        (server.login("alice").await, server.login("bob").await, server.login("bob").await);
    let mut slow = Socket::open(&server, &bob).await;
    let mut quick = Socket::open(&server, &tablet).await;
    let text = "x".repeat(900_000);
    let sent = 40;
    for _ in 0..sent {
        send_text(&server, &alice, "user:bob", &text).await;
        assert_eq!(quick.hear_text().await.len(), text.len());
    }
    pass(Duration::from_secs(10)).await;
    pass(Duration::from_secs(2)).await;
    let mut heard = 0;
    while slow.hear().await.is_ok() {
        heard += 1;
    }
    assert!(heard < sent, "{heard}");
    quick.say(&json!({"action": "ping"})).await;
    assert_eq!(quick.hear().await, Ok(json!({"action": "pong"})));
}

#[tokio::test]
async fn a_session_keeps_five_sockets_open_and_one_that_goes_makes_room() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let mut open = Vec::new();
    for _ in 0..5 {
        open.push(Socket::open(&server, &alice).await);
    }
    let spare = jwt(&server, &alice).await;
    assert_eq!(greet(&server, &greeting("alice", &spare)).await, "429");
    Socket::open(&server, &bob).await;
    let mut last = open.pop().unwrap();
    last.0.close(None).await.unwrap();
    assert!(last.hear().await.is_err(), "the server has let go of it");
    assert_eq!(greet(&server, &greeting("alice", &spare)).await, "200", "it was not used up");
}

#[tokio::test]
async fn a_server_that_goes_down_says_so() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let mut socket = Socket::open(&server, &alice).await;
    let ((), server) =
        tokio::join!(async { assert_eq!(socket.hear().await, Err(1001)) }, server.restart());
    Socket::open(&server, &alice).await;
}
