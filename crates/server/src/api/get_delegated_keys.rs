//! `GET delegated_keys`.

use axum::Json;
use axum::extract::State;
use cloakroom_token::KeyId;
use cloakroom_wire::{DelegatedKey, Envelope, NextMeta};
use serde::Deserialize;

use super::Api;
use super::caller::AppAdmin;
use super::cursor::CursorPage;
use super::error::ApiError;
use super::get_delegated_key::key_of;
use super::page::per_page;
use super::path::InQuery;

/// Which page.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct DelegatedKeysQuery {
    /// How many, 1 to 100; 30 if left out.
    per_page: Option<u32>,
    /// `meta.next` of the page before.
    cursor: Option<String>,
}

/// Gives the delegated keys of the app, the oldest first, revoked ones included. Never a secret.
#[utoipa::path(
    get, path = "/delegated_keys", tag = "delegated_keys",
    params(DelegatedKeysQuery),
    responses((status = 200, body = Envelope<Vec<DelegatedKey>, NextMeta>)),
    security(("apikey" = []), ("operator" = [])),
)]
pub(super) async fn get_delegated_keys(
    State(api): State<Api>,
    admin: AppAdmin,
    InQuery(query): InQuery<DelegatedKeysQuery>,
) -> Result<Json<Envelope<Vec<DelegatedKey>, NextMeta>>, ApiError> {
    let (app, generation) = (&admin.app.id, api.access.head());
    let list = format!("delegated_keys/{app}");
    let page = CursorPage::read(list, per_page(query.per_page)?, query.cursor.as_deref())?;
    let after = page.after(|raw| KeyId::parse(raw).ok())?;
    let after = after.as_ref().map(|(made, id)| (*made, id.as_str()));
    let mut found = api.db.delegated_keys().list(app, after, page.limit()).await?;
    let meta = page.cut(&mut found, |last| (last.created_at, last.id.to_string()));
    let keys = found.into_iter().map(|row| key_of(row, generation)).collect();
    Ok(Json(Envelope::with_meta(keys, meta)))
}
