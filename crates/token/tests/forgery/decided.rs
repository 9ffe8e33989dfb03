//! The honest way: facts, a decision, a grant, a presigned URL.
use cloakroom_token::{
    CallerFacts, Claim, Facts, KeyRing, MediaOrigin, MediaPath, PresignKey, PresignTerms,
    UnixSeconds, decide, presign,
};

fn presigned(
    path: &MediaPath,
    caller: CallerFacts,
    origin: &MediaOrigin,
    ring: &KeyRing<PresignKey>,
) -> Option<String> {
    let grant = decide(&Facts { path, caller, file: None, disposition: None }).ok()?;
    presign(&grant, &PresignTerms::default(), UnixSeconds(60), origin, ring)
}

fn main() {
    let path = MediaPath::parse("/demoapp/media/0123456789abcdef0123456789abcdef.jpg").unwrap();
    let caller = CallerFacts {
        now: UnixSeconds(0),
        app: None,
        claim: Claim::Missing,
        session: None,
        user: None,
        key: None,
    };
    let origin = MediaOrigin::parse("https://files-us.example.com").unwrap();
    let id = cloakroom_token::KeyId::parse("k").unwrap();
    let ring = KeyRing::new(id.clone(), [(id, PresignKey::native(&[1; 32]))]).unwrap();
    assert!(presigned(&path, caller, &origin, &ring).is_none());
}
