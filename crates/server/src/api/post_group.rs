//! `POST groups`.

use axum::Json;
use axum::extract::State;
use cloakroom_storage::{GroupKind, GroupProfile, MemberScope, StorageError};
use cloakroom_token::{Guid, Uid};
use cloakroom_wire::{CreateGroup, CreatedGroup, Envelope, GroupType};
use serde_json::Value;

use super::Api;
use super::body::JsonBody;
use super::caller::{Caller, active};
use super::cast::Cast;
use super::defuse::answer;
use super::error::ApiError;
use super::group_password;
use super::incoming::{self, optional, value_without_credentials, without_credentials};
use super::put_group_members::{add_members, bounded_members};
use super::rank::Rank;

/// Makes a group. The user who makes it owns it and is in it.
#[utoipa::path(
    post, path = "/groups", tag = "groups",
    request_body(content = CreateGroup),
    responses((status = 200, body = Envelope<CreatedGroup>)),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(super) async fn post_group(
    State(api): State<Api>,
    caller: Caller,
    JsonBody(new): JsonBody<CreateGroup>,
) -> Result<Json<Value>, ApiError> {
    let app = caller.app();
    let guid = Guid::parse(&new.guid).map_err(|_| ApiError::BadField {
        field: "guid",
        rule: "must be 1 to 100 letters, digits, _ or -",
    })?;
    let members = new.members.clone();
    if let Some(members) = &members {
        bounded_members(members)?;
    }
    let owner = owner(&api, &caller, new.owner.as_deref()).await?;
    let profile = profile(&api, new, owner.clone()).await?;
    let now = api.access.now();
    let groups = api.db.groups();
    groups.create(&app.id, &guid, &profile, now).await.map_err(|error| match error {
        StorageError::Conflict => ApiError::GuidAlreadyExists,
        other => other.into(),
    })?;
    if let Some(owner) = &owner {
        groups.add_member(&app.id, &guid, owner, MemberScope::Admin, now).await?;
    }
    let added = match members {
        Some(members) => Some({
            let group = groups.by_guid(&app.id, &guid).await?.ok_or(ApiError::GuidNotFound)?;
            add_members(&api, &app.id, &group, Rank::Owner, &members).await?
        }),
        None => None,
    };
    let group = Cast::new(&api, app, caller.uid()).group(&guid).await?;
    let created = CreatedGroup {
        group: group.ok_or(ApiError::GuidNotFound)?,
        members: added.map(Envelope::new),
    };
    answer(&api, &app.id, &Envelope::new(created))
}

/// The user who asks; only a back end that asks for itself may name another.
async fn owner(api: &Api, caller: &Caller, named: Option<&str>) -> Result<Option<Uid>, ApiError> {
    let owner = match caller.uid() {
        Some(uid) => Some(uid.clone()),
        None => named.map(|raw| Uid::parse(raw).map_err(|_| ApiError::UidNotFound)).transpose()?,
    };
    if let (Some(owner), Caller::BackEnd(_)) = (&owner, caller) {
        active(api, &caller.app().id, owner).await?;
    }
    Ok(owner)
}

async fn profile(
    api: &Api,
    new: CreateGroup,
    owner: Option<Uid>,
) -> Result<GroupProfile, ApiError> {
    let CreateGroup { name, group_type, password, icon, description, mut metadata, .. } = new;
    incoming::name("name", &name, 200)?;
    optional("icon", icon.as_deref(), 2048)?;
    incoming::description("description", description.as_deref(), 2000)?;
    let origin = api.access.origin();
    if let Some(metadata) = &mut metadata {
        value_without_credentials(origin, metadata);
    }
    let password = password.filter(|password| !password.expose().is_empty());
    let (kind, password_hash) = match (group_type, password) {
        (GroupType::Public, _) => (GroupKind::Public, None),
        (GroupType::Private, _) => (GroupKind::Private, None),
        (GroupType::Password, Some(password)) => {
            optional("password", Some(password.expose()), 200)?;
            (GroupKind::Password, Some(group_password::hash(api, password).await?))
        }
        (GroupType::Password, None) => {
            let rule = "must be given for a group of type password";
            return Err(ApiError::BadField { field: "password", rule });
        }
    };
    Ok(GroupProfile {
        name,
        kind,
        password_hash,
        owner,
        icon: icon.map(|url| without_credentials(origin, url)),
        description: description.map(|text| without_credentials(origin, text)),
        metadata,
        history_from_join: false,
    })
}
