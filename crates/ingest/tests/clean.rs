//! Whole files through [`clean`]: what must go is gone, what is seen and heard is unchanged.
#![expect(clippy::unwrap_used, reason = "a test helper may panic")]

use std::fs;
use std::path::PathBuf;

use cloakroom_ingest::{
    Cleaned, ContentType, IngestError, Inline, Limits, clean_gif, clean_jpeg, clean_matroska,
    clean_mp4, clean_png, clean_webp, sniff, thumbnails_of_bytes,
};
use image::ImageFormat;
use proptest::prelude::*;

mod samples;
use samples::{encoded, mp4_box, run};

const SECRET: &[u8] = b"SECRET-PLACE";

fn demo(name: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../demo/media");
    fs::read(folder.join(name)).unwrap()
}

fn run_default(bytes: &[u8]) -> (Cleaned, Vec<u8>) {
    run(bytes, None, "file", &Limits::default()).unwrap()
}

fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

fn pixels(bytes: &[u8], format: ImageFormat) -> Vec<u8> {
    image::load_from_memory_with_format(bytes, format).unwrap().to_rgba8().into_raw()
}

fn jpeg_segment(marker: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len() + 2).unwrap();
    [&[0xff, marker], &length.to_be_bytes()[..], payload].concat()
}

fn dirty_jpeg() -> Vec<u8> {
    let plain = encoded(ImageFormat::Jpeg);
    let mut out = plain[..2].to_vec();
    out.extend(jpeg_segment(0xe1, &[b"http://ns.adobe.com/xap/1.0/\0", SECRET].concat()));
    out.extend(jpeg_segment(0xe2, &[b"MPF\0", SECRET].concat()));
    out.extend(jpeg_segment(0xe2, b"ICC_PROFILE\0\x01\x01profile"));
    out.extend(jpeg_segment(0xed, &[b"Photoshop 3.0\0", SECRET].concat()));
    out.extend(jpeg_segment(0xfe, SECRET));
    out.extend(&plain[2..]);
    out.extend(SECRET);
    out
}

fn png_chunk(kind: &[u8], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    [&length[..], kind, data, b"crc?"].concat()
}

fn dirty_png() -> Vec<u8> {
    let plain = encoded(ImageFormat::Png);
    let mut out = plain[..33].to_vec();
    for kind in [b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME", b"prVt"] {
        out.extend(png_chunk(kind, SECRET));
    }
    out.extend(&plain[33..]);
    out.extend(SECRET);
    out
}

fn webp_chunk(kind: &[u8], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap().to_le_bytes();
    [kind, &length, data, &[0][..data.len() % 2]].concat()
}

/// A WebP with these chunks before and behind its pixels, and a secret behind its end.
fn webp_with(before: &[u8], behind: &[Vec<u8>]) -> Vec<u8> {
    let plain = encoded(ImageFormat::WebP);
    let body = [b"WEBP", before, &plain[12..], &behind.concat()].concat();
    let size = u32::try_from(body.len()).unwrap().to_le_bytes();
    [b"RIFF", &size[..], &body, SECRET].concat()
}

fn vp8x(flags: u8) -> Vec<u8> {
    webp_chunk(b"VP8X", &[flags, 0, 0, 0, 39, 0, 0, 23, 0, 0])
}

fn dirty_webp() -> Vec<u8> {
    let chunks = [b"EXIF", b"XMP ", b"what"].map(|kind| webp_chunk(kind, SECRET));
    webp_with(&vp8x(0x0c), &chunks)
}

fn dirty_gif() -> Vec<u8> {
    let plain = encoded(ImageFormat::Gif);
    let table = if plain[10] & 0x80 == 0 { 0 } else { 3 << ((plain[10] & 7) + 1) };
    let (screen, frames) = plain.split_at(13 + table);
    let length = [u8::try_from(SECRET.len()).unwrap()];
    let comment = [b"\x21\xfe", &length[..], SECRET, b"\0"].concat();
    let xmp = [b"\x21\xff\x0bXMP DataXMP", &length[..], SECRET, b"\0"].concat();
    let repeat = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0";
    [screen, repeat, &comment, &xmp, frames, SECRET].concat()
}

