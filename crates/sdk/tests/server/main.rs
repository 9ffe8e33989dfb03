//! The SDK against the real server: in both modes, over connections that break, across restarts.
#![expect(clippy::unwrap_used, reason = "a test helper may panic")]

mod blocking;
mod downloads;
mod modes;
mod proxy;
mod sessions;
mod traces;
mod uploads;

use cloakroom_sdk::{Client, ClientBuilder, Clock, SecureMediaMode};
use cloakroom_test::{APP, TestServer};
use proxy::Proxy;

/// A client whose clock is the server's.
fn builder(server: &TestServer) -> ClientBuilder {
    let clock = server.clock.clone();
    Client::builder(APP, &server.api_origin).clock(Clock::new(move || clock.now().0))
}

async fn logged_in(server: &TestServer, uid: &str, builder: ClientBuilder) -> Client {
    let client = builder.build().unwrap();
    client.login_with_auth_token(&server.login(uid).await.auth_token).await.unwrap();
    client
}

async fn client(server: &TestServer, uid: &str, mode: SecureMediaMode) -> Client {
    logged_in(server, uid, builder(server).secure_media_mode(mode)).await
}

/// A server that is reached only through proxies, which may break connections.
struct Reached {
    server: TestServer,
    api: Proxy,
    media: Proxy,
}

impl Reached {
    async fn start() -> Self {
        let (api, media) = (Proxy::start().await, Proxy::start().await);
        let server = TestServer::start_with(|config| {
            config.api.public_origin = api.origin();
            config.media.public_origin = media.origin();
        });
        let server = server.await;
        Self { server, api, media }.led()
    }

    /// Stops the server and starts it again; who asks meanwhile waits.
    async fn restart(self) -> Self {
        let Self { server, api, media } = self;
        api.lead_nowhere();
        media.lead_nowhere();
        let server = server.restart_with(|config| {
            config.api.public_origin = api.origin();
            config.media.public_origin = media.origin();
        });
        let server = server.await;
        Self { server, api, media }.led()
    }

    fn led(mut self) -> Self {
        self.api.lead_to(&self.server.api_origin);
        self.media.lead_to(&self.server.media_origin);
        self.server.api_origin = self.api.origin();
        self.server.media_origin = self.media.origin();
        self
    }
}

/// Bytes that are equal nowhere, so that a part in the wrong place is noticed.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// Sends a file from alice to bob past the proxies' cuts; gives its clean URL.
async fn send_noise(server: &TestServer, bytes: &[u8]) -> String {
    let alice = server.login("alice").await;
    let kind = "application/octet-stream";
    let sent = server.send_file(&alice, "user:bob", "noise.bin", kind, bytes.to_vec()).await;
    sent["data"]["attachments"][0]["url"].as_str().unwrap().to_owned()
}
