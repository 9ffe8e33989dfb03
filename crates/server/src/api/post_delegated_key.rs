//! `POST delegated_keys`.

use axum::Json;
use axum::extract::State;
use cloakroom_storage::NewDelegatedKey;
use cloakroom_token::{DelegatedBounds, DelegatedSecret, MIN_LIFETIME_SECONDS, Uid};
use cloakroom_wire::{CreateDelegatedKey, CreatedDelegatedKey, Envelope, Secret};

use super::Api;
use super::body::JsonBody;
use super::caller::AppAdmin;
use super::error::ApiError;
use super::get_delegated_key::{find, key_of};
use super::incoming;
use super::presign_media::purpose_of;
use super::shown_once::{ShownOnce, shown_once};
use crate::secret::{key_id, random};

/// How many of an app may be in force.
const MOST_KEYS: u64 = 20;
const MOST_FETCHES_PER_MINUTE: u32 = 1_000_000;

/// Makes a delegated key, with which the app's back end presigns without calling us: for users it
/// names, within the bounds given here. Its secret is shown once.
#[utoipa::path(
    post, path = "/delegated_keys", tag = "delegated_keys",
    request_body(content = CreateDelegatedKey),
    responses((status = 200, body = Envelope<CreatedDelegatedKey>)),
    security(("apikey" = []), ("operator" = [])),
)]
pub(super) async fn post_delegated_key(
    State(api): State<Api>,
    admin: AppAdmin,
    JsonBody(request): JsonBody<CreateDelegatedKey>,
) -> Result<ShownOnce<Envelope<CreatedDelegatedKey>>, ApiError> {
    let app = &admin.app;
    incoming::name("name", &request.name, 100)?;
    let most_seconds = i64::from(app.settings.policy.back_end_presign_ttl_max_seconds);
    if !(MIN_LIFETIME_SECONDS..=most_seconds).contains(&request.max_ttl_seconds) {
        let rule = "must be 60 to the app's backEndPresignTtlMaxSeconds";
        return Err(ApiError::BadField { field: "maxTtlSeconds", rule });
    }
    let per_minute = request.fetches_per_minute;
    if per_minute.is_some_and(|most| !(1..=MOST_FETCHES_PER_MINUTE).contains(&most)) {
        return Err(ApiError::BadField { field: "fetchesPerMinute", rule: "must be 1 to 1000000" });
    }
    let rule = "must be 1 to 100 letters, digits, _ or -";
    let prefix = request.uid_prefix.as_deref().map(Uid::parse).transpose();
    let uid_prefix = prefix.map_err(|_| ApiError::BadField { field: "uidPrefix", rule })?;
    if api.db.delegated_keys().count_live(&app.id).await? >= MOST_KEYS {
        let rule = "would be the 21st of the app; revoke one first";
        return Err(ApiError::BadField { field: "name", rule });
    }
    let mut purposes: Vec<_> = request.purposes.into_iter().map(purpose_of).collect();
    purposes.sort_unstable();
    purposes.dedup();
    let bounds = DelegatedBounds { max_ttl_seconds: request.max_ttl_seconds, purposes, uid_prefix };
    let (id, bytes) = (key_id(), zeroize::Zeroizing::new(random::<32>()));
    let new = NewDelegatedKey {
        id: &id,
        name: &request.name,
        wrapped: &api.access.wrap(&id, &bytes),
        bounds: &bounds,
        fetches_per_minute: per_minute,
    };
    let generation = api.db.delegated_keys().create(&app.id, &new, api.access.now()).await?;
    let created = CreatedDelegatedKey {
        key: key_of(find(&api, &app.id, &id).await?, generation),
        media_origin: api.access.origin().to_string(),
        secret: Secret::new(DelegatedSecret::from_bytes(&bytes).expose()),
    };
    Ok(shown_once(id.as_str(), Json(Envelope::new(created))))
}
