//! Presigned URLs: what is asked for, how often, and what is kept.

use crate::support::{NOON, Reply, Server};
use cloakroom_sdk::SecureMediaMode::HeaderBased;
use cloakroom_sdk::{Error, ErrorCode};
use futures_util::future::join_all;
use serde_json::{Value, json};

const LINE: &str = "POST /v3/media/presign";

fn presigned(server: &Server, numbers: impl IntoIterator<Item = u32>, signature: &str) -> Reply {
    Reply::data(
        numbers
            .into_iter()
            .map(|n| {
                json!({"url": server.media(n), "presignedUrl": server.presigned(n, signature),
                    "expiresAt": NOON + 900})
            })
            .collect(),
    )
}

#[tokio::test]
async fn a_url_is_resolved_once_and_kept_until_it_expires() {
    let server = Server::start().await;
    let client = server.logged_in(HeaderBased).await;
    server.on(LINE, presigned(&server, [1], "a")).on(LINE, presigned(&server, [1], "b"));
    let url = server.media(1);
    for _ in 0..3 {
        assert_eq!(client.fetch_presigned_url(&url).await.unwrap(), server.presigned(1, "a"));
    }
    // A URL with credentials of its own is the same file.
    let dressed = format!("{url}?fat=old");
    assert_eq!(client.fetch_presigned_url(&dressed).await.unwrap(), server.presigned(1, "a"));
    assert_eq!(server.lines(), [LINE]);
    server.advance(895);
    assert_eq!(client.fetch_presigned_url(&url).await.unwrap(), server.presigned(1, "b"));
    assert_eq!(server.lines(), [LINE]);
}

#[tokio::test]
async fn what_is_nothing_to_resolve_comes_back_unchanged_and_asks_nobody() {
    let server = Server::start().await;
    let client = server.logged_in(HeaderBased).await;
    let foreign = format!("https://evil.test/?u={}", server.media(1));
    let not_a_file = format!("{}/demoapp/media/cat.jpg", server.origin);
    for url in ["", "junk", "http://", "/relative", "data:,x", &foreign, &not_a_file] {
        assert_eq!(client.fetch_presigned_url(url).await.unwrap(), url);
    }
    let nobody = server.client(HeaderBased);
    let url = server.media(1);
    assert_eq!(nobody.fetch_presigned_url(&url).await.unwrap(), url, "the host is not known yet");
    assert_eq!(server.lines(), [""; 0]);
}

#[tokio::test]
async fn with_the_switch_off_the_input_comes_back_and_is_not_kept() {
    let server = Server::start().await;
    let client = server.logged_in(HeaderBased).await;
    let url = server.media(1);
    server.on(LINE, Reply::data(json!([{"url": url, "presignedUrl": url}])));
    assert_eq!(client.fetch_presigned_url(&url).await.unwrap(), url);
    assert_eq!(client.fetch_presigned_url(&url).await.unwrap(), url);
    assert_eq!(server.lines().len(), 2);
}

#[tokio::test]
async fn calls_at_the_same_time_travel_together_and_share_answers() {
    let server = Server::start().await;
    let client = server.logged_in(HeaderBased).await;
    server.on(LINE, presigned(&server, [1, 2, 3], "a"));
    let urls = [1, 2, 3, 1, 2].map(|n| server.media(n));
    let answers = join_all(urls.iter().map(|url| client.fetch_presigned_url(url))).await;
    for (answer, n) in answers.into_iter().zip([1, 2, 3, 1, 2]) {
        assert_eq!(answer.unwrap(), server.presigned(n, "a"));
    }
    let seen = server.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].json()["urls"], json!([server.media(1), server.media(2), server.media(3)]));
}

#[tokio::test]
async fn who_asks_while_an_answer_is_on_its_way_shares_it() {
    let server = Server::start().await;
    let client = server.logged_in(HeaderBased).await;
    server.on(LINE, presigned(&server, [1], "a").held());
    let url = server.media(1);
    let late = async {
        server.asked(1).await;
        let (second, ()) =
            tokio::join!(client.fetch_presigned_url(&url), async { server.release() });
        second
    };
    let (first, second) = tokio::join!(client.fetch_presigned_url(&url), late);
    assert_eq!(first.unwrap(), second.unwrap());
    assert_eq!(server.lines(), [LINE]);
}

#[tokio::test]
async fn a_caller_that_gives_up_takes_nobody_with_it() {
    let server = Server::start().await;
    let client = server.logged_in(HeaderBased).await;
    server.on(LINE, presigned(&server, [1], "a").held());
    let url = server.media(1);
    let impatient = async {
        let gave_up = tokio::select! {
            _ = client.fetch_presigned_url(&url) => false,
            () = server.asked(1) => true,
        };
        server.release();
        gave_up
    };
    let (gave_up, answer) = tokio::join!(impatient, client.fetch_presigned_url(&url));
    assert!(gave_up);
    assert_eq!(answer.unwrap(), server.presigned(1, "a"));
}

