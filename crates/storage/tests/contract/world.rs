//! An app with people, a group and files, in few words.

use cloakroom_storage::{
    AppPolicy, AppSettings, Attachment, Db, GroupProfile, KeyPurpose, MediaFilter, MemberScope,
    Message, NewMedia, NewMessage, NewSession, NewSigningKey, Pending, Receiver, SecretHash, Sent,
    StorageError, TokenBasedFileAccess, UserProfile,
};
use cloakroom_token::{
    AppId, Audience, BlobKey, ContentHash, FileVersion, Guid, KeyId, MediaId, SessionId, Uid,
    UnixSeconds, Variant,
};
use serde_json::json;

pub(crate) const NOW: UnixSeconds = UnixSeconds(1_000);

pub(crate) fn settings() -> AppSettings {
    AppSettings {
        name: "Demo".to_owned(),
        presign_ttl_seconds: 900,
        fat_lifetime_seconds: 86_400,
        client_login_by_auth_key: false,
        file_size_max: 5_000_000_000,
        file_count_max: 10,
        allowed_origins: vec!["https://example.org".to_owned()],
        policy: AppPolicy::default(),
    }
}

pub(crate) fn signing_key<'a>(id: &'a KeyId, wrapped: &'a [u8]) -> NewSigningKey<'a> {
    NewSigningKey {
        id,
        purpose: KeyPurpose::Fat,
        algorithm: "EdDSA",
        wrapped,
        public: Some(b"public"),
        signs_from: NOW,
    }
}

pub(crate) async fn app(db: &Db) -> AppId {
    let id = AppId::parse("demoapp").unwrap();
    db.apps().create(&id, "us", TokenBasedFileAccess::Off, &settings(), NOW).await.unwrap();
    id
}

pub(crate) async fn set_quota(db: &Db, app: &AppId, bytes: u64) {
    let change = |settings: &mut AppSettings| settings.policy.storage_quota_bytes = Some(bytes);
    db.apps().change_settings(app, change, NOW).await.unwrap();
}

pub(crate) fn uid(name: &str) -> Uid {
    Uid::parse(name).unwrap()
}

pub(crate) fn guid(name: &str) -> Guid {
    Guid::parse(name).unwrap()
}

pub(crate) fn profile(name: &str) -> UserProfile {
    UserProfile { name: name.to_owned(), role: "default".to_owned(), ..UserProfile::default() }
}

pub(crate) async fn user(db: &Db, app: &AppId, name: &str) -> Uid {
    let uid = uid(name);
    db.users().create(app, &uid, &profile(name), NOW).await.unwrap();
    uid
}

pub(crate) async fn group(db: &Db, app: &AppId, name: &str, members: &[&Uid]) -> Guid {
    let guid = guid(name);
    let profile = GroupProfile { name: name.to_owned(), ..GroupProfile::default() };
    db.groups().create(app, &guid, &profile, NOW).await.unwrap();
    for uid in members {
        let joined = db.groups().add_member(app, &guid, uid, MemberScope::Participant, NOW).await;
        assert!(joined.unwrap().is_some());
    }
    guid
}

pub(crate) async fn session(db: &Db, app: &AppId, uid: &Uid, number: u8) -> SessionId {
    let id = SessionId::from_bytes([number; 16]);
    let auth_token = SecretHash::of(&format!("token {number}"));
    let new = NewSession { id, uid, auth_token, expires_at: None, sdk: None };
    db.sessions().create(app, &new, NOW).await.unwrap();
    id
}

pub(crate) fn version(number: u8) -> FileVersion {
    FileVersion {
        blob: BlobKey::from_bytes([number; 16]),
        size_bytes: 1_000 + u64::from(number),
        content_type: "image/png".into(),
        extension: "png".into(),
        content_sha256: ContentHash([number; 32]),
        stored_at: NOW,
    }
}

pub(crate) async fn file(db: &Db, app: &AppId, uploader: &Uid, number: u8) -> MediaId {
    create_file(db, app, uploader, number).await.unwrap()
}

/// An app that stores one file in two renditions, of 2003 bytes together.
pub(crate) async fn app_with_two_renditions(db: &Db) -> AppId {
    let app = app(db).await;
    let alice = user(db, &app, "alice").await;
    let file = file(db, &app, &alice, 1).await;
    let small = version(2);
    db.media().add_version(&app, file, Variant::Small, &small, UnixSeconds(1)).await.unwrap();
    app
}

pub(crate) async fn create_file(
    db: &Db,
    app: &AppId,
    uploader: &Uid,
    number: u8,
) -> Result<MediaId, StorageError> {
    let id = MediaId::from_bytes([number; 16]);
    let new = NewMedia {
        id,
        uploader,
        audience: Audience::Conversation,
        conversation: None,
        file_name: "cat.png",
        width: Some(640),
        height: Some(480),
        duration_ms: None,
        received_sha256: ContentHash([0xee; 32]),
        original: &version(number),
        thumbnails: &[],
        thumb_hash: None,
        pending: Pending::default(),
    };
    db.media().create(app, &new, NOW).await?;
    Ok(id)
}

pub(crate) fn to(uid: &Uid) -> Receiver {
    Receiver::User(uid.clone())
}

pub(crate) fn original(media: MediaId) -> Attachment {
    Attachment { media, variant: Variant::Original }
}

pub(crate) async fn send(
    db: &Db,
    app: &AppId,
    sender: &Uid,
    receiver: &Receiver,
    files: &[MediaId],
    now: i64,
) -> Message {
    let attachments: Vec<_> = files.iter().copied().map(original).collect();
    let data = json!({ "text": "hello" });
    let new = NewMessage {
        muid: None,
        sender,
        session: None,
        receiver,
        category: "message",
        kind: "text",
        data: &data,
        parent_id: None,
        attachments: &attachments,
    };
    match db.messages().send(app, &new, UnixSeconds(now)).await.unwrap() {
        Sent::New(message) => message,
        Sent::Before(_) => panic!("sent before"),
    }
}

/// A file that alice sent to bob, and how it is asked for.
pub(crate) async fn sent_file(db: &Db, app: &AppId) -> (MediaId, MediaFilter) {
    let (alice, bob) = (user(db, app, "alice").await, user(db, app, "bob").await);
    let file = file(db, app, &alice, 1).await;
    let message = send(db, app, &alice, &to(&bob), &[file], 1_000).await;
    let conversation_id = Some(message.conversation_id);
    (file, MediaFilter { conversation_id, ..MediaFilter::default() })
}
