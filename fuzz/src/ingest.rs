//! Targets of `cloakroom-ingest`.

use cloakroom_ingest::{
    CleanImage, ContentType, IngestError, SNIFF_BYTES, clean_gif, clean_jpeg, clean_matroska,
    clean_mp4, clean_png, clean_webp, sniff,
};

/// What is told of a file depends on nothing behind its head.
///
/// # Panics
///
/// If that does not hold.
pub fn sniff_head(bytes: &[u8]) {
    let found = sniff(bytes);
    assert_eq!(found, sniff(&bytes[..bytes.len().min(SNIFF_BYTES)]));
    assert!(found.is_none_or(|kind| ContentType::parse(kind.as_str()) == Some(kind)));
}

/// A cleaned JPEG has nothing left to clean.
///
/// # Panics
///
/// If that does not hold.
pub fn jpeg(bytes: &[u8]) {
    image(bytes, clean_jpeg);
}

/// A cleaned PNG has nothing left to clean.
///
/// # Panics
///
/// If that does not hold.
pub fn png(bytes: &[u8]) {
    image(bytes, clean_png);
}

/// A cleaned GIF has nothing left to clean.
///
/// # Panics
///
/// If that does not hold.
pub fn gif(bytes: &[u8]) {
    image(bytes, clean_gif);
}

/// A cleaned WebP has nothing left to clean.
///
/// # Panics
///
/// If that does not hold.
pub fn webp(bytes: &[u8]) {
    image(bytes, clean_webp);
}

/// A cleaned MP4 has nothing left to clean, and its length: offsets inside still fit.
///
/// # Panics
///
/// If that does not hold.
pub fn mp4(bytes: &[u8]) {
    film(bytes, clean_mp4);
}

/// A cleaned WebM or Matroska file has nothing left to clean, and its length.
///
/// # Panics
///
/// If that does not hold.
pub fn matroska(bytes: &[u8]) {
    film(bytes, clean_matroska);
}

fn image(bytes: &[u8], clean: fn(&[u8]) -> Result<CleanImage, IngestError>) {
    let Ok(cleaned) = clean(bytes) else { return };
    let again = clean(&cleaned.bytes);
    assert!(again.is_ok_and(|again| again == cleaned), "cleaning twice differs");
}

fn film(bytes: &[u8], clean: fn(&[u8]) -> Result<Vec<u8>, IngestError>) {
    let Ok(cleaned) = clean(bytes) else { return };
    assert_eq!(cleaned.len(), bytes.len());
    let again = clean(&cleaned);
    assert!(again.is_ok_and(|again| again == cleaned), "cleaning twice differs");
}
