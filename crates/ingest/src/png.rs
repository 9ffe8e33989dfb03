use crate::{CleanImage, ContentType, IngestError};

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The chunks that decide how a PNG looks; all others are cut.
const KEPT: [&[u8; 4]; 20] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB",
    b"cICP", b"mDCV", b"cLLI", b"bKGD", b"hIST", b"pHYs", b"sPLT", b"acTL", b"fcTL", b"fdAT",
];

/// Cuts text, EXIF, times, private chunks and everything after the image out of a PNG.
///
/// Colour chunks and the frames of an animation stay.
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
        } else if kind[0].is_ascii_uppercase() {
            return None;
        }
        if kind == b"IEND" {
            let (width, height) = size.filter(|_| has_pixels)?;
            return Some(CleanImage { bytes: out, width, height });
        }
    }
}
