//! Smaller pictures: what there is, and that they are exactly as protected as their original.

use cloakroom_test::{Login, TestServer, data};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use reqwest::Method;
use serde_json::{Value, json};

fn picture(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let picture =
        RgbImage::from_fn(width, height, |x, y| Rgb([x.to_le_bytes()[0], y.to_le_bytes()[0], 99]));
    DynamicImage::from(picture).write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}

async fn sent(server: &TestServer, alice: &Login) -> (Value, Value) {
    let message =
        server.send_file(alice, "user:bob", "a.jpg", "image/jpeg", picture(1000, 500)).await;
    let attachment = message["data"]["attachments"][0].clone();
    (message, attachment)
}

fn thumbnails(attachment: &Value) -> Vec<String> {
    let urls = attachment["thumbnails"].as_array().unwrap();
    urls.iter().map(|url| url.as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_sent_picture_comes_with_smaller_ones_and_a_preview() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let (_, attachment) = sent(&server, &alice).await;
    assert_eq!((&attachment["width"], &attachment["height"]), (&json!(1000), &json!(500)));
    assert!((20..60).contains(&attachment["thumbHash"].as_str().unwrap().len()));
    let original = attachment["url"].as_str().unwrap();
    let stem = original.strip_suffix(".jpg").unwrap();
    let urls = thumbnails(&attachment);
    assert_eq!(urls, [format!("{stem}_small.jpg"), format!("{stem}_medium.jpg")]);
    for (url, width) in urls.iter().zip([320, 800]) {
        let answer = server.get(&format!("{url}?fat={}", bob.fat)).await;
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["content-type"]),
            (200, &"image/jpeg".parse().unwrap())
        );
        let read = image::load_from_memory(&answer.bytes().await.unwrap()).unwrap();
        assert_eq!(read.width(), width);
    }
}

#[tokio::test]
async fn a_thumbnail_has_the_audience_of_its_original_and_goes_with_it() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let mallory = server.login("mallory").await;
    let (message, attachment) = sent(&server, &alice).await;
    let small = &thumbnails(&attachment)[0];
    let status = async |url: &str| server.get(url).await.status().as_u16();
    let by = |login: &Login| format!("{small}?fat={}", login.fat);
    assert_eq!(status(small).await, 401);
    assert_eq!(status(&by(&mallory)).await, 403);
    assert_eq!(status(&by(&bob)).await, 200);
    let presigned = server.presign(&bob, small).await;
    assert_eq!(status(&presigned).await, 200);
    let original = attachment["url"].as_str().unwrap();
    let (_, query) = presigned.split_once('?').unwrap();
    assert_eq!(status(&format!("{original}?{query}")).await, 403, "for the thumbnail alone");
    let path = format!("/messages/{}", message["id"].as_str().unwrap());
    data(server.as_user(&alice, Method::DELETE, &path).send().await.unwrap()).await;
    assert_eq!(status(&by(&bob)).await, 404);
    assert_eq!(status(&presigned).await, 404);
}

#[tokio::test]
async fn a_back_end_presigns_one_thumbnail_for_a_push() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let (_, attachment) = sent(&server, &alice).await;
    let body = json!({"urls": [attachment["url"]], "purpose": "push", "variant": "small"});
    let call = server.back_end(Method::POST, "/media/presign").json(&body);
    let items = data(call.send().await.unwrap()).await;
    let url = items[0]["presignedUrl"].as_str().unwrap();
    assert!(url.contains("_small.jpg?"), "{url}");
    let read = server.get(url).await.bytes().await.unwrap();
    assert_eq!(image::load_from_memory(&read).unwrap().width(), 320);
}

#[tokio::test]
async fn renditions_are_listed_and_take_their_room() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let (_, attachment) = sent(&server, &alice).await;
    let url = attachment["url"].as_str().unwrap();
    let id = &url.rsplit('/').next().unwrap()[..32];
    let file = data(server.back_end(Method::GET, &format!("/media/{id}")).send().await.unwrap());
    let file = file.await;
    let names: Vec<_> =
        file["variants"].as_array().unwrap().iter().map(|v| &v["variant"]).collect();
    assert_eq!(names, ["small", "medium"]);
    let app = cloakroom_token::AppId::parse(cloakroom_test::APP).unwrap();
    let used = server.db().media().usage(&app).await.unwrap();
    assert!(used.size_bytes > file["size"].as_u64().unwrap(), "{used:?}");
}

#[tokio::test]
async fn an_app_takes_the_types_it_lists() {
    let server = TestServer::start().await;
    let alice = server.login("alice").await;
    let body = json!({"allowedTypes": ["image/*"]});
    let set = server.back_end(Method::PUT, "/settings").json(&body).send().await.unwrap();
    assert_eq!(data(set).await["allowedTypes"], body["allowedTypes"]);
    sent(&server, &alice).await;
    let part = reqwest::multipart::Part::bytes(&b"%PDF-1.7 x"[..]).file_name("a.jpg");
    let form = cloakroom_test::media_form("user:bob", part);
    let call = server.as_user(&alice, Method::POST, "/messages").multipart(form);
    let answer: Value = call.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["error"]["code"], "ERR_FILE_TYPE_REFUSED");
    let message = answer["error"]["message"].as_str().unwrap();
    assert!(message.contains("application/pdf"), "{message}");
}

#[tokio::test]
async fn a_file_that_takes_too_long_is_refused_and_the_next_is_not() {
    let hurried =
        |config: &mut cloakroom_server::config::Config| config.ingest.file_time_limit_ms = 0;
    let server = TestServer::start_with(hurried).await;
    let alice = server.login("alice").await;
    for _ in 0..5 {
        let part = reqwest::multipart::Part::bytes(picture(300, 200)).file_name("a.jpg");
        let form = cloakroom_test::media_form("user:bob", part);
        let call = server.as_user(&alice, Method::POST, "/messages").multipart(form);
        let (status, code, _) = cloakroom_test::refusal(call.send().await.unwrap()).await;
        assert_eq!((status, code.as_str()), (422, "ERR_FILE_TOO_COMPLEX"));
    }
    let server = server.restart_with(|config| config.ingest.file_time_limit_ms = 60_000).await;
    sent(&server, &server.login("alice").await).await;
}
