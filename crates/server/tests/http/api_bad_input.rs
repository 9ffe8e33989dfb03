//! What no caller should send, to every call that the document describes: each is refused with a
//! code that the document names for that call, and never with a failure of the server.

use cloakroom_storage::SecretHash;
use cloakroom_test::{API_KEY, APP, AUTH_KEY, Login, START, TestServer, refusal};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const OPERATOR_TOKEN: &str = "ckr_op_for_tests";

/// One call of the document.
struct Call {
    method: Method,
    path: String,
    said: Value,
    /// The id of a file that is there.
    media: String,
}

impl Call {
    fn takes(&self, scheme: &str) -> bool {
        let security = self.said["security"].as_array().unwrap();
        security.iter().any(|one| one.as_object().unwrap().keys().any(|key| key.contains(scheme)))
    }

    fn has_query(&self, name: &str) -> bool {
        let mut parameters = self.said["parameters"].as_array().into_iter().flatten();
        parameters.any(|one| one["in"] == "query" && one["name"] == name)
    }

    fn example(&self) -> Option<&Value> {
        self.said["requestBody"]["content"]["application/json"].get("example")
    }

    /// Whether the path names only things that are there, so that nothing but the body is wrong.
    fn is_reached(&self) -> bool {
        let known = self.path.replace("{uid}", "").replace("{guid}", "");
        let known = ["/media/{id}", "/messages/{id}", "/apikeys/{id}"]
            .into_iter()
            .fold(known, |known, there| known.replace(there, ""));
        !known.contains('{')
    }

    /// The path with each parameter replaced by `value`, or by one that is there.
    fn filled(&self, value: Option<&str>) -> String {
        let mut path = self.path.clone();
        while let Some((before, rest)) = path.split_once('{') {
            let (name, after) = rest.split_once('}').unwrap();
            let known = match name {
                "uid" => "alice",
                "guid" => "trip",
                "id" if before.ends_with("/media/") => &self.media,
                "id" if before.ends_with("/apikeys/") => "auth",
                "id" => "1",
                _ => "x1",
            };
            path = format!("{before}{}{after}", value.unwrap_or(known));
        }
        path
    }
}

/// A server and what its document says.
struct Fuzzed {
    server: TestServer,
    alice: Login,
    calls: Vec<Call>,
}

impl Fuzzed {
    async fn start() -> Self {
        let server = TestServer::start_with(|config| config.api.json_max_bytes = 8192).await;
        let alice = server.login("alice").await;
        let operators = server.db().operators();
        operators.create("op", "op@example.org", "no hash", START).await.unwrap();
        let token = SecretHash::of(OPERATOR_TOKEN);
        operators.begin_session("op", token, START.plus(86_400), START).await.unwrap();
        let document = server.get(&format!("{}/openapi.json", server.api_origin)).await;
        let document: Value = document.json().await.unwrap();
        let picture = server.send_picture(&alice, "user:bob").await;
        let media = picture.rsplit_once('/').unwrap().1.split_once('.').unwrap().0.to_owned();
        let mut calls = Vec::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            let Some(path) = path.strip_prefix("/v3/") else { continue };
            // An answer to HEAD has no body that could be read.
            for (method, said) in item.as_object().unwrap().iter().filter(|(m, _)| *m != "head") {
                let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
                let (path, media) = (format!("/{path}"), media.clone());
                calls.push(Call { method, path, said: said.clone(), media });
            }
        }
        assert!(calls.len() > 20);
        Self { server, alice, calls }
    }

    /// A call by somebody who may make it.
    fn allowed(&self, call: &Call, path: &str) -> RequestBuilder {
        let asked = self.server.api(call.method.clone(), path);
        if call.takes("apikey") && call.takes("authtoken") {
            asked.header("apikey", API_KEY).header("onBehalfOf", "alice")
        } else if call.takes("apikey") {
            asked.header("apikey", API_KEY)
        } else if call.takes("authtoken") {
            asked.header("authtoken", &self.alice.auth_token)
        } else {
            asked.header("authorization", format!("Bearer {OPERATOR_TOKEN}"))
        }
    }

    fn with_bodies(&self) -> impl Iterator<Item = &Call> {
        self.calls.iter().filter(|call| call.example().is_some())
    }
}