/// A film whose second track is telemetry: its one sample lies at the start of `mdat`.
fn dirty_mp4() -> Vec<u8> {
    let ftyp = mp4_box(b"ftyp", b"isom\0\0\0\0isom");
    let at = u32::try_from(ftyp.len() + 8).unwrap();
    let mdat = mp4_box(b"mdat", &[SECRET, b"sound and picture"].concat());
    let mut mvhd = [&[0; 4][..], &SECRET[..8]].concat();
    mvhd.extend([0, 0, 3, 0xe8, 0, 0, 0x27, 0x10]);
    let one = 1_u32.to_be_bytes();
    let sample = u32::try_from(SECRET.len()).unwrap().to_be_bytes();
    let tables = [
        mp4_box(b"stsc", &[&[0; 4][..], &one, &one, &one, &one].concat()),
        mp4_box(b"stsz", &[&[0; 4][..], &sample, &one].concat()),
        mp4_box(b"stco", &[&[0; 4][..], &one, &at.to_be_bytes()].concat()),
    ];
    let minf = mp4_box(b"minf", &mp4_box(b"stbl", &tables.concat()));
    let hdlr = mp4_box(b"hdlr", b"\0\0\0\0\0\0\0\0meta");
    let trak = mp4_box(b"trak", &mp4_box(b"mdia", &[hdlr, minf].concat()));
    let udta = mp4_box(b"udta", &mp4_box(b"\xa9xyz", SECRET));
    let meta = mp4_box(b"meta", &mp4_box(b"ilst", SECRET));
    let moov = mp4_box(b"moov", &[mp4_box(b"mvhd", &mvhd), trak, udta, meta].concat());
    let xmp =
        [b"\xbe\x7a\xcf\xcb\x97\xa9\x42\xe8\x9c\x71\x99\x94\x91\xe3\xaf\xac".as_slice(), SECRET]
            .concat();
    [ftyp, mdat, moov, mp4_box(b"uuid", &xmp), mp4_box(b"free", SECRET)].concat()
}

fn dirty_samples() -> [(Vec<u8>, ContentType); 6] {
    [
        (dirty_jpeg(), ContentType::Jpeg),
        (dirty_png(), ContentType::Png),
        (dirty_webp(), ContentType::WebP),
        (dirty_gif(), ContentType::Gif),
        (dirty_mp4(), ContentType::Mp4),
        (demo("sunrise.webm"), ContentType::WebM),
    ]
}

#[test]
fn a_photo_loses_its_place_and_keeps_its_pixels_and_orientation() {
    let original = demo("lake-at-dusk.jpg");
    let read = |bytes: &[u8]| {
        exif::Reader::new().read_from_container(&mut std::io::Cursor::new(bytes)).unwrap()
    };
    let before = read(&original);
    for tag in [exif::Tag::GPSLatitude, exif::Tag::GPSLongitude, exif::Tag::Model] {
        assert!(before.get_field(tag, exif::In::PRIMARY).is_some(), "{tag} in the sample");
    }
    let (cleaned, out) = run_default(&original);
    let after: Vec<_> = read(&out).fields().map(|field| field.tag).collect();
    assert_eq!(after, [exif::Tag::Orientation]);
    let orientation = read(&out);
    let orientation = orientation.get_field(exif::Tag::Orientation, exif::In::PRIMARY).unwrap();
    assert_eq!(orientation.value.get_uint(0), Some(6));
    assert_eq!(pixels(&out, ImageFormat::Jpeg), pixels(&original, ImageFormat::Jpeg));
    assert_eq!((cleaned.width, cleaned.height), (Some(1200), Some(800)));
    assert!(cleaned.metadata_removed);
    assert!(!holds(&out, b"Nimbus"));
}

/// EXIF that says how a picture is turned, and where it was taken.
fn turned_exif(orientation: u8) -> Vec<u8> {
    let tiff = [
        &b"MM\0\x2a\0\0\0\x08\0\x02\x01\x0e\0\x02\0\0\0\x0c\0\0\0\x26"[..],
        &[1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0],
        SECRET,
    ];
    tiff.concat()
}

fn turned_png(orientation: u8) -> Vec<u8> {
    let plain = encoded(ImageFormat::Png);
    [&plain[..33], &png_chunk(b"eXIf", &turned_exif(orientation)), &plain[33..]].concat()
}

/// What the EXIF at `at` says, which must be how the picture is turned and nothing else.
fn only_orientation(out: &[u8], at: usize) -> u8 {
    let read = exif::Reader::new().read_raw(out[at..at + 26].to_vec()).unwrap();
    let fields: Vec<_> = read.fields().map(|field| field.tag).collect();
    assert_eq!(fields, [exif::Tag::Orientation]);
    let field = read.get_field(exif::Tag::Orientation, exif::In::PRIMARY).unwrap();
    field.value.get_uint(0).unwrap().try_into().unwrap()
}

