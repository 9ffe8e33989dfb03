//! Every failure is the JSON envelope, and every answer can be read by a web page.

use cloakroom_test::{TestServer, refusal};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test]
async fn paths_methods_and_bodies_that_do_not_fit_are_named() {
    let server = TestServer::start_with(|config| config.api.json_max_bytes = 4096).await;
    let alice = server.login("alice").await;
    let origin = &server.api_origin;
    let post = || server.as_user(&alice, Method::POST, "/media/presign");
    let json_post = || post().header("content-type", "application/json");
    let cases = [
        (server.http.get(format!("{origin}/nowhere")), 404, "ERR_ROUTE_NOT_FOUND"),
        (server.http.get(format!("{origin}/v3/nowhere")), 404, "ERR_ROUTE_NOT_FOUND"),
        (server.http.get(format!("{origin}/v4/me")), 404, "ERR_ROUTE_NOT_FOUND"),
        (server.api(Method::PATCH, "/users"), 405, "ERR_METHOD_NOT_ALLOWED"),
        (server.http.patch(format!("{origin}/v3.0/me")), 405, "ERR_METHOD_NOT_ALLOWED"),
        (server.http.post(format!("{origin}/health")), 405, "ERR_METHOD_NOT_ALLOWED"),
        (json_post().body("{"), 400, "ERR_INVALID_JSON"),
        (json_post().body("no"), 400, "ERR_INVALID_JSON"),
        (json_post().body(""), 400, "ERR_INVALID_JSON"),
        (json_post().body(r#"{"url":[]}"#), 400, "ERR_UNKNOWN_FIELD"),
        (
            post().header("content-type", "text/plain").body(r#"{"urls":[]}"#),
            400,
            "ERR_INVALID_JSON",
        ),
        (post().body(r#"{"urls":[]}"#), 400, "ERR_INVALID_JSON"),
        (post().json(&json!({"urls": ["x".repeat(5000)]})), 413, "ERR_BODY_TOO_LARGE"),
        (server.as_user(&alice, Method::GET, "/users?page=x"), 400, "ERR_BAD_REQUEST"),
        (server.as_user(&alice, Method::GET, "/users?page=0"), 400, "ERR_BAD_REQUEST"),
        (server.as_user(&alice, Method::GET, "/users/a%2Fb"), 404, "ERR_UID_NOT_FOUND"),
        (server.as_user(&alice, Method::GET, "/users/%FF"), 404, "ERR_ROUTE_NOT_FOUND"),
        (server.as_user(&alice, Method::GET, "/messages/x"), 404, "ERR_MESSAGE_ID_NOT_FOUND"),
    ];
    for (call, status, code) in cases {
        let answer = call.send().await.unwrap();
        let url = answer.url().to_string();
        assert_eq!(answer.headers()["access-control-allow-origin"], "*", "{url}");
        assert!(answer.headers().get("access-control-allow-credentials").is_none());
        let (got, got_code, _) = refusal(answer).await;
        assert_eq!((got, got_code.as_str()), (status, code), "{url}");
    }
}

#[tokio::test]
async fn a_preflight_is_answered_without_a_look_at_anything() {
    let server = TestServer::start().await;
    for path in ["/v3/me", "/v3.0/messages", "/nowhere"] {
        let call = server.http.request(Method::OPTIONS, format!("{}{path}", server.api_origin));
        let answer = call
            .header("origin", "http://page.test")
            .header("access-control-request-method", "PUT")
            .header("access-control-request-headers", "appid,authtoken,resource,sdk")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), StatusCode::NO_CONTENT, "{path}");
        let headers = answer.headers();
        assert_eq!(headers["access-control-allow-origin"], "*");
        assert_eq!(headers["access-control-max-age"], "7200");
        let allowed = headers["access-control-allow-headers"].to_str().unwrap();
        for name in ["appid", "authtoken", "apikey", "content-type", "resource", "sdk"] {
            assert!(allowed.split(", ").any(|header| header == name), "{name}");
        }
        for method in ["GET", "POST", "PUT", "DELETE"] {
            assert!(headers["access-control-allow-methods"].to_str().unwrap().contains(method));
        }
    }
}

#[tokio::test]
async fn another_host_is_421() {
    let server = TestServer::start().await;
    let call = server.http.get(format!("{}/health", server.api_origin)).header("host", "evil.test");
    let (status, code, _) = refusal(call.send().await.unwrap()).await;
    assert_eq!((status, code.as_str()), (421, "ERR_MISDIRECTED_REQUEST"));
}

#[tokio::test]
async fn health_readiness_keys_and_the_document_need_no_credential() {
    let server = TestServer::start().await;
    for (path, pointer, expected) in [
        ("/health", "/data/status", json!("ok")),
        ("/ready", "/data/status", json!("ready")),
        ("/.well-known/jwks.json", "/keys/0/kty", json!("OKP")),
        ("/openapi.json", "/info/title", json!("Cloakroom")),
    ] {
        let answer = server.get(&format!("{}{path}", server.api_origin)).await;
        assert_eq!(answer.status(), 200, "{path}");
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body.pointer(pointer), Some(&expected), "{path}");
    }
    let jwks = server.get(&format!("{}/.well-known/jwks.json", server.api_origin)).await;
    assert!(jwks.json::<Value>().await.unwrap()["keys"][0].get("d").is_none());
}
