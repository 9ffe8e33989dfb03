//! RFC 9110 on media: ranges, conditions, headers, CORS, strict paths, flat memory.

use cloakroom_test::{APP, Login, TestServer, gps_jpeg, png};
use futures_util::StreamExt;
use reqwest::{Method, Response};

async fn picture(server: &TestServer) -> (Login, String) {
    let alice = server.login("alice").await;
    let url = server.send_picture(&alice, "user:bob").await;
    let url = format!("{url}?fat={}", alice.fat);
    (alice, url)
}

fn text(answer: &Response, name: &str) -> String {
    answer.headers().get(name).map_or_else(String::new, |v| v.to_str().unwrap().to_owned())
}

#[tokio::test]
async fn ranges_are_served_as_rfc_9110_says() {
    let server = TestServer::start().await;
    let (_, url) = picture(&server).await;
    let bytes = png();
    let size = bytes.len();
    let whole = server.get(&url).await;
    assert_eq!(text(&whole, "accept-ranges"), "bytes");
    let etag = text(&whole, "etag");
    let cases = [
        ("bytes=0-0", 206, &bytes[..1]),
        ("bytes=4-7", 206, &bytes[4..8]),
        ("bytes=60-", 206, &bytes[60..]),
        ("bytes=-4", 206, &bytes[size - 4..]),
        ("bytes=0-9999", 206, &bytes[..]),
        ("bytes=0-1,4-5", 200, &bytes[..]),
        ("bytes=5-4", 200, &bytes[..]),
        ("pages=1-2", 200, &bytes[..]),
    ];
    for (range, status, expected) in cases {
        let answer = server.http.get(&url).header("range", range).send().await.unwrap();
        assert_eq!(answer.status(), status, "{range}");
        let length = expected.len().to_string();
        assert_eq!(text(&answer, "content-length"), length, "{range}");
        assert_eq!(answer.bytes().await.unwrap(), expected, "{range}");
    }
    let part = server.http.get(&url).header("range", "bytes=4-7").send().await.unwrap();
    assert_eq!(text(&part, "content-range"), format!("bytes 4-7/{size}"));
    let behind = server.http.get(&url).header("range", "bytes=9999-").send().await.unwrap();
    assert_eq!(behind.status(), 416);
    assert_eq!(text(&behind, "content-range"), format!("bytes */{size}"));
    for (validator, status) in [(etag.as_str(), 206), ("\"other\"", 200)] {
        let call = server.http.get(&url).header("range", "bytes=0-0").header("if-range", validator);
        assert_eq!(call.send().await.unwrap().status(), status, "{validator}");
    }
}

#[tokio::test]
async fn a_repeat_view_is_a_304_also_under_another_token() {
    let server = TestServer::start().await;
    let (alice, url) = picture(&server).await;
    let first = server.get(&url).await;
    let (etag, modified) = (text(&first, "etag"), text(&first, "last-modified"));
    assert!(etag.starts_with('"') && etag.len() == 66, "strong, of the content: {etag}");
    let bob = server.login("bob").await;
    let clean = url.split('?').next().unwrap();
    let views = [
        format!("{clean}?fat={}", bob.fat),
        server.presign(&alice, clean).await,
        server.presign(&bob, clean).await,
    ];
    for view in views {
        let again = server.http.get(&view).header("if-none-match", &etag).send().await.unwrap();
        assert_eq!(again.status(), 304, "{view}");
        assert_eq!(text(&again, "etag"), etag);
        assert_eq!(text(&again, "cache-control"), "private, no-cache");
        assert!(text(&again, "no-vary-search").starts_with("params=(\"fat\" \"Principal\""));
        assert!(again.bytes().await.unwrap().is_empty());
    }
    let since = server.http.get(&url).header("if-modified-since", modified).send().await.unwrap();
    assert_eq!(since.status(), 304);
    let changed = server.http.get(&url).header("if-match", "\"other\"").send().await.unwrap();
    assert_eq!(changed.status(), 412);
    let mallory = server.login("mallory").await;
    let view = format!("{clean}?fat={}", mallory.fat);
    let refused = server.http.get(view).header("if-none-match", &etag).send().await.unwrap();
    assert_eq!(refused.status(), 403, "a copy in the cache grants nothing");
    assert_eq!(text(&refused, "clear-site-data"), "\"cache\"", "the copy goes");
    let plain = server.get(&format!("{clean}?fat={}", mallory.fat)).await;
    assert!(text(&plain, "clear-site-data").is_empty());
}