#[test]
fn a_turned_png_stays_turned_and_tells_no_more() {
    for (orientation, size) in [(1, (40, 24)), (3, (40, 24)), (6, (24, 40)), (9, (40, 24))] {
        let (cleaned, out) = run_default(&turned_png(orientation));
        assert_eq!((cleaned.width, cleaned.height), (Some(size.0), Some(size.1)));
        assert!(!holds(&out, &SECRET[..8]));
        let kept = out.windows(4).position(|kind| kind == b"eXIf");
        assert_eq!(kept.is_some(), (2..=8).contains(&orientation), "{orientation}");
        let made = thumbnails_of_bytes(&out, ContentType::Png, &Limits::default());
        let made = made.unwrap().unwrap();
        assert_eq!((made.width, made.height), size);
        let Some(at) = kept else { continue };
        assert_eq!(only_orientation(&out, at + 4), orientation);
        // A decoder that checks the checksum of each chunk takes it.
        assert_eq!(
            pixels(&out, ImageFormat::Png),
            pixels(&encoded(ImageFormat::Png), ImageFormat::Png)
        );
    }
}

#[test]
fn a_turned_webp_says_so_and_tells_no_more() {
    for orientation in [0, 1, 3, 6, 8, 9] {
        for mark in [&b""[..], b"Exif\0\0"] {
            let exif = webp_chunk(b"EXIF", &[mark, &turned_exif(orientation)].concat());
            let (cleaned, out) = run_default(&webp_with(&vp8x(0x0c), &[exif.clone(), exif]));
            assert_eq!(usize::from(out[4]) | usize::from(out[5]) << 8, out.len() - 8);
            assert!(!holds(&out, &SECRET[..8]));
            let plain = encoded(ImageFormat::WebP);
            assert_eq!(pixels(&out, ImageFormat::WebP), pixels(&plain, ImageFormat::WebP));
            let is_kept = (2..=8).contains(&orientation);
            assert_eq!(out[20], if is_kept { 0x08 } else { 0 }, "VP8X of {orientation}");
            let found: Vec<_> =
                out.windows(4).enumerate().filter(|(_, at)| at == b"EXIF").collect();
            assert_eq!(found.len(), usize::from(is_kept), "{orientation}");
            if let [(at, _)] = found[..] {
                assert_eq!(out[at + 4..at + 8], [26, 0, 0, 0]);
                assert_eq!(only_orientation(&out, at + 8), orientation);
                assert_eq!(out.len(), at + 34, "it is the last chunk");
            }
            // Browsers do not turn a WebP, so what is shown before it is not turned either.
            let made = thumbnails_of_bytes(&out, ContentType::WebP, &Limits::default());
            let made = made.unwrap().unwrap();
            assert_eq!((cleaned.width, cleaned.height), (Some(40), Some(24)));
            assert_eq!((made.width, made.height), (40, 24));
            assert!(!run_default(&out).0.metadata_removed, "a second cleaning changes nothing");
        }
    }
}

#[test]
fn a_webp_that_announces_no_exif_is_given_none() {
    let exif = webp_chunk(b"EXIF", &turned_exif(6));
    let (_, out) = run_default(&webp_with(b"", &[exif]));
    assert_eq!(out, encoded(ImageFormat::WebP));
}

#[test]
fn every_hiding_place_is_cleared_and_a_second_cleaning_changes_nothing() {
    for (dirty, content_type) in dirty_samples() {
        let (cleaned, out) = run_default(&dirty);
        assert_eq!(cleaned.content_type, content_type);
        assert!(cleaned.metadata_removed, "{content_type}");
        assert!(!holds(&out, &SECRET[..8]), "{content_type} still holds the secret");
        assert!(!holds(&out, b"+47.5576"), "{content_type} still holds a place");
        let (again, twice) = run_default(&out);
        assert!(!again.metadata_removed, "{content_type}");
        assert_eq!(out, twice, "{content_type}");
    }
}

#[test]
fn pixels_survive_in_every_image_format() {
    for (dirty, format) in [
        (dirty_jpeg(), ImageFormat::Jpeg),
        (dirty_png(), ImageFormat::Png),
        (dirty_webp(), ImageFormat::WebP),
        (dirty_gif(), ImageFormat::Gif),
    ] {
        let (cleaned, out) = run_default(&dirty);
        assert_eq!((cleaned.width, cleaned.height), (Some(40), Some(24)), "{format:?}");
        let plain = pixels(&encoded(format), format);
        assert_eq!(pixels(&out, format), plain, "{format:?}");
    }
    assert!(holds(&run_default(&dirty_jpeg()).1, b"ICC_PROFILE"), "the colour profile stays");
    assert!(holds(&run_default(&dirty_gif()).1, b"NETSCAPE2.0"), "the loop stays");
    assert_eq!(run_default(&dirty_webp()).1[20], 0, "VP8X announces no metadata");
}

