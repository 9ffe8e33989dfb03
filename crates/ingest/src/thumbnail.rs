//! Smaller pictures of a picture, and what to show while any of them loads.

use std::io::{BufRead, Cursor, Seek};
use std::path::Path;

use fast_image_resize::images::Image;
use fast_image_resize::{IntoImageView, PixelType, ResizeOptions, Resizer};
use image::codecs::gif::GifDecoder;
use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::codecs::png::PngDecoder;
use image::codecs::webp::{WebPDecoder, WebPEncoder};
use image::metadata::Orientation;
use image::{DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageError};

use crate::{ContentType, IngestError, Limits};

/// JPEG quality of a thumbnail, of 100.
const QUALITY: u8 = 80;
/// Pixels along the longer side of what a `ThumbHash` is made of: no more are of use to it.
const HASHED_SIDE: u32 = 100;
/// Bytes of memory that one decoder may ask for, for each pixel that is let through.
const BYTES_PER_PIXEL: u64 = 8;

/// How large a thumbnail is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ThumbnailSize {
    /// For lists.
    Small,
    /// For a phone's screen.
    Medium,
    /// For a large screen.
    Large,
}

impl ThumbnailSize {
    /// All of them, the smallest first.
    pub const ALL: [Self; 3] = [Self::Small, Self::Medium, Self::Large];

    /// Pixels along its longer side, at most.
    #[must_use]
    pub const fn side(self) -> u32 {
        match self {
            Self::Small => 320,
            Self::Medium => 800,
            Self::Large => 1600,
        }
    }
}

/// A smaller picture.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Thumbnail {
    /// Which one.
    pub size: ThumbnailSize,
    /// [`ContentType::Jpeg`], or [`ContentType::WebP`] where anything shines through.
    pub content_type: ContentType,
    /// The whole file, without any metadata.
    pub bytes: Vec<u8>,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// The smaller pictures of a picture.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Thumbnails {
    /// Width in pixels of the original as displayed.
    pub width: u32,
    /// Height in pixels of the original as displayed.
    pub height: u32,
    /// About 25 bytes from which a page paints a blurred preview (evanw.github.io/thumbhash).
    pub thumb_hash: Vec<u8>,
    /// The smallest is always there; of the others those that are smaller than the original.
    pub items: Vec<Thumbnail>,
}

/// Makes the thumbnails of a file that [`clean`](crate::clean()) wrote.
///
/// `None` if it is no picture, or one that we cannot decode (HEIC, AVIF). Of an animation, the
/// first frame counts. The size in the header is checked before anything is decoded, and the
/// decoder may take only a bounded amount of memory. Blocks for as long as decoding takes: some
/// 100 ms for 12 megapixels.
///
/// # Errors
///
/// [`IngestError::TooManyPixels`] by the header, [`IngestError::Malformed`] if the pixels cannot be
/// decoded, [`IngestError::TooSlow`] once the time is over, [`IngestError::Io`] if the disk fails.
pub fn thumbnails(
    input: &Path,
    content_type: ContentType,
    limits: &Limits,
) -> Result<Option<Thumbnails>, IngestError> {
    let file = || std::fs::File::open(input).map(std::io::BufReader::new);
    decode(content_type, limits, || Ok(file()?)).and_then(|picture| {
        picture.map(|picture| of_picture(&picture, content_type, limits)).transpose()
    })
}

/// As [`thumbnails`], of a picture in memory.
///
/// # Errors
///
/// As [`thumbnails`].
pub fn thumbnails_of_bytes(
    bytes: &[u8],
    content_type: ContentType,
    limits: &Limits,
) -> Result<Option<Thumbnails>, IngestError> {
    decode(content_type, limits, || Ok(Cursor::new(bytes))).and_then(|picture| {
        picture.map(|picture| of_picture(&picture, content_type, limits)).transpose()
    })
}

fn decode<R: BufRead + Seek>(
    content_type: ContentType,
    limits: &Limits,
    open: impl Fn() -> Result<R, IngestError>,
) -> Result<Option<DynamicImage>, IngestError> {
    limits.in_time()?;
    let told = |error| of_image(error, content_type);
    let picture = match content_type {
        ContentType::Jpeg => pixels(JpegDecoder::new(open()?).map_err(told)?, content_type, limits),
        ContentType::Png => pixels(PngDecoder::new(open()?).map_err(told)?, content_type, limits),
        ContentType::WebP => pixels(WebPDecoder::new(open()?).map_err(told)?, content_type, limits),
        ContentType::Gif => pixels(GifDecoder::new(open()?).map_err(told)?, content_type, limits),
        _ => return Ok(None),
    };
    match picture {
        Ok(picture) => Ok(Some(picture)),
        Err(Undecoded::TooManyPixels) => {
            Err(IngestError::TooManyPixels { limit: limits.max_pixels })
        }
        Err(Undecoded::Image(error)) => Err(told(error)),
    }
}

