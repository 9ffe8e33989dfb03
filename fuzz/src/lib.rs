//! A target for every parser of untrusted bytes.
//!
//! A target is a plain `fn(&[u8])` that asserts laws of its parser; it panics if one is broken.
//! The tests of this crate drive the targets with the files of `corpus/<target>/` and with what
//! proptest makes of them. A coverage-guided fuzzer needs one line for each:
//! `fuzz_target!(|bytes: &[u8]| cloakroom_fuzz::fat(bytes))`.

mod genuine;
mod ingest;
mod token;

pub use ingest::{gif, jpeg, matroska, mp4, png, sniff_head, webp};
pub use token::{credential, fat, media_path, media_url, presigned_url};

/// Asserts the laws of one parser over any bytes.
pub type Target = fn(&[u8]);

/// All targets, by the name of their corpus folder.
pub const TARGETS: [(&str, Target); 12] = [
    ("credential", credential),
    ("fat", fat),
    ("gif", gif),
    ("jpeg", jpeg),
    ("matroska", matroska),
    ("media_path", media_path),
    ("media_url", media_url),
    ("mp4", mp4),
    ("png", png),
    ("presigned_url", presigned_url),
    ("sniff_head", sniff_head),
    ("webp", webp),
];
