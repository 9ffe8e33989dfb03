use crate::orientation::{as_displayed, orientation_of, tiff_with};
use crate::{CleanImage, ContentType, IngestError};

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The chunks that decide how a PNG looks; all others are cut.
const KEPT: [&[u8; 4]; 20] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB",
    b"cICP", b"mDCV", b"cLLI", b"bKGD", b"hIST", b"pHYs", b"sPLT", b"acTL", b"fcTL", b"fdAT",
];

/// Cuts text, EXIF, times, private chunks and everything after the image out of a PNG.
///
/// Colour chunks, the frames of an animation, and of EXIF how the picture is turned stay.
///
/// ```text
/// signature │ length of data │ type │ data │ CRC │ … │ IEND
/// ```
pub fn clean_png(bytes: &[u8]) -> Result<CleanImage, IngestError> {
    clean(bytes).ok_or(IngestError::Malformed { content_type: ContentType::Png })
}

fn clean(bytes: &[u8]) -> Option<CleanImage> {
    let mut rest = bytes.strip_prefix(SIGNATURE)?;
    let mut out = Vec::with_capacity(bytes.len());
    out.extend(SIGNATURE);
    let mut size = None;
    let mut orientation = None;
    let mut has_pixels = false;
    loop {
        let length = usize::try_from(u32::from_be_bytes(rest.get(..4)?.try_into().ok()?)).ok()?;
        let kind: &[u8; 4] = rest.get(4..8)?.try_into().ok()?;
        let chunk = rest.get(..length.checked_add(12)?)?;
        rest = &rest[chunk.len()..];
        match kind {
            b"IHDR" if size.is_none() && length == 13 => {
                let width = u32::from_be_bytes(chunk[8..12].try_into().ok()?);
                let height = u32::from_be_bytes(chunk[12..16].try_into().ok()?);
                size = Some((width, height));
            }
            b"IHDR" => return None,
            _ if size.is_none() => return None,
            b"IDAT" => has_pixels = true,
            _ => {}
        }
        if KEPT.contains(&kind) {
            out.extend(chunk);
        } else if kind == b"eXIf" && orientation.is_none() {
            orientation = orientation_of(&chunk[8..8 + length]);
            if let Some(value) = orientation {
                out.extend(exif_with(value));
            }
        } else if kind[0].is_ascii_uppercase() {
            return None;
        }
        if kind == b"IEND" {
            let (width, height) = as_displayed(orientation, size.filter(|_| has_pixels)?);
            return Some(CleanImage { bytes: out, width, height });
        }
    }
}

/// An `eXIf` chunk that says how to turn the picture, and nothing else.
fn exif_with(orientation: u8) -> Vec<u8> {
    let tiff = tiff_with(orientation);
    let mut chunk = b"\0\0\0\x1aeXIf".to_vec();
    chunk.extend(tiff);
    let crc = crc32(&chunk[4..]);
    chunk.extend(crc.to_be_bytes());
    chunk
}

/// The checksum of a chunk: its type and its data.
fn crc32(bytes: &[u8]) -> u32 {
    let folded = bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 }
        })
    });
    !folded
}
