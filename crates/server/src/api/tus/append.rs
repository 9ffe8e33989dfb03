//! `PATCH files/tus/{id}`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use cloakroom_storage::{App, Staged, StorageError, Upload, UploadPart};
use cloakroom_token::{BlobKey, FileState};
use futures_util::StreamExt;

use super::checksum::Checksum;
use super::terminate::terminate;
use super::{MEDIA_URL, OFFSET, about, check_version, has_bytes, number};
use crate::api::Api;
use crate::api::announce::{place, still_open};
use crate::api::caller::Caller;
use crate::api::error::ApiError;
use crate::api::get_upload::{own_upload, status_of};
use crate::api::path::{InPath, UploadId};
use crate::intake::Assembled;
use crate::secret;

/// How many bytes may be lost with a server that dies: what came is stored in parts of this size.
const PART_BYTES: u64 = 8 * 1024 * 1024;

/// Of an upload with many bytes, this many may lie in one part on average; a thousand parts are
/// always allowed. What is stored in more would cost more files than bytes.
const LEAST_PART_BYTES: u64 = 64 * 1024;
const PARTS_ALLOWED: u64 = 1000;

/// Goes on with an upload where its last bytes ended. What arrives is kept, however the call ends;
/// with `Upload-Checksum`, only the whole body. The last byte's answer comes when the file was
/// looked at; its media URL is then in `Media-Url`.
#[utoipa::path(
    patch, path = "/files/tus/{id}", tag = "uploads",
    params(
        ("id" = String, Path, description = "Which upload."),
        ("Tus-Resumable" = String, Header, description = "`1.0.0`."),
        ("Upload-Offset" = u64, Header, description = "At which byte the body begins."),
    ),
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream",
        example = "the bytes"),
    responses((status = 204, description = "`Upload-Offset` says how many bytes have come.")),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(in crate::api) async fn patch_tus_upload(
    State(api): State<Api>,
    caller: Caller,
    InPath(UploadId(id)): InPath<UploadId>,
    request: Request,
) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    check_version(&parts.headers)?;
    if !has_bytes(&parts.headers) {
        let rule = "must be application/offset+octet-stream";
        return Err(ApiError::BadField { field: "content-type", rule });
    }
    let offset = number(&parts.headers, &OFFSET, "Upload-Offset")?;
    let checksum = Checksum::of(&parts.headers)?;
    let upload = own_upload(&api, &caller, id).await?;
    still_open(&api, &upload).await?;
    let sent = Sent { app: Arc::clone(caller.app()), offset, checksum, body };
    // A task of its own: of a caller who hangs up, what arrived is kept.
    let work = {
        let api = Arc::clone(&api);
        tokio::spawn(async move { append(&api, upload, sent).await })
    };
    let Appended { upload, media_url } = work.await.map_err(ApiError::internal)??;
    let mut response = StatusCode::NO_CONTENT.into_response();
    say(&mut response, &upload, media_url);
    Ok(response)
}

/// Stands for `PATCH` or `DELETE` where a client cannot send them: `X-HTTP-Method-Override` says
/// which.
#[utoipa::path(
    post, path = "/files/tus/{id}", tag = "uploads",
    params(
        ("id" = String, Path, description = "Which upload."),
        ("X-HTTP-Method-Override" = String, Header, description = "`PATCH` or `DELETE`."),
    ),
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream",
        example = "the bytes"),
    responses((status = 204, description = "As the method that it stands for.")),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(in crate::api) async fn post_tus_override(
    State(api): State<Api>,
    caller: Caller,
    id: InPath<UploadId>,
    request: Request,
) -> Result<Response, ApiError> {
    let stands_for = request.headers().get("x-http-method-override").cloned();
    match stands_for.as_ref().and_then(|value| Method::from_bytes(value.as_bytes()).ok()) {
        Some(Method::PATCH) => patch_tus_upload(State(api), caller, id, request).await,
        Some(Method::DELETE) => terminate(&api, &caller, id.0.0, request.headers()).await,
        _ => Err(ApiError::MethodNotAllowed),
    }
}

/// Bytes on their way into an upload.
pub(super) struct Sent {
    pub(super) app: Arc<App>,
    pub(super) offset: u64,
    pub(super) checksum: Option<Checksum>,
    pub(super) body: Body,
}

/// How far an upload has come.
pub(super) struct Appended {
    pub(super) upload: Upload,
    /// Of the file that came of it.
    pub(super) media_url: Option<String>,
}

