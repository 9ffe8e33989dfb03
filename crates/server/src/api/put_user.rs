//! `PUT users/{uid}`.

use axum::Json;
use axum::extract::State;
use cloakroom_storage::UserProfile;
use cloakroom_token::{MediaUrl, Uid};
use cloakroom_wire::{Envelope, UpdateUser, User};
use serde_json::Value;

use super::Api;
use super::body::JsonBody;
use super::caller::Caller;
use super::cast::user_of;
use super::defuse::answer;
use super::error::ApiError;
use super::incoming::{self, optional, value_without_credentials, without_credentials};
use super::path::InPath;

const MOST_TAGS: usize = 25;

/// Changes a user: the back end anybody, a user the own profile without role and tags.
#[utoipa::path(
    put, path = "/users/{uid}", tag = "users",
    params(("uid" = String, Path, description = "Whom.")),
    request_body(content = UpdateUser),
    responses((status = 200, body = Envelope<User>)),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(super) async fn put_user(
    State(api): State<Api>,
    caller: Caller,
    InPath(uid): InPath<Uid>,
    JsonBody(update): JsonBody<UpdateUser>,
) -> Result<Json<Value>, ApiError> {
    let app = &caller.app().id;
    if let Some(own) = caller.uid() {
        if *own != uid {
            return Err(ApiError::NotYours { rule: "a user changes the own profile only" });
        }
        if update.role.is_some() || update.tags.is_some() {
            return Err(ApiError::NotYours { rule: "role and tags are the back end's to set" });
        }
        may_show(&api, &caller, update.avatar.as_ref().and_then(Option::as_deref)).await?;
    }
    let update = read(&api, update)?;
    let change = |was: &mut UserProfile| apply(update, was);
    let user = api.db.users().change(app, &uid, change, api.access.now()).await?;
    let user = user.ok_or(ApiError::UidNotFound)?;
    answer(&api, app, &Envelope::new(user_of(user)))
}

/// Refuses a user's avatar that is a file of ours which the user may not read.
async fn may_show(api: &Api, caller: &Caller, avatar: Option<&str>) -> Result<(), ApiError> {
    let url = avatar.and_then(|raw| MediaUrl::parse(api.access.origin(), raw).ok());
    let (Some(url), Some(claim)) = (url, caller.claim()) else { return Ok(()) };
    if *url.path().app() != caller.app().id {
        return Err(ApiError::ForeignUrl);
    }
    let decided = api.access.decide(url.path(), &claim, None).await?;
    decided.map(|_| ()).map_err(|_| ApiError::AttachmentForbidden)
}

/// Checks the bounds, and takes credentials off URLs of ours.
fn read(api: &Api, update: UpdateUser) -> Result<UpdateUser, ApiError> {
    let UpdateUser { name, avatar, link, status_message, role, tags, mut metadata } = update;
    if let Some(name) = &name {
        incoming::name("name", name, 200)?;
    }
    optional("avatar", avatar.as_ref().and_then(Option::as_deref), 2048)?;
    optional("link", link.as_ref().and_then(Option::as_deref), 2048)?;
    let status = status_message.as_ref().and_then(Option::as_deref);
    incoming::description("statusMessage", status, 200)?;
    if let Some(role) = &role {
        incoming::name("role", role, 100)?;
    }
    if tags.as_ref().is_some_and(|tags| tags.len() > MOST_TAGS) {
        return Err(ApiError::BadField { field: "tags", rule: "must be at most 25" });
    }
    for tag in tags.iter().flatten() {
        incoming::name("tags[]", tag, 100)?;
    }
    let origin = api.access.origin();
    if let Some(Some(metadata)) = &mut metadata {
        value_without_credentials(origin, metadata);
    }
    let clean = |text: Option<String>| text.map(|text| without_credentials(origin, text));
    Ok(UpdateUser {
        name,
        avatar: avatar.map(clean),
        link: link.map(clean),
        status_message: status_message.map(clean),
        role,
        tags,
        metadata,
    })
}

fn apply(update: UpdateUser, profile: &mut UserProfile) {
    if let Some(name) = update.name {
        profile.name = name;
    }
    if let Some(avatar) = update.avatar {
        profile.avatar = avatar;
    }
    if let Some(link) = update.link {
        profile.link = link;
    }
    if let Some(status_message) = update.status_message {
        profile.status_message = status_message;
    }
    if let Some(role) = update.role {
        profile.role = role;
    }
    if let Some(tags) = update.tags {
        profile.tags = tags;
    }
    if let Some(metadata) = update.metadata {
        profile.metadata = metadata;
    }
}