#[tokio::test]
async fn a_list_has_an_error_for_each_item_and_costs_one_call() {
    let server = Server::start().await;
    let client = server.logged_in(HeaderBased).await;
    let refused = json!({"code": "ERR_NOT_PERMITTED", "message": "not yours"});
    server.on(
        LINE,
        Reply::data(json!([
            {"url": server.media(1), "presignedUrl": server.presigned(1, "a"), "expiresAt": NOON + 900},
            {"url": server.media(2), "error": refused},
        ])),
    );
    let urls = [server.media(1), "junk".to_owned(), server.media(2)];
    let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
    let answers = client.fetch_presigned_urls(&urls).await;
    assert_eq!(answers[0].as_ref().unwrap(), &server.presigned(1, "a"));
    assert_eq!(answers[1].as_ref().unwrap(), "junk");
    assert_eq!(answers[2].as_ref().unwrap_err().code(), ErrorCode::NotPermitted);
    assert_eq!(server.lines(), [LINE]);
}

#[tokio::test]
async fn more_than_a_thousand_urls_go_in_calls_of_a_thousand() {
    let server = Server::start().await;
    let client = server.logged_in(HeaderBased).await;
    // Which of both calls comes first is not said: let both fail, and count.
    server.on(LINE, Reply::error(503, "ERR_BUSY"));
    let urls: Vec<String> = (0..1001).map(|n| server.media(n)).collect();
    let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
    let answers = client.fetch_presigned_urls(&urls).await;
    assert!(answers.iter().all(|answer| answer.as_ref().is_err_and(Error::may_help_to_retry)));
    let mut sizes: Vec<usize> = server
        .seen()
        .iter()
        .map(|seen| seen.json()["urls"].as_array().map_or(0, Vec::len))
        .collect();
    sizes.sort_unstable();
    assert_eq!((answers.len(), sizes), (1001, vec![1, 1000]));
}

#[tokio::test]
async fn a_failure_is_not_kept() {
    let server = Server::start().await;
    let client = server.logged_in(HeaderBased).await;
    server.on(LINE, Reply::error(503, "ERR_BUSY")).on(LINE, presigned(&server, [1], "a"));
    let url = server.media(1);
    assert_eq!(client.fetch_presigned_url(&url).await.unwrap_err().code(), ErrorCode::Busy);
    assert_eq!(client.fetch_presigned_url(&url).await.unwrap(), server.presigned(1, "a"));
}

#[tokio::test]
async fn an_answer_about_other_files_is_refused() {
    let server = Server::start().await;
    let client = server.logged_in(HeaderBased).await;
    let (one, two) = (server.media(1), server.media(2));
    let answers: [Value; 5] = [
        json!([]),
        json!([{"url": two, "presignedUrl": server.presigned(2, "a"), "expiresAt": NOON + 9}]),
        json!([{"url": one, "presignedUrl": server.presigned(2, "a"), "expiresAt": NOON + 9}]),
        json!([{"url": one, "presignedUrl": "https://evil.test/", "expiresAt": NOON + 9}]),
        json!({"url": one}),
    ];
    for answer in answers {
        server.no_more(LINE).on(LINE, Reply::data(answer.clone()));
        let error = client.fetch_presigned_url(&one).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidResponse, "{answer}");
    }
}

#[tokio::test]
async fn what_an_ended_session_asked_for_is_neither_given_nor_kept() {
    let server = Server::start().await;
    let client = server.logged_in(HeaderBased).await;
    server.on(LINE, presigned(&server, [1], "a").held()).on(LINE, presigned(&server, [1], "b"));
    server.on("DELETE /v3/me", Reply::data(json!({})));
    let url = server.media(1);
    let relogin = async {
        server.asked(1).await;
        client.logout().await.unwrap();
        client.login_with_auth_token("ckr_at_1").await.unwrap();
        let new = client.fetch_presigned_url(&url).await;
        server.release();
        new
    };
    let (old, new) = tokio::join!(client.fetch_presigned_url(&url), relogin);
    assert!(matches!(old, Err(Error::NotLoggedIn)), "{old:?}");
    assert_eq!(new.unwrap(), server.presigned(1, "b"));
    assert_eq!(client.fetch_presigned_url(&url).await.unwrap(), server.presigned(1, "b"));
}

#[tokio::test]
async fn a_call_that_finds_the_session_ended_says_so() {
    let server = Server::start().await;
    let client = server.logged_in(HeaderBased).await;
    server.on(LINE, Reply::error(401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND"));
    let url = server.media(1);
    assert!(matches!(client.fetch_presigned_url(&url).await, Err(Error::NotLoggedIn)));
    assert_eq!(client.logged_in_user(), None);
}

#[test]
fn a_runtime_that_ends_leaves_no_call_hanging() {
    let runtime = || tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let servers = runtime();
    let server = servers.block_on(Server::start());
    server.on(LINE, presigned(&server, [1], "a"));
    let url = server.media(1);
    let first = runtime();
    let client = first.block_on(async {
        let client = server.logged_in(HeaderBased).await;
        let asked = client.fetch_presigned_url(&url);
        assert!(tokio::time::timeout(std::time::Duration::ZERO, asked).await.is_err());
        client
    });
    drop(first);
    let second = runtime();
    let answer = second.block_on(client.fetch_presigned_url(&url));
    assert_eq!(answer.unwrap(), server.presigned(1, "a"));
}
