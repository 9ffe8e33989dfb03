//! `POST apps`.

use axum::Json;
use axum::extract::State;
use cloakroom_storage::{StorageError, TokenBasedFileAccess};
use cloakroom_token::{AppId, IdError};
use cloakroom_wire::{App, CreateApp, Envelope};

use super::Api;
use super::body::JsonBody;
use super::caller::OperatorCaller;
use super::error::ApiError;
use super::get_settings::app_of;
use super::incoming;
use crate::app_defaults::app_settings;

/// Makes an app, with Token Based File Access off. It has no API key yet: `POST apikeys`.
#[utoipa::path(
    post, path = "/apps", tag = "apps",
    request_body(content = CreateApp),
    responses((status = 200, body = Envelope<App>)),
    security(("operator" = [])),
)]
pub(super) async fn post_app(
    State(api): State<Api>,
    _: OperatorCaller,
    JsonBody(CreateApp { id, name, region }): JsonBody<CreateApp>,
) -> Result<Json<Envelope<App>>, ApiError> {
    let id = AppId::parse(&id).map_err(|error| ApiError::BadField {
        field: "id",
        rule: match error {
            IdError::ContainsFat => "must not contain the letters fat",
            _ => "must be 4 to 32 of a-z and 0-9",
        },
    })?;
    incoming::name("name", &name, 200)?;
    let region = region.as_deref().unwrap_or("us");
    region_of(region)?;
    let (off, settings, now) = (TokenBasedFileAccess::Off, app_settings(&name), api.access.now());
    let made = api.db.apps().create(&id, region, off, &settings, now).await;
    let app = made.map_err(|error| match error {
        StorageError::Conflict => ApiError::AppAlreadyExists,
        other => other.into(),
    })?;
    Ok(Json(Envelope::new(app_of(app))))
}

fn region_of(region: &str) -> Result<(), ApiError> {
    let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if !(1..=32).contains(&region.len()) || !region.bytes().all(word) || region.contains("fat") {
        let rule = "must be 1 to 32 of a-z, 0-9 and -, without the letters fat";
        return Err(ApiError::BadField { field: "region", rule });
    }
    Ok(())
}
