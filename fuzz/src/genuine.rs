//! One genuine token and one genuine presigned URL, made with fixed keys: nothing else may verify.

use std::sync::LazyLock;

use cloakroom_token::{
    AppFacts, AppId, Audience, BlobKey, CallerFacts, Claim, ContentHash, Facts, Fat, FatClaims,
    FatKey, FileFacts, FileState, FileVersion, KeyId, KeyRing, MediaOrigin, MediaPath, PresignKey,
    PresignTerms, Seq, SessionFacts, SessionId, Uid, UnixSeconds, UserFacts, decide, expires_at,
    presign,
};
use smallvec::SmallVec;

pub(crate) const ISSUER: &str = "https://chat.example";
pub(crate) const NOW: UnixSeconds = UnixSeconds(1_800_000_000);
const LIFETIME_SECONDS: i64 = 900;

/// Keys, and what was made with them at [`NOW`].
pub(crate) struct Genuine {
    pub(crate) app: AppId,
    pub(crate) origin: MediaOrigin,
    pub(crate) path: MediaPath,
    pub(crate) fat_ring: KeyRing<FatKey>,
    pub(crate) fat: Fat,
    pub(crate) presign_ring: KeyRing<PresignKey>,
    pub(crate) presigned_url: String,
}

pub(crate) static GENUINE: LazyLock<Genuine> =
    LazyLock::new(|| make().expect("fixed keys and names that are valid"));

fn make() -> Option<Genuine> {
    let app = AppId::parse("demoapp").ok()?;
    let origin = MediaOrigin::parse("https://files-us.example").ok()?;
    let path =
        MediaPath::parse("/demoapp/media/0123456789abcdef0123456789abcdef_small.webp").ok()?;
    let key = KeyId::parse("k1").ok()?;
    let fat_ring =
        KeyRing::new(key.clone(), [(key.clone(), FatKey::from_seed(&[7; 32]).ok()?)]).ok()?;
    let presign_ring = KeyRing::new(key.clone(), [(key, PresignKey::native(&[9; 32]))]).ok()?;
    let uid = Uid::parse("alice").ok()?;
    let session = SessionId::from_bytes([3; 16]);
    let claims = FatClaims {
        iss: ISSUER.to_owned(),
        aud: app.clone(),
        sub: uid.clone(),
        sid: session,
        iat: NOW,
        exp: NOW.plus(LIFETIME_SECONDS),
        generation: Seq(5),
        jti: "00112233445566778899aabbccddeeff".to_owned(),
    };
    let fat = Fat::issue(&fat_ring, &claims).ok()?;
    let grant = decide(&facts(&path, uid, session)).ok()?;
    let expires = expires_at(NOW, LIFETIME_SECONDS);
    let presigned_url = presign(&grant, &PresignTerms::default(), expires, &origin, &presign_ring)?;
    Some(Genuine { app, origin, path, fat_ring, fat, presign_ring, presigned_url })
}

fn facts(path: &MediaPath, uid: Uid, session: SessionId) -> Facts<'_> {
    let caller = CallerFacts {
        now: NOW,
        app: Some(AppFacts::default()),
        claim: Claim::Session(session),
        session: Some(SessionFacts {
            uid: uid.clone(),
            ended: false,
            expires_at: None,
            generation: Seq(5),
        }),
        user: Some(UserFacts { active: true, generation: Seq(4) }),
        key: None,
    };
    let version = FileVersion {
        blob: BlobKey::from_bytes([1; 16]),
        size_bytes: 1,
        content_type: "image/webp".into(),
        extension: path.extension().into(),
        content_sha256: ContentHash([2; 32]),
        stored_at: NOW,
    };
    let file = FileFacts {
        state: FileState::Ready,
        revoked: false,
        generation: Seq(0),
        uploader: uid,
        audience: Audience::Conversation,
        ever_carried: false,
        carriers: SmallVec::default(),
        conversation: None,
        version: Some(version.into()),
        file_name: "photo.webp".into(),
    };
    Facts { path, caller, file: Some(file), disposition: None }
}

#[cfg(test)]
mod tests {
    use super::GENUINE;

    #[test]
    fn the_corpus_has_the_genuine_ones() {
        let fat = include_str!("../corpus/fat/genuine");
        let query = include_str!("../corpus/presigned_url/genuine");
        assert_eq!(GENUINE.fat.as_str(), fat);
        assert_eq!(GENUINE.presigned_url, format!("{}{}?{query}", GENUINE.origin, GENUINE.path));
    }
}
