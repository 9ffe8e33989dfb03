//! What the tests of whole files are made of.
#![expect(clippy::unwrap_used, reason = "a test helper may panic")]

use std::fs;

use cloakroom_ingest::{Cleaned, IngestError, Limits, clean};
use image::ImageFormat;

/// Cleans a file; what was found out about it, and what was written.
pub(crate) fn run(
    bytes: &[u8],
    declared: Option<&str>,
    name: &str,
    limits: &Limits,
) -> Result<(Cleaned, Vec<u8>), IngestError> {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("in"), folder.path().join("out"));
    fs::write(&input, bytes).unwrap();
    let outcome = clean(&input, &output, declared, name, limits);
    let is_written = outcome.as_ref().is_ok_and(|cleaned| cleaned.metadata_removed);
    assert_eq!(is_written, output.exists(), "only what differs is written, and nothing of damage");
    let kept = if is_written { output } else { input };
    Ok((outcome?, fs::read(&kept).unwrap()))
}

/// A picture of 40 × 24 pixels.
pub(crate) fn encoded(format: ImageFormat) -> Vec<u8> {
    let picture = image::RgbImage::from_fn(40, 24, |x, y| {
        let shade = |v: u32| u8::try_from(v % 256).unwrap();
        image::Rgb([shade(x * 6), shade(y * 9), shade(x * y)])
    });
    let mut out = std::io::Cursor::new(Vec::new());
    image::DynamicImage::from(picture).write_to(&mut out, format).unwrap();
    out.into_inner()
}

/// A box of an MP4.
pub(crate) fn mp4_box(kind: &[u8], payload: &[u8]) -> Vec<u8> {
    let size = u32::try_from(payload.len() + 8).unwrap().to_be_bytes();
    [&size[..], kind, payload].concat()
}
