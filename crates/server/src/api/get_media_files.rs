//! `GET media`.

use axum::Json;
use axum::extract::State;
use cloakroom_storage::MediaFilter;
use cloakroom_token::{AppId, Audience, FileState, MediaId, Uid, UnixSeconds};
use cloakroom_wire::{Envelope, MediaAudience, MediaFile, MediaQuery, MediaState, NextMeta};
use serde_json::Value;

use super::Api;
use super::caller::AppBackEnd;
use super::cursor::CursorPage;
use super::defuse::answer;
use super::error::ApiError;
use super::get_media_file::file_of;
use super::incoming::optional;
use super::page::per_page;
use super::path::InQuery;

/// Gives the files of the app that the filters let through, the newest first.
#[utoipa::path(
    get, path = "/media", tag = "media",
    params(MediaQuery),
    responses((status = 200, body = Envelope<Vec<MediaFile>, NextMeta>)),
    security(("apikey" = [])),
)]
pub(super) async fn get_media_files(
    State(api): State<Api>,
    caller: AppBackEnd,
    InQuery(query): InQuery<MediaQuery>,
) -> Result<Json<Value>, ApiError> {
    let app = &caller.app.id;
    let per_page = per_page(query.per_page)?;
    let filter = filter(&query)?;
    let page = CursorPage::read(list_name(app, &filter), per_page, query.cursor.as_deref())?;
    let after = page.after(|raw| MediaId::parse(raw).ok())?;
    let mut found = api.db.media().page(app, &filter, after, page.limit()).await?;
    let meta = page.cut(&mut found, |last| (last.created_at, last.id.to_string()));
    let mut files = Vec::with_capacity(found.len());
    for media in found {
        files.push(file_of(&api, app, media).await?);
    }
    answer(&api, app, &Envelope::with_meta(files, meta))
}

fn filter(query: &MediaQuery) -> Result<MediaFilter, ApiError> {
    let rule = "must be 1 to 100 letters, digits, _ or -";
    let uploader = query
        .uploader
        .as_deref()
        .map(|raw| Uid::parse(raw).map_err(|_| ApiError::BadField { field: "uploader", rule }));
    optional("conversationId", query.conversation_id.as_deref(), 300)?;
    Ok(MediaFilter {
        uploader: uploader.transpose()?,
        audience: query.audience.map(audience_of),
        state: query.state.map(|state| match state {
            MediaState::Checking => FileState::Checking,
            MediaState::Deleted => FileState::Deleted,
            MediaState::Ready => FileState::Ready,
            MediaState::Receiving => FileState::Receiving,
            MediaState::Refused => FileState::Refused,
        }),
        conversation_id: query.conversation_id.clone(),
        from: query.from.map(UnixSeconds),
        to: query.to.map(UnixSeconds),
    })
}

/// Names the list with its filters, so that no other list takes its cursor.
fn list_name(app: &AppId, filter: &MediaFilter) -> String {
    format!("media/{app} {filter:?}")
}

/// The audience that a word names.
pub(super) fn audience_of(audience: MediaAudience) -> Audience {
    match audience {
        MediaAudience::App => Audience::App,
        MediaAudience::Conversation => Audience::Conversation,
    }
}
