//! Downloads over connections that break, across restarts and renewals, to the end or to a reason.

use std::time::Duration;

use cloakroom_sdk::SecureMediaMode::{Embedded, HeaderBased};
use cloakroom_sdk::{Client, Error, ErrorCode, Reason};
use cloakroom_test::TestServer;
use futures_util::TryStreamExt as _;
use reqwest::Method;
use serde_json::json;

use crate::proxy::Way;
use crate::{Reached, builder, client, logged_in, noise, send_noise};

const MIB: usize = 1024 * 1024;

#[tokio::test]
async fn a_download_goes_on_after_each_broken_connection() {
    let reached = Reached::start().await;
    let bytes = noise(8 * MIB);
    let url = send_noise(&reached.server, &bytes).await;
    for mode in [Embedded, HeaderBased] {
        let bob = client(&reached.server, "bob", mode).await;
        reached.media.cut_after(Way::ToClient, &[3_000_000, 1, 777, 2_000_001]);
        let download = bob.download(&url).await.unwrap();
        assert_eq!(download.content_length(), Some(8 * 1024 * 1024));
        assert!(download.bytes().await.unwrap() == bytes, "{mode:?}");
        assert_eq!(reached.media.cuts_to_come(), 0, "each cut was met");
    }
}

#[tokio::test]
async fn a_part_a_stream_and_a_writer_go_on_too() {
    let reached = Reached::start().await;
    let bytes = noise(4 * MIB);
    let url = send_noise(&reached.server, &bytes).await;
    let bob = client(&reached.server, "bob", Embedded).await;

    reached.media.cut_after(Way::ToClient, &[600_000]);
    let part = bob.download_range(&url, 1_000_000..3_000_000).await.unwrap();
    assert_eq!(part.content_range(), Some("bytes 1000000-2999999/4194304"));
    assert!(part.bytes().await.unwrap() == bytes[1_000_000..3_000_000]);

    reached.media.cut_after(Way::ToClient, &[600_000]);
    let stream = bob.download(&url).await.unwrap().into_stream();
    let chunks: Vec<_> = stream.try_collect().await.unwrap();
    assert!(chunks.concat() == bytes);

    reached.media.cut_after(Way::ToClient, &[600_000]);
    let mut written = Vec::new();
    let download = bob.download(&url).await.unwrap();
    assert_eq!(download.write_to(&mut written).await.unwrap(), 4 * 1024 * 1024);
    assert!(written == bytes);
    assert_eq!(reached.media.cuts_to_come(), 0);
}

#[tokio::test]
async fn a_download_survives_a_restart_of_the_server() {
    let reached = Reached::start().await;
    let bytes = noise(24 * MIB);
    let url = send_noise(&reached.server, &bytes).await;
    let bob = client(&reached.server, "bob", HeaderBased).await;
    let mut download = bob.download(&url).await.unwrap();
    let mut received = download.chunk().await.unwrap().unwrap().to_vec();
    let (rest, reached) = tokio::join!(download.bytes(), reached.restart());
    received.extend_from_slice(&rest.unwrap());
    assert!(received == bytes);
    drop(reached);
}

#[tokio::test]
async fn a_fat_that_expires_in_the_middle_is_renewed_and_the_download_goes_on() {
    let reached = Reached::start().await;
    let bytes = noise(24 * MIB);
    let url = send_noise(&reached.server, &bytes).await;
    let bob = client(&reached.server, "bob", Embedded).await;
    let old = bob.fat().unwrap();
    let mut download = bob.download(&url).await.unwrap();
    let mut received = download.chunk().await.unwrap().unwrap().to_vec();
    reached.server.clock.advance(2 * 86_400);
    reached.media.cut();
    received.extend_from_slice(&download.bytes().await.unwrap());
    assert!(received == bytes);
    assert_ne!(bob.fat().unwrap(), old);
}

/// Reads until the end or the reason why there is none.
async fn end_of(mut download: cloakroom_sdk::Download) -> Result<(), Error> {
    while download.chunk().await?.is_some() {}
    Ok(())
}

async fn begun(server: &TestServer, bob: &Client) -> (cloakroom_sdk::Download, String) {
    // More than the sockets between the two hold, so that the server is not done with it.
    let url = send_noise(server, &noise(48 * MIB)).await;
    let mut download = bob.download(&url).await.unwrap();
    download.chunk().await.unwrap().unwrap();
    (download, url)
}

