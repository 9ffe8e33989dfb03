//! A message on its way in, before it is known whether it may be sent.

use cloakroom_storage::Receiver;
use cloakroom_token::{Guid, Uid};
use cloakroom_wire::{ReceiverType, SendData, SendMessage};

use super::Api;
use super::caller::{Actor, active};
use super::error::ApiError;
use super::get_group::outsider;
use super::incoming::{bounded, optional};
use crate::intake::Received;

const MOST_TAGS: usize = 25;

/// A message on its way in, with the files that came along.
pub(super) struct Draft {
    pub(super) message: SendMessage,
    pub(super) files: Vec<Received>,
}

impl Draft {
    /// Refuses what no message may be.
    pub(super) fn check(&self, actor: &Actor) -> Result<(), ApiError> {
        let message = &self.message;
        if !matches!(message.category.as_str(), "message" | "custom") {
            return Err(ApiError::BadField {
                field: "category",
                rule: "must be message or custom",
            });
        }
        bounded("type", &message.message_type, 64)?;
        optional("muid", message.muid.as_deref(), 100)?;
        if message.tags.len() > MOST_TAGS {
            return Err(ApiError::BadField { field: "tags", rule: "must be at most 25" });
        }
        for tag in &message.tags {
            bounded("tags[]", tag, 100)?;
        }
        let limit = actor.app.settings.file_count_max;
        if self.files.len() + message.data.attachments.len() > limit as usize {
            return Err(ApiError::FileCountExceeded { limit });
        }
        let is_media =
            matches!(message.message_type.as_str(), "image" | "video" | "audio" | "file");
        if message.category == "message" && is_media && self.is_without_files() {
            return Err(ApiError::BadField {
                field: "data.attachments",
                rule: "must name a file for a message of this type",
            });
        }
        Ok(())
    }

    fn is_without_files(&self) -> bool {
        let SendData { attachments, url, .. } = &self.message.data;
        self.files.is_empty() && attachments.is_empty() && url.as_deref().is_none_or(str::is_empty)
    }
}

/// To whom something goes, if its sender may write there.
pub(super) async fn receiver(
    api: &Api,
    actor: &Actor,
    receiver_type: ReceiverType,
    raw: &str,
) -> Result<Receiver, ApiError> {
    let app = &actor.app.id;
    match receiver_type {
        ReceiverType::User => {
            let uid = Uid::parse(raw).map_err(|_| ApiError::UidNotFound)?;
            active(api, app, &uid).await?;
            Ok(Receiver::User(uid))
        }
        ReceiverType::Group => {
            let guid = Guid::parse(raw).map_err(|_| ApiError::GuidNotFound)?;
            let groups = api.db.groups();
            let group = groups.by_guid(app, &guid).await?.ok_or(ApiError::GuidNotFound)?;
            let membership = groups.membership(app, &guid, &actor.uid).await?;
            membership.ok_or_else(|| outsider(&group))?;
            Ok(Receiver::Group(guid))
        }
    }
}