#[test]
fn films_keep_every_offset_and_tell_their_size_and_length() {
    for (name, content_type) in
        [("sunrise.webm", ContentType::WebM), ("ferry-ride.mp4", ContentType::Mp4)]
    {
        let original = demo(name);
        let (cleaned, out) = run_default(&original);
        assert_eq!(cleaned.content_type, content_type);
        assert_eq!(out.len(), original.len());
        assert!(!holds(&out, b"+47.55"), "{name} still holds a place");
        assert_eq!((cleaned.width, cleaned.height), (Some(640), Some(360)), "{name}");
        let seconds = cleaned.duration_ms.unwrap() / 1000;
        assert_eq!(seconds, 24, "{name}");
    }
    let out = run_default(&dirty_mp4()).1;
    assert!(holds(&out, b"sound and picture"), "only the telemetry is blanked");
}

#[test]
fn the_bytes_win_over_the_declared_type() {
    let html = b"\xef\xbb\xbf <!-- x --><script>1</script>".as_slice();
    let cases: [(&[u8], Option<&str>, &str, ContentType); 10] = [
        (html, Some("image/png"), "a.png", ContentType::Html),
        (b"%PDF-1.4", Some("text/plain"), "a.txt", ContentType::Pdf),
        (b"plain words", Some("text/plain; charset=utf-8"), "a.txt", ContentType::Text),
        (b"plain words", Some("image/png"), "a.png", ContentType::Binary),
        (b"plain words", None, "a.txt", ContentType::Binary),
        (b"caf\xe9", Some("text/plain"), "a.txt", ContentType::Binary),
        (b"a\0b", Some("text/plain"), "a.txt", ContentType::Binary),
        (b"alert(1)", Some("text/plain"), "a.JS", ContentType::JavaScript),
        (b"alert(1)", Some("Text/JavaScript"), "a", ContentType::JavaScript),
        (b"words", Some("image/svg+xml"), "a.txt", ContentType::Svg),
    ];
    for (bytes, declared, name, expected) in cases {
        let (cleaned, out) = run(bytes, declared, name, &Limits::default()).unwrap();
        assert_eq!(cleaned.content_type, expected, "{declared:?} {name}");
        assert_eq!(out, bytes);
    }
    let svg = demo("badge.svg");
    assert_eq!(sniff(&svg).unwrap().inline(), Inline::Never);
}

#[test]
fn a_character_split_between_two_reads_is_still_text() {
    let text = format!("{}é end", "x".repeat(64 * 1024 - 1));
    let (cleaned, _) = run(text.as_bytes(), Some("text/plain"), "", &Limits::default()).unwrap();
    assert_eq!(cleaned.content_type, ContentType::Text);
}

#[test]
fn limits_hold_on_the_boundary() {
    let png = encoded(ImageFormat::Png);
    let size = png.len() as u64;
    let limits = |max_image_bytes, max_pixels| Limits { max_image_bytes, max_pixels, until: None };
    assert!(run(&png, None, "", &limits(size, 40 * 24)).is_ok());
    let result = run(&png, None, "", &limits(size - 1, 40 * 24));
    assert!(matches!(result, Err(IngestError::ImageTooLarge { .. })));
    let result = run(&png, None, "", &limits(size, 40 * 24 - 1));
    assert!(matches!(result, Err(IngestError::TooManyPixels { .. })));
    assert!(matches!(run(b"", None, "", &Limits::default()), Err(IngestError::Empty)));
    let result = run(b"GIF89a", None, "", &Limits::default());
    assert!(matches!(result, Err(IngestError::Malformed { content_type: ContentType::Gif })));
}

/// What one parser makes of bytes; `None` if it refuses them.
fn parsed(content_type: ContentType, bytes: &[u8]) -> Option<Vec<u8>> {
    match content_type {
        ContentType::Jpeg => clean_jpeg(bytes).ok().map(|image| image.bytes),
        ContentType::Png => clean_png(bytes).ok().map(|image| image.bytes),
        ContentType::WebP => clean_webp(bytes).ok().map(|image| image.bytes),
        ContentType::Gif => clean_gif(bytes).ok().map(|image| image.bytes),
        ContentType::Mp4 => clean_mp4(bytes).ok(),
        _ => clean_matroska(bytes).ok(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn damage_never_panics_and_what_is_accepted_stays_clean(
        which in 0..6_usize,
        cut in 0.0..1.2_f64,
        flips in prop::collection::vec((0..4000_usize, 0..8_u32), 0..6),
    ) {
        let (mut bytes, content_type) = dirty_samples().into_iter().nth(which).unwrap();
        bytes.truncate(6000);
        for (at, bit) in flips {
            let len = bytes.len();
            bytes[at % len] ^= 1 << bit;
        }
        if cut < 1.0 {
            #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation,
                clippy::cast_sign_loss, reason = "a share of a short length")]
            bytes.truncate((bytes.len() as f64 * cut) as usize);
        }
        let _ = sniff(&bytes);
        if let Some(once) = parsed(content_type, &bytes)
            && let Some(twice) = parsed(content_type, &once)
            && !matches!(content_type, ContentType::Mp4)
        {
            prop_assert_eq!(once, twice);
        }
    }
}
