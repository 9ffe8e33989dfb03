//! `PUT settings/token_based_file_access`.

use axum::Json;
use axum::extract::State;
use cloakroom_storage::TokenBasedFileAccess;
use cloakroom_wire::{App, Envelope, FileAccess, SwitchFileAccess};

use super::Api;
use super::body::JsonBody;
use super::caller::AppAdmin;
use super::error::ApiError;
use super::get_settings::app_of;

/// Moves Token Based File Access forward: off, observe, on. The command line alone goes back.
#[utoipa::path(
    put, path = "/settings/token_based_file_access", tag = "apps",
    request_body(content = SwitchFileAccess),
    responses((status = 200, body = Envelope<App>)),
    security(("apikey" = []), ("operator" = [])),
)]
pub(super) async fn put_file_access(
    State(api): State<Api>,
    admin: AppAdmin,
    JsonBody(SwitchFileAccess { to }): JsonBody<SwitchFileAccess>,
) -> Result<Json<Envelope<App>>, ApiError> {
    let to = match to {
        FileAccess::Off => TokenBasedFileAccess::Off,
        FileAccess::Observe => TokenBasedFileAccess::Observe,
        FileAccess::On => TokenBasedFileAccess::On,
    };
    let apps = api.db.apps();
    let id = &admin.app.id;
    let now = apps.advance_token_based_file_access(id, to, api.access.now()).await?;
    if now.ok_or(ApiError::AppNotFound)? != to {
        return Err(ApiError::StepNotAllowed);
    }
    let app = apps.by_id(id).await?.ok_or(ApiError::AppNotFound)?;
    Ok(Json(Envelope::new(app_of(app))))
}
