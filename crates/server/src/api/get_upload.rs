//! `GET files/{id}`.

use axum::Json;
use axum::extract::State;
use cloakroom_storage::{StorageError, Upload};
use cloakroom_token::{AppId, FileState, MediaId};
use cloakroom_wire::{Envelope, UploadStatus};
use serde_json::Value;

use super::Api;
use super::caller::Caller;
use super::content::Carried;
use super::defuse::answer;
use super::error::ApiError;
use super::get_media_file::shown_state;
use super::path::{InPath, UploadId};

/// Says how far an announced upload has come and what became of it, to its sender and the back end.
#[utoipa::path(
    get, path = "/files/{id}", tag = "uploads",
    params(("id" = String, Path, description = "Which upload.")),
    responses((status = 200, body = Envelope<UploadStatus>)),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(super) async fn get_upload(
    State(api): State<Api>,
    caller: Caller,
    InPath(UploadId(id)): InPath<UploadId>,
) -> Result<Json<Value>, ApiError> {
    let app = &caller.app().id;
    let upload = own_upload(&api, &caller, id).await?;
    answer(&api, app, &Envelope::new(status_of(&api, app, &upload).await?))
}

/// An upload, if the caller is the back end or its sender; whether there is one is not for others.
pub(super) async fn own_upload(
    api: &Api,
    caller: &Caller,
    id: MediaId,
) -> Result<Upload, ApiError> {
    let upload = api.db.uploads().by_id(&caller.app().id, id).await?;
    upload
        .filter(|upload| caller.uid().is_none_or(|uid| *uid == upload.uploader))
        .ok_or(ApiError::UploadNotFound)
}

/// An upload as it stands.
pub(super) async fn status_of(
    api: &Api,
    app: &AppId,
    upload: &Upload,
) -> Result<UploadStatus, ApiError> {
    let media = api.db.media().by_id(app, upload.media_id).await?.ok_or(StorageError::Missing)?;
    let state = media.state;
    let has_bytes = matches!(state, FileState::Checking | FileState::Ready);
    let refusal = media.refusal.clone();
    let facts = api.access.media(app, media.id).await?;
    let attachment =
        Carried::of_stored(media).attachment(api.access.origin(), app, facts.as_deref());
    Ok(UploadStatus {
        id: upload.media_id.to_string(),
        state: shown_state(state),
        offset: if state == FileState::Receiving { upload.offset_bytes } else { upload.size_bytes },
        size: upload.size_bytes,
        expires_at: upload.expires_at.0,
        attachment: attachment.filter(|_| has_bytes),
        refusal,
    })
}
