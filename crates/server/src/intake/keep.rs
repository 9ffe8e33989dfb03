//! Bytes first, rows second: what fails in between leaves bytes that no row names.

use aws_lc_rs::digest::{SHA256, digest};
use cloakroom_ingest::{Cleaned, Thumbnail, ThumbnailSize};
use cloakroom_storage::{NewMedia, Pending, Rendition, StorageError};
use cloakroom_token::{
    Audience, BlobKey, ContentHash, FileVersion, MediaId, Uid, UnixSeconds, Variant,
};

use super::{Ingested, Intake, IntakeError};
use crate::secret;

/// A file whose bytes are stored; no row names them yet.
pub(crate) struct Kept {
    pub(crate) id: MediaId,
    pub(crate) version: FileVersion,
    pub(crate) thumbnails: Vec<Rendition>,
    pub(crate) thumb_hash: Option<Vec<u8>>,
    pub(crate) pending: Pending,
    ingested: Ingested,
}

impl Kept {
    /// What was found out about it.
    pub(crate) const fn cleaned(&self) -> &Cleaned {
        &self.ingested.cleaned
    }

    /// The name under which it is sent.
    pub(crate) fn file_name(&self) -> &str {
        &self.ingested.file_name
    }

    /// The row to make of it.
    pub(crate) fn row<'a>(&'a self, uploader: &'a Uid) -> NewMedia<'a> {
        let cleaned = &self.ingested.cleaned;
        NewMedia {
            id: self.id,
            uploader,
            audience: Audience::Conversation,
            conversation: None,
            file_name: &self.ingested.file_name,
            width: cleaned.width,
            height: cleaned.height,
            duration_ms: cleaned.duration_ms,
            received_sha256: self.ingested.received_sha256,
            original: &self.version,
            thumbnails: &self.thumbnails,
            thumb_hash: self.thumb_hash.as_deref(),
            pending: self.pending,
        }
    }
}

impl Intake {
    /// Stores the bytes of a file under fresh keys.
    pub(crate) async fn keep(
        &self,
        id: MediaId,
        ingested: Ingested,
        now: UnixSeconds,
    ) -> Result<Kept, IntakeError> {
        let blob = BlobKey::from_bytes(secret::random());
        self.0.blobs.put(blob, &ingested.staged).await?;
        let version = FileVersion {
            blob,
            size_bytes: ingested.size_bytes(),
            content_type: ingested.cleaned.content_type.as_str().into(),
            extension: ingested.cleaned.extension.into(),
            content_sha256: ingested.staged.sha256(),
            stored_at: now,
        };
        let mut kept = Kept {
            id,
            version,
            thumbnails: Vec::new(),
            thumb_hash: None,
            pending: self.pending(&ingested),
            ingested,
        };
        if let Some(made) = kept.ingested.thumbnails.take() {
            kept.thumb_hash = Some(made.thumb_hash);
            if let Err(error) = self.keep_thumbnails(made.items, &mut kept.thumbnails, now).await {
                self.forget(&[kept]).await;
                return Err(error.into());
            }
        }
        Ok(kept)
    }

    fn pending(&self, ingested: &Ingested) -> Pending {
        let is_video = ingested.cleaned.content_type.as_str().starts_with("video/");
        Pending {
            scan: self.0.tools.clamd.is_some(),
            poster: is_video && self.0.tools.posters.is_some(),
        }
    }

    /// Stores smaller pictures under fresh keys; those before an error are in `kept`.
    pub(super) async fn keep_thumbnails(
        &self,
        made: Vec<Thumbnail>,
        kept: &mut Vec<Rendition>,
        now: UnixSeconds,
    ) -> Result<(), StorageError> {
        for thumbnail in made {
            let blob = BlobKey::from_bytes(secret::random());
            let mut hash = [0; 32];
            hash.copy_from_slice(digest(&SHA256, &thumbnail.bytes).as_ref());
            let version = FileVersion {
                blob,
                size_bytes: thumbnail.bytes.len() as u64,
                content_type: thumbnail.content_type.as_str().into(),
                extension: thumbnail.content_type.extension().into(),
                content_sha256: ContentHash(hash),
                stored_at: now,
            };
            self.0.blobs.put_bytes(blob, thumbnail.bytes.into()).await?;
            kept.push((variant_of(thumbnail.size), version));
        }
        Ok(())
    }

    /// Removes bytes that no row names. A failure is the janitor's to mend.
    pub(crate) async fn forget(&self, kept: &[Kept]) {
        for one in kept {
            let versions = one.thumbnails.iter().map(|(_, version)| version);
            for version in versions.chain([&one.version]) {
                self.forget_blob(version.blob).await;
            }
        }
    }

    /// Removes bytes that no row names. A failure is the janitor's to mend.
    pub(crate) async fn forget_blob(&self, blob: BlobKey) {
        if let Err(error) = self.0.blobs.delete(blob).await {
            tracing::warn!(%error, "bytes that were not kept are left to the janitor");
        }
    }
}

const fn variant_of(size: ThumbnailSize) -> Variant {
    match size {
        ThumbnailSize::Small => Variant::Small,
        ThumbnailSize::Medium => Variant::Medium,
        ThumbnailSize::Large => Variant::Large,
    }
}
