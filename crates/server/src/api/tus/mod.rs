//! Resumable uploads: tus 1.0.0 (tus.io) with `creation`, `creation-with-upload`, `expiration`,
//! `checksum` and `termination`.
//!
//! ```text
//! POST files/tus ─▶ 201 Location ─▶ PATCH … PATCH ─▶ the last byte ─▶ intake ─▶ ready | refused
//!                                     └── each 8 MiB: stored, then a row: the new offset
//! ```
//!
//! What a row says has come will not be lost, whichever node goes on. `concatenation` and a length
//! said later are not offered.

pub(super) mod append;
pub(super) mod checksum;
pub(super) mod create;
pub(super) mod metadata;
pub(super) mod status;
pub(super) mod terminate;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use cloakroom_storage::Upload;

use super::error::ApiError;

const VERSION: &str = "1.0.0";
const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const LENGTH: HeaderName = HeaderName::from_static("upload-length");
const METADATA: HeaderName = HeaderName::from_static("upload-metadata");
const EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
const CHECKSUM: HeaderName = HeaderName::from_static("upload-checksum");
/// The media URL of the file that came of an upload; ours, not of tus.
const MEDIA_URL: HeaderName = HeaderName::from_static("media-url");
/// The type of the bodies that carry bytes.
const BYTES: &str = "application/offset+octet-stream";

/// Whether a path is one of these.
pub(super) fn serves(path: &str) -> bool {
    let rest = path.strip_prefix("/v3/").or_else(|| path.strip_prefix("/v3.0/"));
    rest.and_then(|rest| rest.strip_prefix("files/tus"))
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Says what is spoken here, on refusals and preflights too.
pub(super) fn on_every_answer(headers: &mut HeaderMap) {
    let fixed = [
        ("tus-resumable", VERSION),
        ("tus-version", VERSION),
        ("tus-extension", "creation,creation-with-upload,expiration,checksum,termination"),
        ("tus-checksum-algorithm", "sha1,sha256"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// Refuses clients that speak another version.
fn check_version(headers: &HeaderMap) -> Result<(), ApiError> {
    if headers.get(RESUMABLE).is_some_and(|version| version == VERSION) {
        Ok(())
    } else {
        Err(ApiError::TusVersion)
    }
}

/// A header that holds a number.
fn number(headers: &HeaderMap, name: &HeaderName, field: &'static str) -> Result<u64, ApiError> {
    let raw = headers.get(name).and_then(|value| value.to_str().ok());
    let digits = raw.filter(|raw| raw.bytes().all(|b| b.is_ascii_digit()));
    digits
        .and_then(|raw| raw.parse().ok())
        .ok_or(ApiError::BadField { field, rule: "must be a number of bytes" })
}

fn has_bytes(headers: &HeaderMap) -> bool {
    headers.get("content-type").is_some_and(|said| said == BYTES)
}

/// What every answer about an upload says of it.
fn about(upload: &Upload) -> [(HeaderName, String); 2] {
    let expires = std::time::UNIX_EPOCH
        + std::time::Duration::from_secs(u64::try_from(upload.expires_at.0).unwrap_or_default());
    [(OFFSET, upload.offset_bytes.to_string()), (EXPIRES, httpdate::fmt_http_date(expires))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_own_paths_speak_tus() {
        let cases = [
            ("/v3/files/tus", true),
            ("/v3.0/files/tus/00", true),
            ("/v3/files/tusk", false),
            ("/v3/files/00", false),
            ("/files/tus", false),
        ];
        for (path, expected) in cases {
            assert_eq!(serves(path), expected, "{path}");
        }
    }

    #[test]
    fn a_number_has_digits_and_nothing_else() {
        for (raw, expected) in [
            ("0", Some(0)),
            ("42", Some(42)),
            ("+1", None),
            ("-1", None),
            ("", None),
            ("1e3", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(OFFSET, HeaderValue::from_static(raw));
            assert_eq!(number(&headers, &OFFSET, "Upload-Offset").ok(), expected, "{raw:?}");
        }
    }
}
