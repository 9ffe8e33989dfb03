//! `DELETE media/{id}`.

use axum::Json;
use axum::extract::State;
use cloakroom_token::MediaId;
use cloakroom_wire::{Envelope, Success};

use super::Api;
use super::caller::Caller;
use super::error::ApiError;
use super::get_media_file::own_file;
use super::path::InPath;
use super::revoked::revoked;

/// Deletes a file: the back end, or its uploader. Nobody reads it any more, by whatever token or
/// URL; the messages that carry it stay.
#[utoipa::path(
    delete, path = "/media/{id}", tag = "media",
    params(("id" = String, Path, description = "Which file.")),
    responses((status = 200, body = Envelope<Success>)),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(super) async fn delete_media_file(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath<MediaId>,
) -> Result<Json<Envelope<Success>>, ApiError> {
    own_file(&api, &caller, id).await?;
    let seq = api.db.media().delete(&caller.app().id, id, api.access.now()).await?;
    Ok(revoked(seq, Success::DONE))
}
