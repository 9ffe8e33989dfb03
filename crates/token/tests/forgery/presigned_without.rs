//! Presigning takes a grant, not a path.
use cloakroom_token::{
    KeyRing, MediaOrigin, MediaPath, PresignKey, PresignTerms, UnixSeconds, presign,
};

fn oracle(path: &MediaPath, origin: &MediaOrigin, ring: &KeyRing<PresignKey>) -> Option<String> {
    presign(path, &PresignTerms::default(), UnixSeconds(60), origin, ring)
}

fn main() {}
