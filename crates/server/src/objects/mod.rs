//! What is kept in memory of stored files, so that a warm read touches no disk.

mod head;
mod viewed;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use cloakroom_storage::{Blobs, StorageError};
use cloakroom_token::{BlobKey, ReadGrant};
use quick_cache::sync::Cache;
use quick_cache::{OptionsBuilder, Weighter};

pub(crate) use head::{
    Head, clear_copies, on_every_answer, on_preflight, write_header, write_headers, write_length,
};
use viewed::Viewed;

/// A larger file is streamed from the store each time.
pub(crate) const MOST_BYTES_EACH: u64 = 1024 * 1024;
/// What a prepared head takes, roughly.
const HEAD_WEIGHT: u64 = 4 * 1024;
const BYTES_OVERHEAD: u64 = 128;
/// What the cache reckons a small file to have, to size its tables.
const TYPICAL_BYTES: u64 = 16 * 1024;
/// Each part of the cache has its own lock, and room for several of the largest.
const LEAST_SHARD: u64 = 8 * 1024 * 1024;
const MOST_SHARDS: usize = 64;
const EPOCHS: usize = 256;

/// Prepared heads and the bytes of small files, by their blob: one memory, weighed and bounded.
///
/// A blob never changes and no read comes here without a grant, so nothing here can be wrong; what
/// is deleted is dropped to make room. What is read once does not displace what is read again and
/// again (S3-FIFO). A clone is a handle.
#[derive(Clone)]
pub(crate) struct Objects(Arc<Inner>);

struct Inner {
    kept: Cache<(BlobKey, Part), Kept, Weigh>,
    /// First views of what was not worth keeping for one view.
    viewed: Viewed,
    /// How often blobs of each first byte were dropped.
    epochs: [AtomicU64; EPOCHS],
    hits: AtomicU64,
    misses: AtomicU64,
}

#[derive(Clone, Copy, Eq, Hash, PartialEq)]
enum Part {
    Head,
    Bytes,
}

#[derive(Clone)]
enum Kept {
    Head(Arc<Head>),
    Bytes(Bytes),
}

#[derive(Clone)]
struct Weigh;

impl Weighter<(BlobKey, Part), Kept> for Weigh {
    fn weight(&self, _: &(BlobKey, Part), kept: &Kept) -> u64 {
        match kept {
            Kept::Head(_) => HEAD_WEIGHT,
            Kept::Bytes(bytes) => bytes.len() as u64 + BYTES_OVERHEAD,
        }
    }
}

impl Objects {
    /// Keeps at most `bytes`.
    pub(crate) fn new(bytes: u64) -> Self {
        let typical = usize::try_from(bytes / TYPICAL_BYTES).unwrap_or(usize::MAX).max(64);
        let options = OptionsBuilder::new()
            .weight_capacity(bytes)
            .estimated_items_capacity(typical)
            .shards(usize::try_from(bytes / LEAST_SHARD).unwrap_or(1).clamp(1, MOST_SHARDS))
            .build()
            .expect("both capacities are given");
        Self(Arc::new(Inner {
            kept: Cache::with_options(
                options,
                Weigh,
                quick_cache::DefaultHashBuilder::default(),
                quick_cache::sync::DefaultLifecycle::default(),
            ),
            viewed: Viewed::new(bytes),
            epochs: std::array::from_fn(|_| AtomicU64::new(0)),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
        }))
    }

    /// The prepared head of the granted file.
    pub(crate) fn head(&self, grant: &ReadGrant) -> Arc<Head> {
        let key = (grant.blob(), Part::Head);
        if let Some(Kept::Head(head)) = self.0.kept.get(&key) {
            return head;
        }
        let epoch = self.epoch(key.0);
        let head = Arc::new(Head::of(grant));
        self.0.kept.insert(key, Kept::Head(Arc::clone(&head)));
        self.drop_if_stale(key, epoch);
        head
    }

    /// Whether the granted file may be kept in memory whole.
    pub(crate) fn takes(grant: &ReadGrant) -> bool {
        grant.size_bytes() <= MOST_BYTES_EACH
    }

    /// The bytes of the granted file if they are in memory.
    pub(crate) fn bytes(&self, grant: &ReadGrant) -> Option<Bytes> {
        match self.0.kept.get(&(grant.blob(), Part::Bytes)) {
            Some(Kept::Bytes(bytes)) => {
                self.0.hits.fetch_add(1, Ordering::Relaxed);
                Some(bytes)
            }
            _ => None,
        }
    }

    /// Notes that the granted file was sent and not kept, since nobody viewed it lately.
    pub(crate) fn note_first_view(&self, grant: &ReadGrant) {
        self.0.misses.fetch_add(1, Ordering::Relaxed);
        self.0.viewed.note(grant.blob(), grant.size_bytes());
    }

