//! Downloads: which credential travels where, and what happens when it is refused.

use crate::support::{NOON, Reply, Server, media_path};
use cloakroom_sdk::SecureMediaMode::{Embedded, HeaderBased};
use cloakroom_sdk::{Error, ErrorCode, Reason};
use futures_util::StreamExt as _;
use serde_json::json;

const PRESIGN: &str = "POST /v3/media/presign";

fn get(n: u32) -> String {
    format!("GET {}", media_path(n))
}

fn presigned(server: &Server, signature: &str) -> Reply {
    Reply::data(json!([{"url": server.media(1), "presignedUrl": server.presigned(1, signature),
        "expiresAt": NOON + 900}]))
}

#[tokio::test]
async fn in_embedded_mode_the_fat_travels_in_a_header_and_not_in_the_url() {
    let server = Server::start().await;
    let client = server.logged_in(Embedded).await;
    let file =
        Reply::bytes(200, b"cat").header("content-type", "image/jpeg").header("etag", "\"e\"");
    server.on(&get(1), file);
    let url = client.media_url(&server.media(1)).await;
    let mut download = client.download(&url).await.unwrap();
    assert_eq!(download.content_type(), Some("image/jpeg"));
    assert_eq!((download.content_length(), download.etag()), (Some(3), Some("\"e\"")));
    assert_eq!(download.chunk().await.unwrap().unwrap().as_ref(), b"cat");
    assert_eq!(download.chunk().await.unwrap(), None);
    let seen = server.seen();
    assert_eq!(seen[0].line, get(1));
    assert_eq!(seen[0].header("fat"), Some("fat.1"));
    assert_eq!((seen[0].header("authtoken"), seen[0].header("appid")), (None, None));
}

#[tokio::test]
async fn a_refused_fat_is_renewed_and_the_file_tried_once_more() {
    let server = Server::start().await;
    let client = server.logged_in(Embedded).await;
    server
        .on(&get(1), Reply::refused(401, "ERR_FAT_EXPIRED", "fat_expired", "fat"))
        .on(&get(1), Reply::bytes(200, b"cat"))
        .on("POST /v3/me/fat", Reply::data(json!({"fat": "fat.2", "fatExpiresAt": NOON + 3600})));
    let download = client.download(&server.media(1)).await.unwrap();
    assert_eq!(download.bytes().await.unwrap().as_ref(), b"cat");
    let seen = server.seen();
    let fats: Vec<_> = seen.iter().map(|seen| (seen.line.as_str(), seen.header("fat"))).collect();
    let (line, renewal) = (get(1), "POST /v3/me/fat");
    assert_eq!(fats, [(&*line, Some("fat.1")), (renewal, None), (&*line, Some("fat.2"))]);
}

#[tokio::test]
async fn it_is_tried_once_more_and_not_twice() {
    let server = Server::start().await;
    let client = server.logged_in(Embedded).await;
    server
        .on(&get(1), Reply::refused(401, "ERR_FAT_INVALID", "fat_invalid", "fat"))
        .on("POST /v3/me/fat", Reply::data(json!({"fat": "fat.2", "fatExpiresAt": NOON + 3600})));
    let error = client.download(&server.media(1)).await.unwrap_err();
    let Error::Refused { code, status: 401, details: Some(details), .. } = error else {
        panic!("{error:?}");
    };
    assert_eq!((code, details.reason), (ErrorCode::FatInvalid, Reason::FatInvalid));
    assert_eq!(server.lines(), [get(1), "POST /v3/me/fat".into(), get(1)]);
}

#[tokio::test]
async fn many_downloads_refused_at_once_cost_one_renewal() {
    let server = Server::start().await;
    let client = server.logged_in(Embedded).await;
    let renewed = Reply::data(json!({"fat": "fat.2", "fatExpiresAt": NOON + 3600}));
    server.on("POST /v3/me/fat", renewed.held());
    for n in 0..8 {
        server
            .on(&get(n), Reply::refused(401, "ERR_FAT_INVALID", "fat_invalid", "fat"))
            .on(&get(n), Reply::bytes(200, b"cat"));
    }
    let urls: Vec<String> = (0..8).map(|n| server.media(n)).collect();
    let all = futures_util::future::join_all(urls.iter().map(|url| client.download(url)));
    let (all, ()) = tokio::join!(all, async {
        server.asked(9).await;
        server.release();
    });
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    let renewals = server.lines().iter().filter(|line| line.ends_with("/fat")).count();
    assert_eq!(renewals, 1);
}

