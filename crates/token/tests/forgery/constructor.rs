//! The constructor is private.
use std::sync::Arc;

use cloakroom_token::{
    FileFacts, FileVersion, MediaPath, PresignTerms, ReadGrant, Reader, Seq,
};

fn forge(path: &MediaPath, file: &FileFacts, version: &Arc<FileVersion>) -> ReadGrant {
    ReadGrant::new(path, file, version, Reader::Anyone, Seq(0), PresignTerms::default())
}

fn main() {}
