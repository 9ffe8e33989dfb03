//! What stands in path and query; each misfit is answered like a thing that does not exist.

use std::error::Error;

use axum::extract::{FromRequestParts, Query, RawPathParams};
use axum::http::request::Parts;
use cloakroom_token::{Guid, KeyId, MediaId, SessionId, Uid};
use serde::de::DeserializeOwned;

use super::Api;
use super::error::ApiError;
use super::plain::{plain, unknown_field};

/// The parameters of the path, in order.
pub(super) struct InPath<T>(pub(super) T);

/// A type that stands in a path.
pub(super) trait PathPart: Sized {
    /// Reads a percent-decoded part.
    fn read(raw: &str) -> Result<Self, ApiError>;
}

/// The id of a webhook, or of an event that it was told of.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct WebhookId(pub(super) String);

impl PathPart for WebhookId {
    fn read(raw: &str) -> Result<Self, ApiError> {
        let is_one = raw.len() <= 64 && raw.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        is_one.then(|| Self(raw.to_owned())).ok_or(ApiError::WebhookNotFound)
    }
}

impl PathPart for Uid {
    fn read(raw: &str) -> Result<Self, ApiError> {
        Self::parse(raw).map_err(|_| ApiError::UidNotFound)
    }
}

impl PathPart for Guid {
    fn read(raw: &str) -> Result<Self, ApiError> {
        Self::parse(raw).map_err(|_| ApiError::GuidNotFound)
    }
}

impl PathPart for MediaId {
    fn read(raw: &str) -> Result<Self, ApiError> {
        Self::parse(raw).map_err(|_| ApiError::MediaNotFound)
    }
}

/// The id of an upload: that of the file it becomes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct UploadId(pub(super) MediaId);

impl PathPart for UploadId {
    fn read(raw: &str) -> Result<Self, ApiError> {
        MediaId::parse(raw).map(Self).map_err(|_| ApiError::UploadNotFound)
    }
}

impl PathPart for SessionId {
    fn read(raw: &str) -> Result<Self, ApiError> {
        Self::parse(raw).map_err(|_| ApiError::SessionNotFound)
    }
}

/// The id of an API key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct ApiKeyId(pub(super) KeyId);

impl PathPart for ApiKeyId {
    fn read(raw: &str) -> Result<Self, ApiError> {
        KeyId::parse(raw).map(Self).map_err(|_| ApiError::ApiKeyIdNotFound)
    }
}

/// The id of a delegated key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct DelegatedKeyId(pub(super) KeyId);

impl PathPart for DelegatedKeyId {
    fn read(raw: &str) -> Result<Self, ApiError> {
        KeyId::parse(raw).map(Self).map_err(|_| ApiError::DelegatedKeyNotFound)
    }
}

/// The id of a key of the key ring.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct SigningKeyId(pub(super) KeyId);

impl PathPart for SigningKeyId {
    fn read(raw: &str) -> Result<Self, ApiError> {
        KeyId::parse(raw).map(Self).map_err(|_| ApiError::SigningKeyNotFound)
    }
}

/// The id of a message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct MessageId(pub(super) i64);

impl PathPart for MessageId {
    fn read(raw: &str) -> Result<Self, ApiError> {
        raw.parse().ok().filter(|id| *id > 0).map(Self).ok_or(ApiError::MessageNotFound)
    }
}

impl<T: PathPart> FromRequestParts<Api> for InPath<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        let params = raw(parts, api).await?;
        let mut values = params.iter().map(|(_, value)| value);
        Ok(Self(T::read(values.next().ok_or(ApiError::RouteNotFound)?)?))
    }
}

/// Two parameters of the path, in order.
pub(super) struct BothInPath<A, B>(pub(super) A, pub(super) B);

impl<A: PathPart, B: PathPart> FromRequestParts<Api> for BothInPath<A, B> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        let params = raw(parts, api).await?;
        let mut values = params.iter().map(|(_, value)| value);
        let first = A::read(values.next().ok_or(ApiError::RouteNotFound)?)?;
        Ok(Self(first, B::read(values.next().ok_or(ApiError::RouteNotFound)?)?))
    }
}

async fn raw(parts: &mut Parts, api: &Api) -> Result<RawPathParams, ApiError> {
    RawPathParams::from_request_parts(parts, api).await.map_err(|_| ApiError::RouteNotFound)
}

/// The query.
///
/// A type with `deny_unknown_fields` has other parameters refused by name; without it they are
/// ignored, as the lists that the official SDK reads need.
pub(super) struct InQuery<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequestParts<Api> for InQuery<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, ApiError> {
        Query::try_from_uri(&parts.uri).map(|Query(query)| Self(query)).map_err(|refused| {
            let said = refused.source().map_or_else(String::new, ToString::to_string);
            let said = said.strip_prefix("Failed to deserialize query string: ").unwrap_or(&said);
            match unknown_field(said) {
                Some(name) => ApiError::UnknownField { name: plain(name, 64) },
                None => ApiError::QueryUnfit { said: plain(said, 200) },
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_exist_in_a_path_is_not_found() {
        assert!(matches!(Uid::read("a b"), Err(ApiError::UidNotFound)));
        assert!(matches!(Guid::read(""), Err(ApiError::GuidNotFound)));
        for raw in ["0", "-1", "x", "99999999999999999999"] {
            assert!(matches!(MessageId::read(raw), Err(ApiError::MessageNotFound)), "{raw}");
        }
        assert_eq!(MessageId::read("42").unwrap(), MessageId(42));
    }
}
