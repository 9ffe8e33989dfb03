//! An upload that is announced: who may send it to whom, and how large it may be.

use cloakroom_storage::{NewUpload, SecretHash, StorageError, Upload, UploadKind};
use cloakroom_token::{AppId, Claim, ContentHash, MediaId, Uid, UnixSeconds};

use super::Api;
use super::caller::Actor;
use super::error::ApiError;
use super::incoming::{optional, without_credentials};
use super::upload::plain_name;
use crate::intake::{Place, declared_extension};
use crate::secret;

/// Uploads of one user that may be under way.
const MOST_OPEN: u32 = 100;
/// Files of one user that may be on their way to this node at once.
const MOST_ARRIVING: u32 = 32;

/// A file that somebody wants to send.
pub(super) struct Announcement<'a> {
    pub(super) kind: UploadKind,
    pub(super) secret: Option<SecretHash>,
    pub(super) name: &'a str,
    pub(super) declared_type: &'a str,
    pub(super) sha256: Option<&'a str>,
    pub(super) metadata: Option<&'a str>,
    pub(super) size_bytes: u64,
    pub(super) seconds: i64,
}

impl Announcement<'_> {
    /// Keeps it. That the sender may write to the receiver is for the caller to ask before.
    pub(super) async fn keep(&self, api: &Api, actor: &Actor) -> Result<Upload, ApiError> {
        let limit_bytes = actor.app.settings.file_size_max;
        if self.size_bytes > limit_bytes {
            return Err(ApiError::FileSizeExceeded { limit_bytes });
        }
        if self.size_bytes == 0 {
            return Err(ApiError::FileEmpty);
        }
        optional("mimeType", Some(self.declared_type).filter(|raw| !raw.is_empty()), 255)?;
        let now = api.access.now();
        let media = MediaId::from_bytes(secret::random());
        let said = without_credentials(api.access.origin(), self.name.to_owned());
        let file_name = plain_name(&said);
        let new = NewUpload {
            media,
            kind: self.kind,
            uploader: &actor.uid,
            session: match &actor.claim {
                Claim::Session(session) => Some(*session),
                _ => None,
            },
            secret: self.secret,
            file_name: &file_name,
            declared_type: self.declared_type,
            extension: declared_extension(self.declared_type, &file_name),
            metadata: self.metadata,
            size_bytes: self.size_bytes,
            sha256: self.sha256.map(sha256_of).transpose()?,
            expires_at: now.plus(self.seconds),
        };
        let uploads = api.db.uploads();
        if !uploads.create(&actor.app.id, &new, MOST_OPEN, now).await? {
            return Err(ApiError::TooManyUploads { limit: MOST_OPEN });
        }
        Ok(uploads.by_id(&actor.app.id, media).await?.ok_or(StorageError::Missing)?)
    }
}

/// A place for one more file on its way.
pub(super) fn place(api: &Api, app: &AppId, uid: &Uid) -> Result<Place, ApiError> {
    let entered = api.intake.enter(app, uid, MOST_ARRIVING);
    entered.ok_or(ApiError::TooManyUploads { limit: MOST_ARRIVING })
}

/// Refuses bytes for an upload whose time is over, or whose sender has logged out.
pub(super) async fn still_open(api: &Api, upload: &Upload) -> Result<(), ApiError> {
    if is_over(upload, api.access.now()) {
        return Err(ApiError::UploadExpired);
    }
    let claim = match upload.session_id {
        Some(session) => Claim::Session(session),
        None => Claim::OnBehalf(upload.uploader.clone()),
    };
    if api.access.is_alive(&upload.app_id, &claim).await? {
        Ok(())
    } else {
        Err(ApiError::AuthTokenNotFound)
    }
}

fn is_over(upload: &Upload, now: UnixSeconds) -> bool {
    now >= upload.expires_at
}

fn sha256_of(raw: &str) -> Result<ContentHash, ApiError> {
    let mut hash = [0; 32];
    let rule = "must be 64 hexadecimal digits";
    hex::decode_to_slice(raw, &mut hash)
        .map_err(|_| ApiError::BadField { field: "sha256", rule })?;
    Ok(ContentHash(hash))
}
