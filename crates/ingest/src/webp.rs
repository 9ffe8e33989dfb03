use crate::orientation::{orientation_of, tiff_with};
use crate::{CleanImage, ContentType, IngestError};

/// Cuts XMP, unknown chunks and everything after the image out of a WebP.
///
/// The colour profile, the frames of an animation, and of EXIF how the picture is turned stay.
/// Width and height are as stored: browsers do not turn a WebP.
///
/// ```text
/// RIFF │ size of the rest │ WEBP │ type │ size of data │ data, padded to even │ …
/// ```
pub fn clean_webp(bytes: &[u8]) -> Result<CleanImage, IngestError> {
    clean(bytes).ok_or(IngestError::Malformed { content_type: ContentType::WebP })
}

/// The bits of the first byte of `VP8X` that announce these chunks.
const EXIF: u8 = 0x08;
const XMP: u8 = 0x04;

fn clean(bytes: &[u8]) -> Option<CleanImage> {
    let size = u32_at(bytes.strip_prefix(b"RIFF")?, 0)?;
    let file = bytes.get(..usize::try_from(size).ok()?.checked_add(8)?)?;
    let mut rest = file.get(8..)?.strip_prefix(b"WEBP")?;
    let mut out = b"RIFF\0\0\0\0WEBP".to_vec();
    let mut dimensions = None;
    let mut orientation = None;
    let mut flags_at = None;
    let mut has_pixels = false;
    while !rest.is_empty() {
        let kind: &[u8; 4] = rest.get(..4)?.try_into().ok()?;
        let length = usize::try_from(u32_at(rest, 4)?).ok()?;
        let data = rest.get(8..length.checked_add(8)?)?;
        let padded = 8 + length + length % 2;
        rest = rest.get(padded..).unwrap_or_default();
        if kind == b"EXIF" {
            orientation = orientation.or_else(|| orientation_of(without_exif_mark(data)));
            continue;
        }
        if !matches!(kind, b"VP8X" | b"VP8 " | b"VP8L" | b"ALPH" | b"ANIM" | b"ANMF" | b"ICCP") {
            continue;
        }
        let first = out.len() + 8;
        push_chunk(&mut out, *kind, data)?;
        let found = match kind {
            b"VP8X" => {
                flags_at.get_or_insert(first);
                out[first] = data.first()? & !(EXIF | XMP);
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
    // Without `VP8X` to announce it, nobody reads EXIF.
    if let Some((flags_at, orientation)) = flags_at.zip(orientation) {
        out[flags_at] |= EXIF;
        push_chunk(&mut out, *b"EXIF", &tiff_with(orientation))?;
    }
    let riff_size = u32::try_from(out.len() - 8).ok()?;
    out[4..8].copy_from_slice(&riff_size.to_le_bytes());
    let (width, height) = dimensions.filter(|_| has_pixels)?;
    Some(CleanImage { bytes: out, width, height })
}

/// Some programs write the mark of a JPEG's EXIF here too.
fn without_exif_mark(data: &[u8]) -> &[u8] {
    data.strip_prefix(b"Exif\0\0").unwrap_or(data)
}

fn push_chunk(out: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) -> Option<()> {
    out.extend(kind);
    out.extend(u32::try_from(data.len()).ok()?.to_le_bytes());
    out.extend(data);
    out.resize(out.len() + data.len() % 2, 0);
    Some(())
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
