//! What a decision needs to know of a file, whoever asks.

use std::sync::Arc;

use cloakroom_token::{
    AppId, Audience, BlobKey, ContentHash, FileState, FileVersion, Guid, MediaId, Seq, Uid,
    UnixSeconds, Variant,
};

use crate::column::{column, from_row};
use crate::db::on;
use crate::error::StorageError;
use crate::media::{Media, MediaFiles};
use crate::messages::ReceiverKind;
use crate::statement::sql;

sql! {
    Both {
        FACTS_MEDIA = "SELECT * FROM media WHERE app_id = $1 AND id = $2";
        FACTS_VERSIONS = "SELECT variant, blob_key, content_type, extension, size_bytes,
            content_sha256, created_at FROM media_version
            WHERE app_id = $1 AND media_id = $2 ORDER BY variant";
        FACTS_CARRIERS = "SELECT DISTINCT m.id, m.sender, m.receiver_kind, m.receiver, m.sent_at
            FROM message_media k JOIN message m ON m.id = k.message_id AND m.app_id = k.app_id
            WHERE k.app_id = $1 AND k.media_id = $2 AND k.removed_at IS NULL
            AND m.deleted_at IS NULL ORDER BY m.id";
    }
}

/// Who is in the conversation of a message.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Conversation {
    /// The present members of a group.
    Group(Guid),
    /// Two users: the sender and the receiver.
    Users(Uid, Uid),
}

/// A message that carries a file and was not deleted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Carrier {
    /// Which message.
    pub message_id: i64,
    /// Who sent it.
    pub sender: Uid,
    /// When.
    pub sent_at: UnixSeconds,
    /// Where.
    pub conversation: Conversation,
}

/// What a decision needs to know of a file, whoever asks.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoredFile {
    /// Who sent it.
    pub uploader: Uid,
    /// For whom it was sent.
    pub audience: Audience,
    /// A conversation it names without a message.
    pub conversation: Option<String>,
    /// Where it is between upload and deletion.
    pub state: FileState,
    /// Whether it was revoked.
    pub revoked: bool,
    /// Its last revocation.
    pub generation: Seq,
    /// Whether a message ever carried it; then the last deleted one takes it along.
    pub ever_carried: bool,
    /// The name under which it was sent.
    pub file_name: Arc<str>,
    /// What a page shows while it loads, a `ThumbHash`.
    pub thumb_hash: Option<Box<[u8]>>,
    /// Its renditions, at most one of each variant.
    pub versions: Vec<(Variant, Arc<FileVersion>)>,
    /// The messages that carry it now.
    pub carriers: Vec<Carrier>,
}

impl StoredFile {
    /// The rendition, if there is one.
    #[must_use]
    pub fn version(&self, variant: Variant) -> Option<&Arc<FileVersion>> {
        self.versions.iter().find(|(has, _)| *has == variant).map(|(_, version)| version)
    }
}

struct VersionRow {
    variant: Variant,
    blob_key: BlobKey,
    content_type: String,
    extension: String,
    size_bytes: u64,
    content_sha256: ContentHash,
    created_at: UnixSeconds,
}
from_row!(VersionRow {
    variant,
    blob_key,
    content_type,
    extension,
    size_bytes,
    content_sha256,
    created_at,
});

macro_rules! carrier_from_row {
    ($($row:ty),*) => { $(
        impl sqlx::FromRow<'_, $row> for Carrier {
            fn from_row(row: &$row) -> sqlx::Result<Self> {
                let sender: Uid = column(row, "sender")?;
                let conversation = match column(row, "receiver_kind")? {
                    ReceiverKind::Group => Conversation::Group(column(row, "receiver")?),
                    ReceiverKind::User => {
                        Conversation::Users(sender.clone(), column(row, "receiver")?)
                    }
                };
                Ok(Self {
                    message_id: column(row, "id")?,
                    sender,
                    sent_at: column(row, "sent_at")?,
                    conversation,
                })
            }
        }
    )* };
}
carrier_from_row!(sqlx::sqlite::SqliteRow, sqlx::postgres::PgRow);

impl MediaFiles {
    /// What a decision needs to know of a file; `None` if there never was one.
    ///
    /// The parts are read one after another: keep the result only if no change to the file was
    /// applied since the call began.
    pub async fn file_facts(
        &self,
        app: &AppId,
        id: MediaId,
    ) -> Result<Option<StoredFile>, StorageError> {
        let key = id.to_string();
        let media: Option<Media> = on!(read self.db, |c| sqlx::query_as(FACTS_MEDIA)
            .bind(app.as_str()).bind(&key).fetch_optional(c).await)?;
        let Some(media) = media else { return Ok(None) };
        let versions: Vec<VersionRow> = on!(read self.db, |c| sqlx::query_as(FACTS_VERSIONS)
            .bind(app.as_str()).bind(&key).fetch_all(c).await)?;
        let carriers = on!(read self.db, |c| sqlx::query_as(FACTS_CARRIERS)
            .bind(app.as_str()).bind(&key).fetch_all(c).await)?;
        Ok(Some(StoredFile {
            uploader: media.uploader,
            audience: media.audience,
            conversation: media.conversation,
            state: media.state,
            revoked: media.revoked_at.is_some(),
            generation: media.generation,
            ever_carried: media.ever_carried,
            file_name: media.file_name.into(),
            thumb_hash: media.thumb_hash.map(Into::into),
            versions: versions.into_iter().map(VersionRow::split).collect(),
            carriers,
        }))
    }
}

impl VersionRow {
    fn split(self) -> (Variant, Arc<FileVersion>) {
        let version = FileVersion {
            blob: self.blob_key,
            size_bytes: self.size_bytes,
            content_type: self.content_type.into(),
            extension: self.extension.into(),
            content_sha256: self.content_sha256,
            stored_at: self.created_at,
        };
        (self.variant, version.into())
    }
}
