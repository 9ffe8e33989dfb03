//! URLs with a number of views: exact, and only what shows the file counts.

use cloakroom_test::{TestServer, data, refusal};
use reqwest::{Method, Response};
use serde_json::json;

async fn with_views(server: &TestServer, url: &str, views: u32) -> String {
    let body = json!({"urls": [url, url], "purpose": "mail", "ttlSeconds": 86_400, "views": views});
    let call = server.back_end(Method::POST, "/media/presign").json(&body);
    let items = data(call.send().await.unwrap()).await;
    assert_ne!(items[0]["presignedUrl"], items[1]["presignedUrl"], "each has views of its own");
    items[0]["presignedUrl"].as_str().unwrap().to_owned()
}

async fn world() -> (TestServer, String) {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let url = server.send_picture(&alice, "user:bob").await;
    (server, url)
}

async fn used_up(answer: Response) {
    let (status, _, reason) = refusal(answer).await;
    assert_eq!((status, reason.as_str()), (403, "presign_expired"));
}

#[tokio::test]
async fn a_view_is_ten_minutes_of_reading_and_there_are_as_many_as_were_given() {
    let (server, url) = world().await;
    let url = with_views(&server, &url, 2).await;
    for _ in 0..3 {
        assert_eq!(server.get(&url).await.status(), 200);
    }
    server.clock.advance(599);
    let part = server.http.get(&url).header("range", "bytes=0-3").send().await.unwrap();
    assert_eq!(part.status(), 206, "the first view goes on");
    server.clock.advance(2);
    let part = server.http.get(&url).header("range", "bytes=0-3").send().await.unwrap();
    assert_eq!(part.status(), 206, "the second");
    server.clock.advance(601);
    used_up(server.get(&url).await).await;
}

#[tokio::test]
async fn looking_without_seeing_takes_no_view() {
    let (server, clean) = world().await;
    let url = with_views(&server, &clean, 1).await;
    for _ in 0..3 {
        assert_eq!(server.http.head(&url).send().await.unwrap().status(), 200);
        let ahead = server.http.get(&url).header("sec-purpose", "prefetch;prerender");
        let ahead = refusal(ahead.send().await.unwrap()).await;
        assert_eq!((ahead.0, ahead.2.as_str()), (503, "retry_later"), "no bytes, and no view");
        let beyond = server.http.get(&url).header("range", "bytes=999999999-");
        assert_eq!(beyond.send().await.unwrap().status(), 416);
    }
    let etag = server.http.head(&url).send().await.unwrap().headers()["etag"].clone();
    let same = server.http.get(&url).header("if-none-match", &etag).send().await.unwrap();
    assert_eq!(same.status(), 304);
    let first = server.get(&url).await;
    assert_eq!(first.status(), 200, "the one view is still there");
    server.clock.advance(601);
    used_up(server.get(&url).await).await;
}

#[tokio::test]
async fn many_at_once_take_no_more_than_there_are() {
    let (server, url) = world().await;
    let url = with_views(&server, &url, 3).await;
    for view in 0..4 {
        let calls = (0..8).map(|_| server.get(&url));
        let answers = futures_util::future::join_all(calls).await;
        let expected = if view < 3 { 200 } else { 403 };
        assert!(answers.iter().all(|answer| answer.status() == expected), "view {view}");
        server.clock.advance(600);
    }
}

#[tokio::test]
async fn views_can_be_altered_by_nobody() {
    let (server, url) = world().await;
    let url = with_views(&server, &url, 1).await;
    let (before, after) = url.split_once("&Views=1.").unwrap();
    let (tag, rest) = after.split_once('&').unwrap();
    for views in [format!("2.{tag}"), "1.other".to_owned(), "1".to_owned()] {
        let (status, _, reason) =
            refusal(server.get(&format!("{before}&Views={views}&{rest}")).await).await;
        assert_eq!((status, reason.as_str()), (403, "presign_altered"));
    }
    assert_eq!(server.get(&format!("{before}&{rest}")).await.status(), 403);
}
