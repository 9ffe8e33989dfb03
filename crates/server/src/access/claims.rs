//! From a credential to what it claims: signatures, verified once or each time.

use std::sync::Arc;

use cloakroom_storage::StorageError;
use cloakroom_token::{
    AppId, Claim, Credential, Fat, FatClaims, MediaPath, PresignError, PresignedUrl,
};

use super::live::Access;

impl Access {
    /// What a credential claims that costs no verification: there is none, or it was verified before.
    /// In memory alone. `target` is path and query as they came.
    pub(crate) fn known_claim(
        &self,
        app: &AppId,
        credential: Credential<'_>,
        target: &str,
    ) -> Option<Claim> {
        match credential {
            Credential::Missing => Some(Claim::Missing),
            Credential::TwoCredentials => Some(Claim::TwoCredentials),
            Credential::Fat(token) => {
                let known = self.inner().verified_fats.get(token, self.keys().ring)?;
                // Verified for this issuer, which does not change, and for its own app.
                (known.aud == *app).then(|| self.in_time(&known))
            }
            Credential::Presigned(_) => {
                let known = self.inner().verified_urls.get(target, self.keys().ring)?;
                // Verified for this origin, which does not change, and for the path before the query.
                Some(match known.check_time(self.now()) {
                    Err(error) => Claim::BadPresigned(error),
                    Ok(()) => (*known).clone().into(),
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
    ) -> Result<Claim, StorageError> {
        match credential {
            Credential::Fat(token) => Ok(self.verify(path.app(), token)),
            Credential::Presigned(query) => {
                let (origin, now, keys) = (self.origin(), self.now(), self.keys());
                let verified = PresignedUrl::verify(&keys.presign, origin, path, query, now);
                let ring = keys.ring;
                drop(keys);
                match verified {
                    Err(PresignError::UnknownKey) => {
                        Box::pin(self.delegated_claim(path, query)).await
                    }
                    Err(error) => Ok(Claim::BadPresigned(error)),
                    Ok(url) => {
                        if self.inner().lately.is_again(target) {
                            let kept = Arc::new(url.clone());
                            self.inner().verified_urls.keep(target, ring, kept);
                        }
                        Ok(url.into())
                    }
                }
            }
            Credential::Missing => Ok(Claim::Missing),
            Credential::TwoCredentials => Ok(Claim::TwoCredentials),
        }
    }

    fn verify(&self, app: &AppId, token: &str) -> Claim {
        let keys = self.keys();
        match Fat::verify_signature(&keys.fat, token, self.issuer(), app) {
            Err(error) => Claim::BadFat(error),
            Ok(claims) => {
                let claims = Arc::new(claims);
                self.inner().verified_fats.keep(token, keys.ring, Arc::clone(&claims));
                self.in_time(&claims)
            }
        }
    }

    /// Judges the time of a token whose signature is good.
    fn in_time(&self, claims: &FatClaims) -> Claim {
        match claims.check_time(self.now()) {
            Err(error) => Claim::BadFat(error),
            Ok(()) => Claim::Fat {
                session: claims.sid,
                uid: claims.sub.clone(),
                generation: claims.generation,
            },
        }
    }
}
