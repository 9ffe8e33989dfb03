//! Presigned URLs: a media URL that opens without any header, for one file and a limited time.
//!
//! ```text
//! {media url}?Principal=s:…&Generation=…[&Purpose=…][&Views=…][&Disposition=…]
//!            &Expires=…&Signature=…&Key-Pair-Id=…[&Hash-Algorithm=SHA256]
//! ```
//!
//! `Principal` is `s:` a login, `u:` a user, made by the app's back end, or `k:` an API key; the
//! last always with a `Purpose`.
//!
//! The signed text is the canned policy of Amazon `CloudFront` over the URL up to and including our
//! last parameter, so a native key and a CDN's key sign the same bytes. There is one spelling of
//! each URL: another order, an unknown or repeated parameter or an encoded character is refused.

use std::fmt::{self, Write};

use aws_lc_rs::digest::{SHA256, digest};

use crate::delegated_key::DelegatedKey;
use crate::grant::ReadGrant;
use crate::id::{KeyId, SessionId, Uid};
use crate::key_ring::{KeyRing, PresignKey};
use crate::media_path::MediaPath;
use crate::media_url::MediaOrigin;
use crate::presign_terms::{Disposition, PresignTerms, UrlPurpose};
use crate::signature_text;
use crate::time::{Seq, UnixSeconds};
use crate::views::Views;

/// The shortest life of a presigned URL: one minute.
pub const MIN_LIFETIME_SECONDS: i64 = 60;
/// The longest life of a presigned URL: 31 days.
pub const MAX_LIFETIME_SECONDS: i64 = 31 * 24 * 60 * 60;

const NAMES: [&str; 9] = [
    "Principal",
    "Generation",
    "Purpose",
    "Views",
    "Disposition",
    "Expires",
    "Signature",
    "Key-Pair-Id",
    "Hash-Algorithm",
];

/// The place of each parameter among [`NAMES`].
#[derive(Clone, Copy)]
enum Name {
    Principal,
    Generation,
    Purpose,
    Views,
    Disposition,
    Expires,
    Signature,
    KeyPairId,
    HashAlgorithm,
}

/// What a signed text or a URL comes to with names of ordinary length.
const TYPICAL_BYTES: usize = 512;

/// Whether a query parameter of this name makes a request a presigned one. `Disposition` does not:
/// it may stand beside a File Access Token too.
pub(crate) fn is_presign_parameter(name: &str) -> bool {
    name != "Disposition" && NAMES.contains(&name)
}

/// On whose right a presigned URL stands; checked live at every fetch.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Principal {
    /// `k:`: a bearer that this API key made.
    ApiKey(KeyId),
    /// `s:`: a login, and ends with it.
    Session(SessionId),
    /// `u:`: a user, made by the app's back end.
    User(Uid),
}

impl Principal {
    fn parse(raw: &str) -> Option<Self> {
        match raw.split_once(':')? {
            ("k", id) => KeyId::parse(id).ok().map(Self::ApiKey),
            ("s", id) => SessionId::parse(id).ok().map(Self::Session),
            ("u", uid) => Uid::parse(uid).ok().map(Self::User),
            _ => None,
        }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ApiKey(id) => write!(f, "k:{id}"),
            Self::Session(id) => write!(f, "s:{id}"),
            Self::User(uid) => write!(f, "u:{uid}"),
        }
    }
}

/// Why a presigned URL is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PresignError {
    /// The signature does not fit.
    #[error("the presigned URL was altered")]
    BadSignature,
    /// `Expires` is not after now.
    #[error("the presigned URL has expired")]
    Expired,
    /// A parameter is missing, repeated, unknown, out of order or misspelled.
    #[error("the presigned URL is not complete and in order")]
    Malformed,
    /// A delegated key signed what it may not sign.
    #[error("the delegated key may not sign this URL")]
    OutOfBounds,
    /// No key that may sign for this app has this id.
    #[error("the presigned URL names an unknown key")]
    UnknownKey,
}