/// Status, code and message of a refusal that is as documented.
async fn refused(call: &Call, answer: Response) -> (u16, String, String) {
    let at = format!("{} {}", call.method, answer.url());
    let status = answer.status().as_u16();
    let body: Value = answer.json().await.unwrap_or_else(|_| unreachable!("{at}: no JSON"));
    assert!((400..500).contains(&status), "{at}: {status} {body}");
    let code = body["error"]["code"].as_str().unwrap_or_else(|| unreachable!("{at}: {body}"));
    let message = body["error"]["message"].as_str().unwrap();
    assert!(message.chars().count() < 400, "{at}: {message}");
    assert!(!message.contains(|c: char| c.is_control() || c == '\u{202e}'), "{at}: {message}");
    let named = &call.said["responses"][status.to_string()]["content"]["application/json"];
    let documented = named["examples"].get(code).is_some();
    assert!(documented, "{at}: {status} {code}: let `Facts` in openapi/errors.rs name this call");
    (status, code.to_owned(), message.to_owned())
}

async fn send(call: RequestBuilder) -> Response {
    call.send().await.unwrap()
}

#[tokio::test]
async fn without_a_credential_nothing_is_answered() {
    let fuzzed = Fuzzed::start().await;
    for call in &fuzzed.calls {
        let path = call.filled(None);
        let (origin, method) = (&fuzzed.server.api_origin, call.method.clone());
        let bare = fuzzed.server.http.request(method.clone(), format!("{origin}/v3{path}"));
        let with_app = fuzzed.server.api(method.clone(), &path);
        let unknown = fuzzed
            .server
            .api(method, &path)
            .header("authtoken", "ckr_at_x")
            .header("apikey", "ckr_key_x")
            .header("authorization", "Bearer ckr_op_x");
        for asked in [bare, with_app, unknown] {
            let (status, code, _) = refused(call, send(asked).await).await;
            assert!(matches!(status, 401 | 404), "{} {path}: {status} {code}", call.method);
        }
    }
}

#[tokio::test]
async fn a_key_of_the_wrong_scope_is_told_which_scope_it_needs() {
    let fuzzed = Fuzzed::start().await;
    let with_keys = fuzzed.calls.iter().filter(|call| call.takes("apikey"));
    for call in with_keys.filter(|call| !call.path.ends_with("/auth_tokens")) {
        let path = call.filled(None);
        let asked = fuzzed.server.api(call.method.clone(), &path).header("apikey", AUTH_KEY);
        let (status, code, message) = refused(call, send(asked).await).await;
        assert_eq!((status, code.as_str()), (403, "ERR_SCOPE_REQUIRED"), "{path}");
        assert!(message.contains("fullAccess"), "{message}");
    }
}

