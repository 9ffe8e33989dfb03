//! `GET revocations/{id}`: the receipt of a revocation.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use cloakroom_wire::{Envelope, Revocation};

use super::Api;
use super::caller::BackEnd;
use super::error::ApiError;
use super::path::{InPath, PathPart};
use super::post_revocation::answer;

/// The id of a revocation: 32 hexadecimal digits.
pub(super) struct ReceiptId(String);

impl PathPart for ReceiptId {
    fn read(raw: &str) -> Result<Self, ApiError> {
        let is_one = raw.len() == 32 && raw.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_one { Ok(Self(raw.to_owned())) } else { Err(ApiError::ReceiptNotFound) }
    }
}

/// Gives a revocation, with its receipt once every node has applied it.
#[utoipa::path(
    get, path = "/revocations/{id}", tag = "revocations",
    params(("id" = String, Path, description = "The id that the revocation was answered with.")),
    responses(
        (status = 200, body = Envelope<Revocation>, description = "In force on every node."),
        (status = 202, body = Envelope<Revocation>, description = "Committed; ask again."),
    ),
    security(("apikey" = [])),
)]
pub(super) async fn get_revocation(
    State(api): State<Api>,
    back_end: BackEnd,
    InPath(ReceiptId(id)): InPath<ReceiptId>,
) -> Result<(StatusCode, Json<Envelope<Revocation>>), ApiError> {
    let found = api.access.receipt_of(&back_end.app.id, &id).await?;
    found.map(answer).ok_or(ApiError::ReceiptNotFound)
}
