//! `HEAD files/tus/{id}`.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::append::say;
use super::{LENGTH, METADATA, check_version};
use crate::api::Api;
use crate::api::announce::still_open;
use crate::api::caller::Caller;
use crate::api::error::ApiError;
use crate::api::get_upload::{own_upload, status_of};
use crate::api::path::{InPath, UploadId};

/// Says at which byte an upload goes on.
#[utoipa::path(
    head, path = "/files/tus/{id}", tag = "uploads",
    params(
        ("id" = String, Path, description = "Which upload."),
        ("Tus-Resumable" = String, Header, description = "`1.0.0`."),
    ),
    responses((status = 200, description = "`Upload-Offset` and `Upload-Length` say how far.")),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(in crate::api) async fn head_tus_upload(
    State(api): State<Api>,
    caller: Caller,
    InPath(UploadId(id)): InPath<UploadId>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    check_version(&headers)?;
    let upload = own_upload(&api, &caller, id).await?;
    let status = status_of(&api, &upload.app_id, &upload).await?;
    if !upload.is_complete() {
        still_open(&api, &upload).await?;
    }
    if status.refusal.is_some() {
        return Err(ApiError::UploadNotFound);
    }
    let mut response = StatusCode::OK.into_response();
    response.headers_mut().insert(LENGTH, upload.size_bytes.into());
    if let Some(metadata) = upload.metadata.as_deref().and_then(|raw| raw.parse().ok()) {
        let metadata: HeaderValue = metadata;
        response.headers_mut().insert(METADATA, metadata);
    }
    say(&mut response, &upload, status.attachment.map(|attachment| attachment.url));
    Ok(response)
}
