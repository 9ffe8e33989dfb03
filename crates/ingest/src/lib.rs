//! What happens to a file between upload and first read.
//!
//! ```text
//! upload ──▶ sniff (the bytes decide the type, not the sender)
//!              ├─ JPEG PNG WebP GIF          in memory, up to a limit: metadata cut, pixels copied
//!              ├─ MP4 MOV M4A HEIC AVIF      copied in a stream, then blanked in place
//!              ├─ WebM Matroska              the same
//!              └─ everything else            copied in a stream, unchanged
//! ```
//!
//! An original is never decoded or encoded again: the pixels and the sound that come out are the
//! bytes that went in. Thumbnails are made beside it. The functions block; call them where blocking is allowed.

mod clean;
mod content_type;
mod error;
mod gif;
mod heif;
mod jpeg;
mod limits;
mod matroska;
mod mp4;
mod orientation;
mod patch;
mod png;
mod poster;
mod scan;
mod sniff;
mod thumbnail;
mod webp;

pub use clean::{Cleaned, clean};
pub use content_type::{ContentType, Inline};
pub use error::IngestError;
pub use gif::clean_gif;
pub use jpeg::clean_jpeg;
pub use limits::Limits;
pub use matroska::clean_matroska;
pub use mp4::clean_mp4;
pub use png::clean_png;
pub use poster::{NoPosters, PosterMaker};
pub use scan::{BadClamdAddress, Clamd, ScanError, Verdict};
pub use sniff::{SNIFF_BYTES, sniff};
pub use thumbnail::{Thumbnail, ThumbnailSize, Thumbnails, thumbnails, thumbnails_of_bytes};
pub use webp::clean_webp;

/// An image without its metadata, with pixels that are byte for byte those of the original.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CleanImage {
    /// The whole file.
    pub bytes: Vec<u8>,
    /// Width in pixels as displayed, that is after the orientation is applied.
    pub width: u32,
    /// Height in pixels as displayed.
    pub height: u32,
}
