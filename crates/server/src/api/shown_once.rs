//! Answers that hold a secret. `idempotency.rs` keeps none of them.
//!
//! A handler whose answer shows a secret for the only time (an API key, an auth token, a webhook's
//! secret) returns [`shown_once`]: of a call with an `Idempotency-Key` only the id is kept, and the
//! call sent again is answered 409 with it. One whose answer may be made anew at any time (a File
//! Access Token, presigned URLs) returns [`never_kept`]: the call sent again is done again.

use axum::{Extension, Json};

/// In the extensions of an answer: what it made, with a secret that is not shown twice.
#[derive(Clone, Debug)]
pub(super) struct Made {
    /// Its id, which is no secret.
    pub(super) id: String,
}

/// In the extensions of an answer: nothing of it is kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Transient;

/// An answer with a secret that is not shown twice.
pub(super) type ShownOnce<T> = (Extension<Made>, Json<T>);

/// An answer with short-lived secrets.
pub(super) type NeverKept<T> = (Extension<Transient>, Json<T>);

/// Marks an answer whose secret is shown once; `id` is that of the thing made.
pub(super) fn shown_once<T>(id: impl Into<String>, answer: Json<T>) -> ShownOnce<T> {
    (Extension(Made { id: id.into() }), answer)
}

/// Marks an answer that is made anew for each call.
pub(super) fn never_kept<T>(answer: Json<T>) -> NeverKept<T> {
    (Extension(Transient), answer)
}
