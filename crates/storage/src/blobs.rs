//! The stored bytes. Reading them takes a grant.

use std::fmt;
use std::fs::File;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use cloakroom_token::{BlobKey, ReadGrant, UnixSeconds};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path as ObjectPath;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt, PutPayload, WriteMultipart};
use tokio::io::AsyncReadExt;

use crate::chunks::{self, ChunkPool, blocking};
use crate::error::StorageError;
use crate::folder::Folder;
use crate::open_files::OpenFiles;
use crate::staging::{Staged, StagedFile};
use crate::uploads::UploadPart;

const PART_BYTES: usize = 8 * 1024 * 1024;
const PARTS_AT_ONCE: usize = 4;

/// Bytes as they come in.
pub type BlobStream = BoxStream<'static, Result<Bytes, StorageError>>;

/// The bytes of all files: a folder, or an object store. A clone is another handle to the same.
#[derive(Clone, Debug)]
pub struct Blobs(Inner);

#[derive(Clone, Debug)]
enum Inner {
    Folder(Folder, OpenFiles, ChunkPool),
    S3(Arc<AmazonS3>),
}

/// Where an object store is and who asks it. `Debug` says nothing of the secret.
#[derive(Clone)]
pub struct S3Settings {
    /// Its address; `None` for the one of AWS in the region.
    pub endpoint: Option<String>,
    /// Its region.
    pub region: String,
    /// The bucket.
    pub bucket: String,
    /// The public part of the key.
    pub access_key_id: String,
    /// The secret part of the key.
    pub secret_access_key: String,
    /// Whether a plain `http` endpoint will do.
    pub allow_http: bool,
}

impl fmt::Debug for S3Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3Settings")
            .field("endpoint", &self.endpoint)
            .field("region", &self.region)
            .field("bucket", &self.bucket)
            .finish_non_exhaustive()
    }
}

/// Bytes as the store lists them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct StoredBlob {
    /// Their key.
    pub key: BlobKey,
    /// How many there are.
    pub size_bytes: u64,
    /// When they were stored, by the store's clock.
    pub stored_at: UnixSeconds,
}

impl Blobs {
    /// Keeps bytes in a folder, made if it is missing and closed to other users of the machine.
    pub fn folder(root: &Path) -> Result<Self, StorageError> {
        let folder = Folder::open(root)?;
        let open = OpenFiles::new(folder.clone());
        Ok(Self(Inner::Folder(folder, open, ChunkPool::default())))
    }

    /// Keeps bytes in an object store that speaks S3.
    pub fn s3(settings: &S3Settings) -> Result<Self, StorageError> {
        let mut builder = AmazonS3Builder::new()
            .with_region(&settings.region)
            .with_bucket_name(&settings.bucket)
            .with_access_key_id(&settings.access_key_id)
            .with_secret_access_key(&settings.secret_access_key)
            .with_allow_http(settings.allow_http);
        if let Some(endpoint) = &settings.endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        Ok(Self(Inner::S3(Arc::new(builder.build()?))))
    }

    /// The granted bytes, or a range of them cut to their size; `None` if they are gone.
    ///
    /// # Errors
    ///
    /// [`StorageError::Corrupt`], also later in the stream, if there are fewer bytes than granted.
    pub async fn open(
        &self,
        grant: &ReadGrant,
        range: Option<Range<u64>>,
    ) -> Result<Option<BlobStream>, StorageError> {
        let size = grant.size_bytes();
        let range = range.map_or(0..size, |range| range.start.min(size)..range.end.min(size));
        self.stream(grant.blob(), range).await
    }

    async fn stream(
        &self,
        key: BlobKey,
        range: Range<u64>,
    ) -> Result<Option<BlobStream>, StorageError> {
        match &self.0 {
            Inner::Folder(_, open, pool) => match open.get(key).await? {
                Some(file) => chunks::open(pool, file, range).await.map(Some),
                None => Ok(None),
            },
            Inner::S3(_) if range.is_empty() => Ok(Some(futures_util::stream::empty().boxed())),
            Inner::S3(store) => {
                let options =
                    GetOptions { range: Some(GetRange::Bounded(range)), ..GetOptions::default() };
                match store.get_opts(&object_path(key), options).await {
                    Ok(found) => {
                        Ok(Some(found.into_stream().map(|r| r.map_err(Into::into)).boxed()))
                    }
                    Err(object_store::Error::NotFound { .. }) => Ok(None),
                    Err(error) => Err(error.into()),
                }
            }
        }
    }

    /// Whether the granted bytes are in a file that is open already.
    #[must_use]
    pub fn has_open(&self, grant: &ReadGrant) -> bool {
        matches!(&self.0, Inner::Folder(_, open, _) if open.has(grant.blob()))
    }

    /// The open file that holds the granted bytes, for whoever can send them from there; `None` if
    /// the store keeps no files, or they are gone.
    pub async fn file(&self, grant: &ReadGrant) -> Result<Option<Arc<File>>, StorageError> {
        match &self.0 {
            Inner::Folder(_, open, _) => open.get(grant.blob()).await,
            Inner::S3(_) => Ok(None),
        }
    }

    /// The file that holds the granted bytes, if it is open and can be sent from there without waiting
    /// for a disk, as far as looks once a second can tell; only of files up to 1 MiB. `second` counts
    /// from 1, by whatever clock.
    #[must_use]
    pub fn file_in_page_cache(&self, grant: &ReadGrant, second: u64) -> Option<Arc<File>> {
        let Inner::Folder(_, open, _) = &self.0 else { return None };
        open.in_page_cache(grant.blob(), grant.size_bytes(), second)
    }

