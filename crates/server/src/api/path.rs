//! What stands in path and query; each misfit is answered like a thing that does not exist.

use axum::extract::{FromRequestParts, Query, RawPathParams};
use axum::http::request::Parts;
use cloakroom_token::{Guid, Uid};
use serde::de::DeserializeOwned;

use super::Api;
use super::error::ApiError;

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

/// The query; parameters that the type does not name are ignored.
pub(super) struct InQuery<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequestParts<Api> for InQuery<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, ApiError> {
        Query::try_from_uri(&parts.uri).map(|Query(query)| Self(query)).map_err(|_| {
            ApiError::BadField { field: "the query", rule: "has a parameter of a wrong type" }
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
