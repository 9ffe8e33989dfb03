use crate::orientation::{as_displayed, orientation_of, tiff_with};
use crate::{CleanImage, ContentType, IngestError};

/// Cuts EXIF, XMP, IPTC, comments, previews and everything after the image out of a JPEG.
///
/// Kept are the JFIF header (without its thumbnail), the ICC profile, the Adobe marker that names
/// the colour transform, and of EXIF the orientation alone, when it turns the picture.
///
/// ```text
/// FF D8 │ FF marker │ length, counting itself │ payload │ … │ FF DA … │ coded data │ … │ FF D9
/// ```
pub fn clean_jpeg(bytes: &[u8]) -> Result<CleanImage, IngestError> {
    clean(bytes).ok_or(IngestError::Malformed { content_type: ContentType::Jpeg })
}

const TEM: u8 = 0x01;
const RST0: u8 = 0xd0;
const RST7: u8 = 0xd7;
const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;
const APP0: u8 = 0xe0;
const APP1: u8 = 0xe1;
const APP2: u8 = 0xe2;
const APP14: u8 = 0xee;
const APP15: u8 = 0xef;
const COM: u8 = 0xfe;

fn clean(bytes: &[u8]) -> Option<CleanImage> {
    let mut rest = bytes.strip_prefix(&[0xff, SOI])?;
    let mut jfif = None;
    let mut orientation = None;
    let mut size = None;
    let mut body = Vec::with_capacity(bytes.len());
    let mut scanned = false;
    while !rest.is_empty() {
        let (marker, after) = next_marker(rest)?;
        rest = after;
        match marker {
            EOI => {
                body.extend([0xff, EOI]);
                break;
            }
            SOI => return None,
            TEM | RST0..=RST7 => continue,
            _ => {}
        }
        let length = usize::from(u16::from_be_bytes(rest.get(..2)?.try_into().ok()?));
        let payload = rest.get(2..length)?;
        rest = &rest[length..];
        match marker {
            APP0 if payload.starts_with(b"JFIF\0") && payload.len() >= 14 => {
                jfif.get_or_insert(&payload[..12]);
                continue;
            }
            APP1 if payload.starts_with(b"Exif\0") => {
                orientation = orientation.or_else(|| orientation_of(payload.get(6..)?));
                continue;
            }
            APP2 if payload.starts_with(b"ICC_PROFILE\0") => {}
            APP14 if payload.starts_with(b"Adobe") => {}
            APP0..=APP15 | COM => continue,
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                // Of two, one reader takes this one and another that one.
                if size.is_some() {
                    return None;
                }
                let height = u16::from_be_bytes(payload.get(1..3)?.try_into().ok()?);
                let width = u16::from_be_bytes(payload.get(3..5)?.try_into().ok()?);
                size = Some((u32::from(width), u32::from(height)));
            }
            _ => {}
        }
        body.extend([0xff, marker]);
        body.extend(u16::try_from(length).ok()?.to_be_bytes());
        body.extend(payload);
        if marker == SOS {
            scanned = true;
            let (coded, after) = rest.split_at(coded_len(rest));
            body.extend(coded);
            rest = after;
        }
    }
    let (width, height) = as_displayed(orientation, size.filter(|_| scanned)?);
    let mut out = vec![0xff, SOI];
    if let Some(jfif) = jfif {
        out.extend([0xff, APP0, 0, 16]);
        out.extend(jfif);
        out.extend([0, 0]);
    }
    if let Some(orientation) = orientation {
        out.extend(exif_with(orientation));
    }
    out.append(&mut body);
    Some(CleanImage { bytes: out, width, height })
}

/// The marker at the front, past any fill bytes, and what follows it.
fn next_marker(rest: &[u8]) -> Option<(u8, &[u8])> {
    let after = rest.strip_prefix(&[0xff])?;
    let at = after.iter().position(|byte| *byte != 0xff)?;
    (after[at] != 0).then(|| (after[at], &after[at + 1..]))
}

/// Bytes of coded data up to the next marker, restart markers and stuffed bytes included.
fn coded_len(rest: &[u8]) -> usize {
    let mut at = 0;
    while let Some(found) = rest[at..].iter().position(|byte| *byte == 0xff) {
        at += found;
        match rest.get(at + 1) {
            Some(0 | RST0..=RST7) => at += 2,
            Some(0xff) => at += 1,
            Some(_) => return at,
            None => break,
        }
    }
    rest.len()
}

/// An EXIF segment that says how to turn the picture, and nothing else.
fn exif_with(orientation: u8) -> [u8; 36] {
    let mut segment = *b"\xff\xe1\0\x22Exif\0\0..........................";
    segment[10..].copy_from_slice(&tiff_with(orientation));
    segment
}
