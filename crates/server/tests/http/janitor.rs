//! What the janitor clears away, and when.

use cloakroom_storage::{Attempt, KeptAnswer};
use cloakroom_test::{START, TestServer, data};
use reqwest::Method;

#[tokio::test]
async fn a_kept_answer_goes_when_it_expires_and_not_before() {
    let server = TestServer::start().await;
    let (answers, expiry) = (server.db().idempotency(), START.plus(1_000));
    let attempt = Attempt { scope: [1; 32], fingerprint: [1; 32], id: [1; 16] };
    let answer = KeptAnswer { status: 200, ..KeptAnswer::default() };
    answers.reserve(&attempt, expiry, START).await.unwrap();
    assert!(answers.keep(&attempt, &answer, expiry).await.unwrap());
    server.clock.advance(999);
    server.clear_away().await;
    server.clock.advance(1);
    assert_eq!(answers.sweep(expiry.plus(-1)).await.unwrap(), 0);
    server.clear_away().await;
    assert_eq!(answers.sweep(expiry).await.unwrap(), 0, "it is gone already");
}

#[tokio::test]
async fn the_bytes_of_a_deleted_file_go_after_the_configured_delay_and_those_without_a_row() {
    let server = TestServer::start_with(|config| config.store.deleted_seconds = 3600).await;
    let alice = server.login("alice").await;
    let (gone, kept) = (
        server.send_picture(&alice, "user:bob").await,
        server.send_picture(&alice, "user:bob").await,
    );
    let blobs = || {
        let folders = (0..=u8::MAX).map(|shard| server.folder().join(format!("files/{shard:02x}")));
        let inner =
            folders.flat_map(std::fs::read_dir).flatten().map(|entry| entry.unwrap().path());
        inner.flat_map(std::fs::read_dir).flatten().map(|entry| entry.unwrap().path()).collect()
    };
    let both: Vec<std::path::PathBuf> = blobs();
    assert_eq!(both.len() % 2, 0, "both have as many renditions: {both:?}");
    let id = &gone.rsplit('/').next().unwrap()[..32];
    let call = server.back_end(Method::DELETE, &format!("/media/{id}"));
    data(call.send().await.unwrap()).await;
    server.clock.advance(3600);
    server.clear_away().await;
    assert_eq!(blobs(), both);
    server.clock.advance(1);
    server.clear_away().await;
    let left = blobs();
    assert_eq!(left.len(), both.len() / 2);
    let read = server.get(&format!("{kept}?fat={}", alice.fat)).await;
    assert_eq!(read.status(), 200);

    let orphan = server.folder().join("files/ff/ff").join("f".repeat(32));
    std::fs::create_dir_all(orphan.parent().unwrap()).unwrap();
    std::fs::copy(&left[0], &orphan).unwrap();
    let old = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000);
    std::fs::File::options().write(true).open(&orphan).unwrap().set_modified(old).unwrap();
    assert_eq!(blobs().len(), left.len() + 1);
    server.clear_away().await;
    assert_eq!(blobs(), left, "what no row names is gone");
}
