//! Carrying a file needs the right to read it at that moment.

use cloakroom_storage::Media;
use cloakroom_token::{FileState, MediaPath, MediaUrl, MediaUrlError, Variant};
use cloakroom_wire::SendData;

use super::Api;
use super::caller::Actor;
use super::content::Carried;
use super::error::ApiError;
use super::incoming::{optional, without_credentials};
use super::upload::plain_name;

const MOST_NAME_CHARACTERS: usize = 255;

/// The files a message is to carry by URL: those of `attachments`, or else the one of `url`.
pub(super) async fn carry(
    api: &Api,
    actor: &Actor,
    data: &SendData,
) -> Result<Vec<Carried>, ApiError> {
    let mut carried: Vec<Carried> = Vec::with_capacity(data.attachments.len());
    for attachment in &data.attachments {
        optional("attachments[].name", attachment.name.as_deref(), MOST_NAME_CHARACTERS)?;
        let one = carry_one(api, actor, &attachment.url, attachment.name.as_deref()).await?;
        if !carried.iter().any(|other| (other.media, &other.variant) == (one.media, &one.variant)) {
            carried.push(one);
        }
    }
    if let (true, Some(url)) = (carried.is_empty(), data.url.as_deref().filter(|u| !u.is_empty())) {
        carried.push(carry_one(api, actor, url, None).await?);
    }
    Ok(carried)
}

async fn carry_one(
    api: &Api,
    actor: &Actor,
    url: &str,
    name: Option<&str>,
) -> Result<Carried, ApiError> {
    let url = MediaUrl::parse(api.access.origin(), url).map_err(|error| match error {
        MediaUrlError::ForeignHost => ApiError::ForeignUrl,
        _ => ApiError::InvalidUrl,
    })?;
    let said = name.filter(|name| !name.is_empty());
    let said = said.map(|name| plain_name(&without_credentials(api.access.origin(), name.into())));
    let path = url.path();
    if *path.app() != actor.app.id {
        return Err(ApiError::ForeignUrl);
    }
    if let Some(own) = own_fresh(api, actor, path).await? {
        let name = said.unwrap_or_else(|| own.file_name.clone());
        return Ok(Carried { name, ..Carried::of_stored(own) });
    }
    let grant = api
        .access
        .decide(path, &actor.claim, None)
        .await?
        .map_err(|_| ApiError::AttachmentForbidden)?;
    let media = api.db.media().by_id(&actor.app.id, path.media()).await?;
    let media = media.ok_or(ApiError::AttachmentForbidden)?;
    let original = path.variant() == Variant::Original;
    let version = grant.version();
    Ok(Carried {
        media: path.media(),
        variant: path.variant().suffix().map(str::to_owned),
        name: said.unwrap_or_else(|| grant.file_name().to_owned()),
        mime_type: version.content_type.to_string(),
        extension: version.extension.to_string(),
        size: version.size_bytes,
        width: media.width.filter(|_| original),
        height: media.height.filter(|_| original),
        duration_ms: media.duration_ms,
    })
}

/// A file that the sender uploaded and no message has carried yet: it need not be checked to the
/// end, and until its bytes were known its URL may have had another extension.
async fn own_fresh(api: &Api, actor: &Actor, path: &MediaPath) -> Result<Option<Media>, ApiError> {
    if path.variant() != Variant::Original {
        return Ok(None);
    }
    let media = api.db.media().by_id(&actor.app.id, path.media()).await?;
    let own = media.filter(|media| {
        media.uploader == actor.uid && !media.ever_carried && media.revoked_at.is_none()
    });
    match own {
        Some(own) if matches!(own.state, FileState::Checking | FileState::Ready) => Ok(Some(own)),
        Some(own) if own.state == FileState::Receiving => Err(ApiError::FileNotReady),
        _ => Ok(None),
    }
}
