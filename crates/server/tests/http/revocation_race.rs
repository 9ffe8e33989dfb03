//! Readers in a loop while something is taken back: after the receipt not one read succeeds.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use cloakroom_test::{TestServer, data};
use reqwest::{Client, Method};
use serde_json::json;

/// How a reader asks.
#[derive(Clone, Copy, Debug)]
enum Way {
    Cached,
    Fat,
    Presigned,
    Ranged,
}

/// Reads until told to stop; counts reads that succeeded, and those of them that began after the
/// receipt was there.
async fn read(
    http: Client,
    url: String,
    way: Way,
    etag: String,
    receipt: Arc<AtomicBool>,
    stop: Arc<AtomicBool>,
    good: Arc<AtomicUsize>,
) -> usize {
    let mut late = 0;
    while !stop.load(Ordering::SeqCst) {
        let began_after = receipt.load(Ordering::SeqCst);
        let call = http.get(&url);
        let call = match way {
            Way::Cached => call.header("if-none-match", &etag),
            Way::Ranged => call.header("range", "bytes=0-3"),
            Way::Fat | Way::Presigned => call,
        };
        let answer = call.send().await.unwrap();
        let status = answer.status().as_u16();
        let _ = answer.bytes().await;
        if matches!(status, 200 | 206 | 304) {
            good.fetch_add(1, Ordering::SeqCst);
            late += usize::from(began_after);
        }
    }
    late
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn after_the_receipt_not_one_read_succeeds() {
    for kind in ["file", "member", "session", "user", "app"] {
        let server = TestServer::start().await;
        let (alice, carol) = (server.login("alice").await, server.login("carol").await);
        let url = server.send_picture(&alice, "group:trip").await;
        let by_token = format!("{url}?fat={}", carol.fat);
        let presigned = server.presign(&carol, &url).await;
        let etag = server.get(&by_token).await.headers()["etag"].to_str().unwrap().to_owned();
        let app = cloakroom_token::AppId::parse(cloakroom_test::APP).unwrap();
        let uid = cloakroom_token::Uid::parse("carol").unwrap();
        let session = server.db().sessions().of_user(&app, &uid).await.unwrap()[0].id.to_string();
        let media = url.rsplit_once('/').unwrap().1.split_once('.').unwrap().0;
        let body = match kind {
            "file" => json!({"kind": "file", "id": media}),
            "member" => json!({"kind": "member", "guid": "trip", "uid": "carol"}),
            "session" => json!({"kind": "session", "id": session}),
            "user" => json!({"kind": "user", "id": "carol"}),
            _ => json!({"kind": "app"}),
        };
        let (receipt, stop) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let good = Arc::new(AtomicUsize::new(0));
        let ways = [
            (&by_token, Way::Fat),
            (&presigned, Way::Presigned),
            (&by_token, Way::Cached),
            (&presigned, Way::Ranged),
        ];
        let readers: Vec<_> = ways
            .into_iter()
            .map(|(url, way)| {
                let flags = (Arc::clone(&receipt), Arc::clone(&stop), Arc::clone(&good));
                let (http, etag) = (server.http.clone(), etag.clone());
                tokio::spawn(read(http, url.clone(), way, etag, flags.0, flags.1, flags.2))
            })
            .collect();
        // The race is on once reads have succeeded while others were under way.
        while good.load(Ordering::SeqCst) < 40 {
            tokio::task::yield_now().await;
        }
        let call = server.back_end(Method::POST, "/revocations").json(&body);
        let answer = data(call.send().await.unwrap()).await;
        receipt.store(true, Ordering::SeqCst);
        assert_eq!(answer["applied"], true);
        let before = good.load(Ordering::SeqCst);
        for _ in 0..20 {
            assert_ne!(server.get(&by_token).await.status(), 200, "{kind}");
        }
        stop.store(true, Ordering::SeqCst);
        let mut late = 0;
        for reader in readers {
            late += reader.await.unwrap();
        }
        assert_eq!(late, 0, "{kind}: reads begun after the receipt succeeded");
        assert!(before >= 40, "{kind}");
    }
}
