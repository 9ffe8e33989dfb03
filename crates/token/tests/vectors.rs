//! The shared vectors, and the laws that hold for every token and URL.
#![expect(clippy::unwrap_used, reason = "a test helper may panic")]

use std::collections::BTreeSet;

use cloakroom_token::{
    AppFacts, AppId, Audience, BlobKey, CallerFacts, CarrierFacts, Claim, ContentHash,
    DelegatedBounds, DelegatedKey, DelegatedSecret, DelegatedSigner, Disposition, Facts, Fat,
    FatError, FatKey, FileFacts, FileState, FileVersion, KeyFacts, KeyId, KeyRing, MediaOrigin,
    MediaPath, MediaUrl, PresignError, PresignKey, PresignTerms, PresignedUrl, Principal, Seq,
    SessionFacts, SessionId, Standing, Uid, UnixSeconds, UrlId, UrlPurpose, UserFacts, Views,
    decide, expires_at, presign,
};
use proptest::prelude::*;
use serde_json::Value;
use smallvec::smallvec;

const FAT: &str = include_str!("../../../vectors/fat.json");
const PRESIGNED_URL: &str = include_str!("../../../vectors/presigned_url.json");
const DELEGATED: &str = include_str!("../../../vectors/delegated.json");
const MEDIA_URL: &str = include_str!("../../../vectors/media_url.json");
const DECIDE: &str = include_str!("../../../vectors/decide.json");

fn key_id(raw: &str) -> KeyId {
    KeyId::parse(raw).unwrap()
}

fn bytes(value: &Value) -> [u8; 32] {
    hex::decode(value.as_str().unwrap()).unwrap().try_into().unwrap()
}

fn fat_ring(file: &Value) -> KeyRing<FatKey> {
    let id = key_id(file["keyId"].as_str().unwrap());
    KeyRing::new(id.clone(), [(id, FatKey::from_seed(&bytes(&file["seedHex"])).unwrap())]).unwrap()
}

fn presign_ring(file: &Value) -> KeyRing<PresignKey> {
    let id = key_id(file["keyId"].as_str().unwrap());
    KeyRing::new(id.clone(), [(id, PresignKey::native(&bytes(&file["secretHex"])))]).unwrap()
}

#[test]
fn every_fat_of_the_vectors_is_judged_as_written() {
    let file: Value = serde_json::from_str(FAT).unwrap();
    let ring = fat_ring(&file);
    assert_eq!(hex::encode(ring.signing().1.public_bytes()), file["publicKeyHex"]);
    for case in file["cases"].as_array().unwrap() {
        let got = Fat::verify(
            &ring,
            case["token"].as_str().unwrap(),
            "cloakroom",
            &AppId::parse(case["app"].as_str().unwrap()).unwrap(),
            UnixSeconds(case["now"].as_i64().unwrap()),
        );
        let got = got.map_or_else(|error| format!("{error:?}"), |_| "ok".to_owned());
        assert_eq!(got, case["expect"], "{}", case["name"]);
    }
}

#[test]
fn every_presigned_url_of_the_vectors_is_judged_as_written() {
    let file: Value = serde_json::from_str(PRESIGNED_URL).unwrap();
    let ring = presign_ring(&file);
    let origin = MediaOrigin::parse(file["origin"].as_str().unwrap()).unwrap();
    let path = MediaPath::parse(file["path"].as_str().unwrap()).unwrap();
    for case in file["cases"].as_array().unwrap() {
        let now = UnixSeconds(case["now"].as_i64().unwrap());
        let query = case["query"].as_str().unwrap();
        let got = PresignedUrl::verify(&ring, &origin, &path, query, now);
        let got = got.map_or_else(|error| format!("{error:?}"), |_| "ok".to_owned());
        assert_eq!(got, case["expect"], "{}", case["name"]);
    }
}

