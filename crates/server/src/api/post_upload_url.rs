//! `POST files/upload-url`: one form a file, to be sent without any other credential.

use std::collections::BTreeMap;

use axum::extract::State;
use cloakroom_storage::{StorageError, UploadKind};
use cloakroom_wire::{AnnouncedFile, Envelope, FormRequest, Secret, UploadUrl, UploadUrlRequest};
use serde_json::Value;

use super::Api;
use super::announce::Announcement;
use super::body::JsonBody;
use super::caller::Actor;
use super::content::Carried;
use super::defuse::answer;
use super::draft::receiver;
use super::error::ApiError;
use super::shown_once::{NeverKept, never_kept};
use crate::secret;

/// What the field `token` of a form begins with.
const TOKEN_PREFIX: &str = "ckr_up_";
/// For how long a form may be sent.
const FORM_SECONDS: i64 = 3600;

/// Announces files for a receiver, and gives for each a form with which its bytes may be sent once,
/// or why not. Nothing but the announced number of bytes is taken.
#[utoipa::path(
    post, path = "/files/upload-url", tag = "uploads",
    request_body(content = UploadUrlRequest),
    responses((status = 200, body = Envelope<BTreeMap<String, UploadUrl>>)),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(super) async fn post_upload_url(
    State(api): State<Api>,
    actor: Actor,
    JsonBody(request): JsonBody<UploadUrlRequest>,
) -> Result<NeverKept<Value>, ApiError> {
    let limit = actor.app.settings.file_count_max;
    if request.files.len() > limit as usize {
        return Err(ApiError::FileCountExceeded { limit });
    }
    receiver(&api, &actor, request.receiver_type, &request.receiver).await?;
    let mut answers = BTreeMap::new();
    for (id, file) in request.files {
        let answered = match announce(&api, &actor, &file).await {
            Ok(granted) => granted,
            Err(error @ (ApiError::Internal(_) | ApiError::Storage(StorageError::Busy))) => {
                return Err(error);
            }
            Err(error) => UploadUrl::Refused { error: error.body() },
        };
        answers.insert(id, answered);
    }
    Ok(never_kept(answer(&api, &actor.app.id, &Envelope::new(answers))?))
}

async fn announce(api: &Api, actor: &Actor, file: &AnnouncedFile) -> Result<UploadUrl, ApiError> {
    let (token, secret) = secret::mint(TOKEN_PREFIX);
    let announcement = Announcement {
        kind: UploadKind::Form,
        secret: Some(secret),
        name: &file.name,
        declared_type: &file.mime_type,
        sha256: file.sha256.as_deref(),
        metadata: None,
        size_bytes: file.size,
        seconds: FORM_SECONDS,
    };
    let upload = announcement.keep(api, actor).await?;
    let media = api.db.media().by_id(&actor.app.id, upload.media_id).await?;
    let carried = Carried::of_stored(media.ok_or(StorageError::Missing)?);
    let attachment = carried.attachment(api.access.origin(), &actor.app.id, None);
    Ok(UploadUrl::Granted {
        request: FormRequest {
            url: format!("{}/v3/files/upload/{}", api.public_origin, upload.media_id),
            method: "POST".to_owned(),
            body: BTreeMap::from([("token".to_owned(), Secret::new(&token))]),
        },
        attachment: Box::new(attachment.ok_or(StorageError::Missing)?),
        expires_at: upload.expires_at.0,
    })
}
