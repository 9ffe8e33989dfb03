//! What surrounds every failure, and what it says.

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::{ErrorCode, Reason, Refresh};

/// A failure. There is no other error format anywhere.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[schema(example = json!({"error": {
    "code": "ERR_FAT_EXPIRED", "message": "the File Access Token has expired",
    "details": {"reason": "fat_expired", "retry": true, "refresh": "fat"}
}}))]
pub struct ErrorEnvelope {
    /// What went wrong.
    pub error: ErrorBody,
}

impl ErrorEnvelope {
    /// A failure without details.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { error: ErrorBody { code, message: message.into(), details: None } }
    }

    /// A refused media request; code, retry and refresh follow from the reason.
    pub fn refused(reason: Reason, message: impl Into<String>) -> Self {
        let details = Some(Details::of(reason).into());
        Self { error: ErrorBody { code: reason.code(), message: message.into(), details } }
    }
}

/// The content of an error envelope, also of one refused item of a list.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[schema(example = json!({"code": "ERR_NOT_PERMITTED", "message": "this file is not yours to open"}))]
pub struct ErrorBody {
    /// Stable; what programs decide on.
    pub code: ErrorCode,
    /// For people: lower case, no full stop, no secret.
    pub message: String,
    /// More for programs, where there is more to say.
    #[serde(
        default,
        deserialize_with = "details_if_understood",
        skip_serializing_if = "Option::is_none"
    )]
    pub details: Option<ErrorDetails>,
}

impl ErrorBody {
    /// Of refused media: why, and what helps.
    #[must_use]
    pub fn refusal(&self) -> Option<Details> {
        match self.details {
            Some(ErrorDetails::Refused(details)) => Some(details),
            _ => None,
        }
    }
}

/// What an error says to programs beyond its code.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[non_exhaustive]
#[serde(untagged)]
pub enum ErrorDetails {
    /// Of refused media.
    Refused(Details),
    /// Of a call that was done before.
    Created(Created),
}

impl From<Details> for ErrorDetails {
    fn from(details: Details) -> Self {
        Self::Refused(details)
    }
}

/// What the first call with an `Idempotency-Key` made.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[schema(example = json!({"id": "key_5f0c"}))]
pub struct Created {
    /// Its id.
    pub id: String,
}

/// Why a media request was refused, and what helps.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[schema(example = json!({"reason": "presign_expired", "retry": true, "refresh": "presign"}))]
pub struct Details {
    /// The rule that refused it, as coarse as is safe to tell.
    pub reason: Reason,
    /// Whether the same file may open after `refresh` (or, with `none`, after a while).
    pub retry: bool,
    /// What to fetch anew first.
    pub refresh: Refresh,
}

impl Details {
    /// What is to be said about `reason`.
    #[must_use]
    pub fn of(reason: Reason) -> Self {
        Self { reason, retry: reason.retry(), refresh: reason.refresh() }
    }
}

/// Details of another shape, as a later server may send, count as none.
fn details_if_understood<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<ErrorDetails>, D::Error> {
    let value = serde_json::Value::deserialize(from)?;
    Ok(serde_json::from_value(value).ok())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_refusal_has_the_documented_shape() {
        let refusal =
            ErrorEnvelope::refused(Reason::FatExpired, "the File Access Token has expired");
        let expected = json!({"error": {
            "code": "ERR_FAT_EXPIRED", "message": "the File Access Token has expired",
            "details": {"reason": "fat_expired", "retry": true, "refresh": "fat"}
        }});
        assert_eq!(serde_json::to_value(&refusal).unwrap(), expected);
        assert_eq!(serde_json::from_value::<ErrorEnvelope>(expected).unwrap(), refusal);
    }

    #[test]
    fn an_error_without_details_has_no_such_key() {
        let plain = ErrorEnvelope::new(ErrorCode::Busy, "try again");
        let expected = json!({"error": {"code": "ERR_BUSY", "message": "try again"}});
        assert_eq!(serde_json::to_value(&plain).unwrap(), expected);
        assert_eq!(serde_json::from_value::<ErrorEnvelope>(expected).unwrap(), plain);
    }

    #[test]
    fn what_was_made_before_is_named_by_its_id() {
        let body = json!({"error": {
            "code": "ERR_ALREADY_CREATED", "message": "m", "details": {"id": "k1"}
        }});
        let read: ErrorEnvelope = serde_json::from_value(body.clone()).unwrap();
        assert_eq!(read.error.details, Some(ErrorDetails::Created(Created { id: "k1".into() })));
        assert_eq!(read.error.refusal(), None);
        assert_eq!(serde_json::to_value(read).unwrap(), body);
    }

    #[test]
    fn what_a_later_server_may_say_is_still_read() {
        let body = json!({"error": {
            "code": "ERR_OF_NEXT_YEAR", "message": "m", "name": "n", "details": {"limit": 10}
        }});
        let read: ErrorEnvelope = serde_json::from_value(body).unwrap();
        assert_eq!((read.error.code, read.error.details), (ErrorCode::Unrecognized, None));
    }
}