/// Names one presigned URL: SHA-256 of its signature.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct UrlId(pub [u8; 32]);

impl UrlId {
    fn of(signature: &[u8]) -> Self {
        let mut id = [0; 32];
        id.copy_from_slice(digest(&SHA256, signature).as_ref());
        Self(id)
    }
}

impl fmt::Display for UrlId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for UrlId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What a presigned URL says, once it verified.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PresignedUrl {
    /// On whose right it stands.
    pub principal: Principal,
    /// The last revocation known when it was made.
    pub generation: Seq,
    /// What its maker chose.
    pub terms: PresignTerms,
    /// Good until, not including.
    pub expires: UnixSeconds,
    /// Which URL it is, for counting its views; `None` if it has no number of them.
    pub id: Option<UrlId>,
    /// The key that signed it.
    pub key: KeyId,
    /// Whether that is a delegated key; else it is one of the ring.
    pub is_delegated: bool,
}

/// When a URL made at `now` expires: the last multiple of a third of its life that is not after
/// `now + lifetime_seconds`.
///
/// So a URL lives between two thirds of its life and all of it, and whoever asks twice within a
/// third gets the same bytes.
#[must_use]
pub fn expires_at(now: UnixSeconds, lifetime_seconds: i64) -> UnixSeconds {
    let step = (lifetime_seconds / 3).max(1);
    let latest = now.plus(lifetime_seconds).0;
    UnixSeconds(latest - latest.rem_euclid(step))
}

/// Presigns the URL of the file that `grant` opens.
///
/// `None` if the grant is nobody's in particular (protection off, or the server's own), so that
/// there is no right on which the URL could stand, if a bearer has no purpose, or if the key cannot
/// sign.
#[must_use]
pub fn presign(
    grant: &ReadGrant,
    terms: &PresignTerms,
    expires: UnixSeconds,
    origin: &MediaOrigin,
    ring: &KeyRing<PresignKey>,
) -> Option<String> {
    use crate::decide::Reader;
    let principal = match grant.reader() {
        Reader::Session(id, _) => Principal::Session(*id),
        Reader::OnBehalf(uid) => Principal::User(uid.clone()),
        Reader::Bearer(id) if terms.purpose.is_some() => Principal::ApiKey(id.clone()),
        Reader::Anyone | Reader::Bearer(_) | Reader::Server(_) => return None,
    };
    let said = Said { principal, generation: grant.generation(), terms: terms.clone(), expires };
    let (id, key) = ring.signing();
    said.sign(origin, grant.path(), id, key)
}

/// What a URL says, before it is signed or believed.
pub(crate) struct Said {
    pub(crate) principal: Principal,
    pub(crate) generation: Seq,
    pub(crate) terms: PresignTerms,
    pub(crate) expires: UnixSeconds,
}

impl Said {
    pub(crate) fn sign(
        &self,
        origin: &MediaOrigin,
        path: &MediaPath,
        id: &KeyId,
        key: &PresignKey,
    ) -> Option<String> {
        // One text serves twice: first as what is signed, then as the URL.
        let mut text = String::with_capacity(TYPICAL_BYTES);
        write!(
            text,
            "{POLICY_BEGIN}{origin}{path}?Principal={}&Generation={}",
            self.principal, self.generation.0
        )
        .ok()?;
        if let Some(purpose) = &self.terms.purpose {
            write!(text, "&Purpose={}", purpose.as_str()).ok()?;
        }
        if let Some(views) = &self.terms.views {
            write!(text, "&Views={views}").ok()?;
        }
        if let Some(disposition) = self.terms.disposition {
            write!(text, "&Disposition={}", disposition.as_str()).ok()?;
        }
        let end = text.len();
        end_policy(&mut text, self.expires);
        let signature = key.sign(text.as_bytes())?;
        text.truncate(end);
        write!(text, "&Expires={}&Signature=", self.expires.0).ok()?;
        signature_text::encode_onto(signature.as_ref(), &mut text);
        write!(text, "&Key-Pair-Id={id}").ok()?;
        if key.names_hash() {
            text.push_str("&Hash-Algorithm=SHA256");
        }
        text.drain(..POLICY_BEGIN.len());
        Some(text)
    }
}

