//! `PUT me`: begins or resumes the use of a session.

use axum::Json;
use axum::extract::State;
use cloakroom_storage::{App, IssuedFat, TokenBasedFileAccess};
use cloakroom_token::{SessionId, Uid};
use cloakroom_wire::{ClientInfo, Envelope, Me, Secret, Settings, TimeMeta};
use serde_json::Value;

use super::Api;
use super::body::OptionalJsonBody;
use super::caller::UserCaller;
use super::cast::Cast;
use super::defuse;
use super::error::ApiError;
use super::sdk::Sdk;

/// Gives the own user, the settings of the app, a ticket for the real-time channel (`jwt`) and,
/// while Token Based File Access is observed or on, a fresh File Access Token.
#[utoipa::path(
    put, path = "/me", tag = "sessions",
    request_body(content = ClientInfo),
    responses((status = 200, body = Envelope<Me, TimeMeta>)),
    security(("authtoken" = [])),
)]
pub(super) async fn put_me(
    State(api): State<Api>,
    caller: UserCaller,
    sdk: Sdk,
    OptionalJsonBody(_client): OptionalJsonBody<ClientInfo>,
) -> Result<Json<Value>, ApiError> {
    let UserCaller { app, session, uid, auth_token } = caller;
    let now = api.access.now();
    let fat = fresh_fat(&api, &app, session, &uid, &sdk).await?;
    // Worth recording, but no reason to keep anybody from logging in.
    let (name, issued) = (sdk.0.as_deref(), fat.as_ref().map(|(_, issued)| issued));
    if let Err(error) = api.db.sessions().touch(&app.id, session, name, issued, now).await {
        tracing::warn!(%error, "the use of a session was not recorded");
    }
    let user = Cast::new(&api, &app, None).user(&uid).await?;
    let me =
        Me { user, auth_token: None, fat: None, fat_expires_at: None, jwt: None, settings: None };
    let Json(mut answer) =
        defuse::answer(&api, &app.id, &Envelope::with_meta(me, TimeMeta { server_time: now.0 }))?;
    let jwt = api.access.socket_ticket(&app.id, &uid, session).map_err(ApiError::internal)?;
    // Added after the defusing, which would disarm the media host itself.
    let own = Me {
        user: cloakroom_wire::User::default(),
        auth_token: Some(auth_token),
        fat_expires_at: issued.map(|issued| issued.expires_at.0),
        fat: fat.map(|(fat, _)| fat),
        jwt: Some(Secret::new(jwt)),
        settings: Some(settings(&api, &app)),
    };
    let own = serde_json::to_value(own).map_err(ApiError::internal)?;
    for key in ["authToken", "fat", "fatExpiresAt", "jwt", "settings"] {
        if let Some(value) = own.get(key) {
            answer["data"][key] = value.clone();
        }
    }
    Ok(Json(answer))
}

/// A File Access Token and what is to be recorded of it; `None` while Token Based File Access is off.
pub(super) async fn fresh_fat(
    api: &Api,
    app: &App,
    session: SessionId,
    uid: &Uid,
    sdk: &Sdk,
) -> Result<Option<(Secret, IssuedFat)>, ApiError> {
    if app.token_based_file_access == TokenBasedFileAccess::Off {
        return Ok(None);
    }
    let lifetime_seconds = sdk.fat_lifetime_seconds(app);
    let (fat, issued) = api.access.issue_fat(app, session, uid, lifetime_seconds).await?;
    Ok(Some((Secret::new(fat.as_str()), issued)))
}

fn settings(api: &Api, app: &App) -> Settings {
    let protects = app.token_based_file_access != TokenBasedFileAccess::Off;
    Settings {
        client_api_host: api.public_host.clone(),
        admin_api_host: api.public_host.clone(),
        chat_api_version: "v3.0".to_owned(),
        secured_media_host: protects.then(|| api.access.origin().secured_media_host(&app.id)),
        chat_host: Some(api.chat.host.clone()),
        chat_wss_port: Some(api.chat.port),
        chat_ws_port: Some(api.chat.port),
        chat_use_tls: Some(api.chat.has_tls),
        analytics_ping_disabled: true,
        file_size_max: app.settings.file_size_max,
        file_count_max: app.settings.file_count_max,
    }
}