    /// Whether a first view was noted lately, so that the file is worth keeping now. It is true
    /// once for each that was noted.
    pub(crate) fn was_viewed(&self, grant: &ReadGrant) -> bool {
        self.0.viewed.take(grant.blob())
    }

    /// The bytes of a file that [`Objects::takes`], read once however many ask; `None` if they are
    /// gone.
    pub(crate) async fn load(
        &self,
        blobs: &Blobs,
        grant: &ReadGrant,
    ) -> Result<Option<Bytes>, StorageError> {
        self.0.misses.fetch_add(1, Ordering::Relaxed);
        self.load_with(grant.blob(), blobs.read_all(grant)).await
    }

    async fn load_with<E>(
        &self,
        blob: BlobKey,
        read: impl Future<Output = Result<Option<Bytes>, E>>,
    ) -> Result<Option<Bytes>, E> {
        let key = (blob, Part::Bytes);
        match self.0.kept.get_value_or_guard_async(&key).await {
            Ok(Kept::Bytes(bytes)) => Ok(Some(bytes)),
            Ok(Kept::Head(_)) => read.await,
            Err(guard) => {
                let epoch = self.epoch(blob);
                let Some(bytes) = read.await? else { return Ok(None) };
                let _ = guard.insert(Kept::Bytes(bytes.clone()));
                self.drop_if_stale(key, epoch);
                Ok(Some(bytes))
            }
        }
    }

    /// Drops all that is kept of a blob; what is being loaded of it meanwhile is not kept.
    pub(crate) fn forget(&self, blob: BlobKey) {
        self.counter(blob).fetch_add(1, Ordering::AcqRel);
        for part in [Part::Head, Part::Bytes] {
            self.0.kept.remove(&(blob, part));
        }
    }

    /// Reads that found their bytes here, and reads that did not.
    pub(crate) fn hits_and_misses(&self) -> (u64, u64) {
        (self.0.hits.load(Ordering::Relaxed), self.0.misses.load(Ordering::Relaxed))
    }

    /// Bytes kept, as they are weighed.
    pub(crate) fn weight(&self) -> u64 {
        self.0.kept.weight()
    }

    fn epoch(&self, blob: BlobKey) -> u64 {
        self.counter(blob).load(Ordering::Acquire)
    }

    fn counter(&self, blob: BlobKey) -> &AtomicU64 {
        &self.0.epochs[usize::from(blob.as_bytes()[0])]
    }

    /// Takes out again what was put in although its blob was dropped since `epoch`.
    fn drop_if_stale(&self, key: (BlobKey, Part), epoch: u64) {
        if self.epoch(key.0) != epoch {
            self.0.kept.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::convert::Infallible;

    use super::*;

    fn key(number: u32) -> BlobKey {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&number.wrapping_mul(2_654_435_761).to_le_bytes());
        bytes[4..8].copy_from_slice(&number.to_le_bytes());
        BlobKey::from_bytes(bytes)
    }

    /// Reads a file of 10 KB; says whether it was in memory.
    async fn read(objects: &Objects, number: u32) -> bool {
        let was_read = Cell::new(false);
        let read = async {
            was_read.set(true);
            Ok::<_, Infallible>(Some(Bytes::from(vec![0; 10_000])))
        };
        objects.load_with(key(number), read).await.unwrap();
        !was_read.get()
    }

    #[tokio::test]
    async fn one_pass_over_cold_files_does_not_flush_the_hot_ones() {
        let objects = Objects::new(10_000_000);
        for _ in 0..5 {
            for hot in 0..300 {
                read(&objects, hot).await;
            }
        }
        for cold in 1_000..21_000 {
            read(&objects, cold).await;
        }
        let mut still_there = 0;
        for hot in 0..300 {
            still_there += u32::from(read(&objects, hot).await);
        }
        assert!(still_there >= 270, "of 300 hot files {still_there} are left");
        assert!(objects.weight() <= 10_000_000, "{}", objects.weight());
    }

    #[tokio::test]
    async fn what_is_dropped_while_it_is_loaded_is_not_kept() {
        let objects = Objects::new(1_000_000);
        let load = async {
            objects.forget(key(1));
            Ok::<_, Infallible>(Some(Bytes::from_static(b"late")))
        };
        assert_eq!(objects.load_with(key(1), load).await, Ok(Some(Bytes::from_static(b"late"))));
        assert!(objects.0.kept.get(&(key(1), Part::Bytes)).is_none());
        assert!(!read(&objects, 1).await);
        assert!(read(&objects, 1).await);
    }
}