impl PresignedUrl {
    /// Reads the query of a presigned URL of `path` and verifies it with a key of the ring.
    ///
    /// # Errors
    ///
    /// In this order: [`PresignError::Malformed`], [`PresignError::UnknownKey`],
    /// [`PresignError::BadSignature`], [`PresignError::Expired`]: only a genuine URL learns that
    /// it has expired.
    pub fn verify(
        ring: &KeyRing<PresignKey>,
        origin: &MediaOrigin,
        path: &MediaPath,
        query: &str,
        now: UnixSeconds,
    ) -> Result<Self, PresignError> {
        let parameters = Parameters::parse(query).ok_or(PresignError::Malformed)?;
        let said = parameters.read()?;
        let mut room = [0; signature_text::MOST_BYTES];
        let signature = parameters.signature(&mut room)?;
        let (key_id, key) = ring.find(parameters.key_id()?).ok_or(PresignError::UnknownKey)?;
        let id = parameters.check(&said, signature, key, origin, path, now)?;
        Ok(Self::of(said, id, key_id.clone(), false))
    }

    /// Reads the query of a presigned URL of `path` and verifies it with a delegated key, within
    /// the bounds of that.
    ///
    /// # Errors
    ///
    /// In this order: [`PresignError::Malformed`], [`PresignError::UnknownKey`] if it names another
    /// key or the file is another app's, [`PresignError::BadSignature`],
    /// [`PresignError::Expired`], [`PresignError::OutOfBounds`].
    pub fn verify_delegated(
        delegated: &DelegatedKey,
        origin: &MediaOrigin,
        path: &MediaPath,
        query: &str,
        now: UnixSeconds,
    ) -> Result<Self, PresignError> {
        let parameters = Parameters::parse(query).ok_or(PresignError::Malformed)?;
        let said = parameters.read()?;
        let mut room = [0; signature_text::MOST_BYTES];
        let signature = parameters.signature(&mut room)?;
        if parameters.key_id()? != delegated.id.as_str() || *path.app() != delegated.app {
            return Err(PresignError::UnknownKey);
        }
        let id = parameters.check(&said, signature, &delegated.key, origin, path, now)?;
        delegated.bounds.check(&said.principal, &said.terms, said.expires, now)?;
        Ok(Self::of(said, id, delegated.id.clone(), true))
    }

    /// Judges the time of a URL that verified before.
    ///
    /// # Errors
    ///
    /// [`PresignError::Expired`].
    pub fn check_time(&self, now: UnixSeconds) -> Result<(), PresignError> {
        check_time(self.expires, now)
    }

    /// The id of the key that a query says it was signed with; `None` if it is no query of ours.
    #[must_use]
    pub fn key_id(query: &str) -> Option<KeyId> {
        KeyId::parse(Parameters::parse(query)?.key_id().ok()?).ok()
    }

    fn of(said: Said, id: Option<UrlId>, key: KeyId, is_delegated: bool) -> Self {
        let Said { principal, generation, terms, expires } = said;
        Self { principal, generation, terms, expires, id, key, is_delegated }
    }
}

/// The parameters of a query, in the one order that there is.
struct Parameters<'a> {
    values: [Option<&'a str>; NAMES.len()],
    /// The query up to our last parameter, without the signature.
    signed: &'a str,
}

