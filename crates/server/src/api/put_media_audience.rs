//! `PUT media/{id}/audience`.

use axum::Json;
use axum::extract::State;
use cloakroom_storage::Media;
use cloakroom_token::{FileState, MediaId, MediaUrl, Uid};
use cloakroom_wire::{Envelope, MediaAudience, SetAudience, Success};

use super::Api;
use super::body::JsonBody;
use super::caller::Caller;
use super::error::ApiError;
use super::get_media_file::own_file;
use super::get_media_files::audience_of;
use super::path::InPath;
use super::revoked::revoked;

/// Sets for whom a file is: the back end. A user may open the file of the own avatar to the app.
#[utoipa::path(
    put, path = "/media/{id}/audience", tag = "media",
    params(("id" = String, Path, description = "Which file.")),
    request_body(content = SetAudience),
    responses((status = 200, body = Envelope<Success>)),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(super) async fn put_media_audience(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath<MediaId>,
    JsonBody(SetAudience { audience }): JsonBody<SetAudience>,
) -> Result<Json<Envelope<Success>>, ApiError> {
    let app = &caller.app().id;
    let media = own_file(&api, &caller, id).await?;
    if media.state == FileState::Deleted {
        return Err(ApiError::MediaNotFound);
    }
    if let Some(uid) = caller.uid()
        && !(audience == MediaAudience::App && is_avatar(&api, &caller, uid, &media).await?)
    {
        return Err(ApiError::NotYours { rule: "a user opens only the file of the own avatar" });
    }
    let audience = audience_of(audience);
    let seq = api.db.media().set_audience(app, id, audience, api.access.now()).await?;
    Ok(revoked(seq, Success::DONE))
}

/// Whether a file is the avatar of a user.
async fn is_avatar(api: &Api, caller: &Caller, uid: &Uid, media: &Media) -> Result<bool, ApiError> {
    let app = &caller.app().id;
    let user = api.db.users().by_uid(app, uid).await?.ok_or(ApiError::UidNotFound)?;
    let avatar = user.profile.avatar;
    let url = avatar.and_then(|url| MediaUrl::parse(api.access.origin(), &url).ok());
    Ok(url.is_some_and(|url| url.path().app() == app && url.path().media() == media.id))
}
