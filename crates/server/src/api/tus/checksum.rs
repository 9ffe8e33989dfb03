//! `Upload-Checksum`: the hash of the bytes of one call.

use std::io::Read;

use aws_lc_rs::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY};
use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cloakroom_storage::Staged;

use super::CHECKSUM;
use crate::api::error::ApiError;

/// What a client says the bytes of a call hash to. SHA-1 guards against accidents alone: tus asks
/// every server for it.
pub(super) struct Checksum {
    is_sha256: bool,
    hash: Vec<u8>,
}

impl Checksum {
    /// `None` if the client says none.
    pub(super) fn of(headers: &HeaderMap) -> Result<Option<Self>, ApiError> {
        let Some(value) = headers.get(CHECKSUM) else { return Ok(None) };
        let rule = "must be sha1 or sha256, a space, and the hash in base64";
        let bad = || ApiError::BadField { field: "Upload-Checksum", rule };
        let raw = value.to_str().map_err(|_| bad())?;
        let (algorithm, hash) = raw.split_once(' ').ok_or_else(bad)?;
        let hash = STANDARD.decode(hash.trim()).map_err(|_| bad())?;
        let is_sha256 = match (algorithm, hash.len()) {
            ("sha256", 32) => true,
            ("sha1", 20) => false,
            _ => return Err(bad()),
        };
        Ok(Some(Self { is_sha256, hash }))
    }

    /// Refuses other bytes.
    pub(super) async fn check(self, staged: Staged) -> Result<Staged, ApiError> {
        let work = tokio::task::spawn_blocking(move || {
            let is_right = if self.is_sha256 {
                staged.sha256().0.as_slice() == self.hash
            } else {
                sha1(staged.path())? == self.hash
            };
            Ok::<_, std::io::Error>(is_right.then_some(staged))
        });
        let checked = work.await.map_err(ApiError::internal)?;
        checked.map_err(cloakroom_storage::StorageError::from)?.ok_or(ApiError::UploadChecksum)
    }
}

fn sha1(path: &std::path::Path) -> std::io::Result<Vec<u8>> {
    let mut file = std::fs::File::open(path)?;
    let mut hash = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(hash.finish().as_ref().to_vec());
        }
        hash.update(&buffer[..read]);
    }
}