enum Undecoded {
    TooManyPixels,
    Image(ImageError),
}

impl From<ImageError> for Undecoded {
    fn from(error: ImageError) -> Self {
        Self::Image(error)
    }
}

fn pixels(
    mut decoder: impl ImageDecoder,
    content_type: ContentType,
    limits: &Limits,
) -> Result<DynamicImage, Undecoded> {
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > limits.max_pixels {
        return Err(Undecoded::TooManyPixels);
    }
    let mut bounds = image::Limits::default();
    bounds.max_alloc = Some(limits.max_pixels.saturating_mul(BYTES_PER_PIXEL));
    decoder.set_limits(bounds)?;
    let orientation = match content_type {
        // Browsers show it as it is stored.
        ContentType::WebP => Orientation::NoTransforms,
        _ => decoder.orientation().unwrap_or(Orientation::NoTransforms),
    };
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

fn of_picture(
    picture: &DynamicImage,
    content_type: ContentType,
    limits: &Limits,
) -> Result<Thumbnails, IngestError> {
    let malformed = || IngestError::Malformed { content_type };
    let (width, height) = (picture.width(), picture.height());
    let has_alpha = picture.color().has_alpha();
    // Two kinds of pixels are enough: all others become one of them first.
    let whole = if has_alpha {
        DynamicImage::from(picture.to_rgba8())
    } else {
        DynamicImage::from(picture.to_rgb8())
    };
    let mut resizer = Resizer::new();
    let mut items = Vec::new();
    let mut source = None;
    for size in ThumbnailSize::ALL.into_iter().rev() {
        limits.in_time()?;
        let is_smaller = size.side() < width.max(height);
        if !is_smaller && size != ThumbnailSize::Small {
            continue;
        }
        let (w, h) = fitted(width, height, size.side());
        // Each is made of the next larger one, which costs less and looks the same.
        let smaller =
            resized(&mut resizer, source.as_ref().unwrap_or(&whole), w, h).ok_or_else(malformed)?;
        let (content_type, bytes) = encoded(&smaller).ok_or_else(malformed)?;
        items.push(Thumbnail { size, content_type, bytes, width: w, height: h });
        source = Some(smaller);
    }
    items.reverse();
    let source = source.as_ref().unwrap_or(&whole);
    let (w, h) = fitted(source.width(), source.height(), HASHED_SIDE);
    let tiny = resized(&mut resizer, source, w, h).ok_or_else(malformed)?.to_rgba8();
    let thumb_hash = thumbhash::rgba_to_thumb_hash(w as usize, h as usize, tiny.as_raw());
    Ok(Thumbnails { width, height, thumb_hash, items })
}

/// The largest size of the same shape whose longer side is at most `side`; never larger.
fn fitted(width: u32, height: u32, side: u32) -> (u32, u32) {
    let longer = width.max(height);
    if longer <= side {
        return (width.max(1), height.max(1));
    }
    let scaled = |length: u32| {
        let scaled = u64::from(length) * u64::from(side) / u64::from(longer);
        u32::try_from(scaled).unwrap_or(side).max(1)
    };
    (scaled(width), scaled(height))
}

fn resized(
    resizer: &mut Resizer,
    source: &DynamicImage,
    width: u32,
    height: u32,
) -> Option<DynamicImage> {
    let pixel = source.pixel_type()?;
    let mut target = Image::new(width, height, pixel);
    resizer.resize(source, &mut target, &ResizeOptions::default()).ok()?;
    let bytes = target.into_vec();
    match pixel {
        PixelType::U8x3 => image::RgbImage::from_raw(width, height, bytes).map(Into::into),
        PixelType::U8x4 => image::RgbaImage::from_raw(width, height, bytes).map(Into::into),
        _ => None,
    }
}

/// JPEG, or WebP for what is not opaque.
fn encoded(picture: &DynamicImage) -> Option<(ContentType, Vec<u8>)> {
    let mut bytes = Vec::new();
    let (width, height) = (picture.width(), picture.height());
    if let Some(rgba) = picture.as_rgba8().filter(|rgba| rgba.pixels().any(|p| p.0[3] < 255)) {
        let encoder = WebPEncoder::new_lossless(&mut bytes);
        encoder.write_image(rgba, width, height, ExtendedColorType::Rgba8).ok()?;
        return Some((ContentType::WebP, bytes));
    }
    let rgb = picture.to_rgb8();
    let encoder = JpegEncoder::new_with_quality(&mut bytes, QUALITY);
    encoder.write_image(&rgb, width, height, ExtendedColorType::Rgb8).ok()?;
    Some((ContentType::Jpeg, bytes))
}

/// Splits what a decoder reports into the sender's fault and ours.
fn of_image(error: ImageError, content_type: ContentType) -> IngestError {
    match error {
        ImageError::IoError(error) => IngestError::from_parser(error, content_type),
        _ => IngestError::Malformed { content_type },
    }
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage, Rgba, RgbaImage};

    use super::*;

    fn png_of(picture: impl Into<DynamicImage>) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.into().write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    fn made(bytes: &[u8], content_type: ContentType) -> Result<Option<Thumbnails>, IngestError> {
        thumbnails_of_bytes(bytes, content_type, &Limits::default())
    }

    #[test]
    fn a_picture_has_those_that_are_smaller_than_it_and_always_the_smallest() {
        let cases = [
            ((2000, 1000), vec![(320, 160), (800, 400), (1600, 800)]),
            ((1000, 1600), vec![(200, 320), (500, 800)]),
            ((100, 50), vec![(100, 50)]),
            ((1, 1), vec![(1, 1)]),
            ((4000, 1), vec![(320, 1), (800, 1), (1600, 1)]),
        ];
        for ((width, height), expected) in cases {
            let picture = RgbImage::from_pixel(width, height, Rgb([200, 30, 30]));
            let made = made(&png_of(picture), ContentType::Png).unwrap().unwrap();
            assert_eq!((made.width, made.height), (width, height));
            let sizes: Vec<_> = made.items.iter().map(|one| (one.width, one.height)).collect();
            assert_eq!(sizes, expected, "{width}x{height}");
            for one in &made.items {
                let read = image::load_from_memory(&one.bytes).unwrap();
                assert_eq!((read.width(), read.height()), (one.width, one.height));
                assert_eq!(one.content_type, ContentType::Jpeg);
                let [r, g, b] = read.to_rgb8().get_pixel(0, 0).0;
                assert!(r.abs_diff(200) < 6 && g.abs_diff(30) < 6 && b.abs_diff(30) < 6);
            }
            assert!((5..=40).contains(&made.thumb_hash.len()), "{}", made.thumb_hash.len());
        }
    }

    #[test]
    fn what_shines_through_stays_so_and_opaque_alpha_costs_nothing() {
        for (alpha, expected) in [(90, ContentType::WebP), (255, ContentType::Jpeg)] {
            let picture = RgbaImage::from_pixel(400, 400, Rgba([9, 200, 9, alpha]));
            let made = made(&png_of(picture), ContentType::Png).unwrap().unwrap();
            assert_eq!(made.items[0].content_type, expected);
            let read = image::load_from_memory(&made.items[0].bytes).unwrap().to_rgba8();
            assert_eq!(read.get_pixel(7, 7).0[3], alpha);
        }
    }

    #[test]
    fn the_same_picture_has_the_same_hash_and_another_another() {
        let hash = |color| {
            let picture = RgbImage::from_pixel(50, 30, Rgb(color));
            made(&png_of(picture), ContentType::Png).unwrap().unwrap().thumb_hash
        };
        assert_eq!(hash([1, 2, 3]), hash([1, 2, 3]));
        assert_ne!(hash([255, 0, 0]), hash([0, 0, 255]));
    }

    #[test]
    fn pixels_that_cannot_be_decoded_are_damage_and_no_picture_is_none() {
        let whole = png_of(RgbImage::new(300, 300));
        let half = &whole[..whole.len() / 2];
        assert!(matches!(made(half, ContentType::Png), Err(IngestError::Malformed { .. })));
        assert!(matches!(made(b"%PDF-1.7", ContentType::Pdf), Ok(None)));
        assert!(matches!(made(b"x", ContentType::Heic), Ok(None)));
    }

    #[test]
    fn a_size_beyond_the_limit_is_refused_by_the_header() {
        let limits = Limits { max_pixels: 99, ..Limits::default() };
        let picture = png_of(RgbImage::new(10, 10));
        let refused = thumbnails_of_bytes(&picture, ContentType::Png, &limits);
        assert!(matches!(refused, Err(IngestError::TooManyPixels { limit: 99 })));
    }
}
