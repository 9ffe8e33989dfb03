//! Plain reads are answered without hyper, and nobody can tell: the same bytes go to a connection
//! that is served here and to one that was handed to hyper, and the same answers come.

use std::time::Duration;

use cloakroom_test::{Login, TestServer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

/// A connection to the secure media host.
struct Raw(TcpStream);

impl Raw {
    async fn to(server: &TestServer) -> Self {
        let stream = TcpStream::connect(host(server)).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self(stream)
    }

    /// One that hyper serves from its second request on.
    async fn to_hyper(server: &TestServer) -> Self {
        let mut raw = Self::to(server).await;
        let odd = format!("GET / HTTP/1.1\r\nhost: {}\r\nte: trailers\r\n\r\n", host(server));
        assert!(raw.ask(&odd).await.starts_with("HTTP/1.1 404 "));
        raw
    }

    /// Sends a request and reads its answer.
    async fn ask(&mut self, request: &str) -> String {
        // Who is refused early may be told before all is sent.
        let _ = self.0.write_all(request.as_bytes()).await;
        self.answer(request.starts_with("HEAD")).await
    }

    /// Reads one answer, as far as it comes; what its date says is left out.
    async fn answer(&mut self, to_head: bool) -> String {
        let mut read = Vec::new();
        let head_len = loop {
            if let Some(at) = read.windows(4).position(|end| end == b"\r\n\r\n") {
                break at + 4;
            }
            match self.0.read_u8().await {
                Ok(byte) => read.push(byte),
                Err(_) => return format!("{:?}, then the end", String::from_utf8_lossy(&read)),
            }
        };
        let head = String::from_utf8(read[..head_len].to_vec()).unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length = length.map_or(0, |text| text.parse::<usize>().unwrap());
        let bodiless = to_head || head.starts_with("HTTP/1.1 304");
        let mut body = vec![0; if bodiless { 0 } else { length }];
        self.0.read_exact(&mut body).await.unwrap();
        let mut dates = 0;
        let lines = head.split("\r\n").map(|line| match line.strip_prefix("date: ") {
            Some(date) => {
                dates += usize::from(date.len() == 29 && date.ends_with(" GMT"));
                "date"
            }
            None => line,
        });
        let lines: Vec<_> = lines.collect();
        assert_eq!(dates, 1, "{head}");
        format!("{}{body:?}", lines.join("\r\n"))
    }
}

fn host(server: &TestServer) -> &str {
    server.media_origin.strip_prefix("http://").unwrap()
}

/// A server with a picture; its path, and the login of who sent it.
async fn with_picture() -> (TestServer, String, Login) {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let url = server.send_picture(&alice, "user:bob").await;
    let path = url.strip_prefix(&server.media_origin).unwrap().to_owned();
    assert_eq!(server.get(&format!("{url}?fat={}", alice.fat)).await.status(), 200);
    (server, path, alice)
}

#[tokio::test]
async fn the_same_bytes_get_the_same_answer_here_and_from_hyper() {
    let (server, path, alice) = with_picture().await;
    let (host, fat) = (host(&server), &alice.fat);
    let url = format!("{}{path}", server.media_origin);
    let presigned = server.presign(&alice, &url).await;
    let presigned = presigned.strip_prefix(&server.media_origin).unwrap();
    let altered = presigned.replace("Expires=1", "Expires=2");
    let own = format!("{path}?fat={fat}");
    let etag = server.get(&format!("{url}?fat={fat}")).await.headers()["etag"].clone();
    let etag = etag.to_str().unwrap();
    let request = |method: &str, path: &str, lines: &str| {
        format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\n{lines}\r\n")
    };
    let get = |path: &str, lines: &str| request("GET", path, lines);
    let many = "a: b\r\n".repeat(64);
    let large = format!("a: {}\r\n", "b".repeat(400_000));
    let plain = get(&own, "");
    let here = vec![
        (200, plain.clone()),
        (200, get(&path, &format!("fat: {fat}\r\nConnection: keep-alive\r\n"))),
        (200, get(&path, &format!("Authorization: Bearer {fat}\r\n"))),
        (200, get(presigned, "")),
        (200, get(&format!("{own}&Disposition=attachment"), "")),
        (206, get(&own, "range: bytes=1-9\r\n")),
        (206, get(&format!("{own}&Disposition=attachment"), "range: bytes=-3\r\n")),
        (303, get(&own, "sec-fetch-dest: document\r\n")),
        (304, get(&own, &format!("if-none-match: {etag}\r\n"))),
        (401, get(&path, "")),
        (401, get(&format!("{path}?fat=forged"), "if-none-match: \"a\"\r\n")),
        (401, get(&format!("{own}&fat={fat}"), "")),
        (403, get(&altered, "")),
        (404, get("/nothing/here", "")),
        (404, get(&own.replace("/media/", "//media/"), "")),
        (412, get(&own, "if-match: \"other\"\r\n")),
        (416, get(&own, "range: bytes=99999999-\r\n")),
        (421, plain.replace(host, "elsewhere.test")),
        (200, get("/.well-known/jwks.json", "")),
    ];
    // Only GET knows ranges.
    let of_head = |status| if matches!(status, 206 | 416) { 200 } else { status };
    let heads: Vec<_> = here.iter().map(|(status, get)| (of_head(*status), head_of(get))).collect();
    // What is hyper's from its first byte on.
    let odd = vec![
        (204, request("OPTIONS", &own, "")),
        (405, request("POST", &own, "content-length: 2\r\n") + "ab"),
        (405, request("DELETE", &own, "")),
        (200, get(&own, "content-length: 0\r\n")),
        (200, get(&own, "connection: close\r\n")),
        (200, plain.replace("HTTP/1.1", "HTTP/1.0")),
        (200, plain.replace("GET /", &format!("GET http://{host}/"))),
        (200, plain.replace("\r\n", "\n")),
        (200, format!("\r\n{plain}")),
        (200, plain.replace("host: ", "host:")),
        (421, get(&own, &format!("host: {host}\r\n"))),
        (421, plain.replace("host: ", "other: ")),
        (400, get(&own, "a : b\r\n")),
        (400, get(&own, "a: b\r\n folded: c\r\n")),
        (400, get(&own, "a: \u{1}\r\n")),
        (400, plain.replace("HTTP/1.1", "HTTP/1.1 x")),
        (400, get(&own, "content-length: 1\r\ncontent-length: 2\r\n")),
        (400, get(&own, "transfer-encoding: identity\r\n")),
        (431, get(&own, &many)),
        (431, get(&own, &large)),
    ];
    for (status, raw) in here.iter().chain(&heads).chain(&odd) {
        let got = Raw::to(&server).await.ask(raw).await;
        let hypers = Raw::to_hyper(&server).await.ask(raw).await;
        assert_eq!(got, hypers, "{raw}");
        assert_eq!(got.split(' ').nth(1), Some(status.to_string().as_str()), "{raw}\n{got}");
    }
    // Over one connection, which changes hands in the middle.
    let (mut one, mut hypers) = (Raw::to(&server).await, Raw::to_hyper(&server).await);
    for (_, raw) in here.iter().chain(&odd[..1]).chain(&heads) {
        assert_eq!(one.ask(raw).await, hypers.ask(raw).await, "{raw}");
    }
}

fn head_of(get: &str) -> String {
    get.replacen("GET", "HEAD", 1)
}

#[tokio::test]
async fn requests_may_come_in_one_piece_or_in_many() {
    let (server, path, alice) = with_picture().await;
    let plain =
        format!("GET {path} HTTP/1.1\r\nhost: {}\r\nfat: {}\r\n\r\n", host(&server), alice.fat);
    let expected = Raw::to_hyper(&server).await.ask(&plain).await;
    assert!(expected.starts_with("HTTP/1.1 200 "), "{expected}");
    let mut raw = Raw::to(&server).await;
    for split in 1..plain.len() {
        raw.0.write_all(&plain.as_bytes()[..split]).await.unwrap();
        tokio::task::yield_now().await;
        assert_eq!(raw.ask(&plain[split..]).await, expected, "{split}");
    }
    let odd = plain.replace("\r\n\r\n", "\r\nte: trailers\r\n\r\n");
    let three = [plain.as_str(), &head_of(&plain), &odd, &plain].concat();
    raw.0.write_all(three.as_bytes()).await.unwrap();
    for to_head in [false, true, false, false] {
        let answer = raw.answer(to_head).await;
        let whole = if to_head {
            expected.split('[').next().unwrap().to_owned() + "[]"
        } else {
            expected.clone()
        };
        assert_eq!(answer, whole);
    }
    let mut slow = Raw::to(&server).await;
    for byte in plain.as_bytes() {
        slow.0.write_all(&[*byte]).await.unwrap();
        tokio::task::yield_now().await;
    }
    assert_eq!(slow.answer(false).await, expected);
}

#[tokio::test]
async fn who_says_no_more_is_still_answered() {
    let (server, path, alice) = with_picture().await;
    let plain =
        format!("GET {path} HTTP/1.1\r\nhost: {}\r\nfat: {}\r\n\r\n", host(&server), alice.fat);
    let expected = Raw::to_hyper(&server).await.ask(&plain).await;
    let mut raw = Raw::to(&server).await;
    raw.0.write_all(plain.as_bytes()).await.unwrap();
    raw.0.shutdown().await.unwrap();
    assert_eq!(raw.answer(false).await, expected);
    assert_eq!(raw.0.read(&mut [0; 1]).await.unwrap(), 0);
}

#[tokio::test]
async fn a_connection_that_waits_ends_with_the_server() {
    let (server, path, alice) = with_picture().await;
    let plain =
        format!("GET {path} HTTP/1.1\r\nhost: {}\r\nfat: {}\r\n\r\n", host(&server), alice.fat);
    let (mut new, mut used) = (Raw::to(&server).await, Raw::to(&server).await);
    assert!(used.ask(&plain).await.starts_with("HTTP/1.1 200 "));
    // Time goes on by itself from here where there is nothing else to do.
    tokio::time::pause();
    let began = Instant::now();
    let stopping = tokio::spawn(server.stop());
    assert_eq!(used.0.read(&mut [0; 1]).await.unwrap(), 0);
    // It may be that it was never taken.
    assert_eq!(new.0.read(&mut [0; 1]).await.unwrap_or(0), 0);
    assert!(began.elapsed() < Duration::from_secs(10), "they were not cut");
    tokio::time::resume();
    stopping.await.unwrap();
}

#[tokio::test]
async fn a_head_has_to_come_in_time() {
    let (server, path, alice) = with_picture().await;
    let plain =
        format!("GET {path} HTTP/1.1\r\nhost: {}\r\nfat: {}\r\n\r\n", host(&server), alice.fat);
    let mut raw = Raw::to(&server).await;
    assert!(raw.ask(&plain).await.starts_with("HTTP/1.1 200 "));
    tokio::time::pause();
    raw.0.write_all(&plain.as_bytes()[..20]).await.unwrap();
    let mut byte = [0; 1];
    let early = timeout(Duration::from_secs(14), raw.0.read(&mut byte)).await;
    assert!(early.is_err(), "it still waits: {early:?}");
    let late = timeout(Duration::from_mins(1), raw.0.read(&mut byte)).await;
    assert_eq!(late.expect("it was ended").unwrap(), 0);
}

#[tokio::test]
async fn the_last_answer_of_a_connection_says_that_it_is_the_last() {
    let (server, path, alice) = with_picture().await;
    let host = host(&server).to_owned();
    let asked = |lines: &str| {
        format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nfat: {}\r\n{lines}\r\n", alice.fat)
    };
    let plain = asked("");
    let last = |answer: &str| answer.replacen("\r\nconnection: close", "", 1);
    let (mut idle, mut raw) = (Raw::to(&server).await, Raw::to(&server).await);
    let expected = idle.ask(&plain).await;
    assert!(expected.starts_with("HTTP/1.1 200 ") && !expected.contains("connection:"));

    // Who wants no more is told so, and the connection ends.
    let mut ends = Raw::to(&server).await;
    assert_eq!(ends.ask(&plain).await, expected);
    let answer = ends.ask(&asked("connection: close\r\n")).await;
    assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
    assert_eq!(last(&answer), expected);
    assert_eq!(ends.0.read(&mut [0; 1]).await.unwrap(), 0);

    // Of the second request the server has the beginning when it is told to stop.
    let (first, rest) = plain.split_at(20);
    raw.0.write_all(format!("{plain}{first}").as_bytes()).await.unwrap();
    assert_eq!(raw.answer(false).await, expected);
    let stopping = tokio::spawn(server.stop());
    assert_eq!(idle.0.read(&mut [0; 1]).await.unwrap(), 0, "it stops");
    let answer = raw.ask(rest).await;
    assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
    assert_eq!(last(&answer), expected);
    assert_eq!(raw.0.read(&mut [0; 1]).await.unwrap(), 0);
    stopping.await.unwrap();
}
