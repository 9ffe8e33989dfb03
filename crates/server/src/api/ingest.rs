//! From what a client sent to what may be kept of it.

use cloakroom_ingest::{Cleaned, IngestError, Limits, clean};
use cloakroom_storage::{Staged, StorageError};
use cloakroom_token::ContentHash;

use super::Api;
use super::draft::Received;
use super::error::ApiError;

/// A file without its metadata, on disk. It goes when this does.
pub(super) struct Ingested {
    pub(super) staged: Staged,
    pub(super) cleaned: Cleaned,
    pub(super) file_name: String,
    pub(super) received_sha256: ContentHash,
}

/// Takes metadata off a file and says what it is, by its bytes.
pub(super) async fn ingest(api: &Api, received: Received) -> Result<Ingested, ApiError> {
    let _slot = api.ingest_slots.acquire().await.map_err(ApiError::internal)?;
    let target = api.staging.stage(u64::MAX).await?.finish().await?;
    let work = tokio::task::spawn_blocking(move || {
        let Received { staged, file_name, declared } = received;
        let limits = Limits::default();
        let declared = declared.as_deref();
        let cleaned = clean(staged.path(), target.path(), declared, &file_name, &limits)?;
        Ok(Ingested { staged: target, cleaned, file_name, received_sha256: staged.sha256() })
    });
    let mut ingested = work.await.map_err(ApiError::internal)?.map_err(of_ingest)?;
    ingested.staged = ingested.staged.reread().await?;
    Ok(ingested)
}

fn of_ingest(error: IngestError) -> ApiError {
    match error {
        IngestError::Empty => ApiError::FileEmpty,
        IngestError::ImageTooLarge { limit_bytes } => ApiError::FileSizeExceeded { limit_bytes },
        IngestError::Io(error) => StorageError::from(error).into(),
        _ => ApiError::FileTypeRefused,
    }
}
