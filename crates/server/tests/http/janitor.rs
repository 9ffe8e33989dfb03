//! What the janitor clears away, and when.

use cloakroom_storage::{Attempt, KeptAnswer};
use cloakroom_test::{START, TestServer};

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
