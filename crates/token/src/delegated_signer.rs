//! Presigning in an app's back end, without asking the server.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::delegated_key::DelegatedBounds;
use crate::delegated_secret::DelegatedSecret;
use crate::id::{AppId, IdError, KeyId, Uid};
use crate::key_ring::PresignKey;
use crate::media_url::{MediaOrigin, MediaUrl, MediaUrlError};
use crate::presign_terms::PresignTerms;
use crate::presigned_url::{
    MAX_LIFETIME_SECONDS, MIN_LIFETIME_SECONDS, PresignError, Principal, Said, expires_at,
};
use crate::time::{Seq, UnixSeconds};

/// Presigns media URLs with a delegated key, on behalf of users of one app.
///
/// A signature promises nothing: whether the user may read the file is decided at every fetch, and
/// the bounds of the key are checked there as well.
#[derive(Debug)]
pub struct DelegatedSigner {
    origin: MediaOrigin,
    app: AppId,
    id: KeyId,
    key: PresignKey,
    bounds: Option<DelegatedBounds>,
    generation: AtomicI64,
}

/// A presigned URL and its end.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DelegatedUrl {
    /// Opens one file, without headers.
    pub url: String,
    /// Good until, not including.
    pub expires_at: UnixSeconds,
}

/// Why a delegated key does not sign.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DelegatedSigningError {
    /// An app, key or user id is malformed.
    #[error("an id is malformed: {0}")]
    BadId(#[from] IdError),
    /// The life is not between a minute and 31 days.
    #[error("a presigned URL lives between 60 seconds and 31 days")]
    BadLifetime,
    /// The secret is not one of a delegated key.
    #[error("the secret of a delegated key begins with ckr_dk_ and is 50 characters long")]
    BadSecret,
    /// The URL is no media URL of this origin, or the origin is none.
    #[error(transparent)]
    BadUrl(#[from] MediaUrlError),
    /// The file is another app's.
    #[error("the URL names a file of another app")]
    OtherApp,
    /// The key may not sign this, so the server would refuse the URL.
    #[error("the bounds of the key do not allow this URL")]
    OutOfBounds,
    /// The library failed to sign.
    #[error("the URL could not be signed")]
    SigningFailed,
}

impl DelegatedSigner {
    /// A signer for the files of `app` under `media_origin`, such as
    /// `https://files-us.example.com`; `key_id`, `secret` and `generation` as the server gave them
    /// when the key was made.
    ///
    /// # Errors
    ///
    /// [`DelegatedSigningError::BadUrl`], [`DelegatedSigningError::BadId`] or
    /// [`DelegatedSigningError::BadSecret`].
    pub fn new(
        media_origin: &str,
        app: &str,
        key_id: &str,
        secret: &str,
        generation: i64,
    ) -> Result<Self, DelegatedSigningError> {
        let secret = DelegatedSecret::parse(secret).ok_or(DelegatedSigningError::BadSecret)?;
        Ok(Self {
            origin: MediaOrigin::parse(media_origin)?,
            app: AppId::parse(app)?,
            id: KeyId::parse(key_id)?,
            key: secret.key(),
            bounds: None,
            generation: AtomicI64::new(generation.max(0)),
        })
    }

    /// The same, refusing at once what the server would refuse for the bounds of the key.
    #[must_use]
    pub fn within(self, bounds: DelegatedBounds) -> Self {
        Self { bounds: Some(bounds), ..self }
    }

    /// Learns of a revocation: `seq` of a receipt, or `generation` of `GET delegated_keys/{id}`.
    ///
    /// A URL is refused if a revocation that it did not know concerns its user, file or app, so
    /// say it whenever you revoke. An older one than known changes nothing.
    pub fn known(&self, seq: Seq) {
        self.generation.fetch_max(seq.0, Ordering::AcqRel);
    }

    /// Presigns a media URL as `uid`; what query the URL has is dropped.
    ///
    /// The URL lives between two thirds of `lifetime_seconds` and all of it, and whoever asks twice
    /// within a third gets the same bytes; with [`PresignTerms::views`] it lives exactly so long.
    ///
    /// # Errors
    ///
    /// [`DelegatedSigningError`], by what is wrong with the arguments.
    pub fn sign(
        &self,
        url: &str,
        uid: &str,
        terms: &PresignTerms,
        lifetime_seconds: i64,
        now: UnixSeconds,
    ) -> Result<DelegatedUrl, DelegatedSigningError> {
        let media = MediaUrl::parse(&self.origin, url)?;
        if *media.path().app() != self.app {
            return Err(DelegatedSigningError::OtherApp);
        }
        if !(MIN_LIFETIME_SECONDS..=MAX_LIFETIME_SECONDS).contains(&lifetime_seconds) {
            return Err(DelegatedSigningError::BadLifetime);
        }
        let principal = Principal::User(Uid::parse(uid)?);
        let longest = now.plus(lifetime_seconds);
        if let Some(bounds) = &self.bounds {
            let within = bounds.check(&principal, terms, longest, now);
            within.map_err(|_: PresignError| DelegatedSigningError::OutOfBounds)?;
        }
        let expires =
            if terms.views.is_some() { longest } else { expires_at(now, lifetime_seconds) };
        let generation = Seq(self.generation.load(Ordering::Acquire));
        let said = Said { principal, generation, terms: terms.clone(), expires };
        let url = said.sign(&self.origin, media.path(), &self.id, &self.key);
        let url = url.ok_or(DelegatedSigningError::SigningFailed)?;
        Ok(DelegatedUrl { url, expires_at: expires })
    }
}