#[tokio::test]
async fn a_refusal_that_arrives_after_the_renewal_takes_the_new_fat() {
    let server = Server::start().await;
    let client = server.logged_in(Embedded).await;
    let refused = || Reply::refused(401, "ERR_FAT_INVALID", "fat_invalid", "fat");
    server
        .on("POST /v3/me/fat", Reply::data(json!({"fat": "fat.2", "fatExpiresAt": NOON + 3600})))
        .on(&get(1), refused().held())
        .on(&get(1), Reply::bytes(200, b"late"))
        .on(&get(2), refused())
        .on(&get(2), Reply::bytes(200, b"early"));
    let (late, early) = (server.media(1), server.media(2));
    let (late, early) = tokio::join!(client.download(&late), async {
        let early = client.download(&early).await;
        server.release();
        early
    });
    assert!(late.is_ok() && early.is_ok());
    let lines = server.lines();
    assert_eq!(lines.iter().filter(|line| line.ends_with("/me/fat")).count(), 1, "{lines:?}");
}

#[tokio::test]
async fn what_cannot_be_cured_is_not_tried_again() {
    let server = Server::start().await;
    for (status, code, reason, refresh) in [
        (403, "ERR_NOT_PERMITTED", "not_permitted", "none"),
        (401, "ERR_SESSION_ENDED", "session_ended", "login"),
        (404, "ERR_FILE_NOT_FOUND", "not_found", "none"),
        (503, "ERR_RETRY_LATER", "retry_later", "none"),
    ] {
        for mode in [Embedded, HeaderBased] {
            let client = server.logged_in(mode).await;
            server.no_more(&get(1)).on(&get(1), Reply::refused(status, code, reason, refresh));
            server.on(PRESIGN, presigned(&server, "a"));
            let error = client.download(&server.media(1)).await.unwrap_err();
            assert_eq!(error.code().as_str(), code, "{mode:?}");
            let opened = server.lines().iter().filter(|line| line.starts_with("GET")).count();
            assert_eq!(opened, 1, "{code} {mode:?}");
            let keeps_fat = mode == HeaderBased || refresh != "login";
            assert_eq!(client.fat().is_some(), keeps_fat, "{code} {mode:?}");
        }
    }
}

#[tokio::test]
async fn in_header_mode_a_refused_presigned_url_is_fetched_anew_once() {
    let server = Server::start().await;
    let client = server.logged_in(HeaderBased).await;
    server.on(PRESIGN, presigned(&server, "a")).on(PRESIGN, presigned(&server, "b"));
    server
        .on(&get(1), Reply::refused(403, "ERR_PRESIGN_EXPIRED", "presign_expired", "presign"))
        .on(&get(1), Reply::bytes(200, b"cat"));
    client.download(&server.media(1)).await.unwrap();
    let seen = server.seen();
    let lines: Vec<&str> = seen.iter().map(|seen| seen.line.as_str()).collect();
    let opened = |signature: &str| {
        format!("GET {}", server.presigned(1, signature).strip_prefix(&server.origin).unwrap())
    };
    assert_eq!(lines, [PRESIGN, &opened("a"), PRESIGN, &opened("b")]);
    let gets = seen.iter().filter(|seen| seen.line.starts_with("GET"));
    assert!(gets.clone().count() == 2 && gets.clone().all(|seen| seen.header("fat").is_none()));
    assert!(gets.into_iter().all(|seen| seen.header("authtoken").is_none()));
}

#[tokio::test]
async fn a_refusal_without_a_code_such_as_a_cdns_is_tried_once_more() {
    let server = Server::start().await;
    let client = server.logged_in(HeaderBased).await;
    server.on(PRESIGN, presigned(&server, "a"));
    server.on(&get(1), Reply::bytes(403, b"<Error/>"));
    let error = client.download(&server.media(1)).await.unwrap_err();
    assert!(matches!(error, Error::InvalidResponse { status: 403, .. }), "{error:?}");
    assert_eq!(server.lines().len(), 4);
    client.fetch_presigned_url(&server.media(1)).await.unwrap();
    assert_eq!(server.lines(), [PRESIGN], "what was refused is not kept");
}

#[tokio::test]
async fn a_part_is_asked_for_and_checked() {
    let server = Server::start().await;
    let client = server.logged_in(Embedded).await;
    let part = Reply::bytes(206, b"at").header("content-range", "bytes 1-2/3");
    server.on(&get(1), part);
    let download = client.download_range(&server.media(1), 1..3).await.unwrap();
    assert_eq!(download.content_range(), Some("bytes 1-2/3"));
    assert_eq!(server.seen()[0].header("range"), Some("bytes=1-2"));
    let wrong_part = client.download_range(&server.media(1), 2..3).await.unwrap_err();
    assert_eq!(wrong_part.code(), ErrorCode::InvalidResponse);
    server.on(&get(2), Reply::bytes(200, b"cat"));
    let whole = client.download_range(&server.media(2), 1..).await.unwrap_err();
    assert_eq!(whole.code(), ErrorCode::InvalidResponse);
    server.on(&get(3), Reply::error(416, "ERR_RANGE_NOT_SATISFIABLE"));
    let outside = client.download_range(&server.media(3), 9..).await.unwrap_err();
    assert_eq!(outside.code(), ErrorCode::RangeNotSatisfiable);
    let empty = client.download_range(&server.media(1), 3..3).await;
    assert!(matches!(empty, Err(Error::InvalidArgument(_))));
}

