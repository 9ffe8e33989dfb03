//! What the SDK tells its caller's log: what happened, and never a secret.

use std::io;
use std::sync::{Arc, Mutex};

use cloakroom_sdk::SecureMediaMode::{Embedded, HeaderBased};
use cloakroom_sdk::{Receiver, Upload};
use reqwest::Method;
use serde_json::json;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::{Reached, builder, logged_in, noise, send_noise};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn everything_that_happens_is_told_and_no_token_is() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter("off,cloakroom_sdk=trace,reqwest=trace,hyper_util=trace,hyper=trace")
        .with_span_events(FmtSpan::FULL)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    // The test's runtime has one thread: what the SDK spawns is heard too.
    let _heard = tracing::subscriber::set_default(subscriber);

    let reached = Reached::start().await;
    let server = &reached.server;
    let url = send_noise(server, &noise(3_000_000)).await;
    let mut secrets = Vec::new();
    for mode in [Embedded, HeaderBased] {
        let bob = logged_in(server, "bob", builder(server).secure_media_mode(mode)).await;
        secrets.push(bob.fat().unwrap().as_str().to_owned());
        let presigned = bob.fetch_presigned_url(&url).await.unwrap();
        secrets.push(presigned.split_once("Signature=").unwrap().1[..20].to_owned());
        bob.media_url(&url).await;
        reached.media.cut_after(crate::proxy::Way::ToClient, &[100_000]);
        bob.download(&url).await.unwrap().bytes().await.unwrap();
        server.clock.advance(2 * 86_400);
        bob.download(&url).await.unwrap().bytes().await.unwrap();
        secrets.extend(bob.fat().map(|fat| fat.as_str().to_owned()));
        let upload = bob.upload(&Receiver::user("alice"), Upload::bytes("x.bin", noise(1000)));
        upload.send().await.unwrap();
        let revocation = json!({"kind": "user", "id": "bob"});
        server.back_end(Method::POST, "/revocations").json(&revocation).send().await.unwrap();
        bob.fetch_presigned_url(&server.media_origin).await.unwrap();
        bob.send_text(&Receiver::user("alice"), "my secret text").await.unwrap_err();
        let activation = json!({"uidsToActivate": ["bob"]});
        server.back_end(Method::PUT, "/users").json(&activation).send().await.unwrap();
    }

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for expected in [
        "cloakroom.call{method=\"PUT\" path=\"/v3/me\"}",
        "path=\"/v3/media/presign\"",
        "cloakroom.open{file=\"",
        "a download goes on",
        "asked for a fresh File Access Token is_renewed=true",
        "an upload goes on",
        "the session has ended at the server",
    ] {
        assert!(log.contains(expected), "{expected} is not told");
    }
    let signature = |token: &str| token.rsplit('.').next().unwrap().to_owned();
    let mut secrets: Vec<String> = secrets.iter().map(|secret| signature(secret)).collect();
    secrets.extend(
        ["ckr_at_", "ckr_key_", "Signature=", "?fat=", "my secret text"].map(str::to_owned),
    );
    for secret in secrets {
        let line = log.lines().find(|line| line.contains(&secret));
        assert_eq!(line, None, "{secret}");
    }
}