impl<'a> Parameters<'a> {
    fn parse(query: &'a str) -> Option<Self> {
        let signed = &query[..query.find("&Expires=")?];
        let mut values = [None; NAMES.len()];
        let mut free = 0;
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=')?;
            let place = free + NAMES[free..].iter().position(|known| *known == name)?;
            values[place] = Some(value);
            free = place + 1;
        }
        Some(Self { values, signed })
    }

    fn get(&self, name: Name) -> Option<&'a str> {
        self.values[name as usize]
    }

    fn key_id(&self) -> Result<&'a str, PresignError> {
        self.get(Name::KeyPairId).ok_or(PresignError::UnknownKey)
    }

    fn signature<'r>(
        &self,
        room: &'r mut [u8; signature_text::MOST_BYTES],
    ) -> Result<&'r [u8], PresignError> {
        let text = self.get(Name::Signature).ok_or(PresignError::Malformed)?;
        signature_text::decode(text, room).ok_or(PresignError::Malformed)
    }

    /// Whether `key` signed this, and it has not expired; gives the name of the URL.
    fn check(
        &self,
        said: &Said,
        signature: &[u8],
        key: &PresignKey,
        origin: &MediaOrigin,
        path: &MediaPath,
        now: UnixSeconds,
    ) -> Result<Option<UrlId>, PresignError> {
        let expected = key.names_hash().then_some("SHA256");
        if self.get(Name::HashAlgorithm) != expected {
            return Err(PresignError::Malformed);
        }
        let mut policy = String::with_capacity(TYPICAL_BYTES);
        write!(policy, "{POLICY_BEGIN}{origin}{path}?{}", self.signed)
            .map_err(|_| PresignError::Malformed)?;
        end_policy(&mut policy, said.expires);
        if !key.verifies(policy.as_bytes(), signature) {
            return Err(PresignError::BadSignature);
        }
        check_time(said.expires, now)?;
        // Who has no number of views needs no name for them.
        Ok(said.terms.views.is_some().then(|| UrlId::of(signature)))
    }

    fn read(&self) -> Result<Said, PresignError> {
        let required = |name| self.get(name).ok_or(PresignError::Malformed);
        let bad = PresignError::Malformed;
        let terms = PresignTerms {
            purpose: optional(self.get(Name::Purpose), UrlPurpose::parse)?,
            views: optional(self.get(Name::Views), Views::parse)?,
            disposition: optional(self.get(Name::Disposition), Disposition::parse)?,
        };
        let principal = Principal::parse(required(Name::Principal)?).ok_or(bad)?;
        if matches!(principal, Principal::ApiKey(_)) && terms.purpose.is_none() {
            return Err(bad);
        }
        Ok(Said {
            principal,
            generation: Seq(number(required(Name::Generation)?).ok_or(bad)?),
            terms,
            expires: UnixSeconds(number(required(Name::Expires)?).ok_or(bad)?),
        })
    }
}

fn check_time(expires: UnixSeconds, now: UnixSeconds) -> Result<(), PresignError> {
    if now < expires { Ok(()) } else { Err(PresignError::Expired) }
}

/// Reads a parameter that may be absent, but not unreadable.
fn optional<T>(
    raw: Option<&str>,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, PresignError> {
    raw.map(|raw| read(raw).ok_or(PresignError::Malformed)).transpose()
}

/// Reads a number that is written in the one shortest way.
fn number(raw: &str) -> Option<i64> {
    let canonical = raw == "0" || !raw.starts_with('0');
    (canonical && raw.bytes().all(|byte| byte.is_ascii_digit())).then(|| raw.parse().ok()).flatten()
}

/// What stands before and after the URL in the canned policy of Amazon `CloudFront`.
const POLICY_BEGIN: &str = "{\"Statement\":[{\"Resource\":\"";

fn end_policy(policy: &mut String, expires: UnixSeconds) {
    write!(
        policy,
        "\",\"Condition\":{{\"DateLessThan\":{{\"AWS:EpochTime\":{}}}}}}}]}}",
        expires.0
    )
    .expect("writing to a String cannot fail");
}
