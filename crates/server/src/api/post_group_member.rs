//! `POST groups/{guid}/members`: join, or as the back end add.

use axum::Json;
use axum::extract::State;
use cloakroom_storage::{GroupKind, MemberScope};
use cloakroom_token::Guid;
use cloakroom_wire::{ActionMessage, Envelope, JoinGroup, NewMembers};
use serde_json::Value;

use super::Api;
use super::api_limits::Address;
use super::body::OptionalJsonBody;
use super::caller::Caller;
use super::cast::Cast;
use super::defuse::answer;
use super::error::ApiError;
use super::group_password;
use super::path::InPath;
use super::put_group_members::add_members;
use super::rank::Rank;

/// Joins a public group, or one whose password the caller knows. The back end, asking for itself,
/// adds `participants` instead.
#[utoipa::path(
    post, path = "/groups/{guid}/members", tag = "groups",
    params(("guid" = String, Path, description = "Which group.")),
    request_body(content = JoinGroup),
    responses((status = 200, body = Envelope<ActionMessage>)),
    security(("authtoken" = []), ("apikey" = [])),
)]
pub(super) async fn post_group_member(
    State(api): State<Api>,
    caller: Caller,
    Address(address): Address,
    InPath(guid): InPath<Guid>,
    OptionalJsonBody(join): OptionalJsonBody<JoinGroup>,
) -> Result<Json<Value>, ApiError> {
    let app = caller.app();
    let groups = api.db.groups();
    let group = groups.by_guid(&app.id, &guid).await?.ok_or(ApiError::GuidNotFound)?;
    let Some(uid) = caller.uid() else {
        let members = NewMembers { participants: join.participants, ..NewMembers::default() };
        let added = add_members(&api, &app.id, &group, Rank::BackEnd, &members).await?;
        return answer(&api, &app.id, &Envelope::new(added));
    };
    let now = api.access.now();
    if groups.membership(&app.id, &guid, uid).await?.is_none() {
        let banned = groups.banned_since(&app.id, &guid, uid).await?.is_some();
        // Whether there is such a private group is for its members to know.
        if banned && group.profile.kind != GroupKind::Private {
            return Err(ApiError::Banned);
        }
        match (group.profile.kind, join.password, group.profile.password_hash) {
            (GroupKind::Public, ..) => {}
            (GroupKind::Password, Some(password), Some(stored)) => {
                api.limits.try_password(&app.id, uid, &guid, address)?;
                if !group_password::verify(&api, password, stored).await? {
                    return Err(ApiError::NotYours {
                        rule: "the password of the group is another",
                    });
                }
            }
            (GroupKind::Password, ..) => {
                return Err(ApiError::NotYours { rule: "this group asks for its password" });
            }
            // Whether there is such a private group is for its members to know.
            (GroupKind::Private, ..) => return Err(ApiError::GuidNotFound),
        }
        groups
            .add_member(&app.id, &guid, uid, MemberScope::Participant, now)
            .await?
            .ok_or(ApiError::GuidNotFound)?;
    }
    let mut cast = Cast::new(&api, app, Some(uid));
    let user = cast.user(uid).await?;
    let group = cast.group(&guid).await?.ok_or(ApiError::GuidNotFound)?;
    let joined = ActionMessage::joined(format!("{guid}-{}", now.0), user, group, now.0);
    answer(&api, &app.id, &Envelope::new(joined))
}
