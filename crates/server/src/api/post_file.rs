//! `POST files/upload/{id}`: the bytes of a form from `POST files/upload-url`.

use std::sync::Arc;

use axum::Json;
use axum::extract::multipart::Field;
use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::request::Parts;
use cloakroom_storage::{App, SecretHash, Staged, StorageError, Upload};
use cloakroom_token::{ContentHash, FileState, MediaId};
use cloakroom_wire::{Envelope, UploadStatus};
use serde_json::Value;

use super::Api;
use super::announce::{place, still_open};
use super::defuse::answer;
use super::error::ApiError;
use super::get_upload::status_of;
use super::path::{InPath, UploadId};
use super::upload::{content_digest, of_multipart};
use crate::intake::{Place, Received};

const MOST_TOKEN_BYTES: usize = 200;

/// Takes the bytes of an announced file: a form with the fields that `POST files/upload-url` gave,
/// then `file`. Sent again, it changes nothing.
#[utoipa::path(
    post, path = "/files/upload/{id}", tag = "uploads",
    params(("id" = String, Path, description = "Which upload.")),
    request_body(content = Object, content_type = "multipart/form-data",
        example = json!({"token": "ckr_up_…", "file": "@cat.jpg"})),
    responses((status = 200, body = Envelope<UploadStatus>)),
    security(()),
)]
pub(super) async fn post_file(
    State(api): State<Api>,
    InPath(UploadId(id)): InPath<UploadId>,
    request: Request,
) -> Result<Json<Value>, ApiError> {
    let (parts, body) = request.into_parts();
    api.limits.admit(&parts)?;
    let request = Request::from_parts(parts.clone(), body);
    let mut form =
        Multipart::from_request(request, &api).await.map_err(|_| ApiError::BadField {
            field: "content-type",
            rule: "must be multipart/form-data; boundary=…",
        })?;
    let taken = read(&api, &parts, id, &mut form).await;
    if taken.is_err() {
        // Who is still sending reads no answer: a closed connection would hide the reason.
        drop(tokio::time::timeout(super::body::LINGER, drain(&mut form)).await);
    }
    let Taken { app, upload, bytes } = taken?;
    if let Some((staged, digest, place)) = bytes {
        let name = api.intake.file_name(&upload).await?;
        let mut received = Received::of_upload(&upload, staged, name);
        received.sha256 = received.sha256.or(digest);
        received.place = Some(place);
        // A task of its own: a caller who hangs up now must not leave work half done.
        let work = {
            let (api, app, upload) = (Arc::clone(&api), Arc::clone(&app), upload.clone());
            tokio::spawn(async move { api.intake.take_form(&app, &upload, received).await })
        };
        work.await.map_err(ApiError::internal)??;
    }
    api.access.catch_up().await?;
    answer(&api, &app.id, &Envelope::new(status_of(&api, &app.id, &upload).await?))
}

/// A form that was read.
struct Taken {
    app: Arc<App>,
    upload: Upload,
    /// `None` if the file had come before.
    bytes: Option<(Staged, Option<ContentHash>, Place)>,
}

async fn read(
    api: &Api,
    parts: &Parts,
    id: MediaId,
    form: &mut Multipart,
) -> Result<Taken, ApiError> {
    let mut proven = None;
    while let Some(field) = form.next_field().await.map_err(|error| of_multipart(&error))? {
        match field.name() {
            Some("token") => proven = Some(prove(api, parts, id, field).await?),
            Some("file") => {
                let rule = "must stand before the file";
                let (app, upload) = proven.ok_or(ApiError::BadField { field: "token", rule })?;
                let media = api.db.media().by_id(&app.id, id).await?;
                if media.is_none_or(|media| media.state != FileState::Receiving) {
                    drain(form).await;
                    return Ok(Taken { app, upload, bytes: None });
                }
                let place = place(api, &app.id, &upload.uploader)?;
                let (staged, digest) = stage(api, &upload, field).await?;
                let bytes = Some((staged, digest, place));
                drain(form).await;
                return Ok(Taken { app, upload, bytes });
            }
            _ => {}
        }
    }
    Err(ApiError::BadField { field: "file", rule: "is missing from the form" })
}

/// The upload that a token is for.
async fn prove(
    api: &Api,
    parts: &Parts,
    id: MediaId,
    mut field: Field<'_>,
) -> Result<(Arc<App>, Upload), ApiError> {
    let mut token = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|error| of_multipart(&error))? {
        token.extend_from_slice(&chunk);
        if token.len() > MOST_TOKEN_BYTES {
            break;
        }
    }
    let secret = SecretHash::of(&String::from_utf8_lossy(&token));
    let Some(upload) = api.db.uploads().by_secret(secret, id).await? else {
        api.limits.failed(parts)?;
        return Err(ApiError::UploadNotFound);
    };
    still_open(api, &upload).await?;
    let app = api.access.app(&upload.app_id).await?.ok_or(ApiError::UploadNotFound)?;
    Ok((app, upload))
}

async fn stage(
    api: &Api,
    upload: &Upload,
    mut field: Field<'_>,
) -> Result<(Staged, Option<ContentHash>), ApiError> {
    let digest = content_digest(field.headers())?;
    let mut file = api.intake.staging().stage(upload.size_bytes).await?;
    while let Some(chunk) = field.chunk().await.map_err(|error| of_multipart(&error))? {
        file.append(&chunk).await.map_err(|error| match error {
            StorageError::TooLarge { limit_bytes } => ApiError::FileSizeExceeded { limit_bytes },
            other => other.into(),
        })?;
    }
    if file.size_bytes() != upload.size_bytes {
        let rule = "has fewer bytes than were announced; send it again";
        return Err(ApiError::BadField { field: "file", rule });
    }
    Ok((file.finish().await?, digest))
}

/// Reads the rest and keeps nothing of it.
async fn drain(form: &mut Multipart) {
    while let Ok(Some(mut field)) = form.next_field().await {
        while let Ok(Some(_)) = field.chunk().await {}
    }
}
