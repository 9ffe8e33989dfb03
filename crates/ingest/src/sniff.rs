use crate::ContentType;

/// How many first bytes [`sniff`] looks at; more do not change its answer.
pub const SNIFF_BYTES: usize = 8192;

/// Names the type of a file by its first bytes. `None`: no format we know, perhaps plain text.
///
/// Markup is looked for first and through every disguise that a browser looks through too: byte
/// order marks, UTF-16, leading white space, comments, declarations and prefixed element names.
#[must_use]
pub fn sniff(head: &[u8]) -> Option<ContentType> {
    let head = &head[..head.len().min(SNIFF_BYTES)];
    markup(head)
        .or_else(|| boxes(head))
        .or_else(|| matroska(head))
        .or_else(|| by_magic(head))
        .or_else(|| {
            let start = &head[..head.len().min(1024)];
            contains(start, b"%PDF-").then_some(ContentType::Pdf)
        })
}

fn markup(head: &[u8]) -> Option<ContentType> {
    let text = ascii_lower(head);
    let start = text.iter().position(|byte| !is_skipped(*byte))?;
    let text = &text[start..];
    if !text.starts_with(b"<") {
        return None;
    }
    if contains(text, b"<svg") || contains(text, b":svg") || contains(text, b"/2000/svg") {
        return Some(ContentType::Svg);
    }
    let is_html = HTML_TAGS.iter().any(|tag| {
        find(text, tag).is_some_and(|at| {
            text.get(at + tag.len()).is_none_or(|next| !next.is_ascii_alphanumeric())
        })
    });
    if is_html || text.starts_with(b"<!--") || contains(text, b"1999/xhtml") {
        return Some(ContentType::Html);
    }
    let is_xml = text.starts_with(b"<?") || text.starts_with(b"<!") || contains(text, b"xmlns");
    is_xml.then_some(ContentType::Xml)
}

const HTML_TAGS: [&[u8]; 25] = [
    b"<!doctype html",
    b"<a",
    b"<audio",
    b"<b",
    b"<base",
    b"<body",
    b"<br",
    b"<div",
    b"<embed",
    b"<font",
    b"<form",
    b"<h1",
    b"<head",
    b"<html",
    b"<iframe",
    b"<img",
    b"<link",
    b"<meta",
    b"<object",
    b"<p",
    b"<script",
    b"<style",
    b"<table",
    b"<title",
    b"<video",
];

/// ASCII as a browser would see it: lower case, and UTF-16 made narrow by dropping its zeros.
fn ascii_lower(head: &[u8]) -> Vec<u8> {
    let wide = head.starts_with(&[0xff, 0xfe])
        || head.starts_with(&[0xfe, 0xff])
        || matches!(head, [0, second, ..] | [second, 0, ..] if second.is_ascii());
    head.iter().filter(|byte| !(wide && **byte == 0)).map(u8::to_ascii_lowercase).collect()
}

fn is_skipped(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, 0x0b | 0xef | 0xbb | 0xbf | 0xfe | 0xff)
}

/// ISO base media files: the brand tells a film from a photo.
fn boxes(head: &[u8]) -> Option<ContentType> {
    let kind = head.get(4..8)?;
    if matches!(kind, b"moov" | b"mdat" | b"wide" | b"pnot") && head[0] == 0 {
        return Some(ContentType::Mov);
    }
    if kind != b"ftyp" {
        return None;
    }
    let size = usize::try_from(u32::from_be_bytes(head[..4].try_into().ok()?)).ok()?;
    let brands = head.get(8..size.min(head.len()))?;
    let has = |brand: &[u8]| brands.chunks_exact(4).any(|found| found == brand);
    Some(match brands.get(..4)? {
        b"qt  " => ContentType::Mov,
        b"M4A " | b"M4B " | b"M4P " => ContentType::M4a,
        b"avif" | b"avis" => ContentType::Avif,
        b"mif1" | b"msf1" if has(b"avif") || has(b"avis") => ContentType::Avif,
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1" => {
            ContentType::Heic
        }
        [b'3', b'g', ..] => ContentType::ThreeGp,
        _ => ContentType::Mp4,
    })
}

fn matroska(head: &[u8]) -> Option<ContentType> {
    if !head.starts_with(&[0x1a, 0x45, 0xdf, 0xa3]) {
        return None;
    }
    let header = &head[..head.len().min(96)];
    Some(if contains(header, b"webm") { ContentType::WebM } else { ContentType::Matroska })
}

