//! Users, groups and messages as they go out, each looked up once an answer.

use std::collections::HashMap;

use cloakroom_storage as stored;
use cloakroom_storage::{App, GroupKind, Receiver};
use cloakroom_token::{Guid, Uid};
use cloakroom_wire::{
    Entity, Group, GroupType, Member, MemberScope, Message, MessageData, MessageEntities,
    ReceiverType, User, UserStatus,
};

use super::Api;
use super::content::Content;
use super::error::ApiError;

/// Those who take part in one answer.
pub(super) struct Cast<'a> {
    api: &'a Api,
    app: &'a App,
    /// Who will see it; groups say how this user stands to them.
    viewer: Option<&'a Uid>,
    users: HashMap<Uid, User>,
    groups: HashMap<Guid, Option<Group>>,
}

impl<'a> Cast<'a> {
    pub(super) fn new(api: &'a Api, app: &'a App, viewer: Option<&'a Uid>) -> Self {
        Self { api, app, viewer, users: HashMap::new(), groups: HashMap::new() }
    }

    /// A user; of a deleted one only the uid is left.
    pub(super) async fn user(&mut self, uid: &Uid) -> Result<User, ApiError> {
        if let Some(user) = self.users.get(uid) {
            return Ok(user.clone());
        }
        let user = match self.api.db.users().by_uid(&self.app.id, uid).await? {
            Some(user) => user_of(user),
            None => User {
                uid: uid.to_string(),
                name: uid.to_string(),
                role: "default".to_owned(),
                ..User::default()
            },
        };
        self.users.insert(uid.clone(), user.clone());
        Ok(user)
    }

    /// A group as the viewer stands to it; `None` if there is none.
    pub(super) async fn group(&mut self, guid: &Guid) -> Result<Option<Group>, ApiError> {
        if let Some(group) = self.groups.get(guid) {
            return Ok(group.clone());
        }
        let group = match self.api.db.groups().by_guid(&self.app.id, guid).await? {
            Some(group) => Some(self.group_of(group).await?),
            None => None,
        };
        self.groups.insert(guid.clone(), group.clone());
        Ok(group)
    }

    /// A stored group as the viewer stands to it.
    pub(super) async fn group_of(&self, group: stored::Group) -> Result<Group, ApiError> {
        let membership = match self.viewer {
            Some(uid) => self.api.db.groups().membership(&self.app.id, &group.guid, uid).await?,
            None => None,
        };
        let mut shown = Group {
            guid: group.guid.to_string(),
            name: group.profile.name,
            group_type: match group.profile.kind {
                GroupKind::Public => GroupType::Public,
                GroupKind::Password => GroupType::Password,
                GroupKind::Private => GroupType::Private,
            },
            icon: group.profile.icon,
            description: group.profile.description,
            owner: group.profile.owner.map(String::from),
            metadata: group.profile.metadata,
            members_count: group.members_count,
            created_at: group.created_at.0,
            updated_at: Some(group.updated_at.0),
            ..Group::default()
        };
        stand(&mut shown, membership.as_ref());
        Ok(shown)
    }

    /// A member of a group.
    pub(super) async fn member(&mut self, member: stored::Member) -> Result<Member, ApiError> {
        Ok(Member {
            user: self.user(&member.uid).await?,
            scope: scope_of(member.scope),
            joined_at: member.joined_at.0,
        })
    }

    /// A message with everybody in it. Of a deleted one, what it said is gone.
    pub(super) async fn message(&mut self, message: stored::Message) -> Result<Message, ApiError> {
        let sender = Entity::User(self.user(&message.sender).await?);
        let receiver = self.receiver(&message.receiver).await?;
        let content = match message.deleted_at {
            Some(_) => Content::default(),
            None => Content::of_stored(&message.data)?,
        };
        let origin = self.api.access.origin();
        let attachments: Vec<_> = content
            .attachments
            .iter()
            .filter_map(|carried| carried.attachment(origin, &self.app.id))
            .collect();
        let (receiver_type, receiver_id) = match message.receiver {
            Receiver::Group(guid) => (ReceiverType::Group, String::from(guid)),
            Receiver::User(uid) => (ReceiverType::User, String::from(uid)),
        };
        Ok(Message {
            id: message.id.to_string(),
            conversation_id: message.conversation_id,
            sender: message.sender.into(),
            receiver: receiver_id,
            receiver_type,
            category: message.category,
            message_type: message.kind,
            sent_at: message.sent_at.0,
            updated_at: message.updated_at.0,
            deleted_at: message.deleted_at.map(|at| at.0),
            deleted_by: message.deleted_by.map(String::from),
            muid: message.muid,
            tags: content.tags,
            data: MessageData {
                text: content.text,
                metadata: content.metadata,
                custom_data: content.custom_data,
                url: attachments.first().map(|first| first.url.clone()),
                attachments,
                entities: Some(Box::new(MessageEntities { sender, receiver })),
            },
        })
    }

    /// Messages in the order given.
    pub(super) async fn messages(
        &mut self,
        messages: Vec<stored::Message>,
    ) -> Result<Vec<Message>, ApiError> {
        let mut out = Vec::with_capacity(messages.len());
        for message in messages {
            out.push(self.message(message).await?);
        }
        Ok(out)
    }

    /// To whom a message goes; of a deleted group only the guid is left.
    pub(super) async fn receiver(&mut self, receiver: &Receiver) -> Result<Entity, ApiError> {
        Ok(match receiver {
            Receiver::User(uid) => Entity::User(self.user(uid).await?),
            Receiver::Group(guid) => Entity::Group(self.group(guid).await?.unwrap_or_else(|| {
                Group { guid: guid.to_string(), name: guid.to_string(), ..Group::default() }
            })),
        })
    }
}

/// A stored user as others see it.
pub(super) fn user_of(user: stored::User) -> User {
    User {
        uid: user.uid.into(),
        name: user.profile.name,
        avatar: user.profile.avatar,
        status: UserStatus::Offline,
        role: user.profile.role,
        link: user.profile.link,
        status_message: user.profile.status_message,
        tags: user.profile.tags,
        metadata: user.profile.metadata,
        created_at: user.created_at.0,
        deactivated_at: user.deactivated_at.map(|at| at.0),
    }
}

/// Says of a group how the viewer stands to it.
pub(super) fn stand(group: &mut Group, membership: Option<&stored::Membership>) {
    group.has_joined = membership.is_some();
    group.scope = membership.map(|member| scope_of(member.scope));
    group.joined_at = membership.map(|member| member.joined_at.0);
}

fn scope_of(scope: stored::MemberScope) -> MemberScope {
    match scope {
        stored::MemberScope::Admin => MemberScope::Admin,
        stored::MemberScope::Moderator => MemberScope::Moderator,
        stored::MemberScope::Participant => MemberScope::Participant,
    }
}
