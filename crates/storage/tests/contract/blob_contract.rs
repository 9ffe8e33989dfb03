use std::sync::Arc;

use cloakroom_storage::{BlobStream, Blobs, FolderLock, Staged, Staging, StorageError};
use cloakroom_token::{
    AppId, Audience, BlobKey, ContentHash, FileFacts, FileState, FileVersion, MediaId, MediaPath,
    Purpose, ReadGrant, Seq, Uid, UnixSeconds, Variant,
};
use futures_util::TryStreamExt;

#[expect(clippy::disallowed_methods, reason = "the tests of the bytes decide nothing")]
fn grant(blob: BlobKey, size_bytes: u64) -> ReadGrant {
    let app = AppId::parse("demoapp").unwrap();
    let path = MediaPath::new(app, MediaId::from_bytes([1; 16]), Variant::Original, "png").unwrap();
    let file = FileFacts {
        state: FileState::Ready,
        revoked: false,
        generation: Seq(0),
        uploader: Uid::parse("alice").unwrap(),
        audience: Audience::Conversation,
        ever_carried: false,
        carriers: smallvec::SmallVec::default(),
        conversation: None,
        version: Some(Arc::new(FileVersion {
            blob,
            size_bytes,
            content_type: "image/png".into(),
            extension: "png".into(),
            content_sha256: ContentHash([0; 32]),
            stored_at: UnixSeconds(0),
        })),
        file_name: "cat.png".into(),
    };
    ReadGrant::internal(&path, file, Purpose::Backup).unwrap()
}

/// No two windows of it are alike.
fn bytes(size: u32) -> Vec<u8> {
    (0..size.div_ceil(4)).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect()
}

async fn stage(staging: &Staging, bytes: &[u8]) -> Staged {
    let mut file = staging.stage(u64::MAX).await.unwrap();
    for piece in bytes.chunks(100_000) {
        file.append(piece).await.unwrap();
    }
    file.finish().await.unwrap()
}

async fn collect(stream: BlobStream) -> Vec<u8> {
    stream
        .try_fold(Vec::new(), async |mut all, chunk| {
            all.extend_from_slice(&chunk);
            Ok(all)
        })
        .await
        .unwrap()
}

async fn bytes_come_back_whole_and_in_part(blobs: Blobs, size: u32) {
    let folder = tempfile::tempdir().unwrap();
    let staging = Staging::open(folder.path()).unwrap();
    let sent = bytes(size);
    let staged = stage(&staging, &sent).await;
    let length = sent.len() as u64;
    assert_eq!(staged.size_bytes(), length);
    let key = BlobKey::from_bytes([0xab; 16]);
    blobs.put(key, &staged).await.unwrap();
    let grant = grant(key, length);
    assert!(blobs.read_all(&grant).await.unwrap().unwrap() == sent);
    for (start, end) in
        [(0, 1), (1, length / 2), (length / 2, length), (length, length), (length - 1, length + 9)]
    {
        let stream = blobs.open(&grant, Some(start..end)).await.unwrap().unwrap();
        let from = usize::try_from(start).unwrap();
        let to = usize::try_from(end.min(length)).unwrap();
        assert!(collect(stream).await == sent[from..to], "{start}..{end} of {length}");
    }
    let listed = blobs.list(0xab).await.unwrap();
    assert_eq!(listed.iter().map(|b| (b.key, b.size_bytes)).collect::<Vec<_>>(), [(key, length)]);
    assert!(listed[0].stored_at > UnixSeconds(1_700_000_000));
    assert_eq!(blobs.list(0xac).await.unwrap(), []);
    blobs.delete(key).await.unwrap();
    blobs.delete(key).await.unwrap();
    assert!(blobs.open(&grant, None).await.unwrap().is_none());
    assert_eq!(blobs.list(0xab).await.unwrap(), []);

    let thumbnail = BlobKey::from_bytes([0xac; 16]);
    blobs.put_bytes(thumbnail, sent.clone().into()).await.unwrap();
    assert!(blobs.read_all(&self::grant(thumbnail, length)).await.unwrap().unwrap() == sent);
}

#[tokio::test]
async fn a_folder_gives_back_what_it_took() {
    for size in [4, 70_000, 262_144, 1_000_000] {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::folder(&folder.path().join("blobs")).unwrap();
        bytes_come_back_whole_and_in_part(blobs, size).await;
    }
}