fn by_magic(head: &[u8]) -> Option<ContentType> {
    if head.starts_with(b"OggS") {
        let video = contains(head, b"\x80theora") || contains(head, b"BBCD");
        return Some(if video { ContentType::OggVideo } else { ContentType::Ogg });
    }
    match infer::get(head)?.mime_type() {
        "application/gzip" => Some(ContentType::Gzip),
        "application/pdf" => Some(ContentType::Pdf),
        "application/zip" | "application/epub+zip" => Some(ContentType::Zip),
        "audio/aac" => Some(ContentType::Aac),
        "audio/midi" => Some(ContentType::Midi),
        "audio/mpeg" => Some(ContentType::Mp3),
        "audio/x-flac" => Some(ContentType::Flac),
        "audio/x-wav" => Some(ContentType::Wav),
        "image/bmp" => Some(ContentType::Bmp),
        "image/gif" => Some(ContentType::Gif),
        "image/jpeg" => Some(ContentType::Jpeg),
        "image/png" | "image/apng" => Some(ContentType::Png),
        "image/tiff" => Some(ContentType::Tiff),
        "image/vnd.microsoft.icon" => Some(ContentType::Icon),
        "image/webp" => Some(ContentType::WebP),
        "text/html" => Some(ContentType::Html),
        "text/xml" => Some(ContentType::Xml),
        "video/x-msvideo" => Some(ContentType::Avi),
        _ => None,
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    find(haystack, needle).is_some()
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_name_the_type_through_every_disguise() {
        let utf16: Vec<u8> =
            "\u{feff}<svg onload='x'>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let utf16_bare: Vec<u8> = " <HTML>".encode_utf16().flat_map(u16::to_be_bytes).collect();
        let cases: [(&[u8], Option<ContentType>); 34] = [
            (b"", None),
            (b"hello", None),
            (b"a < b <svg>", None),
            (b"<svg xmlns='x'>", Some(ContentType::Svg)),
            (b"\xef\xbb\xbf \r\n\t<SVG>", Some(ContentType::Svg)),
            (b"<!-- note --><svg>", Some(ContentType::Svg)),
            (b"<?xml version='1.0'?><!DOCTYPE svg><svg>", Some(ContentType::Svg)),
            (
                b"<?xml version='1.0'?><x:svg xmlns:x='http://www.w3.org/2000/svg'>",
                Some(ContentType::Svg),
            ),
            (&utf16, Some(ContentType::Svg)),
            (&utf16_bare, Some(ContentType::Html)),
            (b"<!DOCTYPE html><p>", Some(ContentType::Html)),
            (b"\x0c\n<ScRiPt>alert(1)</script>", Some(ContentType::Html)),
            (b"<!-- only a comment", Some(ContentType::Html)),
            (b"<img src=x onerror=alert(1)>", Some(ContentType::Html)),
            (b"<?xml version='1.0'?><note/>", Some(ContentType::Xml)),
            (b"<note xmlns='urn:x'/>", Some(ContentType::Xml)),
            (b"<3 you", None),
            (b"%PDF-1.7", Some(ContentType::Pdf)),
            (b"junk before %PDF-1.4", Some(ContentType::Pdf)),
            (b"\xff\xd8\xff\xe0", Some(ContentType::Jpeg)),
            (b"\x89PNG\r\n\x1a\n", Some(ContentType::Png)),
            (b"GIF89a", Some(ContentType::Gif)),
            (b"RIFF\0\0\0\0WEBPVP8 ", Some(ContentType::WebP)),
            (b"RIFF\0\0\0\0WAVEfmt ", Some(ContentType::Wav)),
            (b"\0\0\0\x14ftypisom\0\0\0\0isom", Some(ContentType::Mp4)),
            (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", Some(ContentType::Mov)),
            (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", Some(ContentType::Avif)),
            (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", Some(ContentType::Heic)),
            (b"\0\0\0\x14ftypM4A \0\0\0\0M4A ", Some(ContentType::M4a)),
            (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm", Some(ContentType::WebM)),
            (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska", Some(ContentType::Matroska)),
            (b"OggS\0\x02....OpusHead", Some(ContentType::Ogg)),
            (b"ID3\x04\0\0", Some(ContentType::Mp3)),
            (b"PK\x03\x04", Some(ContentType::Zip)),
        ];
        for (head, expected) in cases {
            assert_eq!(sniff(head), expected, "{:?}", String::from_utf8_lossy(head));
        }
    }
}
