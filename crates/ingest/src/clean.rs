use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use crate::patch::Plan;
use crate::{
    CleanImage, ContentType, IngestError, Limits, SNIFF_BYTES, clean_gif, clean_jpeg, clean_png,
    clean_webp, heif, matroska, mp4, sniff,
};

/// What [`clean`] found out about a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Cleaned {
    /// The type by which the file is served.
    pub content_type: ContentType,
    /// The extension of its media URL.
    pub extension: &'static str,
    /// Width in pixels as displayed, where the format states it.
    pub width: Option<u32>,
    /// Height in pixels as displayed, where the format states it.
    pub height: Option<u32>,
    /// Playing time in milliseconds, where the header states it.
    pub duration_ms: Option<u64>,
    /// Whether anything was removed. If not, nothing was written: the input is what may be kept.
    pub metadata_removed: bool,
}

/// Writes to `output` what may be kept of `input`, unless that is all of it, and says what it is.
///
/// The bytes decide the type. Only where they name none do `declared`, a MIME type, and
/// `file_name` count, and then never towards a type that may run. Images are held in memory, up to
/// `limits`; memory stays flat for all else. An existing `output` is overwritten. On success its
/// bytes are on disk (the directory entry is the caller's to sync); on failure it is removed.
///
/// # Errors
///
/// [`IngestError::Empty`], [`IngestError::ImageTooLarge`] and [`IngestError::TooManyPixels`] before
/// anything is written; [`IngestError::Malformed`] if the file is not what its first bytes
/// promise, so that its metadata could hide; [`IngestError::TooSlow`] once the time is over;
/// [`IngestError::Io`] if the disk fails.
pub fn clean(
    input: &Path,
    output: &Path,
    declared: Option<&str>,
    file_name: &str,
    limits: &Limits,
) -> Result<Cleaned, IngestError> {
    let mut source = BufReader::new(File::open(input)?);
    let mut head = Vec::new();
    source.by_ref().take(SNIFF_BYTES as u64).read_to_end(&mut head)?;
    if head.is_empty() {
        return Err(IngestError::Empty);
    }
    let content_type = match sniff(&head) {
        Some(content_type) => content_type,
        None => unsniffed(&mut source, declared, file_name)?,
    };
    let len = source.seek(SeekFrom::End(0))?;
    source.rewind()?;
    let outcome = match content_type {
        ContentType::Jpeg => image(source, output, content_type, clean_jpeg, limits),
        ContentType::Png => image(source, output, content_type, clean_png, limits),
        ContentType::WebP => image(source, output, content_type, clean_webp, limits),
        ContentType::Gif => image(source, output, content_type, clean_gif, limits),
        _ => streamed(source, output, content_type, len, limits),
    };
    if outcome.is_err() {
        // Half a file must not be mistaken for a whole one; the first error is the one to tell.
        drop(std::fs::remove_file(output));
    }
    outcome
}

fn image(
    source: BufReader<File>,
    output: &Path,
    content_type: ContentType,
    parse: fn(&[u8]) -> Result<CleanImage, IngestError>,
    limits: &Limits,
) -> Result<Cleaned, IngestError> {
    let limit_bytes = limits.max_image_bytes;
    let mut bytes = Vec::new();
    source.take(limit_bytes.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit_bytes {
        return Err(IngestError::ImageTooLarge { limit_bytes });
    }
    let image = parse(&bytes)?;
    limits.in_time()?;
    check_pixels(image.width, image.height, content_type, limits)?;
    let metadata_removed = image.bytes != bytes;
    if metadata_removed {
        let mut target = File::create(output)?;
        target.write_all(&image.bytes)?;
        target.sync_all()?;
    }
    Ok(Cleaned {
        content_type,
        extension: content_type.extension(),
        width: Some(image.width),
        height: Some(image.height),
        duration_ms: None,
        metadata_removed,
    })
}

fn check_pixels(
    width: u32,
    height: u32,
    content_type: ContentType,
    limits: &Limits,
) -> Result<(), IngestError> {
    let limit = limits.max_pixels;
    match u64::from(width) * u64::from(height) {
        0 => Err(IngestError::Malformed { content_type }),
        pixels if pixels > limit => Err(IngestError::TooManyPixels { limit }),
        _ => Ok(()),
    }
}

fn streamed(
    mut source: BufReader<File>,
    output: &Path,
    mut content_type: ContentType,
    len: u64,
    limits: &Limits,
) -> Result<Cleaned, IngestError> {
    let plan = match content_type {
        ContentType::Avif | ContentType::Heic => heif::plan(&mut source, len, limits),
        ContentType::M4a | ContentType::Mov | ContentType::Mp4 | ContentType::ThreeGp => {
            mp4::plan(&mut source, len, limits)
        }
        ContentType::Matroska | ContentType::WebM => matroska::plan(&mut source, len, limits),
        _ => Ok(Plan::of(len, limits)),
    };
    let plan = plan.map_err(|error| IngestError::from_parser(error, content_type))?;
    if let (Some(width), Some(height)) = (plan.width, plan.height)
        && plan.has_picture
    {
        check_pixels(width, height, content_type, limits)?;
    }
    if content_type == ContentType::WebM && !plan.has_picture {
        content_type = ContentType::WebMAudio;
    }
    if !plan.patches.is_empty() {
        source.rewind()?;
        let mut target = File::create(output)?;
        io::copy(&mut source, &mut target)?;
        let mut target = BufWriter::new(target);
        plan.apply(&mut target)?;
        target.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    }
    Ok(Cleaned {
        content_type,
        extension: content_type.extension(),
        width: plan.width,
        height: plan.height,
        duration_ms: plan.duration_ms,
        metadata_removed: !plan.patches.is_empty(),
    })
}

/// What bytes without a signature are: active if anything says so, text if they read as text.
fn unsniffed(
    source: &mut BufReader<File>,
    declared: Option<&str>,
    file_name: &str,
) -> Result<ContentType, IngestError> {
    let mime = declared.unwrap_or_default().split(';').next().unwrap_or_default();
    let mime = mime.trim().to_ascii_lowercase();
    let extension = file_name.rsplit_once('.').map_or("", |(_, extension)| extension);
    Ok(match (mime.as_str(), extension.to_ascii_lowercase().as_str()) {
        ("text/javascript" | "application/javascript" | "application/x-javascript", _)
        | (_, "js" | "mjs" | "cjs") => ContentType::JavaScript,
        ("image/svg+xml", _) | (_, "svg") => ContentType::Svg,
        ("text/html" | "application/xhtml+xml", _) | (_, "htm" | "html" | "xhtml") => {
            ContentType::Html
        }
        ("text/xml" | "application/xml", _) | (_, "xml" | "xsl" | "xslt") => ContentType::Xml,
        (mime, _) if mime.starts_with("text/") && is_text(source)? => ContentType::Text,
        _ => ContentType::Binary,
    })
}

/// Whether the whole file is UTF-8 without control characters that no text has.
fn is_text(source: &mut BufReader<File>) -> io::Result<bool> {
    source.rewind()?;
    let mut pending = Vec::new();
    loop {
        let read = source.by_ref().take(64 * 1024).read_to_end(&mut pending)?;
        let good = match std::str::from_utf8(&pending) {
            Ok(text) => text.len(),
            Err(error) if error.error_len().is_none() && read > 0 => error.valid_up_to(),
            Err(_) => return Ok(false),
        };
        if pending[..good].contains(&0) {
            return Ok(false);
        }
        pending.drain(..good);
        if read == 0 {
            return Ok(true);
        }
    }
}