#[tokio::test]
async fn an_object_store_gives_back_what_it_took() {
    for size in [4, 70_000, 9_000_000] {
        let (_folder, settings) = crate::object_store::start().await;
        let blobs = Blobs::s3(&settings).unwrap();
        bytes_come_back_whole_and_in_part(blobs, size).await;
    }
}

#[tokio::test]
async fn nothing_in_a_folder_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let staging = Staging::open(&folder.path().join("staging")).unwrap();
    let blobs = Blobs::folder(&folder.path().join("blobs")).unwrap();
    let key = BlobKey::from_bytes([1; 16]);
    let (first, second) = (bytes(64), vec![0; 64]);
    blobs.put(key, &stage(&staging, &first).await).await.unwrap();
    let refused = blobs.put(key, &stage(&staging, &second).await).await;
    assert!(matches!(refused, Err(StorageError::Conflict)), "{refused:?}");
    let refused = blobs.put_bytes(key, second.into()).await;
    assert!(matches!(refused, Err(StorageError::Conflict)), "{refused:?}");
    assert_eq!(blobs.read_all(&grant(key, 64)).await.unwrap().unwrap(), first);
    let left = std::fs::read_dir(folder.path().join("blobs/incoming")).unwrap().count();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_file_shorter_than_its_row_is_damage_not_a_short_answer() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::folder(folder.path()).unwrap();
    let key = BlobKey::from_bytes([1; 16]);
    blobs.put_bytes(key, bytes(600_000).into()).await.unwrap();
    let read = blobs.read_all(&grant(key, 600_001)).await;
    assert!(matches!(read, Err(StorageError::Corrupt(_))), "{read:?}");
}

#[tokio::test]
async fn chunks_in_flight_never_share_memory() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::folder(folder.path()).unwrap();
    let key = BlobKey::from_bytes([1; 16]);
    let sent = bytes(2_000_000);
    blobs.put_bytes(key, sent.clone().into()).await.unwrap();
    for _ in 0..3 {
        let stream = blobs.open(&grant(key, sent.len() as u64), None).await.unwrap().unwrap();
        let chunks: Vec<_> = stream.try_collect().await.unwrap();
        assert!(chunks.len() > 4);
        assert!(chunks.concat() == sent);
    }
}

#[tokio::test]
async fn an_upload_is_bounded_hashed_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let staging = Staging::open(folder.path()).unwrap();
    let count = || std::fs::read_dir(folder.path()).unwrap().count();
    let mut file = staging.stage(5).await.unwrap();
    file.append(b"abc").await.unwrap();
    let refused = file.append(b"def").await;
    assert!(matches!(refused, Err(StorageError::TooLarge { limit_bytes: 5 })));
    assert_eq!((file.size_bytes(), count()), (3, 1));
    let staged = file.finish().await.unwrap();
    assert_eq!(
        staged.sha256().to_string(),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
    assert_eq!(std::fs::read(staged.path()).unwrap(), b"abc");
    drop(staged);
    drop(staging.stage(5).await.unwrap());
    assert_eq!(count(), 0);
    std::fs::write(folder.path().join("left by a crash"), "x").unwrap();
    Staging::open(folder.path()).unwrap();
    assert_eq!(count(), 0);
}

#[cfg(unix)]
#[tokio::test]
async fn a_folder_is_closed_to_other_users_of_the_machine() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("blobs");
    let blobs = Blobs::folder(&root).unwrap();
    let key = BlobKey::from_bytes([0xab; 16]);
    blobs.put_bytes(key, bytes(8).into()).await.unwrap();
    let file = root.join("ab/ab").join(key.to_string());
    for path in [&root, &root.join("ab"), &root.join("ab/ab"), &file] {
        let mode = std::fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{path:?}");
    }
}

#[test]
fn a_second_server_is_refused_the_same_data_folder() {
    let folder = tempfile::tempdir().unwrap();
    let first = FolderLock::acquire(folder.path()).unwrap();
    let second = FolderLock::acquire(folder.path());
    assert!(matches!(second, Err(StorageError::FolderInUse)), "{second:?}");
    drop(first);
    FolderLock::acquire(folder.path()).unwrap();
}