/// Adds a body to an upload, and takes the file in once its last byte is there.
pub(super) async fn append(
    api: &Api,
    mut upload: Upload,
    sent: Sent,
) -> Result<Appended, ApiError> {
    let Sent { app, offset, checksum, mut body } = sent;
    let _place = place(api, &upload.app_id, &upload.uploader)?;
    if upload.offset_bytes != offset {
        return Err(ApiError::UploadOffset { at: upload.offset_bytes });
    }
    if !upload.is_complete() {
        let parts = api.db.uploads().count_parts(&upload.app_id, upload.media_id).await?;
        if parts >= PARTS_ALLOWED + upload.size_bytes / LEAST_PART_BYTES {
            return Err(ApiError::TooManyParts);
        }
        upload = match checksum {
            Some(checksum) => whole(api, upload, &mut body, checksum).await?,
            None => in_parts(api, upload, &mut body).await?,
        };
    }
    let media_url = if upload.is_complete() { take_in(api, &app, &upload).await? } else { None };
    Ok(Appended { upload, media_url })
}

/// Says how far an upload has come, in the headers of an answer.
pub(super) fn say(response: &mut Response, upload: &Upload, media_url: Option<String>) {
    for (name, value) in about(upload).into_iter().chain(media_url.map(|url| (MEDIA_URL, url))) {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
}

/// Stores what arrives in parts; an error ends it after what came before is kept.
async fn in_parts(api: &Api, mut upload: Upload, body: &mut Body) -> Result<Upload, ApiError> {
    let mut arriving = std::mem::take(body).into_data_stream();
    let mut part = api.intake.staging().stage(left(&upload)).await?;
    let mut end = Ok(());
    while let Some(chunk) = arriving.next().await {
        let added = match chunk {
            Ok(chunk) => part.append(&chunk).await.map_err(too_large),
            Err(_) => Err(ApiError::UploadTruncated),
        };
        if let Err(error) = added {
            end = Err(error);
            break;
        }
        if part.size_bytes() >= PART_BYTES {
            still_open(api, &upload).await?;
            upload = commit(api, &upload, part.finish().await?).await?;
            part = api.intake.staging().stage(left(&upload)).await?;
        }
    }
    if part.size_bytes() > 0 {
        upload = commit(api, &upload, part.finish().await?).await?;
    }
    end.map(|()| upload)
}

/// Stores a body as one part, if it is what its checksum says.
async fn whole(
    api: &Api,
    upload: Upload,
    body: &mut Body,
    checksum: Checksum,
) -> Result<Upload, ApiError> {
    let mut arriving = std::mem::take(body).into_data_stream();
    let mut part = api.intake.staging().stage(left(&upload)).await?;
    while let Some(chunk) = arriving.next().await {
        let chunk = chunk.map_err(|_| ApiError::UploadTruncated)?;
        part.append(&chunk).await.map_err(too_large)?;
    }
    let part = checksum.check(part.finish().await?).await?;
    commit(api, &upload, part).await
}

/// Stores bytes, then says in a row that they have come.
async fn commit(api: &Api, upload: &Upload, part: Staged) -> Result<Upload, ApiError> {
    let blob_key = BlobKey::from_bytes(secret::random());
    api.intake.blobs().put(blob_key, &part).await?;
    let stored = UploadPart { size_bytes: part.size_bytes(), blob_key };
    let uploads = api.db.uploads();
    let appended = uploads.append(upload, upload.offset_bytes, stored, api.access.now()).await;
    match appended {
        Ok(Some(upload)) => Ok(upload),
        Ok(None) => {
            api.intake.forget_blob(blob_key).await;
            let now = uploads.by_id(&upload.app_id, upload.media_id).await?;
            let now = now.ok_or(ApiError::UploadNotFound)?;
            Err(ApiError::UploadOffset { at: now.offset_bytes })
        }
        Err(error) => {
            api.intake.forget_blob(blob_key).await;
            Err(error.into())
        }
    }
}

/// Makes a file of a whole upload; its URL, unless another node is at it.
async fn take_in(api: &Api, app: &App, upload: &Upload) -> Result<Option<String>, ApiError> {
    let state = async || {
        let media = api.db.media().by_id(&app.id, upload.media_id).await?;
        Ok::<_, StorageError>(media.map(|media| media.state))
    };
    if state().await? == Some(FileState::Receiving)
        && api.intake.assemble_now(app, upload).await? == Assembled::ElsewhereUnderWay
    {
        return Ok(None);
    }
    api.access.catch_up().await?;
    Ok(status_of(api, &app.id, upload).await?.attachment.map(|attachment| attachment.url))
}

const fn left(upload: &Upload) -> u64 {
    upload.size_bytes - upload.offset_bytes
}

fn too_large(error: StorageError) -> ApiError {
    match error {
        StorageError::TooLarge { limit_bytes } => ApiError::FileSizeExceeded { limit_bytes },
        other => other.into(),
    }
}
