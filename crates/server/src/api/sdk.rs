//! What the header `sdk` says of the caller.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use cloakroom_storage::App;

use super::Api;
use super::error::ApiError;

const MOST_CHARACTERS: usize = 100;
const THIRTY_DAYS: i64 = 30 * 24 * 60 * 60;

/// The header `sdk`, such as `cloakroom-js@0.1.0`.
pub(super) struct Sdk(pub(super) Option<String>);

impl FromRequestParts<Api> for Sdk {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, ApiError> {
        let named = parts.headers.get("sdk").and_then(|value| value.to_str().ok());
        Ok(Self(named.map(|name| name.chars().take(MOST_CHARACTERS).collect())))
    }
}

impl Sdk {
    /// Whether a client SDK that is not ours sent the call, such as the official one: its bodies
    /// hold more than the calls read.
    pub(super) fn is_of_another_maker(headers: &HeaderMap) -> bool {
        let named = headers.get("sdk").and_then(|value| value.to_str().ok()).unwrap_or_default();
        named.contains('@') && !named.starts_with("cloakroom")
    }

    /// How long its File Access Tokens live. The official SDK never renews them, so its tokens
    /// last; what keeps them safe is the live check at every fetch.
    pub(super) fn fat_lifetime_seconds(&self, app: &App) -> i64 {
        match &self.0 {
            Some(name) if name.starts_with("javascript@") => THIRTY_DAYS,
            _ => i64::from(app.settings.fat_lifetime_seconds),
        }
    }
}