fn delegated_bounds(file: &Value) -> DelegatedBounds {
    let raw = &file["bounds"];
    let purposes = raw["purposes"].as_array().unwrap().iter();
    DelegatedBounds {
        max_ttl_seconds: raw["maxTtlSeconds"].as_i64().unwrap(),
        purposes: purposes.map(|raw| UrlPurpose::parse(raw.as_str().unwrap()).unwrap()).collect(),
        uid_prefix: raw["uidPrefix"].as_str().map(|raw| Uid::parse(raw).unwrap()),
    }
}

#[test]
fn a_delegated_signer_signs_what_the_vectors_say_and_refuses_the_rest() {
    let file: Value = serde_json::from_str(DELEGATED).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    for case in file["signed"].as_array().unwrap() {
        let asks = &case["asks"];
        let signer = DelegatedSigner::new(
            &text(&file["origin"]),
            &text(&file["app"]),
            &text(&file["keyId"]),
            &text(&file["secret"]),
            1,
        );
        let signer = signer.unwrap().within(delegated_bounds(&file));
        signer.known(Seq(asks["generation"].as_i64().unwrap()));
        signer.known(Seq(2));
        let views = asks["views"].as_u64().map(|most| {
            let views = Views::new(u32::try_from(most).unwrap()).unwrap();
            match asks["viewsTag"].as_str() {
                Some(tag) => views.tagged(tag).unwrap(),
                None => views,
            }
        });
        let terms = PresignTerms {
            purpose: asks["purpose"].as_str().map(|raw| UrlPurpose::parse(raw).unwrap()),
            views,
            disposition: asks["disposition"].as_str().and_then(Disposition::parse),
        };
        let lifetime_seconds = asks["lifetimeSeconds"].as_i64().unwrap();
        let now = UnixSeconds(asks["now"].as_i64().unwrap());
        let got =
            signer.sign(&text(&asks["url"]), &text(&asks["uid"]), &terms, lifetime_seconds, now);
        match got {
            Ok(got) => {
                assert_eq!(got.url, case["signed"], "{}", case["name"]);
                assert_eq!(got.expires_at.0, case["expiresAt"], "{}", case["name"]);
            }
            Err(error) => {
                let got = format!("{error:?}");
                let got = got.split('(').next().unwrap();
                assert_eq!(got, case["refused"], "{}", case["name"]);
            }
        }
    }
}

#[test]
fn a_delegated_url_is_believed_within_the_bounds_of_its_key_alone() {
    let file: Value = serde_json::from_str(DELEGATED).unwrap();
    let origin = MediaOrigin::parse(file["origin"].as_str().unwrap()).unwrap();
    let delegated = DelegatedKey {
        id: key_id(file["keyId"].as_str().unwrap()),
        app: AppId::parse(file["app"].as_str().unwrap()).unwrap(),
        key: DelegatedSecret::parse(file["secret"].as_str().unwrap()).unwrap().key(),
        bounds: delegated_bounds(&file),
    };
    for case in file["verified"].as_array().unwrap() {
        let now = UnixSeconds(case["now"].as_i64().unwrap());
        let path = MediaPath::parse(case["path"].as_str().unwrap()).unwrap();
        let query = case["query"].as_str().unwrap();
        let got = PresignedUrl::verify_delegated(&delegated, &origin, &path, query, now);
        if let Ok(url) = &got {
            assert_eq!((&url.key, url.is_delegated), (&delegated.id, true));
        }
        let got = got.map_or_else(|error| format!("{error:?}"), |_| "ok".to_owned());
        assert_eq!(got, case["expect"], "{}", case["name"]);
    }
}

#[test]
fn every_media_url_of_the_vectors_is_judged_as_written() {
    let cases: Vec<Value> = serde_json::from_str(MEDIA_URL).unwrap();
    assert!(cases.len() > 20);
    for case in cases {
        let origin = MediaOrigin::parse(case["origin"].as_str().unwrap()).unwrap();
        let got = MediaUrl::parse(&origin, case["url"].as_str().unwrap());
        let got = got.is_ok_and(|url| *url.path().app().as_str() == *case["app"].as_str().unwrap());
        assert_eq!(got, case["media"], "{case}");
    }
}

