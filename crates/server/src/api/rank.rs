//! Who may do what to whom in a group.

use cloakroom_storage::{Group, MemberScope};
use cloakroom_token::{AppId, Uid};

use super::Api;
use super::caller::Caller;
use super::error::ApiError;
use super::get_group::outsider;

/// What somebody may do in a group; each may do what those before may.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Rank {
    Participant,
    Moderator,
    Admin,
    Owner,
    BackEnd,
}

impl Rank {
    /// What the caller may do in a group.
    pub(super) async fn of_caller(
        api: &Api,
        caller: &Caller,
        group: &Group,
    ) -> Result<Self, ApiError> {
        match caller.uid() {
            None => Ok(Self::BackEnd),
            Some(uid) => {
                let rank = Self::of_member(api, &caller.app().id, group, uid).await?;
                rank.ok_or_else(|| outsider(group))
            }
        }
    }

    /// What a user may do in a group; `None` outside it.
    pub(super) async fn of_member(
        api: &Api,
        app: &AppId,
        group: &Group,
        uid: &Uid,
    ) -> Result<Option<Self>, ApiError> {
        let membership = api.db.groups().membership(app, &group.guid, uid).await?;
        Ok(membership.map(|member| match member.scope {
            _ if group.profile.owner.as_ref() == Some(uid) => Self::Owner,
            MemberScope::Admin => Self::Admin,
            MemberScope::Moderator => Self::Moderator,
            MemberScope::Participant => Self::Participant,
        }))
    }

    /// Refuses to do less than `least` may.
    pub(super) fn at_least(self, least: Self, rule: &'static str) -> Result<(), ApiError> {
        if self >= least { Ok(()) } else { Err(ApiError::NotYours { rule }) }
    }

    /// Refuses to take out or keep out somebody of rank `whom`; `None`: somebody outside.
    pub(super) fn may_remove(self, whom: Option<Self>) -> Result<(), ApiError> {
        match (self, whom) {
            (_, Some(Self::Owner)) => Err(OWNER_STAYS),
            (Self::BackEnd | Self::Owner | Self::Admin, _)
            | (Self::Moderator, None | Some(Self::Participant)) => Ok(()),
            _ => Err(ApiError::NotYours {
                rule: "only an admin, or for participants a moderator, may remove a member",
            }),
        }
    }
}

/// Why nobody removes the owner, who cannot leave either.
pub(super) const OWNER_STAYS: ApiError =
    ApiError::NotYours { rule: "the owner stays until the group has another owner" };

#[cfg(test)]
mod tests {
    use super::Rank::{Admin, BackEnd, Moderator, Owner, Participant};

    #[test]
    fn who_removes_whom() {
        let cases = [
            (Participant, [false, false, false, false, false]),
            (Moderator, [true, true, false, false, false]),
            (Admin, [true, true, true, true, false]),
            (Owner, [true, true, true, true, false]),
            (BackEnd, [true, true, true, true, false]),
        ];
        let whom = [None, Some(Participant), Some(Moderator), Some(Admin), Some(Owner)];
        for (rank, expected) in cases {
            let got = whom.map(|whom| rank.may_remove(whom).is_ok());
            assert_eq!(got, expected, "{rank:?}");
        }
    }
}
