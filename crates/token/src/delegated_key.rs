//! A delegated key: a scoped secret with which an app's back end presigns without asking us.
//!
//! It was handed out, so nothing that it signs is believed beyond its bounds: they are checked when
//! a URL is verified, and the file is decided about at the fetch like any other.

use crate::id::{AppId, KeyId, Uid};
use crate::key_ring::PresignKey;
use crate::presign_terms::{PresignTerms, UrlPurpose};
use crate::presigned_url::{PresignError, Principal};
use crate::time::UnixSeconds;

/// What a delegated key may sign, beside the files of its own app.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DelegatedBounds {
    /// The longest life that a URL may still have when it is fetched, in seconds.
    pub max_ttl_seconds: i64,
    /// What a URL may be for. Empty: anything, also nothing in particular; else the URL must say.
    pub purposes: Vec<UrlPurpose>,
    /// How the uid of every principal must begin; `None`: in any way.
    pub uid_prefix: Option<Uid>,
}

impl DelegatedBounds {
    /// Checks what a URL says against the bounds. Only a user can be the principal.
    ///
    /// # Errors
    ///
    /// [`PresignError::OutOfBounds`] if one of them is broken.
    pub fn check(
        &self,
        principal: &Principal,
        terms: &PresignTerms,
        expires: UnixSeconds,
        now: UnixSeconds,
    ) -> Result<(), PresignError> {
        let Principal::User(uid) = principal else { return Err(PresignError::OutOfBounds) };
        let uid_fits =
            self.uid_prefix.as_ref().is_none_or(|prefix| uid.as_str().starts_with(prefix.as_str()));
        let purpose_fits = self.purposes.is_empty()
            || terms.purpose.is_some_and(|purpose| self.purposes.contains(&purpose));
        let life_fits = expires.since(now) <= self.max_ttl_seconds;
        if uid_fits && purpose_fits && life_fits { Ok(()) } else { Err(PresignError::OutOfBounds) }
    }
}

/// A delegated key as the verifying side knows it.
#[derive(Debug)]
pub struct DelegatedKey {
    /// Its id, the `Key-Pair-Id` of its URLs.
    pub id: KeyId,
    /// The one app whose files it may sign for.
    pub app: AppId,
    /// Its secret, for HMAC-SHA-256.
    pub key: PresignKey,
    /// What it may sign.
    pub bounds: DelegatedBounds,
}
