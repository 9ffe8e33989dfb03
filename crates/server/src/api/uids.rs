//! Calls about many users at once.

use cloakroom_token::Uid;
use cloakroom_wire::MAX_UIDS;

use super::error::ApiError;

/// Refuses no uid at all, and more than one call takes.
pub(super) fn bounded_uids(field: &'static str, uids: &[String]) -> Result<(), ApiError> {
    match uids.len() {
        1..=MAX_UIDS => Ok(()),
        _ => Err(ApiError::BadField { field, rule: "must be 1 to 100 uids" }),
    }
}

/// A uid of a list; one that cannot exist is not found.
pub(super) fn uid_of(raw: &str) -> Result<Uid, ApiError> {
    Uid::parse(raw).map_err(|_| ApiError::UidNotFound)
}
