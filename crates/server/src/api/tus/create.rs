//! `POST files/tus`.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use cloakroom_storage::UploadKind;

use super::append::{Sent, append};
use super::checksum::Checksum;
use super::metadata::Metadata;
use super::{LENGTH, check_version, has_bytes, number};
use crate::api::Api;
use crate::api::announce::Announcement;
use crate::api::caller::Actor;
use crate::api::draft::receiver;
use crate::api::error::ApiError;

/// For how long the bytes of an upload may come: a laptop may sleep over a weekend.
const SECONDS: i64 = 3 * 24 * 3600;

/// Announces a resumable upload (tus 1.0.0, `creation` and `creation-with-upload`).
///
/// `Upload-Metadata` names `receiver` and `receiverType`, and may name `filename`, `filetype` and
/// `sha256`. A body of type `application/offset+octet-stream` is its first bytes.
#[utoipa::path(
    post, path = "/files/tus", tag = "uploads",
    params(
        ("Tus-Resumable" = String, Header, description = "`1.0.0`."),
        ("Upload-Length" = u64, Header, description = "How many bytes will come."),
        ("Upload-Metadata" = String, Header,
            description = "Pairs of a name and a value in base64; `receiver` must be among them."),
    ),
    responses((status = 201, description = "`Location` says where its bytes go.")),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(in crate::api) async fn post_tus_upload(
    State(api): State<Api>,
    actor: Actor,
    request: Request,
) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    let headers = &parts.headers;
    check_version(headers)?;
    refuse_what_is_not_offered(headers)?;
    let size_bytes = number(headers, &LENGTH, "Upload-Length")?;
    let metadata = Metadata::of(headers)?;
    let checksum = Checksum::of(headers)?;
    receiver(&api, &actor, metadata.receiver_type, &metadata.receiver).await?;
    let announcement = Announcement {
        kind: UploadKind::Tus,
        secret: None,
        name: &metadata.filename,
        declared_type: &metadata.filetype,
        sha256: metadata.sha256.as_deref(),
        metadata: Some(&metadata.raw).filter(|raw| !raw.is_empty()).map(String::as_str),
        size_bytes,
        seconds: SECONDS,
    };
    let mut upload = announcement.keep(&api, &actor).await?;
    let location = format!("{}/v3/files/tus/{}", api.public_origin, upload.media_id);
    let mut media_url = None;
    if has_bytes(headers) {
        let sent = Sent { app: actor.app, offset: 0, checksum, body };
        // The upload is there whatever becomes of its first bytes, so the client hears where.
        match append(&api, upload.clone(), sent).await {
            Ok(after) => (upload, media_url) = (after.upload, after.media_url),
            Err(error @ ApiError::FileRefused(_)) => return Err(error),
            Err(_) => {
                let uploads = api.db.uploads();
                upload = uploads.by_id(&upload.app_id, upload.media_id).await?.unwrap_or(upload);
            }
        }
    }
    let mut response = (StatusCode::CREATED, [(header::LOCATION, location)]).into_response();
    super::append::say(&mut response, &upload, media_url);
    Ok(response)
}

fn refuse_what_is_not_offered(headers: &HeaderMap) -> Result<(), ApiError> {
    if headers.contains_key("upload-concat") {
        return Err(ApiError::BadField { field: "Upload-Concat", rule: "is not offered" });
    }
    if headers.contains_key("upload-defer-length") {
        let rule = "is not offered; send Upload-Length";
        return Err(ApiError::BadField { field: "Upload-Defer-Length", rule });
    }
    Ok(())
}
