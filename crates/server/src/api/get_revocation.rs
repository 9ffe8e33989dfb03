//! `GET revocations/{id}`: the receipt of a revocation.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use cloakroom_wire::{Envelope, Revocation};

use super::Api;
use super::caller::BackEnd;
use super::error::ApiError;
use super::post_revocation::answer;

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
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<Envelope<Revocation>>), ApiError> {
    let found = api.access.receipt_of(&back_end.app.id, &id).await?;
    found.map(answer).ok_or(ApiError::ReceiptNotFound)
}