/// The file and caller of the decision vectors; each row changes a few facts of it.
fn base(path: &MediaPath) -> Facts<'_> {
    let version = FileVersion {
        blob: BlobKey::from_bytes([5; 16]),
        size_bytes: 10,
        content_type: "image/jpeg".into(),
        extension: "jpg".into(),
        content_sha256: ContentHash([6; 32]),
        stored_at: UnixSeconds(500),
    };
    let session = SessionId::from_bytes([1; 16]);
    let alice = Uid::parse("alice").unwrap();
    Facts {
        path,
        caller: CallerFacts {
            now: UnixSeconds(1000),
            app: Some(AppFacts { generation: Seq(0) }),
            claim: Claim::Fat { session, uid: alice.clone(), generation: Seq(0) },
            session: Some(SessionFacts {
                uid: alice,
                ended: false,
                expires_at: None,
                generation: Seq(0),
            }),
            user: Some(UserFacts { active: true, generation: Seq(0) }),
            key: None,
        },
        file: Some(FileFacts {
            state: FileState::Ready,
            revoked: false,
            generation: Seq(0),
            uploader: Uid::parse("bob").unwrap(),
            audience: Audience::Conversation,
            ever_carried: true,
            carriers: smallvec![CarrierFacts {
                sent_at: UnixSeconds(600),
                standing: Standing::Direct,
                blocked_since: None,
            }],
            conversation: None,
            version: Some(version.into()),
            file_name: "cat.jpg".into(),
        }),
        disposition: None,
    }
}

fn standing(raw: &Value) -> Standing {
    match raw["standing"].as_str().unwrap() {
        "direct" => Standing::Direct,
        "outside" => Standing::Outside,
        "member" => Standing::Member {
            since: UnixSeconds(raw["since"].as_i64().unwrap()),
            history_from_join: raw["historyFromJoin"].as_bool().unwrap(),
        },
        other => unreachable!("{other}"),
    }
}

fn claim(raw: &str, generation: Seq) -> Claim {
    let session = SessionId::from_bytes([1; 16]);
    let uid = Uid::parse("alice").unwrap();
    let presigned = |principal, delegate| Claim::Presigned {
        principal,
        generation,
        terms: PresignTerms::default(),
        expires: UnixSeconds(2000),
        url: Some(UrlId([7; 32])),
        delegate,
    };
    let url = |principal| presigned(principal, None);
    let delegated = |principal| presigned(principal, Some(key_id("dk_1")));
    match raw {
        "fat" => Claim::Fat { session, uid, generation },
        "fat-of-another-user" => {
            Claim::Fat { session, uid: Uid::parse("eve").unwrap(), generation }
        }
        "presigned-session" => url(Principal::Session(session)),
        "presigned-user" => url(Principal::User(uid)),
        "presigned-key" => url(Principal::ApiKey(key_id("key-1"))),
        "delegated-user" => delegated(Principal::User(uid)),
        "delegated-session" => delegated(Principal::Session(session)),
        "delegated-key" => delegated(Principal::ApiKey(key_id("key-1"))),
        "api-key" => Claim::ApiKey(key_id("key-1")),
        "session" => Claim::Session(session),
        "on-behalf" => Claim::OnBehalf(uid),
        "missing" => Claim::Missing,
        "two" => Claim::TwoCredentials,
        "fat-expired" => Claim::BadFat(FatError::Expired),
        "fat-malformed" => Claim::BadFat(FatError::Malformed),
        "fat-of-another-app" => Claim::BadFat(FatError::WrongApp),
        "presigned-expired" => Claim::BadPresigned(PresignError::Expired),
        "presigned-altered" => Claim::BadPresigned(PresignError::BadSignature),
        "presigned-incomplete" => Claim::BadPresigned(PresignError::Malformed),
        "presigned-unknown-key" => Claim::BadPresigned(PresignError::UnknownKey),
        other => unreachable!("{other}"),
    }
}

