use crate::{CleanImage, ContentType, IngestError};

/// Cuts EXIF, XMP, unknown chunks and everything after the image out of a WebP.
///
/// ```text
/// RIFF │ size of the rest │ WEBP │ type │ size of data │ data, padded to even │ …
/// ```
pub fn clean_webp(bytes: &[u8]) -> Result<CleanImage, IngestError> {
    clean(bytes).ok_or(IngestError::Malformed { content_type: ContentType::WebP })
}

/// Bits of the first byte of `VP8X` that announce the chunks we cut.
const EXIF_AND_XMP: u8 = 0x08 | 0x04;

fn clean(bytes: &[u8]) -> Option<CleanImage> {
    let size = u32_at(bytes.strip_prefix(b"RIFF")?, 0)?;
    let file = bytes.get(..usize::try_from(size).ok()?.checked_add(8)?)?;
    let mut rest = file.get(8..)?.strip_prefix(b"WEBP")?;
    let mut out = b"RIFF\0\0\0\0WEBP".to_vec();
    let mut dimensions = None;
    let mut has_pixels = false;
    while !rest.is_empty() {
        let kind: &[u8; 4] = rest.get(..4)?.try_into().ok()?;
        let length = usize::try_from(u32_at(rest, 4)?).ok()?;
        let data = rest.get(8..length.checked_add(8)?)?;
        let padded = 8 + length + length % 2;
        rest = rest.get(padded..).unwrap_or_default();
        let first = out.len() + 8;
        if !matches!(kind, b"VP8X" | b"VP8 " | b"VP8L" | b"ALPH" | b"ANIM" | b"ANMF" | b"ICCP") {
            continue;
        }
        out.extend(kind);
        out.extend(u32::try_from(length).ok()?.to_le_bytes());
        out.extend(data);
        out.resize(first + length + length % 2, 0);
        let found = match kind {
            b"VP8X" => {
                out[first] = data.first()? & !EXIF_AND_XMP;
                Some((u24_at(data, 4)? + 1, u24_at(data, 7)? + 1))
            }
            b"VP8 " => lossy_size(data),
            b"VP8L" => lossless_size(data),
            _ if dimensions.is_none() => return None,
            b"ANMF" => frame_size(data),
            _ => None,
        };
        has_pixels |= matches!(kind, b"VP8 " | b"VP8L" | b"ANMF");
        let known = match dimensions {
            Some(known) => known,
            None => found?,
        };
        // A frame that is larger than its picture may be decoded all the same.
        if found.is_some_and(|(width, height)| width > known.0 || height > known.1) {
            return None;
        }
        dimensions = Some(known);
    }
    let riff_size = u32::try_from(out.len() - 8).ok()?;
    out[4..8].copy_from_slice(&riff_size.to_le_bytes());
    let (width, height) = dimensions.filter(|_| has_pixels)?;
    Some(CleanImage { bytes: out, width, height })
}

/// How large a frame of an animation says it is.
fn frame_size(data: &[u8]) -> Option<(u32, u32)> {
    Some((u24_at(data, 6)? + 1, u24_at(data, 9)? + 1))
}

fn lossy_size(data: &[u8]) -> Option<(u32, u32)> {
    let data = data.get(3..)?.strip_prefix(&[0x9d, 0x01, 0x2a])?;
    let side = |at: usize| {
        let raw = u16::from_le_bytes(data.get(at..at + 2)?.try_into().ok()?);
        Some(u32::from(raw & 0x3fff))
    };
    Some((side(0)?, side(2)?))
}

fn lossless_size(data: &[u8]) -> Option<(u32, u32)> {
    let bits = u32_at(data.strip_prefix(&[0x2f])?, 0)?;
    Some(((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1))
}

fn u24_at(data: &[u8], at: usize) -> Option<u32> {
    let raw = data.get(at..at + 3)?;
    Some(u32::from_le_bytes([raw[0], raw[1], raw[2], 0]))
}

fn u32_at(data: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(data.get(at..at + 4)?.try_into().ok()?))
}
