//! Calls about many users at once.

use cloakroom_wire::{MAX_UIDS, Outcome};

use super::error::ApiError;

/// Refuses no uid at all, and more than one call takes.
pub(super) fn bounded_uids(field: &'static str, uids: &[String]) -> Result<(), ApiError> {
    match uids.len() {
        1..=MAX_UIDS => Ok(()),
        _ => Err(ApiError::BadField { field, rule: "must be 1 to 100 uids" }),
    }
}

/// What is said of one uid of many, and what came of it; a failure that concerns it alone is told of
/// it alone.
pub(super) fn outcome<T>(done: Result<T, ApiError>) -> Result<(Outcome, Option<T>), ApiError> {
    match done {
        Ok(done) => Ok((Outcome::done(), Some(done))),
        Err(error @ (ApiError::BadField { .. } | ApiError::UidNotFound)) => {
            Ok((Outcome::refused(error.body()), None))
        }
        Err(error) => Err(error),
    }
}
