//! From a credential to what it claims: signatures, verified once or each time.

use std::borrow::Cow;
use std::sync::Arc;

use cloakroom_storage::StorageError;
use cloakroom_token::{
    AppId, Claim, Credential, Fat, FatClaims, FatError, KeyId, MediaPath, PresignError,
    PresignedUrl,
};

use super::live::Access;

/// What a credential claims, and by which key of the ring.
pub(crate) struct SignedClaim {
    pub(crate) claim: Claim,
    /// `None` if no key of the ring verified it. A delegated key is a fact of each decision.
    pub(crate) signer: Option<Signer>,
}

/// A key that verified a credential.
#[derive(Clone)]
pub(crate) struct Signer {
    /// The key ring that had it then.
    ring: u64,
    key: KeyId,
}

impl From<Claim> for SignedClaim {
    fn from(claim: Claim) -> Self {
        Self { claim, signer: None }
    }
}

impl Access {
    /// What a credential claims that costs no verification: there is none, or it was verified before.
    /// In memory alone. `target` is path and query as they came.
    pub(crate) fn known_claim(
        &self,
        app: &AppId,
        credential: Credential<'_>,
        target: &str,
    ) -> Option<SignedClaim> {
        match credential {
            Credential::Missing => Some(Claim::Missing.into()),
            Credential::TwoCredentials => Some(Claim::TwoCredentials.into()),
            Credential::Fat(token) => {
                let ring = self.keys().ring;
                let known = self.inner().verified_fats.get(token, ring)?;
                let (claims, key) = &*known;
                // Verified for this issuer, which does not change, and for its own app.
                (claims.aud == *app).then(|| self.in_time(claims, ring, key))
            }
            Credential::Presigned(_) => {
                let ring = self.keys().ring;
                let known = self.inner().verified_urls.get(target, ring)?;
                // Verified for this origin, which does not change, and for the path before the query.
                Some(match known.check_time(self.now()) {
                    Err(error) => Claim::BadPresigned(error).into(),
                    Ok(()) => of_url((*known).clone(), ring),
                })
            }
        }
    }

    /// What a credential claims that [`Access::known_claim`] does not know: its signature is verified.
    pub(crate) async fn claim(
        &self,
        path: &MediaPath,
        credential: Credential<'_>,
        target: &str,
    ) -> Result<SignedClaim, StorageError> {
        match credential {
            Credential::Fat(token) => Ok(self.verify(path.app(), token)),
            Credential::Presigned(query) => {
                let (origin, now, keys) = (self.origin(), self.now(), self.keys());
                let verified = PresignedUrl::verify(&keys.presign, origin, path, query, now);
                let ring = keys.ring;
                drop(keys);
                match verified {
                    Err(PresignError::UnknownKey) => {
                        Ok(Box::pin(self.delegated_claim(path, query)).await?.into())
                    }
                    Err(error) => Ok(Claim::BadPresigned(error).into()),
                    Ok(url) => {
                        if self.inner().lately.is_again(target) {
                            let kept = Arc::new(url.clone());
                            self.inner().verified_urls.keep(target, ring, kept);
                        }
                        Ok(of_url(url, ring))
                    }
                }
            }
            Credential::Missing => Ok(Claim::Missing.into()),
            Credential::TwoCredentials => Ok(Claim::TwoCredentials.into()),
        }
    }

    /// What was claimed, as it is now: a key that was revoked since takes along what it signed.
    pub(crate) fn claim_now<'a>(
        &self,
        claim: &'a Claim,
        signer: Option<&Signer>,
    ) -> Cow<'a, Claim> {
        let Some(Signer { ring, key }) = signer else { return Cow::Borrowed(claim) };
        let keys = self.keys();
        if keys.ring == *ring {
            return Cow::Borrowed(claim);
        }
        match claim {
            Claim::Fat { .. } if keys.fat.get(key.as_str()).is_none() => {
                Cow::Owned(Claim::BadFat(FatError::UnknownKey))
            }
            Claim::Presigned { .. } if keys.presign.get(key.as_str()).is_none() => {
                Cow::Owned(Claim::BadPresigned(PresignError::UnknownKey))
            }
            _ => Cow::Borrowed(claim),
        }
    }

    fn verify(&self, app: &AppId, token: &str) -> SignedClaim {
        let keys = self.keys();
        match Fat::verify_signature(&keys.fat, token, self.issuer(), app) {
            Err(error) => Claim::BadFat(error).into(),
            Ok(verified) => {
                let verified = Arc::new(verified);
                self.inner().verified_fats.keep(token, keys.ring, Arc::clone(&verified));
                let (claims, key) = &*verified;
                self.in_time(claims, keys.ring, key)
            }
        }
    }

    /// Judges the time of a token whose signature is good.
    fn in_time(&self, claims: &FatClaims, ring: u64, key: &KeyId) -> SignedClaim {
        match claims.check_time(self.now()) {
            Err(error) => Claim::BadFat(error).into(),
            Ok(()) => SignedClaim {
                claim: Claim::Fat {
                    session: claims.sid,
                    uid: claims.sub.clone(),
                    generation: claims.generation,
                },
                signer: Some(Signer { ring, key: key.clone() }),
            },
        }
    }
}

/// What a URL claims that a key of the ring signed.
fn of_url(url: PresignedUrl, ring: u64) -> SignedClaim {
    let signer = Some(Signer { ring, key: url.key.clone() });
    SignedClaim { claim: url.into(), signer }
}
