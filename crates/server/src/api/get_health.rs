//! `GET /health`, `GET /ready`, `GET /.well-known/jwks.json`: outside `/v3`, for everybody.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::Api;
use super::error::ApiError;
use cloakroom_storage::StorageError;

/// Says that the process lives.
pub(super) async fn get_health() -> Json<Value> {
    Json(json!({"data": {"status": "ok"}}))
}

/// Says that the database answers and that what is in memory may be believed.
pub(super) async fn get_ready(State(api): State<Api>) -> Result<Json<Value>, ApiError> {
    api.db.ping().await.map_err(|error| {
        tracing::warn!(%error, "not ready: the database does not answer");
        StorageError::Busy
    })?;
    if !api.access.is_fresh() {
        return Err(StorageError::Busy.into());
    }
    Ok(Json(json!({"data": {"status": "ready"}})))
}

/// Gives the public keys of File Access Tokens (RFC 7517).
pub(super) async fn jwks(State(api): State<Api>) -> Response {
    ([(header::CACHE_CONTROL, "public, max-age=300")], Json(api.access.jwks())).into_response()
}
