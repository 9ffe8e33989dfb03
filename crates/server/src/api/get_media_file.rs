//! `GET media/{id}`.

use axum::Json;
use axum::extract::State;
use cloakroom_storage::Media;
use cloakroom_token::{AppId, Audience, FileState, MediaId, MediaPath, MediaUrl, Variant};
use cloakroom_wire::{Envelope, MediaAudience, MediaFile, MediaState, MediaVariant};
use serde_json::Value;

use super::Api;
use super::caller::Caller;
use super::defuse::answer;
use super::error::ApiError;
use super::path::InPath;

/// Gives what is known of a file, deleted or not, to the back end and its uploader.
#[utoipa::path(
    get, path = "/media/{id}", tag = "media",
    params(("id" = String, Path, description = "Which file.")),
    responses((status = 200, body = Envelope<MediaFile>)),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(super) async fn get_media_file(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath<MediaId>,
) -> Result<Json<Value>, ApiError> {
    let app = &caller.app().id;
    let media = own_file(&api, &caller, id).await?;
    answer(&api, app, &Envelope::new(file_of(&api, app, media).await?))
}

/// A file, if the caller is the back end or its uploader; whether there is one is not for others.
pub(super) async fn own_file(api: &Api, caller: &Caller, id: MediaId) -> Result<Media, ApiError> {
    let media = api.db.media().by_id(&caller.app().id, id).await?;
    media
        .filter(|media| caller.uid().is_none_or(|uid| *uid == media.uploader))
        .ok_or(ApiError::MediaNotFound)
}

/// A stored file as it goes out.
pub(super) async fn file_of(api: &Api, app: &AppId, media: Media) -> Result<MediaFile, ApiError> {
    let url = |variant, extension: &str| {
        let path = MediaPath::new(app.clone(), media.id, variant, extension);
        path.map(|path| MediaUrl::new(api.access.origin().clone(), path).to_string())
            .map_err(ApiError::internal)
    };
    let facts = api.access.media(app, media.id).await?;
    let mut variants = Vec::new();
    for (variant, version) in facts.iter().flat_map(|facts| &facts.versions) {
        let Some(name) = variant.suffix() else { continue };
        variants.push(MediaVariant {
            variant: name.to_owned(),
            url: url(*variant, &version.extension)?,
            mime_type: version.content_type.to_string(),
            size: version.size_bytes,
        });
    }
    Ok(MediaFile {
        id: media.id.to_string(),
        url: url(Variant::Original, &media.extension)?,
        uploader: media.uploader.to_string(),
        audience: shown_audience(media.audience),
        state: shown_state(media.state),
        name: media.file_name.clone(),
        mime_type: media.content_type.clone(),
        size: media.size_bytes,
        width: media.width,
        height: media.height,
        duration_ms: media.duration_ms,
        created_at: media.created_at.0,
        revoked_at: media.revoked_at.map(|at| at.0),
        deleted_at: media.deleted_at.map(|at| at.0),
        refusal: media.refusal,
        legal_hold: media.legal_hold,
        variants,
        messages: facts.map_or(0, |facts| facts.carriers.len() as u64),
    })
}

/// An audience as it goes out.
pub(super) const fn shown_audience(audience: Audience) -> MediaAudience {
    match audience {
        Audience::App => MediaAudience::App,
        Audience::Conversation => MediaAudience::Conversation,
    }
}

/// A state as it goes out.
pub(super) const fn shown_state(state: FileState) -> MediaState {
    match state {
        FileState::Checking => MediaState::Checking,
        FileState::Deleted => MediaState::Deleted,
        FileState::Ready => MediaState::Ready,
        FileState::Receiving => MediaState::Receiving,
        FileState::Refused => MediaState::Refused,
    }
}
