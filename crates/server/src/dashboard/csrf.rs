//! The token of a form: an HMAC under the secret in the cookie of whoever was shown the form.
//!
//! Requests of other sites are refused before, by `Origin` and `Sec-Fetch-Site`.

use aws_lc_rs::hmac;
use axum::Form;
use axum::extract::{FromRequest, Request};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Dashboard;
use super::cookie::Cookie;
use super::error::DashboardError;

const DOMAIN: &[u8] = b"cloakroom dashboard form";

/// The token for the forms of whoever holds `secret`.
pub(super) fn token(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(hmac::sign(&key(secret), DOMAIN))
}

/// Whether `sent` is [`token`] of `secret`, in constant time.
pub(super) fn is_token(secret: &str, sent: &str) -> bool {
    URL_SAFE_NO_PAD.decode(sent).is_ok_and(|sent| hmac::verify(&key(secret), DOMAIN, &sent).is_ok())
}

fn key(secret: &str) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes())
}

/// The fields of a form of the signed-in operator.
///
/// `Err` if its token is not the one of this session; then the fields are only good to be shown
/// again.
pub(super) struct Posted<T>(pub(super) Result<T, Untrusted<T>>);

/// What came without the right token.
pub(super) struct Untrusted<T>(pub(super) T);

#[derive(Deserialize)]
struct WithToken<T> {
    csrf: String,
    #[serde(flatten)]
    fields: T,
}

impl<T: DeserializeOwned> FromRequest<Dashboard> for Posted<T> {
    type Rejection = DashboardError;

    async fn from_request(request: Request, dashboard: &Dashboard) -> Result<Self, DashboardError> {
        let secret = dashboard
            .cookies
            .read(request.headers(), Cookie::Operator)
            .ok_or(DashboardError::SignedOut)?
            .to_owned();
        let Form(form) = Form::<WithToken<T>>::from_request(request, dashboard).await?;
        Ok(Self(if is_token(&secret, &form.csrf) {
            Ok(form.fields)
        } else {
            Err(Untrusted(form.fields))
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_only_under_the_secret_that_made_it() {
        let made = token("ckr_operator_one");
        assert!(is_token("ckr_operator_one", &made));
        for (secret, sent) in [
            ("ckr_operator_two", made.as_str()),
            ("ckr_operator_one", ""),
            ("ckr_operator_one", &made[1..]),
            ("ckr_operator_one", "not base64!"),
        ] {
            assert!(!is_token(secret, sent), "{secret} {sent}");
        }
    }
}
