//! Files that are small to send and large to work on, and what they may cost.
#![expect(clippy::unwrap_used, reason = "a test helper may panic")]

use std::time::Duration;

use cloakroom_ingest::{ContentType, IngestError, Limits, thumbnails_of_bytes};
use image::ImageFormat;

mod samples;
use samples::{encoded, mp4_box, run};

/// Whether this is refused as damaged.
fn is_damaged(bytes: &[u8]) -> bool {
    match run(bytes, None, "a", &Limits::default()) {
        Err(IngestError::Malformed { .. }) => true,
        Ok(_) => false,
        Err(error) => unreachable!("{error}"),
    }
}

/// A film with a track of telemetry whose table names the same bytes this many times.
fn telemetry(times: u32) -> Vec<u8> {
    let ftyp = mp4_box(b"ftyp", b"isom\0\0\0\0isom");
    let at = u32::try_from(ftyp.len() + 8).unwrap().to_be_bytes();
    let mdat = mp4_box(b"mdat", &[0; 10_000]);
    let one = 1_u32.to_be_bytes();
    let (size, count) = (10_000_u32.to_be_bytes(), times.to_be_bytes());
    let offsets: Vec<u8> = (0..times).flat_map(|_| at).collect();
    let tables = [
        mp4_box(b"stsc", &[&[0; 4][..], &one, &one, &one, &one].concat()),
        mp4_box(b"stsz", &[&[0; 4][..], &size, &count].concat()),
        mp4_box(b"stco", &[&[0; 4][..], &count, &offsets].concat()),
    ];
    let minf = mp4_box(b"minf", &mp4_box(b"stbl", &tables.concat()));
    let hdlr = mp4_box(b"hdlr", b"\0\0\0\0\0\0\0\0meta");
    let trak = mp4_box(b"trak", &mp4_box(b"mdia", &[hdlr, minf].concat()));
    [ftyp, mdat, mp4_box(b"moov", &trak)].concat()
}

/// A photo whose EXIF item lies at the same place this many times.
fn exif_items(times: u16) -> Vec<u8> {
    let ftyp = mp4_box(b"ftyp", b"heic\0\0\0\0heic");
    let infe = mp4_box(b"infe", b"\x02\0\0\0\0\x01\0\0Exif\0");
    let iinf = mp4_box(b"iinf", &[&b"\0\0\0\0\0\x01"[..], &infe].concat());
    let at = u32::try_from(ftyp.len() + 8).unwrap().to_be_bytes();
    let extent = [&at[..], &10_000_u32.to_be_bytes()].concat();
    let iloc = [
        &b"\0\0\0\0\x44\0\0\x01\0\x01\0\0"[..],
        &times.to_be_bytes(),
        &extent.repeat(usize::from(times)),
    ]
    .concat();
    let meta = [&[0; 4][..], &iinf, &mp4_box(b"iloc", &iloc)].concat();
    [ftyp, mp4_box(b"mdat", &[0; 10_000]), mp4_box(b"meta", &meta)].concat()
}

#[test]
fn a_table_cannot_name_the_same_bytes_again_and_again() {
    assert!(!is_damaged(&telemetry(1)) && !is_damaged(&exif_items(1)));
    assert!(is_damaged(&telemetry(100)));
    assert!(is_damaged(&exif_items(100)));
}

/// A WebP that begins like this one, with another size on its canvas.
fn webp_on_canvas(side: u8) -> Vec<u8> {
    let plain = encoded(ImageFormat::WebP);
    let canvas = [&b"WEBPVP8X\x0a\0\0\0\0\0\0\0"[..], &[side - 1, 0, 0, side - 1, 0, 0]];
    let body = [&canvas.concat()[..], &plain[12..]].concat();
    [b"RIFF", &u32::try_from(body.len()).unwrap().to_le_bytes()[..], &body].concat()
}

/// An animation whose one frame says it is this wide.
fn animation(width: u8) -> Vec<u8> {
    let frame = [&[0; 6][..], &[width - 1, 0, 0, 9, 0, 0, 0, 0, 0, 0]].concat();
    let length = u32::try_from(frame.len()).unwrap().to_le_bytes();
    let body = [&b"WEBPVP8X\x0a\0\0\0\x02\0\0\0\x09\0\0\x09\0\0ANMF"[..], &length, &frame].concat();
    [b"RIFF", &u32::try_from(body.len()).unwrap().to_le_bytes()[..], &body].concat()
}

#[test]
fn a_frame_is_no_larger_than_the_picture_whose_size_was_checked() {
    assert!(!is_damaged(&webp_on_canvas(40)));
    assert!(is_damaged(&webp_on_canvas(8)));
    assert!(!is_damaged(&animation(10)));
    assert!(is_damaged(&animation(200)));
}

#[test]
fn a_jpeg_states_its_size_once() {
    let plain = encoded(ImageFormat::Jpeg);
    let at = plain.windows(2).position(|two| two == b"\xff\xc0").unwrap();
    let length = usize::from(u16::from_be_bytes([plain[at + 2], plain[at + 3]]));
    let mut huge = plain[at..at + 2 + length].to_vec();
    huge[5..9].fill(0xff);
    let two = [&plain[..at], &huge, &plain[at..]].concat();
    assert!(!is_damaged(&plain));
    assert!(is_damaged(&two));
}

#[test]
fn work_ends_when_its_time_is_over() {
    let over = Limits::default().within(Duration::ZERO);
    let png = encoded(ImageFormat::Png);
    let film = telemetry(1);
    let webm = b"\x1a\x45\xdf\xa3\x80";
    for bytes in [&png[..], &film, &exif_items(1), webm] {
        let ended = run(bytes, None, "a", &over);
        assert!(matches!(ended, Err(IngestError::TooSlow)), "{ended:?}");
    }
    let ended = thumbnails_of_bytes(&png, ContentType::Png, &over);
    assert!(matches!(ended, Err(IngestError::TooSlow)));
    let in_time = Limits::default().within(Duration::from_mins(10));
    assert!(run(&film, None, "a", &in_time).is_ok());
}
