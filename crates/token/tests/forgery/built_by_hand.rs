//! The fields are private.
use std::sync::Arc;

use cloakroom_token::{FileVersion, MediaPath, PresignTerms, ReadGrant, Reader, Seq};

fn forge(path: MediaPath, version: Arc<FileVersion>) -> ReadGrant {
    ReadGrant {
        path,
        version,
        file_name: "".into(),
        reader: Reader::Anyone,
        generation: Seq(0),
        terms: PresignTerms::default(),
    }
}

fn main() {}