#[tokio::test]
async fn another_host_gets_no_credential_and_a_redirect_is_not_followed() {
    let (server, other) = (Server::start().await, Server::start().await);
    let client = server.logged_in(Embedded).await;
    other.on(&get(1), Reply::bytes(200, b"cat"));
    client.download(&other.media(1)).await.unwrap();
    let seen = other.seen();
    for name in ["fat", "authtoken", "apikey", "authorization", "cookie", "referer"] {
        assert_eq!(seen[0].header(name), None, "{name}");
    }
    assert!(!seen[0].line.contains("fat"), "{}", seen[0].line);

    server.on(&get(2), Reply::bytes(302, b"").header("location", other.media(1)));
    let redirected = client.download(&server.media(2)).await.unwrap_err();
    assert_eq!(redirected.code(), ErrorCode::InvalidResponse);
    assert!(other.lines().is_empty());

    let not_a_file = format!("{}/demoapp/media/cat.jpg", server.origin);
    for url in ["junk", "ftp://a.test/x", "file:///etc/passwd", &not_a_file] {
        assert!(matches!(client.download(url).await, Err(Error::InvalidUrl)), "{url}");
    }
}

#[tokio::test]
async fn a_large_file_arrives_as_a_stream() {
    let server = Server::start().await;
    let client = server.logged_in(Embedded).await;
    server.on(&get(1), Reply::bytes(200, &vec![7; 300_000]));
    let mut stream = client.download(&server.media(1)).await.unwrap().into_stream();
    let (mut bytes, mut chunks) = (0, 0);
    while let Some(chunk) = stream.next().await {
        bytes += chunk.unwrap().len();
        chunks += 1;
    }
    assert_eq!(bytes, 300_000);
    assert!(chunks > 1, "{chunks}");
}

#[tokio::test]
async fn a_redirect_is_followed_to_a_named_host_only_and_without_credential() {
    let (server, store) = (Server::start().await, Server::start().await);
    store.on("GET /object", Reply::bytes(200, b"cat"));
    let elsewhere = format!("{}/object?X-Sig=1", store.origin);
    let named = server.client_with(Embedded, |builder| builder.redirect_to(&store.origin));
    server.on("PUT /v3/me", Reply::data(server.me("fat.1", 3600)));
    named.login_with_auth_token("ckr_at_1").await.unwrap();
    let stranger = server.logged_in(Embedded).await;
    server.on(&get(1), Reply::bytes(307, b"").header("location", &elsewhere));

    let refused = stranger.download(&server.media(1)).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::InvalidResponse);
    assert_eq!(store.lines(), [""; 0], "nobody named it");
    let download = named.download(&server.media(1)).await.unwrap();
    assert_eq!(download.bytes().await.unwrap().as_ref(), b"cat");
    let seen = store.seen();
    assert_eq!(seen[0].line, "GET /object?X-Sig=1");
    assert_eq!((seen[0].header("fat"), seen[0].header("authtoken")), (None, None));
    store.no_more("GET /object");
    store.on("GET /object", Reply::bytes(307, b"").header("location", server.media(2)));
    assert!(named.download(&server.media(1)).await.is_err(), "one step, not two");
}

#[tokio::test]
async fn another_version_or_a_weak_etag_is_not_gone_on_with() {
    let server = Server::start().await;
    let client = server.logged_in(Embedded).await;
    // One byte fewer than announced: the connection ends early.
    let short = |etag: &str| Reply::bytes(200, b"ca").header("etag", etag).announcing(3);
    let rest = |etag: &str| {
        Reply::bytes(206, b"t").header("etag", etag).header("content-range", "bytes 2-2/3")
    };
    for (first, second, is_whole) in [
        ("\"a\"", rest("\"a\""), true),
        ("\"a\"", rest("\"b\""), false),
        ("\"a\"", Reply::bytes(200, b"dog").header("etag", "\"b\""), false),
        ("\"a\"", Reply::bytes(206, b"a").header("content-range", "bytes 1-1/3"), false),
        ("W/\"a\"", rest("W/\"a\""), false),
    ] {
        server.no_more(&get(1)).on(&get(1), short(first)).on(&get(1), second);
        let got = client.download(&server.media(1)).await.unwrap().bytes().await;
        assert_eq!(got.is_ok(), is_whole, "{first} {got:?}");
        if let Ok(got) = got {
            assert_eq!(got.as_ref(), b"cat");
            let seen = server.seen();
            assert_eq!(seen[1].header("range"), Some("bytes=2-2"));
            assert_eq!(seen[1].header("if-range"), Some("\"a\""));
        }
        server.seen();
    }
}
