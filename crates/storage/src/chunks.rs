//! A local file as a stream of large chunks whose memory is used again.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt};

use crate::error::StorageError;

/// Large enough that the crossing to a blocking thread costs little a byte.
const CHUNK_BYTES: usize = 256 * 1024;
/// 16 MiB at most lie idle.
const MOST_IDLE: usize = 64;

/// Chunks that are not in use.
#[derive(Clone, Debug, Default)]
pub(crate) struct ChunkPool(Arc<Mutex<Vec<Box<[u8]>>>>);

impl ChunkPool {
    fn take(&self) -> Box<[u8]> {
        let idle = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.unwrap_or_else(|| vec![0; CHUNK_BYTES].into())
    }

    fn give_back(&self, chunk: Box<[u8]>) {
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < MOST_IDLE {
            idle.push(chunk);
        }
    }
}

struct PooledChunk {
    memory: Box<[u8]>,
    filled: usize,
    pool: ChunkPool,
}

impl AsRef<[u8]> for PooledChunk {
    fn as_ref(&self) -> &[u8] {
        &self.memory[..self.filled]
    }
}

impl Drop for PooledChunk {
    fn drop(&mut self) {
        self.pool.give_back(std::mem::take(&mut self.memory));
    }
}

/// Opens a file and reads `range` of it; `None` if there is no such file. The first chunk is read
/// before this returns.
pub(crate) async fn open(
    pool: &ChunkPool,
    path: PathBuf,
    range: Range<u64>,
) -> Result<Option<BoxStream<'static, Result<Bytes, StorageError>>>, StorageError> {
    let first_pool = pool.clone();
    let opened = blocking(move || {
        let mut file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        if range.start > 0 {
            file.seek(SeekFrom::Start(range.start))?;
        }
        read_chunk(file, range.end.saturating_sub(range.start), &first_pool).map(Some)
    })
    .await?;
    let Some((first, rest)) = opened else { return Ok(None) };
    let pool = pool.clone();
    let rest = stream::try_unfold(rest, move |(file, left)| {
        let pool = pool.clone();
        async move {
            if left == 0 {
                return Ok(None);
            }
            blocking(move || read_chunk(file, left, &pool).map(Some)).await
        }
    });
    let first = stream::iter((!first.is_empty()).then_some(Ok(first)));
    Ok(Some(first.chain(rest).boxed()))
}

fn read_chunk(mut file: File, left: u64, pool: &ChunkPool) -> io::Result<(Bytes, (File, u64))> {
    let wanted = usize::try_from(left).map_or(CHUNK_BYTES, |left| left.min(CHUNK_BYTES));
    if wanted < CHUNK_BYTES / 4 {
        let mut small = vec![0; wanted];
        file.read_exact(&mut small)?;
        return Ok((small.into(), (file, left - wanted as u64)));
    }
    let mut chunk = PooledChunk { memory: pool.take(), filled: wanted, pool: pool.clone() };
    file.read_exact(&mut chunk.memory[..wanted])?;
    Ok((Bytes::from_owner(chunk), (file, left - wanted as u64)))
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
