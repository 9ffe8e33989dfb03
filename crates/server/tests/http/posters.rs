//! Posters of videos, made after their message was taken.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use cloakroom_ingest::PosterMaker;
use cloakroom_test::{TestServer, data};
use reqwest::Method;

#[tokio::test]
async fn a_video_gets_a_poster_that_is_as_protected_as_it() {
    if let Err(reason) = PosterMaker::find(Duration::from_mins(1)) {
        eprintln!("SKIPPED: {reason}");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.mp4");
    let mut made = Command::new("ffmpeg");
    made.args(["-v", "error", "-f", "lavfi", "-i", "testsrc=size=640x360:rate=5:duration=2"]);
    assert!(made.arg(&path).status().unwrap().success());
    let server = TestServer::start_with(|config| config.ingest.posters = true).await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let video = std::fs::read(&path).unwrap();
    let sent = server.send_file(&alice, "user:bob", "a.mp4", "video/mp4", video).await;
    server.work_on_files().await;
    server.catch_up().await;
    let message = format!("/messages/{}", sent["id"].as_str().unwrap());
    let message = data(server.as_user(&bob, Method::GET, &message).send().await.unwrap()).await;
    let attachment = &message["data"]["attachments"][0];
    assert!(attachment["thumbHash"].is_string(), "{attachment}");
    let small = attachment["thumbnails"][0].as_str().unwrap();
    assert_eq!(server.get(small).await.status(), 401);
    let poster = server.get(&format!("{small}?fat={}", bob.fat)).await.bytes().await.unwrap();
    assert_eq!(image::load_from_memory(&poster).unwrap().width(), 320);
}

/// A film whose tables are whole and whose pictures are not.
fn film_without_pictures() -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo/media");
    let mut film = std::fs::read(folder.join("ferry-ride.mp4")).unwrap();
    let at = film.windows(4).position(|four| four == b"mdat").unwrap();
    let length = u32::from_be_bytes(film[at - 4..at].try_into().unwrap());
    let end = at - 4 + usize::try_from(length).unwrap();
    film[at + 4..end].fill(0xff);
    film
}

#[tokio::test]
async fn what_has_no_pictures_has_no_poster_and_stays_readable() {
    let server = TestServer::start_with(|config| config.ingest.posters = true).await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let junk = b"RIFF\x10\0\0\0AVI LISTjunkjunkjunk".to_vec();
    let cases = [
        ("a.avi", "video/avi", junk, "video/x-msvideo"),
        ("a.mp4", "video/mp4", film_without_pictures(), "video/mp4"),
    ];
    for (name, declared, bytes, is) in cases {
        let sent = server.send_file(&alice, "user:bob", name, declared, bytes).await;
        server.work_on_files().await;
        server.catch_up().await;
        let url = sent["data"]["url"].as_str().unwrap();
        let read = server.get(&format!("{url}?fat={}", bob.fat)).await;
        assert_eq!(
            (read.status().as_u16(), &read.headers()["content-type"]),
            (200, &is.parse().unwrap())
        );
        let app = cloakroom_token::AppId::parse(cloakroom_test::APP).unwrap();
        let id = cloakroom_token::MediaId::parse(&url.rsplit('/').next().unwrap()[..32]).unwrap();
        let facts = server.db().media().file_facts(&app, id).await.unwrap().unwrap();
        assert_eq!(facts.versions.len(), 1, "{name}");
    }
}
