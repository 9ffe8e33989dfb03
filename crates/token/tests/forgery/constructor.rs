//! The constructor is private.
use cloakroom_token::{
    FileFacts, FileVersion, MediaPath, PresignTerms, ReadGrant, Reader, Seq,
};

fn forge(path: &MediaPath, file: &FileFacts, version: &FileVersion) -> ReadGrant {
    ReadGrant::new(path, file, version, Reader::Anyone, Seq(0), PresignTerms::default())
}

fn main() {}
