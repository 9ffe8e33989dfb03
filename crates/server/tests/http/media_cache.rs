//! What is kept in memory, and what leaves by sendfile(2), changes no byte and no header.

use std::fmt::Write as _;

use cloakroom_test::{Login, TestServer};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use reqwest::header::HeaderMap;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::metrics::Now;

/// In memory whole; in memory where there is room for it; by sendfile(2) or in chunks; the last in
/// memory, and by sendfile(2) all the same.
const SIZES: [u32; 6] = [1, 5_000, 200_000, 700_000, 2_500_000, 40_000];

/// No two windows of it are alike.
fn bytes(size: u32) -> Vec<u8> {
    let words = (0..size.div_ceil(4)).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes());
    words.take(size as usize).collect()
}

/// A server that keeps so much, and the signed URLs of the same files.
struct Kept {
    server: TestServer,
    alice: Login,
    urls: Vec<String>,
}

impl Kept {
    async fn start(cache_bytes: u64) -> Self {
        let server = TestServer::start_with(|config| config.media.cache_bytes = cache_bytes).await;
        let alice = server.login("alice").await;
        let mut urls = Vec::new();
        for size in SIZES {
            let name = format!("{size}.bin");
            let sent = server.send_file(
                &alice,
                "user:bob",
                &name,
                "application/octet-stream",
                bytes(size),
            );
            let sent = sent.await;
            urls.push(sent["data"]["attachments"][0]["url"].as_str().unwrap().to_owned());
        }
        Self { server, alice, urls }
    }

    async fn ask(&self, file: usize, ask: &Ask) -> (u16, HeaderMap, Vec<u8>) {
        let url = format!("{}?fat={}", self.urls[file], self.alice.fat);
        let http = &self.server.http;
        let mut request = if ask.head { http.head(url) } else { http.get(url) };
        for (name, value) in &ask.headers {
            request = request.header(*name, value);
        }
        let response = request.send().await.unwrap();
        let (status, mut headers) = (response.status().as_u16(), response.headers().clone());
        headers.remove("date");
        (status, headers, response.bytes().await.unwrap().into())
    }
}

#[derive(Clone, Debug)]
struct Ask {
    head: bool,
    headers: Vec<(&'static str, String)>,
}

fn range() -> impl Strategy<Value = String> {
    let place = prop_oneof![0..10_u32, 4_990..5_010_u32, 0..40_000_u32, 0..3_000_000_u32];
    prop_oneof![
        (place.clone(), 0..600_000_u32)
            .prop_map(|(from, length)| { format!("bytes={from}-{}", from.saturating_add(length)) }),
        place.clone().prop_map(|from| format!("bytes={from}-")),
        place.prop_map(|last| format!("bytes=-{last}")),
        Just("bytes=0-0,2-3".to_owned()),
        Just("bytes=9-2".to_owned()),
    ]
}

fn ask() -> impl Strategy<Value = Ask> {
    let date = prop_oneof![
        Just("Sun, 20 Sep 2026 00:00:00 GMT".to_owned()),
        Just("Tue, 22 Sep 2026 00:00:00 GMT".to_owned()),
    ];
    let header = prop_oneof![
        4 => range().prop_map(|range| ("range", range)),
        1 => Just(("if-none-match", "\"other\"".to_owned())),
        1 => Just(("if-none-match", "*".to_owned())),
        1 => Just(("if-range", "\"other\"".to_owned())),
        1 => date.clone().prop_map(|date| ("if-modified-since", date)),
        1 => date.prop_map(|date| ("if-unmodified-since", date)),
    ];
    let headers = prop::collection::vec(header, 0..4);
    (prop::bool::weighted(0.1), headers).prop_map(|(head, mut headers)| {
        headers.sort();
        headers.dedup_by_key(|(name, _)| *name);
        Ask { head, headers }
    })
}

#[test]
fn what_is_kept_in_memory_changes_no_byte_and_no_header() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (none, tiny, large) = runtime.block_on(async {
        (Kept::start(0).await, Kept::start(64 * 1024).await, Kept::start(64 << 20).await)
    });
    let cases = (0..SIZES.len(), ask());
    TestRunner::new(Config { cases: 150, failure_persistence: None, ..Config::default() })
        .run(&cases, |(file, ask)| {
            let (plain, small, kept) = runtime.block_on(async {
                let first = large.ask(file, &ask).await;
                let again = large.ask(file, &ask).await;
                assert_eq!(first, again, "the second time it comes from memory");
                (none.ask(file, &ask).await, tiny.ask(file, &ask).await, again)
            });
            let (status, headers, body) = &plain;
            for (other, who) in [(&small, "tiny"), (&kept, "large")] {
                prop_assert_eq!(*status, other.0, "{}", who);
                prop_assert_eq!(headers.len(), other.1.len(), "{}", who);
                for (name, value) in headers {
                    // Each server received the file by itself; all other headers are alike.
                    if name != "last-modified" {
                        prop_assert_eq!(Some(value), other.1.get(name), "{} {}", who, name);
                    }
                }
                prop_assert!(*body == other.2, "{} sent other bytes", who);
            }
            if let Some(said) = headers.get("content-range").filter(|_| *status == 206) {
                let said = said.to_str().unwrap().trim_start_matches("bytes ");
                let (first, rest) = said.split_once('-').unwrap();
                let last: usize = rest.split('/').next().unwrap().parse().unwrap();
                let expected = &bytes(SIZES[file])[first.parse().unwrap()..=last];
                prop_assert!(ask.head || body == expected, "not the bytes of the range");
            }
            Ok(())
        })
        .unwrap();
}

