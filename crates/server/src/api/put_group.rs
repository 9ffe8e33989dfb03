//! `PUT groups/{guid}`.

use axum::Json;
use axum::extract::State;
use cloakroom_storage as stored;
use cloakroom_storage::{GroupKind, GroupProfile, StorageError};
use cloakroom_token::{AppId, Guid, Uid};
use cloakroom_wire::{Envelope, Group, GroupType, Secret, UpdateGroup};
use serde_json::Value;

use super::Api;
use super::body::JsonBody;
use super::caller::{Caller, active};
use super::cast::Cast;
use super::defuse::answer;
use super::error::ApiError;
use super::group_password;
use super::incoming::{self, optional, value_without_credentials, without_credentials};
use super::path::InPath;
use super::rank::Rank;

/// Changes a group: a moderator its name, icon, description and metadata, an admin also its type
/// and password, the owner also who owns it, the back end everything.
#[utoipa::path(
    put, path = "/groups/{guid}", tag = "groups",
    params(("guid" = String, Path, description = "Which group.")),
    request_body(content = UpdateGroup),
    responses((status = 200, body = Envelope<Group>)),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(super) async fn put_group(
    State(api): State<Api>,
    caller: Caller,
    InPath(guid): InPath<Guid>,
    JsonBody(update): JsonBody<UpdateGroup>,
) -> Result<Json<Value>, ApiError> {
    let app = caller.app();
    let groups = api.db.groups();
    let group = groups.by_guid(&app.id, &guid).await?.ok_or(ApiError::GuidNotFound)?;
    let rank = Rank::of_caller(&api, &caller, &group).await?;
    rank.at_least(Rank::Moderator, "only admins and moderators change a group")?;
    if update.group_type.is_some() || update.password.is_some() {
        rank.at_least(Rank::Admin, "only an admin of the group sets who may join")?;
    }
    if update.owner.is_some() {
        rank.at_least(Rank::Owner, "only the owner passes a group on")?;
    }
    let change = Change::read(&api, &app.id, &group, update).await?;
    let changed = groups.change(&app.id, &guid, |was| change.apply(was), api.access.now()).await;
    let seq = changed.map_err(|error| match error {
        StorageError::Missing => NOT_A_MEMBER,
        other => other.into(),
    })?;
    seq.ok_or(ApiError::GuidNotFound)?;
    let group = Cast::new(&api, app, caller.uid()).group(&guid).await?;
    answer(&api, &app.id, &Envelope::new(group.ok_or(ApiError::GuidNotFound)?))
}

const NOT_A_MEMBER: ApiError =
    ApiError::BadField { field: "owner", rule: "must be the uid of a member of the group" };

/// A change that was read and may be made.
#[expect(clippy::option_option, reason = "nothing said, null, and a value are three things")]
struct Change {
    name: Option<String>,
    icon: Option<Option<String>>,
    description: Option<Option<String>>,
    metadata: Option<Option<Value>>,
    joining: Option<(GroupKind, Option<String>)>,
    owner: Option<Uid>,
}

impl Change {
    async fn read(
        api: &Api,
        app: &AppId,
        group: &stored::Group,
        update: UpdateGroup,
    ) -> Result<Self, ApiError> {
        let UpdateGroup { name, icon, description, mut metadata, group_type, password, owner } =
            update;
        if let Some(name) = &name {
            incoming::name("name", name, 200)?;
        }
        optional("icon", icon.as_ref().and_then(Option::as_deref), 2048)?;
        let text = description.as_ref().and_then(Option::as_deref);
        incoming::description("description", text, 2000)?;
        optional("password", password.as_ref().map(Secret::expose), 200)?;
        let owner = match owner {
            None => None,
            Some(raw) => {
                let uid = Uid::parse(&raw).map_err(|_| NOT_A_MEMBER)?;
                active(api, app, &uid).await?;
                Some(uid)
            }
        };
        let origin = api.access.origin();
        if let Some(Some(metadata)) = &mut metadata {
            value_without_credentials(origin, metadata);
        }
        let clean = |text: Option<String>| text.map(|text| without_credentials(origin, text));
        let kind = group_type.map_or(group.profile.kind, kind_of);
        let password = password.filter(|password| !password.expose().is_empty());
        let joining = match (kind, password) {
            (GroupKind::Password, Some(password)) => {
                Some((kind, Some(group_password::hash(api, password).await?)))
            }
            (GroupKind::Password, None) if group.profile.kind != GroupKind::Password => {
                let rule = "must be given for a group of type password";
                return Err(ApiError::BadField { field: "password", rule });
            }
            (_, Some(_)) => {
                let rule = "is for groups of type password only";
                return Err(ApiError::BadField { field: "password", rule });
            }
            (GroupKind::Password, None) => None,
            (GroupKind::Public | GroupKind::Private, None) => group_type.map(|_| (kind, None)),
        };
        Ok(Self {
            name,
            icon: icon.map(clean),
            description: description.map(clean),
            metadata,
            joining,
            owner,
        })
    }

    fn apply(self, profile: &mut GroupProfile) {
        if let Some(name) = self.name {
            profile.name = name;
        }
        if let Some(icon) = self.icon {
            profile.icon = icon;
        }
        if let Some(description) = self.description {
            profile.description = description;
        }
        if let Some(metadata) = self.metadata {
            profile.metadata = metadata;
        }
        if let Some((kind, password_hash)) = self.joining {
            profile.kind = kind;
            profile.password_hash = password_hash;
        }
        if let Some(owner) = self.owner {
            profile.owner = Some(owner);
        }
    }
}

fn kind_of(group_type: GroupType) -> GroupKind {
    match group_type {
        GroupType::Password => GroupKind::Password,
        GroupType::Private => GroupKind::Private,
        GroupType::Public => GroupKind::Public,
    }
}