    /// All granted bytes at once, for small files; `None` if they are gone.
    pub async fn read_all(&self, grant: &ReadGrant) -> Result<Option<Bytes>, StorageError> {
        if let Inner::Folder(_, open, _) = &self.0 {
            return match open.get(grant.blob()).await? {
                Some(file) => chunks::read_all(file, grant.size_bytes()).await.map(Some),
                None => Ok(None),
            };
        }
        let Some(mut stream) = self.open(grant, None).await? else { return Ok(None) };
        let mut all = BytesMut::new();
        while let Some(chunk) = stream.next().await {
            let chunk = chunk?;
            if all.is_empty() && chunk.len() as u64 == grant.size_bytes() {
                return Ok(Some(chunk));
            }
            all.extend_from_slice(&chunk);
        }
        Ok(Some(all.freeze()))
    }

    /// Stores a staged file under a fresh key; returns when it survives a power cut.
    ///
    /// # Errors
    ///
    /// [`StorageError::Conflict`] if the key was used before, where the store can tell.
    pub async fn put(&self, key: BlobKey, staged: &Staged) -> Result<(), StorageError> {
        match &self.0 {
            Inner::Folder(folder, ..) => {
                let (folder, from) = (folder.clone(), staged.path().to_owned());
                taken(blocking(move || taken_io(folder.put_file(key, &from))).await?)
            }
            Inner::S3(store) => {
                let mut file = tokio::fs::File::open(staged.path()).await?;
                if staged.size_bytes() <= PART_BYTES as u64 {
                    let mut bytes = Vec::new();
                    file.read_to_end(&mut bytes).await?;
                    store.put(&object_path(key), PutPayload::from(bytes)).await?;
                    return Ok(());
                }
                let upload = store.put_multipart(&object_path(key)).await?;
                let mut parts = WriteMultipart::new_with_chunk_size(upload, PART_BYTES);
                match send_parts(&mut file, &mut parts).await {
                    Ok(()) => {
                        parts.finish().await?;
                        Ok(())
                    }
                    Err(error) => {
                        parts.abort().await?;
                        Err(error)
                    }
                }
            }
        }
    }

    /// Stores bytes that are in memory, such as a thumbnail, under a fresh key.
    ///
    /// # Errors
    ///
    /// As [`Blobs::put`].
    pub async fn put_bytes(&self, key: BlobKey, bytes: Bytes) -> Result<(), StorageError> {
        match &self.0 {
            Inner::Folder(folder, ..) => {
                let folder = folder.clone();
                taken(blocking(move || taken_io(folder.put_bytes(key, &bytes))).await?)
            }
            Inner::S3(store) => {
                store.put(&object_path(key), PutPayload::from(bytes)).await?;
                Ok(())
            }
        }
    }

    /// Adds bytes that are part of an upload to a staged file, where nobody is served them.
    ///
    /// # Errors
    ///
    /// [`StorageError::Corrupt`] if there are not as many as the part says,
    /// [`StorageError::TooLarge`] if the staged file may not have them.
    pub async fn copy_part(
        &self,
        part: UploadPart,
        into: &mut StagedFile,
    ) -> Result<(), StorageError> {
        let range = 0..part.size_bytes;
        let bytes = self.stream(part.blob_key, range).await?;
        let gone = || StorageError::Corrupt("a part of an upload is gone".into());
        let mut bytes = bytes.ok_or_else(gone)?;
        while let Some(chunk) = bytes.next().await {
            into.append(&chunk?).await?;
        }
        Ok(())
    }

    /// Removes bytes; that there are none is no error.
    pub async fn delete(&self, key: BlobKey) -> Result<(), StorageError> {
        match &self.0 {
            Inner::Folder(folder, open, _) => {
                let folder = folder.clone();
                let deleted = blocking(move || folder.delete(key)).await;
                open.close(key);
                deleted
            }
            Inner::S3(store) => match store.delete(&object_path(key)).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
                Err(error) => Err(error.into()),
            },
        }
    }

    /// The blobs whose key begins with this byte: one of 256 parts of the store.
    pub async fn list(&self, shard: u8) -> Result<Vec<StoredBlob>, StorageError> {
        match &self.0 {
            Inner::Folder(folder, ..) => {
                let folder = folder.clone();
                blocking(move || folder.list(shard)).await
            }
            Inner::S3(store) => {
                let prefix = ObjectPath::from(format!("{shard:02x}"));
                let mut objects = store.list(Some(&prefix));
                let mut blobs = Vec::new();
                while let Some(object) = objects.next().await {
                    let object = object?;
                    let name = object.location.filename().and_then(|n| BlobKey::parse(n).ok());
                    if let Some(key) = name {
                        blobs.push(StoredBlob {
                            key,
                            size_bytes: object.size,
                            stored_at: UnixSeconds(object.last_modified.timestamp()),
                        });
                    }
                }
                Ok(blobs)
            }
        }
    }
}

async fn send_parts(
    file: &mut tokio::fs::File,
    parts: &mut WriteMultipart,
) -> Result<(), StorageError> {
    loop {
        let mut part = BytesMut::with_capacity(PART_BYTES);
        if file.read_buf(&mut part).await? == 0 {
            return Ok(());
        }
        parts.wait_for_capacity(PARTS_AT_ONCE).await?;
        parts.put(part.freeze());
    }
}

/// Whether a key was free, told apart from the other ways a write can fail.
fn taken_io(done: std::io::Result<()>) -> std::io::Result<bool> {
    match done {
        Ok(()) => Ok(false),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(true),
        Err(error) => Err(error),
    }
}

fn taken(was: bool) -> Result<(), StorageError> {
    if was { Err(StorageError::Conflict) } else { Ok(()) }
}

fn object_path(key: BlobKey) -> ObjectPath {
    let name = key.to_string();
    ObjectPath::from(format!("{}/{}/{name}", &name[..2], &name[2..4]))
}
