use crate::{CleanImage, ContentType, IngestError};

/// Cuts comments, XMP, other applications' extensions and everything after the image out of a GIF.
///
/// The loop count and an ICC profile stay.
///
/// ```text
/// GIF89a │ screen │ colours │ 21 label blocks 0 │ 2C frame colours blocks 0 │ … │ 3B
/// ```
pub fn clean_gif(bytes: &[u8]) -> Result<CleanImage, IngestError> {
    clean(bytes).ok_or(IngestError::Malformed { content_type: ContentType::Gif })
}

const EXTENSION: u8 = 0x21;
const FRAME: u8 = 0x2c;
const TRAILER: u8 = 0x3b;
const APPLICATION: u8 = 0xff;
const COMMENT: u8 = 0xfe;
const KEPT_APPLICATIONS: [&[u8]; 3] = [b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012"];

fn clean(bytes: &[u8]) -> Option<CleanImage> {
    let screen = bytes.strip_prefix(b"GIF89a").or_else(|| bytes.strip_prefix(b"GIF87a"))?;
    let mut width = u16_at(screen, 0)?;
    let mut height = u16_at(screen, 2)?;
    let mut at = 13 + colour_table_len(*bytes.get(10)?);
    let mut out = bytes.get(..at)?.to_vec();
    let mut has_frame = false;
    loop {
        let start = at;
        match bytes.get(at) {
            Some(&EXTENSION) => {
                let label = *bytes.get(at + 1)?;
                at = end_of_blocks(bytes, at + 2)?;
                let kept = match label {
                    COMMENT => false,
                    APPLICATION => {
                        let name = bytes.get(start + 3..start + 14)?;
                        bytes[start + 2] == 11 && KEPT_APPLICATIONS.contains(&name)
                    }
                    _ => true,
                };
                if kept {
                    out.extend(&bytes[start..at]);
                }
            }
            Some(&FRAME) => {
                let frame = bytes.get(at + 1..at + 10)?;
                width = width.max(u16_at(frame, 4)?);
                height = height.max(u16_at(frame, 6)?);
                at = end_of_blocks(bytes, at + 11 + colour_table_len(frame[8]))?;
                out.extend(bytes.get(start..at)?);
                has_frame = true;
            }
            Some(&TRAILER) | None if has_frame => break,
            _ => return None,
        }
    }
    out.push(TRAILER);
    Some(CleanImage { bytes: out, width: u32::from(width), height: u32::from(height) })
}

fn colour_table_len(packed: u8) -> usize {
    if packed & 0x80 == 0 { 0 } else { 3 << ((packed & 7) + 1) }
}

/// Where a chain of length-prefixed blocks ends, its closing zero included.
fn end_of_blocks(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let length = usize::from(*bytes.get(at)?);
        at += 1 + length;
        if length == 0 {
            return Some(at);
        }
    }
}

fn u16_at(data: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(data.get(at..at + 2)?.try_into().ok()?))
}
