//! The File Access Token: a JWS in compact form (RFC 7515), signed with Ed25519 (RFC 8037).
//!
//! ```text
//! {"typ":"fat+jwt","alg":"EdDSA","kid":"…"}
//! {"iss":"…","aud":"<app>","sub":"<uid>","sid":"<session>","iat":…,"exp":…,"gen":…,"jti":"…"}
//! ```
//!
//! Stricter than the library: members we do not write are refused (`crit`, `jwk`, `jku`, `x5u`,
//! `zip` among them), and so are duplicates and another `typ` (RFC 8725). Key id, app and size are
//! looked at before the curve, and time is compared with the `now` that is passed in.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::id::{AppId, KeyId, SessionId, Uid};
use crate::key_ring::{FatKey, KeyRing};
use crate::time::{Seq, UnixSeconds};

/// A longer text is not looked at.
pub const MAX_FAT_BYTES: usize = 4096;
/// How much earlier than its `iat` a token is good, since clocks differ.
pub const CLOCK_SKEW_SECONDS: i64 = 30;

const TYPE: &str = "fat+jwt";

/// A File Access Token in its compact form, exactly as it stands in `?fat=`.
#[derive(Clone, Eq, PartialEq)]
pub struct Fat(String);

/// What a File Access Token says.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FatClaims {
    /// The installation that issued it.
    pub iss: String,
    /// The app it is for.
    pub aud: AppId,
    /// The user it is for.
    pub sub: Uid,
    /// The session it belongs to and ends with.
    pub sid: SessionId,
    /// Issued at.
    pub iat: UnixSeconds,
    /// Good until, not including.
    pub exp: UnixSeconds,
    /// The last revocation of app, user or session known at issue.
    #[serde(rename = "gen")]
    pub generation: Seq,
    /// Random, so that no two tokens are alike.
    pub jti: String,
}

/// Why a File Access Token is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FatError {
    /// Made with a known key id, but not by that key.
    #[error("the token's signature is wrong")]
    BadSignature,
    /// `exp` is not after now.
    #[error("the token has expired")]
    Expired,
    /// Not a token of ours: wrong shape, unknown or duplicate members, too long.
    #[error("the text is not a File Access Token")]
    Malformed,
    /// `iat` is more than [`CLOCK_SKEW_SECONDS`] ahead of now.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// No key of the ring has this id.
    #[error("the token names an unknown key")]
    UnknownKey,
    /// Issued for another app or by another installation.
    #[error("the token is for another app")]
    WrongApp,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StrictHeader<'a> {
    #[serde(borrow)]
    typ: &'a str,
    #[serde(borrow)]
    alg: &'a str,
    #[serde(borrow)]
    kid: &'a str,
}

impl Fat {
    /// Issues a token with the ring's signing key.
    ///
    /// # Errors
    ///
    /// [`FatError::Malformed`] if the claims make it longer than [`MAX_FAT_BYTES`] or the key
    /// cannot sign.
    pub fn issue(ring: &KeyRing<FatKey>, claims: &FatClaims) -> Result<Self, FatError> {
        let (id, key) = ring.signing();
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(id.to_string());
        let token = jsonwebtoken::encode(&header, claims, &key.encoding)
            .map_err(|_| FatError::Malformed)?;
        if token.len() > MAX_FAT_BYTES { Err(FatError::Malformed) } else { Ok(Self(token)) }
    }

    /// Verifies a token of `app` that `issuer` issued.
    ///
    /// `now` counts seconds since 1970 UTC. A token is good from [`CLOCK_SKEW_SECONDS`] before its
    /// issue up to, not including, its `exp`.
    ///
    /// # Errors
    ///
    /// In this order: [`FatError::Malformed`], [`FatError::UnknownKey`], [`FatError::WrongApp`],
    /// [`FatError::BadSignature`], then [`FatError::NotYetValid`] or [`FatError::Expired`]: an
    /// unsigned token never learns whether it would have expired.
    pub fn verify(
        ring: &KeyRing<FatKey>,
        token: &str,
        issuer: &str,
        app: &AppId,
        now: UnixSeconds,
    ) -> Result<FatClaims, FatError> {
        let (claims, _) = Self::verify_signature(ring, token, issuer, app)?;
        claims.check_time(now)?;
        Ok(claims)
    }

    /// Verifies everything about a token but its time, which [`FatClaims::check_time`] does. Gives
    /// what it says and the key that made it.
    ///
    /// # Errors
    ///
    /// As [`Fat::verify`], without those about time.
    pub fn verify_signature(
        ring: &KeyRing<FatKey>,
        token: &str,
        issuer: &str,
        app: &AppId,
    ) -> Result<(FatClaims, KeyId), FatError> {
        if token.len() > MAX_FAT_BYTES {
            return Err(FatError::Malformed);
        }
        let mut parts = token.split('.');
        let (Some(header), Some(payload), Some(_), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(FatError::Malformed);
        };
        let header = decode_segment(header)?;
        let header: StrictHeader<'_> =
            serde_json::from_slice(&header).map_err(|_| FatError::Malformed)?;
        if header.typ != TYPE || header.alg != "EdDSA" {
            return Err(FatError::Malformed);
        }
        let claims: FatClaims =
            serde_json::from_slice(&decode_segment(payload)?).map_err(|_| FatError::Malformed)?;
        let (id, key) = ring.find(header.kid).ok_or(FatError::UnknownKey)?;
        if claims.aud != *app || claims.iss != issuer {
            return Err(FatError::WrongApp);
        }
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.validate_exp = false;
        validation.leeway = 0;
        validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        validation.set_audience(&[app]);
        validation.set_issuer(&[issuer]);
        jsonwebtoken::decode::<FatClaims>(token, &key.decoding, &validation)
            .map(|verified| (verified.claims, id.clone()))
            .map_err(|_| FatError::BadSignature)
    }

    /// The compact form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Fat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fat(..)")
    }
}

impl FatClaims {
    /// Whether the token is good at `now`.
    ///
    /// # Errors
    ///
    /// [`FatError::NotYetValid`] or [`FatError::Expired`].
    pub fn check_time(&self, now: UnixSeconds) -> Result<(), FatError> {
        if now < self.iat.plus(-CLOCK_SKEW_SECONDS) {
            Err(FatError::NotYetValid)
        } else if now >= self.exp {
            Err(FatError::Expired)
        } else {
            Ok(())
        }
    }
}

fn decode_segment(segment: &str) -> Result<Vec<u8>, FatError> {
    URL_SAFE_NO_PAD.decode(segment).map_err(|_| FatError::Malformed)
}
