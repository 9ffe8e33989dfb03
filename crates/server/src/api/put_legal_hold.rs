//! `PUT media/{id}/legal_hold`.

use axum::Json;
use axum::extract::State;
use cloakroom_token::MediaId;
use cloakroom_wire::{Envelope, SetLegalHold, Success};

use super::Api;
use super::body::JsonBody;
use super::caller::AppAdmin;
use super::error::ApiError;
use super::path::InPath;

/// Holds a file, or lets it go. While it is held, retention removes no message that carries it, and
/// its bytes stay even if it is deleted; who may read it does not change.
#[utoipa::path(
    put, path = "/media/{id}/legal_hold", tag = "media",
    params(("id" = String, Path, description = "Which file.")),
    request_body(content = SetLegalHold),
    responses((status = 200, body = Envelope<Success>)),
    security(("apikey" = []), ("operator" = [])),
)]
pub(super) async fn put_legal_hold(
    State(api): State<Api>,
    admin: AppAdmin,
    InPath(id): InPath<MediaId>,
    JsonBody(SetLegalHold { hold }): JsonBody<SetLegalHold>,
) -> Result<Json<Envelope<Success>>, ApiError> {
    let app = &admin.app.id;
    api.db.media().by_id(app, id).await?.ok_or(ApiError::MediaNotFound)?;
    api.db.retention().hold(app, id, hold, api.access.now()).await?;
    Ok(Json(Envelope::new(Success::DONE)))
}
