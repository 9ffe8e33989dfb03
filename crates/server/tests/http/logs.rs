//! What the log holds, and what it must never hold.

use std::io::Write;
use std::sync::{Arc, Mutex};

use cloakroom_test::{API_KEY, TestServer};
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Captured {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn no_live_token_key_or_signature_reaches_the_log() {
    let captured = Captured::default();
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::DEBUG)
        .with_writer(captured.clone())
        .init();
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let url = server.send_picture(&alice, "user:bob").await;
    let presigned = server.presign(&alice, &url).await;
    let reads = [
        server.http.get(format!("{url}?fat={}", alice.fat)),
        server.http.get(&url).header("fat", &alice.fat),
        server.http.get(&url).bearer_auth(&alice.fat),
        server.http.get(&presigned),
        server.http.get(format!("{presigned}&fat={}", alice.fat)),
        server.http.get(format!("{}/x?fat={}", server.media_origin, alice.fat)),
        server.http.get(format!("{}/v3/nothing?fat={}", server.api_origin, alice.fat)),
    ];
    for read in reads {
        read.send().await.unwrap();
    }
    let log = String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("/media/") && log.contains("status"), "requests are logged: {log}");
    let signature = presigned.split("Signature=").nth(1).unwrap().split('&').next().unwrap();
    let jws_signature = alice.fat.rsplit('.').next().unwrap();
    for secret in [alice.fat.as_str(), jws_signature, &alice.auth_token, API_KEY, signature] {
        let line = log.lines().find(|line| line.contains(secret));
        assert!(line.is_none(), "a secret stands in the log: {line:?}");
    }
}
