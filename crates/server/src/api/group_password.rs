//! Passwords of groups, hashed off the async threads.

use cloakroom_wire::Secret;
use tokio::task::spawn_blocking;

use super::Api;
use super::error::ApiError;
use crate::password;

/// The hash to store.
pub(super) async fn hash(api: &Api, password: Secret) -> Result<String, ApiError> {
    let _slot = api.limits.password_slot().await?;
    let hashed = spawn_blocking(move || password::hash(password.expose())).await;
    hashed.map_err(ApiError::internal)?.ok_or_else(|| ApiError::internal("hashing failed"))
}

/// Whether this is the password. A stored hash that cannot be read matches nothing.
pub(super) async fn verify(api: &Api, password: Secret, stored: String) -> Result<bool, ApiError> {
    let _slot = api.limits.password_slot().await?;
    let verified = spawn_blocking(move || password::verify(password.expose(), &stored));
    verified.await.map_err(ApiError::internal)
}
