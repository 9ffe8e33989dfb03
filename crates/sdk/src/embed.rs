//! Embedded mode: media URLs of messages carry the FAT.

use cloakroom_wire::{Entity, Message};

use crate::Fat;
use crate::media_url::SecureMediaHost;

/// Adds a FAT to what is exactly a media URL, and to nothing else.
pub(crate) struct Embed(Option<(SecureMediaHost, Fat)>);

impl Embed {
    /// `None` leaves everything as it is.
    pub(crate) const fn new(host_and_fat: Option<(SecureMediaHost, Fat)>) -> Self {
        Self(host_and_fat)
    }

    pub(crate) fn apply(&self, url: &mut String) {
        if let Some((host, fat)) = &self.0
            && let Some(clean) = host.clean(url)
        {
            *url = format!("{clean}?fat={}", fat.as_str());
        }
    }

    pub(crate) fn apply_to_message(&self, message: &mut Message) {
        if self.0.is_none() {
            return;
        }
        let data = &mut message.data;
        data.url.iter_mut().for_each(|url| self.apply(url));
        for attachment in &mut data.attachments {
            self.apply(&mut attachment.url);
            attachment.thumbnails.iter_mut().for_each(|url| self.apply(url));
        }
        if let Some(entities) = &mut data.entities {
            self.apply_to_entity(&mut entities.sender);
            self.apply_to_entity(&mut entities.receiver);
        }
    }

    fn apply_to_entity(&self, entity: &mut Entity) {
        match entity {
            Entity::User(user) => user.avatar.iter_mut().for_each(|url| self.apply(url)),
            Entity::Group(group) => group.icon.iter_mut().for_each(|url| self.apply(url)),
            Entity::Message(message) => self.apply_to_message(message),
        }
    }
}
