//! Small files in memory, so that a warm read touches no disk.

use bytes::Bytes;
use cloakroom_storage::Blobs;
use cloakroom_token::{BlobKey, ReadGrant, Refusal};
use moka::future::Cache;

use super::MediaError;

/// A larger file is read from the store each time.
const MOST_BYTES_EACH: u64 = 1024 * 1024;

/// The bytes of small files by their blob, bounded by weight. A blob never changes, and no read
/// comes here without a grant, so nothing here needs to be taken back.
#[derive(Clone)]
pub(crate) struct HotObjects(Cache<BlobKey, Option<Bytes>>);

impl HotObjects {
    /// Keeps at most `bytes`.
    pub(crate) fn new(bytes: u64) -> Self {
        let weigh = |_: &BlobKey, bytes: &Option<Bytes>| {
            bytes.as_ref().map_or(1, |bytes| u32::try_from(bytes.len()).unwrap_or(u32::MAX))
        };
        Self(Cache::builder().max_capacity(bytes).weigher(weigh).build())
    }

    /// Whether a read of the granted file touches no store.
    pub(crate) fn holds(&self, grant: &ReadGrant) -> bool {
        self.0.contains_key(&grant.blob())
    }

    /// The bytes of the granted file, read once however many ask; `None` if it is too large.
    pub(crate) async fn get(
        &self,
        blobs: &Blobs,
        grant: &ReadGrant,
    ) -> Result<Option<Bytes>, MediaError> {
        if grant.size_bytes() > MOST_BYTES_EACH {
            return Ok(None);
        }
        let bytes = self.0.try_get_with(grant.blob(), blobs.read_all(grant)).await?;
        Ok(Some(bytes.ok_or(Refusal::FileMissing)?))
    }
}