#[tokio::test]
async fn a_method_that_a_path_does_not_take_is_405() {
    let fuzzed = Fuzzed::start().await;
    for call in &fuzzed.calls {
        for method in [Method::PATCH, Method::TRACE] {
            let others = fuzzed.calls.iter().filter(|other| other.path == call.path);
            if others.clone().any(|other| other.method == method) {
                continue;
            }
            let answer = send(fuzzed.server.api(method, &call.filled(None))).await;
            let (status, code, _) = refused(call, answer).await;
            assert_eq!((status, code.as_str()), (405, "ERR_METHOD_NOT_ALLOWED"), "{}", call.path);
        }
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_refused() {
    let fuzzed = Fuzzed::start().await;
    let deep = format!("{{\"a\":{}", "[".repeat(4000));
    let bodies: [&[u8]; 11] = [
        b"{\"a\":",
        b"no",
        b"\0",
        b"[]",
        b"\"text\"",
        b"null",
        b"{} {}",
        b"{\"\xff\":1}",
        b"{\"a\":1e999999}",
        b"\xef\xbb\xbf{}",
        deep.as_bytes(),
    ];
    for call in fuzzed.with_bodies() {
        // What a user's call does not know is not even read.
        let known = |body: &&&[u8]| call.takes("apikey") || !body.ends_with(b"999999}");
        for body in bodies.iter().filter(known) {
            let asked = fuzzed.allowed(call, &call.filled(None)).body(body.to_vec());
            let answer = send(asked.header("content-type", "application/json")).await;
            let (status, code, _) = refused(call, answer).await;
            // A type that knows its fields complains of them before it comes to the value.
            let expected = matches!(code.as_str(), "ERR_INVALID_JSON" | "ERR_UNKNOWN_FIELD");
            let shown = String::from_utf8_lossy(&body[..body.len().min(20)]);
            assert!(expected || !call.is_reached(), "{} {shown}: {status} {code}", call.path);
        }
    }
}

#[tokio::test]
async fn a_body_of_another_type_or_above_the_limit_is_refused() {
    let fuzzed = Fuzzed::start().await;
    for call in fuzzed.with_bodies().filter(|call| call.is_reached()) {
        let asked = || fuzzed.allowed(call, &call.filled(None));
        for kind in ["text/plain", "application/xml", "application/x-www-form-urlencoded"] {
            let answer = send(asked().header("content-type", kind).body("{\"a\":1}")).await;
            let (status, code, message) = refused(call, answer).await;
            assert_eq!((status, code.as_str()), (400, "ERR_INVALID_JSON"), "{}", call.path);
            assert!(message.contains("application/json"), "{message}");
        }
        let large = json!({"a": "x".repeat(9000)});
        let (status, code, message) = refused(call, send(asked().json(&large)).await).await;
        assert_eq!((status, code.as_str()), (413, "ERR_BODY_TOO_LARGE"), "{}", call.path);
        assert!(message.contains("8192"), "{message}");
    }
}

#[tokio::test]
async fn an_unknown_field_is_refused_by_its_name() {
    let fuzzed = Fuzzed::start().await;
    let of_back_ends = |call: &&Call| call.takes("apikey") || !call.takes("authtoken");
    for call in fuzzed.with_bodies().filter(|call| call.is_reached()).filter(of_back_ends) {
        for (field, named) in
            [("colour", "colour".to_owned()), ("a\u{202e}\u{7}b", "a\u{fffd}\u{fffd}b".to_owned())]
        {
            let mut body = call.example().unwrap().clone();
            body[field] = json!(1);
            let asked = fuzzed.allowed(call, &call.filled(None)).json(&body);
            let (status, code, message) = refused(call, send(asked).await).await;
            assert_eq!((status, code.as_str()), (400, "ERR_UNKNOWN_FIELD"), "{}", call.path);
            assert!(message.contains(&named), "{message}");
        }
    }
}

#[tokio::test]
async fn users_and_the_official_sdk_may_send_more() {
    let fuzzed = Fuzzed::start().await;
    let body = json!({"uid": "dora", "name": "Dora", "hasBlockedMe": false, "blockedByMe": false,
        "deactivatedAt": 0});
    let call = || fuzzed.server.back_end(Method::POST, "/users").json(&body);
    let (_, code, _) = refusal(send(call()).await).await;
    assert_eq!(code, "ERR_UNKNOWN_FIELD");
    assert_eq!(send(call().header("sdk", "javascript@4.2.0")).await.status(), 200);
    let group = json!({"guid": "club", "name": "Club", "type": "public", "hasJoined": false,
        "membersCount": 0, "isBanned": false});
    let call = fuzzed.server.as_user(&fuzzed.alice, Method::POST, "/groups").json(&group);
    assert_eq!(send(call).await.status(), 200);
}

#[tokio::test]
async fn every_example_of_the_document_is_a_body_that_its_call_reads() {
    let fuzzed = Fuzzed::start().await;
    for call in fuzzed.with_bodies() {
        let asked = fuzzed.allowed(call, &call.filled(None)).json(call.example().unwrap());
        let body: Value = send(asked).await.json().await.unwrap();
        let code = body["error"]["code"].as_str().unwrap_or_default();
        let unread = matches!(code, "ERR_INVALID_JSON" | "ERR_UNKNOWN_FIELD" | "ERR_INTERNAL");
        assert!(!unread, "{} {}: {body}", call.method, call.path);
    }
}

#[tokio::test]
async fn an_id_that_cannot_be_one_names_nothing() {
    let fuzzed = Fuzzed::start().await;
    let long = "a".repeat(300);
    let ids = ["%00", "a%0Ab", "%E2%80%AEx", "..%2F..", "%FF", "a%27%20OR%201=1--", "-1", &long];
    for call in fuzzed.calls.iter().filter(|call| call.path.contains('{')) {
        for id in ids {
            // A well-formed name of nobody is for other tests.
            if id == "-1" && !call.path.contains("{id}") {
                continue;
            }
            let mut asked = fuzzed.allowed(call, &call.filled(Some(id)));
            if let Some(example) = call.example() {
                asked = asked.json(example);
            }
            let (status, code, _) = refused(call, send(asked).await).await;
            assert_eq!(status, 404, "{} {} with {id}: {code}", call.method, call.path);
        }
    }
}

#[tokio::test]
async fn an_id_in_a_body_that_cannot_be_one_is_refused() {
    let server = TestServer::start().await;
    for id in ["", "a b", "a\0b", "a\nb", "\u{202e}a", "../a", "ä", &"a".repeat(101)] {
        for (path, body) in [
            ("/users", json!({"uid": id, "name": "n"})),
            ("/groups", json!({"guid": id, "name": "n"})),
        ] {
            let asked = server.back_end(Method::POST, path).json(&body);
            let (status, code, _) = refusal(send(asked).await).await;
            assert_eq!((status, code.as_str()), (400, "ERR_BAD_REQUEST"), "{path} {id:?}");
        }
    }
    let nul = json!({"uid": "dora", "name": "D\0ra"});
    let (_, code, _) =
        refusal(send(server.back_end(Method::POST, "/users").json(&nul)).await).await;
    assert_eq!(code, "ERR_BAD_REQUEST");
}

#[tokio::test]
async fn a_page_that_cannot_be_one_is_named() {
    let fuzzed = Fuzzed::start().await;
    for call in fuzzed.calls.iter().filter(|call| call.is_reached()) {
        for (name, values) in [
            ("page", &["-1", "0", "x", "", "99999999999999999999", "1.5", "%00"][..]),
            ("per_page", &["-1", "0", "101", "x", "99999999999999999999"]),
            ("cursor", &["AAAA", "%00", "x", "....", "AAAAAAAAAAAAAAAA"]),
        ] {
            for value in values.iter().filter(|_| call.has_query(name)) {
                let path = format!("{}?{name}={value}", call.filled(None));
                let (status, code, message) =
                    refused(call, send(fuzzed.allowed(call, &path)).await).await;
                assert_eq!(status, 400, "{path}");
                if name == "cursor" {
                    assert_eq!(code, "ERR_CURSOR_INVALID", "{path}");
                } else {
                    assert!(message.contains(name), "{path}: {message}");
                }
            }
        }
        if call.has_query("cursor") {
            let path = format!("{}?colour=1", call.filled(None));
            let (_, code, message) = refused(call, send(fuzzed.allowed(call, &path)).await).await;
            let named = code == "ERR_UNKNOWN_FIELD" && message.contains("colour");
            assert!(named, "{path}: its query type lacks deny_unknown_fields: {code} {message}");
        }
        if call.has_query("page") {
            let path = format!("{}?page=4294967295&per_page=100", call.filled(None));
            assert_eq!(send(fuzzed.allowed(call, &path)).await.status(), 200, "{path}");
        }
    }
}

#[tokio::test]
async fn a_header_that_stands_twice_counts_as_none() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let ask = || server.http.get(format!("{}/v3/users", server.api_origin));
    let key = || ask().header("appid", APP).header("apikey", API_KEY);
    for (call, status, expected) in [
        (key().header("appid", APP), 404, "ERR_APP_NOT_FOUND"),
        (key().header("apikey", API_KEY), 401, "ERR_NO_AUTH"),
        (key().header("onBehalfOf", "alice").header("onBehalfOf", "bob"), 404, "ERR_UID_NOT_FOUND"),
        (
            server.as_user(&alice, Method::GET, "/users").header("authtoken", &alice.auth_token),
            401,
            "ERR_NO_AUTH",
        ),
    ] {
        let (got, code, _) = refusal(send(call).await).await;
        assert_eq!((got, code.as_str()), (status, expected));
    }
}

#[tokio::test]
async fn a_body_that_ends_early_does_nothing() {
    let server = TestServer::start().await;
    let host = server.api_origin.strip_prefix("http://").unwrap();
    for (length, key) in
        [("content-length: 500", ""), ("content-length: 500", "idempotency-key: k\r\n")]
    {
        let mut socket = tokio::net::TcpStream::connect(host).await.unwrap();
        let call = format!(
            "POST /v3/users HTTP/1.1\r\nhost: {host}\r\nappid: {APP}\r\napikey: {API_KEY}\r\n{key}\
             content-type: application/json\r\n{length}\r\n\r\n{{\"uid\":\"dora\",\"name\":\"D\"}}"
        );
        socket.write_all(call.as_bytes()).await.unwrap();
        socket.shutdown().await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        assert!(answer.is_empty() || answer.contains("ERR_BAD_REQUEST"), "{answer}");
        let looked_up = send(server.back_end(Method::GET, "/users/dora")).await;
        assert_eq!(looked_up.status(), 404);
    }
}
