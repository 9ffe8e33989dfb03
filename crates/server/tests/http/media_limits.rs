//! What a node does when it must not or cannot decide.

use cloakroom_test::{TestServer, refusal};

#[tokio::test]
async fn a_node_without_news_answers_503_for_all_media() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let url = server.send_picture(&alice, "user:bob").await;
    let stale = TestServer::start_with(|config| config.media.fail_closed_after_seconds = 0).await;
    let path = url.strip_prefix(&server.media_origin).unwrap();
    let answer = stale.get(&format!("{}{path}", stale.media_origin)).await;
    assert_eq!(answer.headers()["retry-after"], "1");
    assert_eq!(
        refusal(answer).await,
        (503, "ERR_RETRY_LATER".to_owned(), "retry_later".to_owned())
    );
}

#[tokio::test]
async fn an_address_that_sends_forged_tokens_has_to_pause() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let url = server.send_picture(&alice, "user:bob").await;
    let mut last = 0;
    for n in 0..2000 {
        last = server.get(&format!("{url}?fat=forged{n}")).await.status().as_u16();
        if last == 429 {
            break;
        }
    }
    assert_eq!(last, 429);
    let clean = server.get(&url).await;
    assert_eq!(clean.status(), 401, "a request without a credential costs nothing");
}
