//! A client of the real-time channel that does what a test tells it.

use std::time::Duration;

use cloakroom_test::{APP, Login, TestServer, data};
use futures_util::{SinkExt, StreamExt};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{WebSocketStream, client_async};

/// An open connection.
pub(crate) struct Socket(pub(crate) WebSocketStream<TcpStream>);

impl Socket {
    /// Connects and says nothing.
    pub(crate) async fn connect(server: &TestServer) -> Self {
        Self::connect_to(server, &server.api_origin).await
    }

    /// Connects to `server` by the host of `origin`.
    pub(crate) async fn connect_to(server: &TestServer, origin: &str) -> Self {
        let stream = TcpStream::connect(host(&server.api_origin)).await.unwrap();
        let request = format!("ws://{}/", host(origin)).into_client_request().unwrap();
        Self(client_async(request, stream).await.unwrap().0)
    }

    /// Connects and is let in.
    pub(crate) async fn open(server: &TestServer, login: &Login) -> Self {
        let jwt = jwt(server, login).await;
        let mut socket = Self::connect(server).await;
        assert_eq!(socket.greet(&greeting(&login.uid, &jwt)).await, "200");
        socket
    }

    /// Sends the first frame; gives the code of the answer.
    pub(crate) async fn greet(&mut self, greeting: &Value) -> String {
        self.say(greeting).await;
        let answer = self.hear().await.unwrap();
        assert_eq!(answer["type"], "auth", "{answer}");
        answer["body"]["code"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn say(&mut self, frame: &Value) {
        self.0.send(Message::text(frame.to_string())).await.unwrap();
    }

    /// The next frame; `Err` with the code once it is closed, 0 if without one.
    pub(crate) async fn hear(&mut self) -> Result<Value, u16> {
        loop {
            let next = timeout(Duration::from_secs(30), self.0.next()).await;
            match next.expect("something is heard") {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(Some(frame)))) => return Err(frame.code.into()),
                Some(Ok(Message::Close(None)) | Err(_)) | None => return Err(0),
                Some(Ok(_)) => {}
            }
        }
    }

    /// The next frame of a type.
    pub(crate) async fn hear_of(&mut self, kind: &str) -> Value {
        let frame = self.hear().await.unwrap();
        assert_eq!((&frame["type"], &frame["appId"]), (&json!(kind), &json!(APP)), "{frame}");
        frame
    }

    /// The text of the next message.
    pub(crate) async fn hear_text(&mut self) -> String {
        self.hear_of("message").await["body"]["data"]["text"].as_str().unwrap().to_owned()
    }
}

fn host(origin: &str) -> &str {
    origin.strip_prefix("http://").unwrap()
}

/// A ticket, as `PUT me` gives it.
pub(crate) async fn jwt(server: &TestServer, login: &Login) -> String {
    let me = server.as_user(login, Method::PUT, "/me").json(&json!({})).send().await.unwrap();
    data(me).await["jwt"].as_str().unwrap().to_owned()
}

/// The first frame, as the official SDK sends it.
pub(crate) fn greeting(uid: &str, jwt: &str) -> Value {
    json!({"appId": APP, "receiver": "", "receiverType": "", "deviceId": "web-1", "type": "auth",
        "sender": uid, "body": {"auth": jwt, "deviceId": "web-1", "presenceSubscription":
        "ALL_USERS", "params": {"platform": "javascript", "userAgent": "x"}}})
}

/// Sends a text to `user:uid` or `group:guid`; gives the message.
pub(crate) async fn send_text(
    server: &TestServer,
    sender: &Login,
    receiver: &str,
    text: &str,
) -> Value {
    let (receiver_type, receiver) = receiver.split_once(':').unwrap();
    let body = json!({"receiver": receiver, "receiverType": receiver_type, "category": "message",
        "type": "text", "data": {"text": text}});
    let call = server.as_user(sender, Method::POST, "/messages").json(&body);
    data(call.send().await.unwrap()).await
}

/// Any call of a user that must be answered well; gives its `data`.
pub(crate) async fn call(
    server: &TestServer,
    login: &Login,
    method: Method,
    path: &str,
    body: Value,
) -> Value {
    data(server.as_user(login, method, path).json(&body).send().await.unwrap()).await
}