#[tokio::test]
async fn a_session_that_has_ended_clears_the_copies_of_its_browser_and_no_other_token_does() {
    let server = TestServer::start().await;
    let (alice, picture) = picture(&server).await;
    let folder = &picture[..picture.rfind('/').unwrap()];
    let url = |fat: &str| format!("{folder}/00000000000000000000000000000000.jpg?fat={fat}");
    let embed = |url: String| server.http.get(url).header("sec-fetch-mode", "no-cors").send();
    for harmless in [url(&alice.fat), url("junk"), url(&alice.fat.replace('.', "x."))] {
        let answer = embed(harmless).await.unwrap();
        assert!(text(&answer, "clear-site-data").is_empty(), "{}", answer.url());
    }
    server.as_user(&alice, Method::DELETE, "/me").send().await.unwrap();
    let ended = embed(url(&alice.fat)).await.unwrap();
    assert_eq!(ended.status(), 401);
    assert_eq!(text(&ended, "clear-site-data"), "\"cache\"");
    let by_script = server.get(&url(&alice.fat)).await;
    assert!(text(&by_script, "clear-site-data").is_empty(), "a browser would only complain");
}

#[tokio::test]
async fn every_answer_has_the_headers_of_the_secure_media_host() {
    let server = TestServer::start().await;
    let (_, url) = picture(&server).await;
    let clean = url.split('?').next().unwrap().to_owned();
    let answers = [
        server.get(&url).await,
        server.get(&clean).await,
        server.get(&format!("{}/nothing", server.media_origin)).await,
        server.http.post(&url).send().await.unwrap(),
        server.http.request(Method::OPTIONS, &clean).send().await.unwrap(),
        server.http.get(&url).header("host", "evil.test").send().await.unwrap(),
    ];
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status().as_u16()).collect();
    assert_eq!(statuses, [200, 401, 404, 405, 204, 421]);
    for answer in &answers {
        let expected = [
            ("access-control-allow-origin", "*"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-resource-policy", "cross-origin"),
            ("timing-allow-origin", "*"),
            ("vary", "fat, Authorization"),
        ];
        for (name, value) in expected {
            assert_eq!(text(answer, name), value, "{} {name}", answer.status());
        }
        assert!(text(answer, "content-security-policy").starts_with("default-src 'none'"));
        assert!(text(answer, "access-control-allow-credentials").is_empty());
    }
    assert_eq!(text(&answers[3], "allow"), "GET, HEAD, OPTIONS");
    assert_eq!(text(&answers[4], "access-control-max-age"), "7200");
    assert!(text(&answers[4], "access-control-allow-headers").contains("range"));
}

