//! The operations whose instructions are counted: what a media request and a presigning consist of.

use std::hint::black_box;

use anyhow::{Context as _, bail};
use cloakroom_token::{
    AppFacts, AppId, Audience, BlobKey, CallerFacts, CarrierFacts, Claim, ContentHash, Credential,
    Fat, FatClaims, FatKey, FileFacts, FileState, FileVersion, KeyId, KeyRing, MediaOrigin,
    MediaPath, PresignKey, PresignTerms, PresignedUrl, ReadGrant, Seq, SessionFacts, SessionId,
    Standing, Uid, UnixSeconds, UserFacts, admit, presign,
};
use http::{HeaderMap, HeaderValue, header};

use crate::headers::{Headers, Name};
use crate::range::select;

const NOW: UnixSeconds = UnixSeconds(1_790_000_000);
const ISSUER: &str = "https://api.example.com";
const PATH: &str = "/bench/media/00112233445566778899aabbccddeeff.bin";

/// Something to do over and over; gives a number that depends on what was done.
pub(crate) type Operation = Box<dyn Fn() -> usize>;

/// The operation of this name.
///
/// # Errors
///
/// If there is none.
pub(crate) fn named(name: &str) -> anyhow::Result<Operation> {
    Ok(match name {
        "credential_parse" => credential_parse()?,
        "decide" => decision()?,
        "fat_check_known" => fat_check_known()?,
        "fat_verify" => fat_verify()?,
        "path_parse" => Box::new(|| MediaPath::parse(black_box(PATH)).map_or(0, |_| 1)),
        "presign_mint" => presign_mint()?,
        "presign_verify" => presign_verify()?,
        "range_select" => range_select(),
        _ => bail!("there is no operation {name}"),
    })
}

fn credential_parse() -> anyhow::Result<Operation> {
    let query = format!("fat={}", token(&fat_ring()?)?);
    Ok(Box::new(move || match Credential::parse(Some(black_box(&query)), [], []).0 {
        Credential::Fat(token) => token.len(),
        _ => 0,
    }))
}

fn decision() -> anyhow::Result<Operation> {
    let path = MediaPath::parse(PATH)?;
    Ok(Box::new(move || granted(&path).map_or(0, |grant| grant.file_name().len())))
}

/// What is left of a verification once the token is known.
fn fat_check_known() -> anyhow::Result<Operation> {
    let claims = claims()?;
    Ok(Box::new(move || usize::from(black_box(&claims).check_time(NOW).is_ok())))
}

fn fat_verify() -> anyhow::Result<Operation> {
    let ring = fat_ring()?;
    let (token, app) = (token(&ring)?, AppId::parse("bench")?);
    Ok(Box::new(move || {
        Fat::verify(&ring, black_box(&token), ISSUER, &app, NOW)
            .map_or(0, |claims| claims.jti.len())
    }))
}

fn presign_mint() -> anyhow::Result<Operation> {
    let (ring, origin) = (presign_ring()?, origin()?);
    let grant = granted(&MediaPath::parse(PATH)?).context("alice may read what she sent")?;
    Ok(Box::new(move || {
        let terms = PresignTerms::default();
        presign(black_box(&grant), &terms, NOW.plus(900), &origin, &ring).map_or(0, |url| url.len())
    }))
}

fn presign_verify() -> anyhow::Result<Operation> {
    let (ring, origin) = (presign_ring()?, origin()?);
    let path = MediaPath::parse(PATH)?;
    let grant = granted(&path).context("alice may read what she sent")?;
    let url = presign(&grant, &PresignTerms::default(), NOW.plus(900), &origin, &ring);
    let url = url.context("a grant of a session can be presigned")?;
    let query = url.split_once('?').context("a presigned URL has a query")?.1.to_owned();
    Ok(Box::new(move || {
        PresignedUrl::verify(&ring, &origin, &path, black_box(&query), NOW)
            .map_or(0, |url| usize::from(!url.is_delegated))
    }))
}

fn range_select() -> Operation {
    let mut headers = HeaderMap::new();
    headers.insert(header::RANGE, HeaderValue::from_static("bytes=1048576-2097151"));
    let etag = "\"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\"";
    Box::new(move || {
        let text = |name: &'static Name| Headers::from(black_box(&headers)).text(name);
        match select(text, etag, NOW, 1 << 30) {
            crate::range::Selection::Part(range) => usize::from(range.start > 0),
            _ => 0,
        }
    })
}

/// A whole decision about a file that a message carries to its reader, facts included.
fn granted(path: &MediaPath) -> Option<ReadGrant> {
    let (reader, sender) = (Uid::parse("bob").ok()?, Uid::parse("alice").ok()?);
    let session = SessionId::from_bytes([7; 16]);
    let version = FileVersion {
        blob: BlobKey::from_bytes([9; 16]),
        size_bytes: 1024,
        content_type: "application/octet-stream".into(),
        extension: "bin".into(),
        content_sha256: ContentHash([1; 32]),
        stored_at: NOW,
    };
    let carrier = CarrierFacts { sent_at: NOW, standing: Standing::Direct, blocked_since: None };
    let file = FileFacts {
        state: FileState::Ready,
        revoked: false,
        generation: Seq(1),
        uploader: sender,
        audience: Audience::Conversation,
        ever_carried: true,
        carriers: vec![carrier].into(),
        conversation: None,
        version: Some(version.into()),
        file_name: "holiday.bin".into(),
    };
    let caller = CallerFacts {
        now: NOW,
        app: Some(AppFacts { generation: Seq(1) }),
        claim: Claim::Fat { session, uid: reader.clone(), generation: Seq(3) },
        session: Some(SessionFacts {
            uid: reader,
            ended: false,
            expires_at: None,
            generation: Seq(2),
        }),
        user: Some(UserFacts { active: true, generation: Seq(1) }),
        key: None,
    };
    // As a server decides: the file is looked up between the two halves.
    admit(black_box(&caller)).ok()?.decide(path, Some(black_box(file)), None).ok()
}

fn origin() -> anyhow::Result<MediaOrigin> {
    Ok(MediaOrigin::parse("https://files-us.example.com")?)
}

fn fat_ring() -> anyhow::Result<KeyRing<FatKey>> {
    let id = KeyId::parse("k1")?;
    Ok(KeyRing::new(id.clone(), [(id, FatKey::from_seed(&[5; 32])?)])?)
}

fn presign_ring() -> anyhow::Result<KeyRing<PresignKey>> {
    let id = KeyId::parse("k2")?;
    Ok(KeyRing::new(id.clone(), [(id, PresignKey::native(&[6; 32]))])?)
}

fn token(ring: &KeyRing<FatKey>) -> anyhow::Result<String> {
    Ok(Fat::issue(ring, &claims()?)?.as_str().to_owned())
}

fn claims() -> anyhow::Result<FatClaims> {
    Ok(FatClaims {
        iss: ISSUER.to_owned(),
        aud: AppId::parse("bench")?,
        sub: Uid::parse("bob")?,
        sid: SessionId::from_bytes([7; 16]),
        iat: NOW,
        exp: NOW.plus(86_400),
        generation: Seq(3),
        jti: "00112233445566778899aabb".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_does_what_it_is_called() {
        for name in [
            "credential_parse",
            "decide",
            "fat_check_known",
            "fat_verify",
            "path_parse",
            "presign_mint",
            "presign_verify",
            "range_select",
        ] {
            assert!(named(name).unwrap()() > 0, "{name} was refused");
        }
        assert!(named("nothing").is_err());
    }
}