#[tokio::test]
async fn a_file_revoked_in_the_middle_ends_the_download_with_the_reason() {
    let server = TestServer::start().await;
    for mode in [Embedded, HeaderBased] {
        let bob = client(&server, "bob", mode).await;
        let (download, url) = begun(&server, &bob).await;
        let id = url.rsplit('/').next().unwrap().split('.').next().unwrap();
        let revocation = json!({"kind": "file", "id": id});
        let call = server.back_end(Method::POST, "/revocations").json(&revocation);
        let answer = call.send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
        let error = end_of(download).await.unwrap_err();
        assert_eq!(error.reason(), Some(Reason::NotPermitted), "{mode:?} {error:?}");
        assert_eq!((error.status(), error.may_help_to_retry()), (Some(403), false));
    }
}

#[tokio::test]
async fn a_session_that_ends_in_the_middle_ends_the_download_with_the_reason() {
    let server = TestServer::start().await;
    let bob = client(&server, "bob", Embedded).await;
    let (download, _) = begun(&server, &bob).await;
    let call = server.back_end(Method::POST, "/revocations");
    let call = call.json(&json!({"kind": "user", "id": "bob"}));
    let answer = call.send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    let error = end_of(download).await.unwrap_err();
    let is_told = matches!(error.code(), ErrorCode::SessionEnded | ErrorCode::NotLoggedIn);
    assert!(is_told, "{error:?}");
}

#[tokio::test]
async fn a_logout_in_the_middle_ends_the_download() {
    let server = TestServer::start().await;
    let bob = client(&server, "bob", HeaderBased).await;
    let (download, _) = begun(&server, &bob).await;
    bob.logout().await.unwrap();
    assert_eq!(end_of(download).await.unwrap_err().code(), ErrorCode::NotLoggedIn);
}

#[tokio::test]
async fn a_file_appears_when_it_is_whole_and_a_later_call_goes_on_with_the_rest() {
    let reached = Reached::start().await;
    let bytes = noise(24 * MIB);
    let url = send_noise(&reached.server, &bytes).await;
    let impatient = builder(&reached.server).retry_pauses([Duration::ZERO; 2]);
    let bob = logged_in(&reached.server, "bob", impatient).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("noise.bin");
    let left = || std::fs::read_dir(folder.path()).unwrap().count();

    // One cut more than patience: the call fails, and what came stays.
    reached.media.cut_after(Way::ToClient, &[5_000_000, 1, 1]);
    let error = bob.download_to_file(&url, &path).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Network);
    assert!(!path.exists() && left() == 1);
    reached.media.cut_after(Way::ToClient, &[]);

    // Another process, another login.
    let bob = client(&reached.server, "bob", HeaderBased).await;
    let again = {
        let (bob, url, path) = (bob.clone(), url.clone(), path.clone());
        tokio::spawn(async move { bob.download_to_file(&url, path).await })
    };
    let saved = again.await.unwrap().unwrap();
    assert!(saved.resumed_at_bytes > 4_000_000, "{saved:?}");
    assert_eq!(saved.size_bytes, 24 * 1024 * 1024);
    assert!(std::fs::read(&path).unwrap() == bytes && left() == 1);

    // Whole, but the process ended before it said so: fetched again.
    let etag = bob.download_range(&url, ..1).await.unwrap().etag().unwrap().replace('"', "");
    std::fs::write(folder.path().join(format!("noise.bin.{etag}.part")), &bytes).unwrap();
    let saved = bob.download_to_file(&url, &path).await.unwrap();
    assert_eq!(saved.resumed_at_bytes, 0);
    assert!(std::fs::read(&path).unwrap() == bytes && left() == 1);

    // What another version has left is thrown away; a whole file is replaced.
    std::fs::write(folder.path().join("noise.bin.0123abcd.part"), b"other").unwrap();
    let saved = bob.download_to_file(&url, &path).await.unwrap();
    assert_eq!(saved.resumed_at_bytes, 0);
    assert!(std::fs::read(&path).unwrap() == bytes && left() == 1);
}

#[tokio::test]
async fn a_part_outside_the_file_is_told_as_such() {
    let server = TestServer::start().await;
    let url = send_noise(&server, b"a few bytes").await;
    let bob = client(&server, "bob", Embedded).await;
    let error = bob.download_range(&url, 11..).await.unwrap_err();
    assert_eq!((error.code(), error.status()), (ErrorCode::RangeNotSatisfiable, Some(416)));
}

#[tokio::test]
async fn what_cannot_be_written_is_an_error_of_its_own() {
    let server = TestServer::start().await;
    let url = send_noise(&server, b"a few bytes").await;
    let bob = client(&server, "bob", Embedded).await;
    let folder = tempfile::tempdir().unwrap();
    let error = bob.download_to_file(&url, folder.path().join("no/such/x")).await.unwrap_err();
    assert!(matches!(error, Error::UnwritableFile(_)), "{error:?}");
}