fn apply(facts: &mut Facts<'_>, name: &str, value: &Value) {
    let flag = || value.as_bool().unwrap();
    let seq = || Seq(value.as_i64().unwrap());
    let caller = &mut facts.caller;
    let file = &mut facts.file;
    match name {
        "claim" => caller.claim = claim(value.as_str().unwrap(), Seq(0)),
        "claimGeneration" => match &mut caller.claim {
            Claim::Fat { generation, .. } | Claim::Presigned { generation, .. } => {
                *generation = seq();
            }
            _ => unreachable!("this claim has no generation"),
        },
        "app" => caller.app = None,
        "appGeneration" => caller.app = Some(AppFacts { generation: seq() }),
        "session" => caller.session = None,
        "sessionEnded" => caller.session.as_mut().unwrap().ended = flag(),
        "sessionExpiresAt" => {
            caller.session.as_mut().unwrap().expires_at =
                Some(UnixSeconds(value.as_i64().unwrap()));
        }
        "sessionGeneration" => caller.session.as_mut().unwrap().generation = seq(),
        "user" => caller.user = None,
        "userActive" => caller.user.as_mut().unwrap().active = flag(),
        "userGeneration" => caller.user.as_mut().unwrap().generation = seq(),
        "keyActive" => caller.key = Some(KeyFacts { active: flag(), generation: Seq(0) }),
        "file" => *file = None,
        "fileState" => {
            file.as_mut().unwrap().state = match value.as_str().unwrap() {
                "receiving" => FileState::Receiving,
                "checking" => FileState::Checking,
                "refused" => FileState::Refused,
                "deleted" => FileState::Deleted,
                other => unreachable!("{other}"),
            };
        }
        "fileRevoked" => file.as_mut().unwrap().revoked = flag(),
        "fileGeneration" => file.as_mut().unwrap().generation = seq(),
        "version" => file.as_mut().unwrap().version = None,
        "uploader" => {
            file.as_mut().unwrap().uploader = Uid::parse(value.as_str().unwrap()).unwrap();
        }
        "audience" => file.as_mut().unwrap().audience = Audience::App,
        "everCarried" => file.as_mut().unwrap().ever_carried = flag(),
        "conversation" => file.as_mut().unwrap().conversation = Some(standing(value)),
        "carriers" => {
            file.as_mut().unwrap().carriers = value
                .as_array()
                .unwrap()
                .iter()
                .map(|raw| CarrierFacts {
                    sent_at: UnixSeconds(raw["sentAt"].as_i64().unwrap()),
                    standing: standing(raw),
                    blocked_since: raw["blockedSince"].as_i64().map(UnixSeconds),
                })
                .collect();
        }
        other => unreachable!("unknown fact {other}"),
    }
}

#[test]
fn the_truth_table_of_decide_holds() {
    let path = MediaPath::parse("/demoapp/media/0123456789abcdef0123456789abcdef.jpg").unwrap();
    let cases: Vec<Value> = serde_json::from_str(DECIDE).unwrap();
    let mut seen = BTreeSet::new();
    for case in &cases {
        let mut facts = base(&path);
        let change = case["facts"].as_object().unwrap();
        if let Some(value) = change.get("claim") {
            apply(&mut facts, "claim", value);
        }
        for (name, value) in change.iter().filter(|(name, _)| *name != "claim") {
            apply(&mut facts, name, value);
        }
        let (status, got) = match decide(&facts) {
            Ok(_) => (200, "ok".to_owned()),
            Err(refusal) => (refusal.status(), format!("{refusal:?}")),
        };
        assert_eq!(
            (got.as_str(), status),
            (
                case["expect"].as_str().unwrap(),
                u16::try_from(case["status"].as_u64().unwrap()).unwrap()
            ),
            "{}",
            case["name"]
        );
        seen.insert(got);
    }
    assert_eq!(seen.len(), 15 + 1, "each refusal, and a grant, is in the table: {seen:?}");
}