#[tokio::test]
async fn a_file_is_worth_its_place_in_memory_at_the_second_view() {
    let kept = Kept::start(64 << 20).await;
    let whole = Ask { head: false, headers: Vec::new() };
    let (file, size) = (2, i64::from(SIZES[2]));
    for (view, [store, memory]) in (1..).zip([[1, 0], [2, 0], [2, 1], [2, 2]]) {
        let (status, _, body) = kept.ask(file, &whole).await;
        assert!(status == 200 && body == bytes(SIZES[file]), "view {view}");
        let now = Now::of(&kept.server).await;
        assert_eq!(now.bytes(), [memory * size, store * size], "view {view}");
        assert_eq!(now.count("cache_bytes") > size, view > 1, "view {view}");
    }
}

#[tokio::test]
async fn a_part_is_the_same_part_at_every_view() {
    let kept = Kept::start(64 << 20).await;
    for (file, size) in SIZES.into_iter().enumerate() {
        let (first, last) = (size / 10, size - 1 - size / 20);
        let part = Ask { head: false, headers: vec![("range", format!("bytes={first}-{last}"))] };
        let expected = &bytes(size)[first as usize..=last as usize];
        for view in 1..=4 {
            let (status, headers, body) = kept.ask(file, &part).await;
            assert_eq!(status, 206, "view {view} of {size}");
            assert_eq!(headers["content-range"], format!("bytes {first}-{last}/{size}"));
            assert!(body == expected, "view {view} of {size}: other bytes");
        }
    }
}

#[tokio::test]
async fn a_cold_file_that_lost_its_end_is_an_error_and_no_broken_answer() {
    let kept = Kept::start(1 << 20).await;
    let inside = |folder: std::path::PathBuf| {
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path())
    };
    for file in inside(kept.server.folder().join("files")).flat_map(inside).flat_map(inside) {
        let file = std::fs::OpenOptions::new().write(true).open(file).unwrap();
        if file.metadata().unwrap().len() == u64::from(SIZES[2]) {
            file.set_len(50_000).unwrap();
        }
    }
    let whole = Ask { head: false, headers: Vec::new() };
    assert_eq!(kept.ask(2, &whole).await.0, 500);
    assert_eq!(kept.ask(1, &whole).await.0, 200);
}

#[tokio::test]
async fn requests_in_one_go_are_answered_in_order_whatever_way_their_bytes_take() {
    let kept = Kept::start(1 << 20).await;
    let origin = kept.server.media_origin.clone();
    let host = origin.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let order = [4, 1, 4, 0, 3, 4, 2];
    let mut requests = String::new();
    for (turn, file) in order.into_iter().enumerate() {
        let path = kept.urls[file].strip_prefix(&origin).unwrap();
        let last = if turn + 1 == order.len() { "Connection: close\r\n" } else { "" };
        let fat = &kept.alice.fat;
        write!(requests, "GET {path} HTTP/1.1\r\nHost: {host}\r\nfat: {fat}\r\n{last}\r\n")
            .unwrap();
    }
    stream.write_all(requests.as_bytes()).await.unwrap();
    let mut received = Vec::new();
    stream.read_to_end(&mut received).await.unwrap();
    let mut rest = received.as_slice();
    for file in order {
        let end = rest.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap() + 4;
        assert!(rest.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&rest[..end]));
        let size = SIZES[file] as usize;
        assert!(rest[end..end + size] == bytes(SIZES[file]), "the bytes of file {file}");
        rest = &rest[end + size..];
    }
    assert!(rest.is_empty());
}

#[tokio::test]
async fn a_large_file_stops_at_its_next_piece_once_it_was_taken_back() {
    let kept = Kept::start(0).await;
    let (server, alice) = (&kept.server, &kept.alice);
    let large = bytes(40_000_000);
    let sent = server.send_file(alice, "user:bob", "l.bin", "application/octet-stream", large);
    let sent = sent.await;
    let url = sent["data"]["attachments"][0]["url"].as_str().unwrap();
    let (origin, path) = (&server.media_origin, url.strip_prefix(&server.media_origin).unwrap());
    let host = origin.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let asked = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nfat: {}\r\n\r\n", alice.fat);
    stream.write_all(asked.as_bytes()).await.unwrap();
    let mut first = vec![0; 100_000];
    stream.read_exact(&mut first).await.unwrap();
    assert!(first.starts_with(b"HTTP/1.1 200"));
    let ended = server.as_user(alice, reqwest::Method::DELETE, "/me").send().await.unwrap();
    assert_eq!(ended.status(), 200);
    let mut rest = Vec::new();
    let outcome = stream.read_to_end(&mut rest).await;
    // What lies in the buffers of the two sockets, and the piece that was on its way.
    assert!(outcome.is_err() || rest.len() < 39_000_000, "{} bytes came", rest.len());
}
