//! `DELETE files/tus/{id}`.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use cloakroom_token::MediaId;

use super::check_version;
use crate::api::Api;
use crate::api::caller::Caller;
use crate::api::error::ApiError;
use crate::api::get_upload::own_upload;
use crate::api::path::{InPath, UploadId};

/// Ends an upload (`termination`): what came of it is removed, unless a message carries it.
#[utoipa::path(
    delete, path = "/files/tus/{id}", tag = "uploads",
    params(
        ("id" = String, Path, description = "Which upload."),
        ("Tus-Resumable" = String, Header, description = "`1.0.0`."),
    ),
    responses((status = 204, description = "It is over.")),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(in crate::api) async fn delete_tus_upload(
    State(api): State<Api>,
    caller: Caller,
    InPath(UploadId(id)): InPath<UploadId>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    terminate(&api, &caller, id, &headers).await
}

pub(super) async fn terminate(
    api: &Api,
    caller: &Caller,
    id: MediaId,
    headers: &HeaderMap,
) -> Result<Response, ApiError> {
    check_version(headers)?;
    let upload = own_upload(api, caller, id).await?;
    api.intake.abandon(&upload).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