proptest! {
    #[test]
    fn a_presigned_url_verifies_and_no_changed_byte_does(
        at in 0usize..400, to in any::<u8>(), uid in "[A-Za-z0-9_-]{1,20}", life in 60i64..2_678_400,
        now in 1_700_000_000i64..1_900_000_000, download in any::<bool>(),
    ) {
        let file: Value = serde_json::from_str(PRESIGNED_URL).unwrap();
        let ring = presign_ring(&file);
        let origin = MediaOrigin::parse("http://127.0.0.1:8082").unwrap();
        let path = MediaPath::parse("/demoapp/media/0123456789abcdef0123456789abcdef.jpg").unwrap();
        let mut facts = base(&path);
        let uid = Uid::parse(&uid).unwrap();
        facts.caller.claim = Claim::OnBehalf(uid.clone());
        let grant = decide(&facts).unwrap();
        let now = UnixSeconds(now);
        let expires = expires_at(now, life);
        prop_assert!(expires.since(now) <= life && expires.since(now) * 3 >= life * 2 - 3);
        let disposition = download.then_some(Disposition::Attachment);
        let terms = PresignTerms { disposition, ..PresignTerms::default() };
        let url = presign(&grant, &terms, expires, &origin, &ring).unwrap();
        let (clean, query) = url.split_once('?').unwrap();
        prop_assert_eq!(clean, format!("{origin}{path}"));
        let verified = PresignedUrl::verify(&ring, &origin, &path, query, now).unwrap();
        prop_assert_eq!(verified.principal, Principal::User(uid));
        prop_assert_eq!(verified.terms, terms);
        let mut changed = query.as_bytes().to_vec();
        let at = at % changed.len();
        changed[at] = to;
        if let Ok(changed) = String::from_utf8(changed) && changed != query {
            prop_assert!(PresignedUrl::verify(&ring, &origin, &path, &changed, now).is_err());
        }
    }

    #[test]
    fn no_changed_byte_of_a_fat_verifies(at in 0usize..1000, to in any::<u8>()) {
        let file: Value = serde_json::from_str(FAT).unwrap();
        let ring = fat_ring(&file);
        let good = file["cases"][0]["token"].as_str().unwrap();
        let app = AppId::parse("demoapp").unwrap();
        let now = UnixSeconds(file["cases"][0]["now"].as_i64().unwrap());
        let mut changed = good.as_bytes().to_vec();
        let at = at % changed.len();
        changed[at] = to;
        if let Ok(changed) = String::from_utf8(changed) && changed != good {
            prop_assert!(Fat::verify(&ring, &changed, "cloakroom", &app, now).is_err());
        }
    }

    #[test]
    fn only_a_url_of_our_origin_is_ours(
        scheme in prop_oneof!["https", "http", "HTTPS", "ftp"],
        user in prop_oneof![Just(""), Just("u@"), Just("files-us.example.com@")],
        host in prop_oneof![
            Just("files-us.example.com"), Just("files-us.example.com.evil.test"),
            Just("evil.test/files-us.example.com"), Just("FILES-US.example.com"),
            Just("files-us.example.com:443"), Just("files-us.example.com:8443"),
            Just("evil.test?u=https://files-us.example.com"),
        ],
    ) {
        let origin = MediaOrigin::parse("https://files-us.example.com").unwrap();
        let raw = format!("{scheme}://{user}{host}/demoapp/media/0123456789abcdef0123456789abcdef.jpg");
        let ours = scheme.eq_ignore_ascii_case("https") && user.is_empty()
            && ["files-us.example.com", "FILES-US.example.com", "files-us.example.com:443"].contains(&host);
        prop_assert_eq!(MediaUrl::parse(&origin, &raw).is_ok(), ours, "{}", raw);
    }
}
