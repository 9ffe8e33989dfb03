//! The answer to a call that may take something back.

use axum::Json;
use cloakroom_token::Seq;
use cloakroom_wire::Envelope;

/// Answers with `data`; `seq` is the place of the revocation in the change feed, `None` if there
/// was nothing left to take back, which is no failure.
pub(super) fn revoked<T>(seq: Option<Seq>, data: T) -> Json<Envelope<T>> {
    tracing::debug!(seq = seq.map(|seq| seq.0), "took back");
    Json(Envelope::new(data))
}
