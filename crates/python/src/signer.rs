//! Delegated signing.

use cloakroom_sdk::Error;
use cloakroom_sdk::signing::{
    DelegatedSigner, DelegatedSigningError, Disposition, PresignTerms, Seq, UnixSeconds,
    UrlPurpose, Views,
};
use pyo3::prelude::*;

use crate::error::{raised, value_error};

/// Presigns media URLs with a delegated key, without a call to the server.
#[pyclass(frozen, module = "cloakroom._core")]
pub(crate) struct Signer(DelegatedSigner);

#[pymethods]
impl Signer {
    #[new]
    fn new(
        media_origin: &str,
        app_id: &str,
        key_id: &str,
        secret: &str,
        generation: i64,
    ) -> PyResult<Self> {
        let signer = DelegatedSigner::new(media_origin, app_id, key_id, secret, generation);
        signer.map(Self).map_err(refused)
    }

    fn known(&self, generation: i64) {
        self.0.known(Seq(generation));
    }

    #[expect(clippy::too_many_arguments, reason = "they are named in the Python above it")]
    fn sign(
        &self,
        url: &str,
        uid: &str,
        lifetime_seconds: i64,
        now: i64,
        purpose: Option<&str>,
        views: Option<u32>,
        disposition: Option<&str>,
    ) -> PyResult<(String, i64)> {
        let unknown = || value_error("an unknown purpose, disposition or number of views");
        let terms = PresignTerms {
            purpose: purpose.map(|word| UrlPurpose::parse(word).ok_or_else(unknown)).transpose()?,
            views: views.map(|count| Views::new(count).ok_or_else(unknown)).transpose()?,
            disposition: disposition
                .map(|word| Disposition::parse(word).ok_or_else(unknown))
                .transpose()?,
        };
        let signed = self.0.sign(url, uid, &terms, lifetime_seconds, UnixSeconds(now));
        signed.map(|signed| (signed.url, signed.expires_at.0)).map_err(refused)
    }
}

fn refused(error: DelegatedSigningError) -> PyErr {
    raised(&match error {
        DelegatedSigningError::BadId(_) => Error::InvalidArgument("an id is malformed"),
        DelegatedSigningError::BadLifetime => {
            Error::InvalidArgument("a presigned URL lives between 60 seconds and 31 days")
        }
        DelegatedSigningError::BadSecret => {
            Error::InvalidArgument("not the secret of a delegated key")
        }
        DelegatedSigningError::BadUrl(_) | DelegatedSigningError::OtherApp => Error::InvalidUrl,
        _ => Error::InvalidArgument("the key does not sign this"),
    })
}