#[tokio::test]
async fn head_says_what_get_would_without_a_body() {
    let server = TestServer::start().await;
    let (_, url) = picture(&server).await;
    let head = server.http.head(&url).send().await.unwrap();
    assert_eq!(head.status(), 200);
    assert_eq!(text(&head, "content-length"), png().len().to_string());
    assert_eq!(text(&head, "content-type"), "image/png");
    assert!(head.bytes().await.unwrap().is_empty());
    for range in ["bytes=0-0", "bytes=1000000-"] {
        let head = server.http.head(&url).header("range", range).send().await.unwrap();
        assert_eq!(head.status(), 200, "only GET knows ranges");
        assert_eq!(text(&head, "content-length"), png().len().to_string());
        assert!(!head.headers().contains_key("content-range"));
    }
    let clean = url.split('?').next().unwrap();
    assert_eq!(server.http.head(clean).send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn a_path_is_read_as_it_stands() {
    let server = TestServer::start().await;
    let (alice, url) = picture(&server).await;
    let path = url.split('?').next().unwrap().strip_prefix(&server.media_origin).unwrap();
    let host = server.media_origin.strip_prefix("http://").unwrap();
    let twisted = [
        path.replace("/media/", "/media%2f"),
        path.replace("/media/", "/media/../media/"),
        path.replace("/media/", "/%6dedia/"),
        path.replace("/media/", "//media/"),
        format!("/.{path}"),
        format!("{path}%00"),
        format!("{path}/"),
        path.replace(".png", "%2epng"),
        path.replace(".png", "%252epng"),
        path.replace(APP, &APP.to_uppercase()),
    ];
    for path in twisted {
        let request = format!(
            "GET {path}?fat={} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n",
            alice.fat
        );
        let answer = raw(host, &request).await;
        assert!(answer.starts_with("HTTP/1.1 404 "), "{path}: {answer}");
    }
}

async fn raw(host: &str, request: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(host).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_token_in_the_address_bar_becomes_a_short_presigned_url() {
    let server = TestServer::start().await;
    let (_, url) = picture(&server).await;
    let navigate = server.http.get(&url).header("sec-fetch-dest", "document");
    let answer = navigate.send().await.unwrap();
    assert_eq!(answer.status(), 303);
    assert_eq!(text(&answer, "cache-control"), "no-store");
    let location = text(&answer, "location");
    assert!(!location.contains("fat="), "{location}");
    assert_eq!(server.get(&location).await.status(), 200);
    let image = server.http.get(&url).header("sec-fetch-dest", "image").send().await.unwrap();
    assert_eq!(image.status(), 200, "an <img> is left alone");
    server.clock.advance(120);
    assert_eq!(server.get(&location).await.status(), 403, "for minutes");
    let clean = url.split('?').next().unwrap();
    let refused = server.http.get(clean).header("sec-fetch-dest", "document");
    assert_eq!(refused.send().await.unwrap().status(), 401, "no redirect without a right");
}

#[tokio::test]
async fn what_could_run_is_only_ever_saved() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let cases: [(&str, &str, &[u8], &str); 4] = [
        (
            "a.svg",
            "image/svg+xml",
            b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
            "attachment",
        ),
        ("a.html", "text/html", b"<!doctype html><script>1</script>", "attachment"),
        ("innocent.png", "image/png", b"<!doctype html><script>1</script>", "attachment"),
        ("dot.png", "text/html", &png(), "inline"),
    ];
    for (name, content_type, bytes, expected) in cases {
        let sent = server.send_file(&alice, "user:bob", name, content_type, bytes.to_vec()).await;
        let url = sent["data"]["attachments"][0]["url"].as_str().unwrap();
        let answer = server.get(&format!("{url}?fat={}", alice.fat)).await;
        let disposition = text(&answer, "content-disposition");
        assert!(disposition.starts_with(expected), "{name}: {disposition}");
        assert_eq!(text(&answer, "x-content-type-options"), "nosniff");
        assert!(text(&answer, "content-security-policy").ends_with("sandbox"));
    }
}

#[tokio::test]
async fn a_photo_loses_its_place_on_the_way_in() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let photo = gps_jpeg();
    assert!(photo.windows(4).any(|bytes| bytes == b"Exif"));
    let sent = server.send_file(&alice, "user:bob", "lake.jpg", "image/jpeg", photo.clone()).await;
    let attachment = &sent["data"]["attachments"][0];
    assert_eq!(
        (attachment["width"].as_u64(), attachment["height"].as_u64()),
        (Some(1200), Some(800))
    );
    let url = attachment["url"].as_str().unwrap();
    let stored = server.get(&format!("{url}?fat={}", alice.fat)).await.bytes().await.unwrap();
    assert!(stored.len() < photo.len());
    assert!(!stored.windows(3).any(|bytes| bytes == b"GPS"), "no place, no camera");
}

/// Two gigabytes in and out through a debug build take a minute; the release benchmark measures.
#[tokio::test]
async fn memory_stays_flat_for_a_file_of_two_gigabytes() {
    const SIZE: u64 = 2 * 1024 * 1024 * 1024;
    const CHUNK: usize = 256 * 1024;
    let server = TestServer::start().await;
    let app = cloakroom_token::AppId::parse(APP).unwrap();
    let mut settings = server.db().apps().by_id(&app).await.unwrap().unwrap().settings;
    settings.file_size_max = SIZE;
    server.db().apps().update_settings(&app, &settings, cloakroom_test::START).await.unwrap();
    server.catch_up().await;
    let alice = server.login("alice").await;
    // What starting takes is not what the file takes.
    let Some(before) = peak_kib() else {
        eprintln!("SKIPPED: memory_stays_flat: this system does not tell a process's memory");
        return;
    };
    let chunk = bytes::Bytes::from(vec![7; CHUNK]);
    let chunks = SIZE / CHUNK as u64;
    let stream = futures_util::stream::iter(
        (0..chunks).map(move |_| Ok::<_, std::io::Error>(chunk.clone())),
    );
    let part =
        reqwest::multipart::Part::stream_with_length(reqwest::Body::wrap_stream(stream), SIZE);
    let form = cloakroom_test::media_form("user:bob", part.file_name("large.bin"));
    let call = server.as_user(&alice, Method::POST, "/messages").multipart(form);
    let sent = cloakroom_test::data(call.send().await.unwrap()).await;
    let attachment = &sent["data"]["attachments"][0];
    assert_eq!(attachment["size"].as_u64(), Some(SIZE));
    let url = format!("{}?fat={}", attachment["url"].as_str().unwrap(), alice.fat);
    let mut body = server.get(&url).await.bytes_stream();
    let mut received = 0;
    while let Some(chunk) = body.next().await {
        received += chunk.unwrap().len() as u64;
    }
    assert_eq!(received, SIZE);
    let grown = peak_kib().unwrap().saturating_sub(before);
    assert!(grown <= 64 * 1024, "the resident set grew by {grown} KiB");
}

/// The most memory that this process ever had.
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
