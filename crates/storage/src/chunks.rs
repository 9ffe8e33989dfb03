//! A local file as a stream of chunks whose memory is bounded and used again.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt};

use crate::error::StorageError;
use crate::open_files::{read_exact_at, read_now};

/// Large enough that each costs little a byte.
const CHUNK_BYTES: usize = 256 * 1024;
/// What a stream gets while all large chunks are out: many slow readers hold little.
const SMALL_BYTES: usize = 16 * 1024;
/// 64 MiB of large chunks are out at most.
const MOST_OUT: usize = 256;
/// 16 MiB at most lie idle.
const MOST_IDLE: usize = 64;

/// Chunks that are not in use, and a count of those that are.
#[derive(Clone, Debug, Default)]
pub(crate) struct ChunkPool(Arc<Pool>);

#[derive(Debug, Default)]
struct Pool {
    idle: Mutex<Vec<Box<[u8]>>>,
    out: AtomicUsize,
}

impl ChunkPool {
    /// Memory for `wanted` bytes, or for fewer.
    fn take(&self, wanted: u64) -> Chunk {
        let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
        if wanted <= SMALL_BYTES || self.0.out.load(Ordering::Relaxed) >= MOST_OUT {
            let wanted = wanted.min(SMALL_BYTES);
            return Chunk { memory: vec![0; wanted].into(), filled: wanted, pool: None };
        }
        self.0.out.fetch_add(1, Ordering::Relaxed);
        let idle = self.0.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let memory = idle.unwrap_or_else(|| vec![0; CHUNK_BYTES].into());
        Chunk { memory, filled: wanted.min(CHUNK_BYTES), pool: Some(self.clone()) }
    }

    fn give_back(&self, memory: Box<[u8]>) {
        self.0.out.fetch_sub(1, Ordering::Relaxed);
        let mut idle = self.0.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < MOST_IDLE {
            idle.push(memory);
        }
    }
}

struct Chunk {
    memory: Box<[u8]>,
    filled: usize,
    /// Where a large one goes back to.
    pool: Option<ChunkPool>,
}

impl AsRef<[u8]> for Chunk {
    fn as_ref(&self) -> &[u8] {
        &self.memory[..self.filled]
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        if let Some(pool) = &self.pool {
            pool.give_back(std::mem::take(&mut self.memory));
        }
    }
}

/// Reads `range` of a file, no byte more than that. The first chunk is read before this returns.
pub(crate) async fn open(
    pool: &ChunkPool,
    file: Arc<File>,
    range: Range<u64>,
) -> Result<BoxStream<'static, Result<Bytes, StorageError>>, StorageError> {
    let mut offset = range.start;
    let mut first = None;
    if !range.is_empty() {
        let chunk = read_chunk(&file, range.clone(), pool).await?;
        offset += chunk.len() as u64;
        first = Some(Ok(chunk));
    }
    let rest = (file, offset..range.end, pool.clone());
    let rest = stream::try_unfold(rest, |(file, left, pool)| async move {
        if left.is_empty() {
            return Ok(None);
        }
        let chunk = read_chunk(&file, left.clone(), &pool).await?;
        let left = left.start + chunk.len() as u64..left.end;
        Ok(Some((chunk, (file, left, pool))))
    });
    Ok(stream::iter(first).chain(rest).boxed())
}

/// All of a file that has `size` bytes.
pub(crate) async fn read_all(file: Arc<File>, size: u64) -> Result<Bytes, StorageError> {
    let size = usize::try_from(size).map_err(|error| StorageError::Corrupt(error.into()))?;
    Ok(fill(&file, vec![0; size], 0).await?.into())
}

async fn read_chunk(
    file: &Arc<File>,
    range: Range<u64>,
    pool: &ChunkPool,
) -> Result<Bytes, StorageError> {
    let chunk = pool.take(range.end - range.start);
    fill(file, chunk, range.start).await.map(Bytes::from_owner)
}

/// Memory that a file is read into.
trait Room: Send + 'static {
    fn room(&mut self) -> &mut [u8];
}

impl Room for Vec<u8> {
    fn room(&mut self) -> &mut [u8] {
        self
    }
}

impl Room for Chunk {
    fn room(&mut self) -> &mut [u8] {
        &mut self.memory[..self.filled]
    }
}

/// Fills memory from `offset` on: at once if it is in the page cache, else on a thread that may
/// block.
async fn fill<R: Room>(file: &Arc<File>, mut into: R, offset: u64) -> Result<R, StorageError> {
    let filled = read_now(file, into.room(), offset);
    if filled == into.room().len() {
        return Ok(into);
    }
    let file = Arc::clone(file);
    blocking(move || {
        read_exact_at(&file, &mut into.room()[filled..], offset + filled as u64)?;
        Ok(into)
    })
    .await
}

/// Runs file work on a thread that may block. A file shorter than its row says is damaged.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, StorageError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
            Err(StorageError::Corrupt(error.into()))
        }
        Ok(Err(error)) => Err(error.into()),
        Err(error) => Err(StorageError::Blob(error.into())),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[tokio::test]
    async fn many_readers_that_wait_hold_little_and_all_is_given_back() {
        let mut file = tempfile::tempfile().unwrap();
        let size = CHUNK_BYTES * 2;
        file.write_all(&vec![7; size]).unwrap();
        let (file, pool) = (Arc::new(file), ChunkPool::default());
        let mut waiting = Vec::new();
        for _ in 0..MOST_OUT + 50 {
            let stream = open(&pool, Arc::clone(&file), 0..size as u64).await.unwrap();
            waiting.push(stream);
        }
        assert_eq!(pool.0.out.load(Ordering::Relaxed), MOST_OUT);
        let mut last = waiting.pop().unwrap();
        assert_eq!(last.next().await.unwrap().unwrap().len(), SMALL_BYTES);
        waiting.clear();
        assert_eq!(last.next().await.unwrap().unwrap().len(), CHUNK_BYTES, "there is room again");
        drop(last);
        assert_eq!(pool.0.out.load(Ordering::Relaxed), 0);
        assert_eq!(pool.0.idle.lock().unwrap().len(), MOST_IDLE);
    }

    #[tokio::test]
    async fn no_byte_is_read_beyond_the_range_and_a_short_file_is_damaged() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"0123456789").unwrap();
        let (file, pool) = (Arc::new(file), ChunkPool::default());
        let mut stream = open(&pool, Arc::clone(&file), 3..7).await.unwrap();
        assert_eq!(stream.next().await.unwrap().unwrap(), "3456");
        assert!(stream.next().await.is_none());
        assert!(open(&pool, Arc::clone(&file), 5..5).await.unwrap().next().await.is_none());
        assert_eq!(read_all(Arc::clone(&file), 10).await.unwrap(), "0123456789");
        let short = read_all(Arc::clone(&file), 11).await;
        assert!(matches!(short, Err(StorageError::Corrupt(_))));
        assert!(matches!(open(&pool, file, 8..20).await.err(), Some(StorageError::Corrupt(_))));
    }
}
