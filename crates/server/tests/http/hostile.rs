//! Hostile files, each with its outcome: what it is taken for, and how it is served.

use std::io::Write;

use cloakroom_test::{Login, TestServer, data, gps_jpeg, media_form, png};
use reqwest::Method;
use reqwest::multipart::Part;
use serde_json::{Value, json};

/// What becomes of a file.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Outcome {
    /// Shown in place, as this type.
    Inline(&'static str),
    /// Only ever downloaded, as this type.
    Download(&'static str),
    /// Not taken, by this code.
    Refused(&'static str),
}
use Outcome::{Download, Inline, Refused};

const DAMAGED: Outcome = Refused("ERR_FILE_TYPE_REFUSED");

fn picture(format: image::ImageFormat) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let picture = image::RgbImage::from_fn(60, 40, |x, y| {
        image::Rgb([x.to_le_bytes()[0] * 4, y.to_le_bytes()[0] * 6, 90])
    });
    image::DynamicImage::from(picture).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn half(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(bytes.len() / 2);
    bytes
}

/// A PNG whose header says it is this large, with hardly any bytes.
fn png_of_size(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = png();
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    bytes
}

/// A GIF whose logical screen is as large as the format allows.
fn gif_of_size(width: u16, height: u16) -> Vec<u8> {
    let mut bytes = picture(image::ImageFormat::Gif);
    bytes[6..8].copy_from_slice(&width.to_le_bytes());
    bytes[8..10].copy_from_slice(&height.to_le_bytes());
    bytes
}

/// The first bytes of one of the demo's files.
fn demo(name: &str, bytes: usize) -> Vec<u8> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo/media");
    let mut file = std::fs::read(folder.join(name)).unwrap();
    file.truncate(bytes);
    file
}

/// A WebP of 60 x 40 on a canvas of this side.
fn webp_on_canvas(side: u8) -> Vec<u8> {
    let plain = picture(image::ImageFormat::WebP);
    let canvas = [&b"WEBPVP8X\x0a\0\0\0\0\0\0\0"[..], &[side - 1, 0, 0, side - 1, 0, 0]];
    let body = [&canvas.concat()[..], &plain[12..]].concat();
    [b"RIFF", &u32::try_from(body.len()).unwrap().to_le_bytes()[..], &body].concat()
}

/// A JPEG that says it is huge, and then that it is small.
fn jpeg_of_two_sizes() -> Vec<u8> {
    let plain = picture(image::ImageFormat::Jpeg);
    let at = plain.windows(2).position(|two| two == b"\xff\xc0").unwrap();
    let length = usize::from(u16::from_be_bytes([plain[at + 2], plain[at + 3]]));
    let mut huge = plain[at..at + 2 + length].to_vec();
    huge[5..9].fill(0xff);
    [&plain[..at], &huge, &plain[at..]].concat()
}

/// A ZIP with one member that claims to be huge.
fn zip_bomb() -> Vec<u8> {
    let mut bytes = b"PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0\0\0\0\0".to_vec();
    bytes.write_all(&u32::MAX.to_le_bytes()).unwrap();
    bytes.write_all(&u32::MAX.to_le_bytes()).unwrap();
    bytes.write_all(b"\x05\0\0\0a.txt").unwrap();
    bytes.extend([0; 300]);
    bytes
}

/// A JPEG with a page in its comment, and another behind its end.
fn jpeg_with_html() -> Vec<u8> {
    let plain = picture(image::ImageFormat::Jpeg);
    let html = b"<html><script>alert(1)</script></html>";
    let length = u16::try_from(html.len() + 2).unwrap().to_be_bytes();
    [&plain[..2], b"\xff\xfe", &length[..], html, &plain[2..], html].concat()
}

fn corpus() -> Vec<(&'static str, Vec<u8>, &'static str, Outcome)> {
    let jpeg = || picture(image::ImageFormat::Jpeg);
    let webp = || picture(image::ImageFormat::WebP);
    let gif = || picture(image::ImageFormat::Gif);
    let svg = b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
    let html = b"<!doctype html><script>alert(1)</script>";
    let mp4 = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom\0\0\xff\xffmoov".to_vec();
    let gif_js = b"GIF89a/*\0\0\0\0\0*/=1;alert(1)//".to_vec();
    vec![
        ("a script in an SVG", svg.to_vec(), "image/png", Download("image/svg+xml")),
        ("an SVG in UTF-16", utf16("<svg><script/></svg>"), "", Download("image/svg+xml")),
        ("a page called picture", html.to_vec(), "image/jpeg", Download("text/html")),
        ("a page behind white space", [&b" \n\t"[..], html].concat(), "", Download("text/html")),
        (
            "a page behind a byte order mark",
            [&b"\xef\xbb\xbf"[..], html].concat(),
            "",
            Download("text/html"),
        ),
        (
            "a script called text",
            b"alert(1)".to_vec(),
            "text/javascript",
            Download("text/javascript"),
        ),
        (
            "a PDF that is a ZIP too",
            [&b"%PDF-1.7\n"[..], &zip_bomb()].concat(),
            "",
            Download("application/pdf"),
        ),
        ("a GIF that is a script too", gif_js, "image/gif", DAMAGED),
        ("a JPEG with pages in it", jpeg_with_html(), "image/jpeg", Inline("image/jpeg")),
        ("a zip bomb called photo", zip_bomb(), "image/jpeg", Download("application/zip")),
        ("a PNG of 50 000 x 50 000", png_of_size(50_000, 50_000), "image/png", DAMAGED),
        ("a PNG of 0 x 10", png_of_size(0, 10), "image/png", DAMAGED),
        ("a GIF of 65 535 x 65 535", gif_of_size(u16::MAX, u16::MAX), "image/gif", DAMAGED),
        ("half a JPEG", half(jpeg()), "image/jpeg", DAMAGED),
        ("half a PNG", half(png()), "image/png", DAMAGED),
        ("half a WebP", half(webp()), "image/webp", DAMAGED),
        ("half a GIF", half(gif()), "image/gif", DAMAGED),
        ("half an MP4", mp4, "video/mp4", DAMAGED),
        ("half a MOV", b"\0\0\0\x14ftypqt  \0\0\0\0qt  \0\0\x10\0moov".to_vec(), "", DAMAGED),
        ("half an M4A", b"\0\0\0\x14ftypM4A \0\0\0\0M4A \0\0\x10\0moov".to_vec(), "", DAMAGED),
        ("half a HEIC", b"\0\0\0\x14ftypheic\0\0\0\0heic\0\0\x10\0meta".to_vec(), "", DAMAGED),
        ("half an AVIF", b"\0\0\0\x14ftypavif\0\0\0\0avif\0\0\x10\0meta".to_vec(), "", DAMAGED),
        ("half a WebM", half(demo("sunrise.webm", 400)), "video/webm", DAMAGED),
        (
            "half an SVG",
            b"<svg xmlns='http://www.w3.org/2000/svg'><script>al".to_vec(),
            "",
            Download("image/svg+xml"),
        ),
        ("half a page", b"<!doctype html><scr".to_vec(), "", Download("text/html")),
        ("half a WAV", b"RIFF\xff\xff\0\0WAVEfmt ".to_vec(), "audio/wav", Inline("audio/wav")),
        ("half an MP3", b"ID3\x04\0\0\0".to_vec(), "audio/mpeg", Inline("audio/mpeg")),
        ("half an Ogg", b"OggS\0\x02....OpusHead".to_vec(), "audio/ogg", Inline("audio/ogg")),
        ("half a ZIP", half(zip_bomb()), "application/zip", Download("application/zip")),
        (
            "half a GZIP",
            b"\x1f\x8b\x08\0".to_vec(),
            "application/gzip",
            Download("application/gzip"),
        ),
        ("a WebP with a frame larger than itself", webp_on_canvas(8), "image/webp", DAMAGED),
        ("a JPEG of two sizes", jpeg_of_two_sizes(), "image/jpeg", DAMAGED),
        ("a picture called sound", jpeg(), "audio/mpeg", Inline("image/jpeg")),
        ("a page behind a PNG", [&png()[..], html].concat(), "image/png", Inline("image/png")),
        ("half a Matroska", b"\x1a\x45\xdf\xa3\x01\0".to_vec(), "video/webm", DAMAGED),
        (
            "half a PDF",
            b"%PDF-1.7\n1 0 obj".to_vec(),
            "application/pdf",
            Download("application/pdf"),
        ),
        ("nothing", Vec::new(), "image/png", Refused("ERR_FILE_EMPTY")),
        ("noise called video", vec![0x81; 999], "video/mp4", Download("application/octet-stream")),
        (
            "a program",
            b"\x7fELF\x02\x01\x01".to_vec(),
            "image/png",
            Download("application/octet-stream"),
        ),
        (
            "a playlist called video",
            b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n".to_vec(),
            "video/mp4",
            Download("application/octet-stream"),
        ),
    ]
}

fn utf16(text: &str) -> Vec<u8> {
    [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

#[test]
fn the_documentation_names_each_outcome() {
    let page = include_str!("../../../../docs/files.md");
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| ")).collect();
    for (name, _, _, outcome) in corpus() {
        let said = match outcome {
            Inline(mime) => format!("shown as `{mime}`"),
            Download(mime) => format!("downloaded as `{mime}`"),
            Refused(code) => format!("refused, `{code}`"),
        };
        let row = format!("| {name} | {said} |");
        assert!(rows.contains(&row.as_str()), "docs/files.md lacks: {row}");
    }
}

async fn send(server: &TestServer, login: &Login, part: Part) -> Value {
    let form = media_form("user:bob", part);
    let call = server.as_user(login, Method::POST, "/messages").multipart(form);
    call.send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn each_hostile_file_has_its_outcome() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    for (name, bytes, declared, expected) in corpus() {
        let mut part = Part::bytes(bytes).file_name("photo.jpg");
        if !declared.is_empty() {
            part = part.mime_str(declared).unwrap();
        }
        let answer = send(&server, &alice, part).await;
        let Some(url) = answer["data"]["data"]["url"].as_str() else {
            let code = answer["error"]["code"].as_str().unwrap();
            assert_eq!(
                format!("{:?}", Refused("")).replace("\"\"", &format!("{code:?}")),
                format!("{expected:?}"),
                "{name}"
            );
            continue;
        };
        let read = server.get(&format!("{url}?fat={}", bob.fat)).await;
        let header = |name: &str| read.headers()[name].to_str().unwrap().to_owned();
        let content_type = header("content-type");
        let is_download = read
            .headers()
            .get("content-disposition")
            .is_some_and(|value| value.to_str().unwrap().starts_with("attachment"));
        match expected {
            Inline(mime) => {
                assert_eq!((content_type.as_str(), is_download), (mime, false), "{name}");
            }
            Download(mime) => {
                assert_eq!((content_type.as_str(), is_download), (mime, true), "{name}");
            }
            Refused(code) => assert_eq!(content_type, code, "{name} was taken"),
        }
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert!(header("content-security-policy").contains("sandbox"), "{name}");
        let bytes = read.bytes().await.unwrap();
        if let Inline(_) = expected {
            let holds = bytes.windows(7).any(|window| window == b"<script");
            assert!(!holds, "{name}: its page is still there");
        }
    }
}

#[tokio::test]
async fn a_photo_loses_its_place_and_keeps_every_pixel() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let photo = gps_jpeg();
    let tells = |bytes: &[u8]| {
        [&b"The lake on our last evening"[..], b"Nimbus", b"2026:08:14"]
            .iter()
            .any(|words| bytes.windows(words.len()).any(|window| window == *words))
    };
    assert!(tells(&photo));
    let answer = send(&server, &alice, Part::bytes(photo.clone()).file_name("a.jpg")).await;
    let url = answer["data"]["data"]["url"].as_str().unwrap();
    let read = server.get(&format!("{url}?fat={}", bob.fat)).await.bytes().await.unwrap();
    assert!(!tells(&read));
    let pixels = |bytes: &[u8]| image::load_from_memory(bytes).unwrap().to_rgb8().into_raw();
    assert_eq!(pixels(&read), pixels(&photo));
}

#[tokio::test]
async fn hostile_names_become_plain_ones() {
    let server = TestServer::start().await;
    let (alice, bob) = (server.login("alice").await, server.login("bob").await);
    let long = "x".repeat(300);
    let cases = [
        ("../../etc/passwd", "passwd".to_owned()),
        ("C:\\Windows\\win.ini", "win.ini".to_owned()),
        ("photo\u{202e}gpj.exe", "photogpj.exe".to_owned()),
        ("\u{2066}a\u{2069}.png", "a.png".to_owned()),
        ("..", "..".to_owned()),
        ("fat.png?fat=eyJh.eyJz.c2ln", "fat.png".to_owned()),
        (&long, "x".repeat(255)),
    ];
    for (name, expected) in cases {
        let answer = send(&server, &alice, Part::bytes(png()).file_name(name.to_owned())).await;
        let attachment = &answer["data"]["data"]["attachments"][0];
        assert_eq!(attachment["name"], expected, "{name:?}: {answer}");
        let url = attachment["url"].as_str().unwrap();
        assert!(!url.contains("..") && !url.contains('%'), "{url}");
        if name.chars().count() <= 255 {
            let said = json!({"receiver": "bob", "receiverType": "user", "type": "image",
                "data": {"attachments": [{"url": url, "name": name}]}});
            let call = server.as_user(&alice, Method::POST, "/messages").json(&said);
            let again = data(call.send().await.unwrap()).await;
            assert_eq!(again["data"]["attachments"][0]["name"], expected, "{name:?} said in JSON");
        }
        let read = server.get(&format!("{url}?fat={}&Disposition=attachment", bob.fat)).await;
        let disposition = read.headers()["content-disposition"].to_str().unwrap();
        assert!(!disposition.contains(['/', '\\', '\n']), "{disposition}");
    }
    // A form cannot say NUL; JSON can.
    let refused = send(&server, &alice, Part::bytes(png()).file_name("a\0.png")).await;
    assert_eq!(refused["error"]["code"], "ERR_UPLOAD_TRUNCATED");
    let file = json!({"name": "a\0b.png", "size": 9, "mimeType": "image/png"});
    let body = json!({"files": {"f": file}, "receiver": "bob", "receiverType": "user"});
    let call = server.as_user(&alice, Method::POST, "/files/upload-url").json(&body);
    let granted = data(call.send().await.unwrap()).await;
    assert_eq!(granted["f"]["attachment"]["name"], "ab.png");
}
