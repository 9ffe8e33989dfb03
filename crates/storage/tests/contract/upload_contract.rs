use cloakroom_storage::{
    Db, JobKind, NewMedia, NewUpload, Pending, SecretHash, Upload, UploadKind, UploadPart,
};
use cloakroom_token::{
    AppId, Audience, BlobKey, ContentHash, FileState, MediaId, Uid, UnixSeconds, Variant,
};

use crate::world::{self, NOW};

const MEDIA: MediaId = MediaId::from_bytes([7; 16]);
const EXPIRES: UnixSeconds = UnixSeconds(NOW.0 + 100);

fn announced(uploader: &Uid, media: MediaId) -> NewUpload<'_> {
    NewUpload {
        media,
        kind: UploadKind::Tus,
        uploader,
        session: None,
        secret: Some(SecretHash::of(&format!("secret of {media}"))),
        file_name: "cat.jpg",
        declared_type: "image/jpeg",
        extension: "jpg",
        metadata: Some("filename Y2F0LmpwZw=="),
        size_bytes: 10,
        sha256: Some(ContentHash([9; 32])),
        expires_at: EXPIRES,
    }
}

fn part(size_bytes: u64, key: u8) -> UploadPart {
    UploadPart { size_bytes, blob_key: BlobKey::from_bytes([key; 16]) }
}

async fn begun(db: &Db) -> (AppId, Uid, Upload) {
    let app = world::app(db).await;
    let ann = world::user(db, &app, "ann").await;
    assert!(db.uploads().create(&app, &announced(&ann, MEDIA), 9, NOW).await.unwrap());
    let upload = db.uploads().by_id(&app, MEDIA).await.unwrap().unwrap();
    (app, ann, upload)
}

async fn finish(db: &Db, app: &AppId, uploader: &Uid, pending: Pending) -> bool {
    let thumbnail = cloakroom_token::FileVersion {
        blob: BlobKey::from_bytes([0x71; 16]),
        ..world::version(0x71)
    };
    let new = NewMedia {
        id: MEDIA,
        uploader,
        audience: Audience::Conversation,
        conversation: None,
        file_name: "cat.jpg",
        width: Some(4),
        height: Some(3),
        duration_ms: None,
        received_sha256: ContentHash([0xee; 32]),
        original: &world::version(0x70),
        thumbnails: &[(Variant::Small, thumbnail)],
        thumb_hash: Some(&[1, 2, 3]),
        pending,
    };
    db.uploads().finish(app, &new, NOW).await.unwrap()
}

pub(crate) async fn parts_go_on_where_the_last_ended_and_nowhere_else(db: Db) {
    let (app, _, upload) = begun(&db).await;
    let uploads = db.uploads();
    let rows = [
        (3, part(2, 1), None),
        (0, part(4, 2), Some(4)),
        (0, part(4, 3), None),
        (4, part(7, 4), None),
        (4, part(6, 5), Some(10)),
        (10, part(1, 6), None),
    ];
    for (offset, part, expected) in rows {
        let after = uploads.append(&upload, offset, part, NOW).await.unwrap();
        assert_eq!(after.map(|upload| upload.offset_bytes), expected, "{part:?} at {offset}");
    }
    assert_eq!(uploads.parts(&app, MEDIA).await.unwrap(), [part(4, 2), part(6, 5)]);
    let part = BlobKey::from_bytes([5; 16]);
    assert!(db.media().referenced_blobs(5).await.unwrap().contains(&part));
    let job = db.jobs().lease(JobKind::Assemble, "n", 60, NOW).await.unwrap().unwrap();
    assert_eq!(job.file(), Some((app, MEDIA)), "the last byte asks for the work");
}

pub(crate) async fn a_finished_upload_is_a_file_once(db: Db) {
    let (app, ann, _) = begun(&db).await;
    let state = async || db.media().by_id(&app, MEDIA).await.unwrap().unwrap().state;
    assert_eq!(state().await, FileState::Receiving);
    assert!(finish(&db, &app, &ann, Pending { scan: true, poster: false }).await);
    assert_eq!(state().await, FileState::Checking);
    assert!(!finish(&db, &app, &ann, Pending::default()).await, "a second time changes nothing");
    assert!(db.jobs().lease(JobKind::Scan, "n", 60, NOW).await.unwrap().is_some());
    assert!(db.media().release(&app, MEDIA, NOW).await.unwrap());
    assert!(!db.media().release(&app, MEDIA, NOW).await.unwrap());
    assert!(!db.media().refuse(&app, MEDIA, "ERR_X", NOW).await.unwrap(), "what is read stays");
    let facts = db.media().file_facts(&app, MEDIA).await.unwrap().unwrap();
    assert_eq!(
        (facts.state, facts.thumb_hash.as_deref()),
        (FileState::Ready, Some(&[1, 2, 3][..]))
    );
    let variants: Vec<_> = facts.versions.iter().map(|(variant, _)| *variant).collect();
    assert_eq!(variants, [Variant::Original, Variant::Small]);
}

pub(crate) async fn a_refused_file_says_why_and_its_bytes_go(db: Db) {
    let (app, ann, _) = begun(&db).await;
    assert!(finish(&db, &app, &ann, Pending { scan: true, poster: false }).await);
    assert!(db.media().refuse(&app, MEDIA, "ERR_FILE_INFECTED", NOW).await.unwrap());
    let media = db.media().by_id(&app, MEDIA).await.unwrap().unwrap();
    assert_eq!(
        (media.state, media.refusal.as_deref()),
        (FileState::Refused, Some("ERR_FILE_INFECTED"))
    );
    let gone = db.media().expired_versions(NOW.plus(1), 9).await.unwrap();
    assert_eq!(gone.len(), 2, "the thumbnail too");
}

pub(crate) async fn an_announced_upload_takes_its_room_and_an_uploader_has_few(db: Db) {
    let (app, ann, _) = begun(&db).await;
    let other = MediaId::from_bytes([8; 16]);
    let create = async |most| db.uploads().create(&app, &announced(&ann, other), most, NOW).await;
    assert!(!create(1).await.unwrap(), "one is under way");
    world::set_quota(&db, &app, 19).await;
    assert!(create(2).await.unwrap_err().to_string().contains("room"));
    world::set_quota(&db, &app, 20).await;
    assert!(create(2).await.unwrap());
}

pub(crate) async fn announcements_that_come_at_once_do_not_pass_the_bounds_together(db: Db) {
    let app = world::app(&db).await;
    let mut users = Vec::new();
    for name in ["ann", "bob", "cleo", "dan", "eve", "finn", "gus", "hal"] {
        users.push(world::user(&db, &app, name).await);
    }
    let at_once = async |most: u8| {
        let each = (0..8_u8).map(|i| {
            let (db, app) = (db.clone(), app.clone());
            let uploader = users[if most == 1 { 0 } else { usize::from(i) }].clone();
            tokio::spawn(async move {
                let new = announced(&uploader, MediaId::from_bytes([i | most << 4; 16]));
                matches!(db.uploads().create(&app, &new, u32::from(most), NOW).await, Ok(true))
            })
        });
        let mut taken = 0;
        for one in each.collect::<Vec<_>>() {
            taken += u8::from(one.await.unwrap());
        }
        taken
    };
    assert_eq!(at_once(1).await, 1, "uploads under way of a user");
    world::set_quota(&db, &app, 20).await;
    assert_eq!(at_once(9).await, 1, "room for one more");
}

pub(crate) async fn what_never_came_and_what_was_never_sent_is_over(db: Db) {
    let (app, ann, upload) = begun(&db).await;
    let uploads = db.uploads();
    let over = async |unused_since: i64, now: UnixSeconds| {
        uploads.over(UnixSeconds(unused_since), 9, now).await.unwrap().len()
    };
    assert_eq!(over(0, EXPIRES.plus(-1)).await, 0);
    assert_eq!(over(0, EXPIRES).await, 1, "its bytes never came");
    uploads.append(&upload, 0, part(10, 1), NOW).await.unwrap().unwrap();
    assert_eq!(over(0, EXPIRES).await, 0, "all its bytes came: it is being taken in");
    assert!(finish(&db, &app, &ann, Pending::default()).await);
    assert_eq!(over(EXPIRES.0 - 1, EXPIRES.plus(50)).await, 0);
    assert_eq!(over(EXPIRES.0, EXPIRES.plus(50)).await, 1, "it was never sent");
    uploads.abandon(&app, MEDIA, NOW).await.unwrap();
    let media = db.media().by_id(&app, MEDIA).await.unwrap().unwrap();
    assert_eq!(media.state, FileState::Deleted);
    assert_eq!(uploads.by_id(&app, MEDIA).await.unwrap(), None);
}

pub(crate) async fn a_carried_file_outlives_its_upload(db: Db) {
    let (app, ann, _) = begun(&db).await;
    assert!(finish(&db, &app, &ann, Pending { scan: true, poster: false }).await);
    let bob = world::user(&db, &app, "bob").await;
    world::send(&db, &app, &ann, &world::to(&bob), &[MEDIA], NOW.0).await;
    db.uploads().abandon(&app, MEDIA, NOW).await.unwrap();
    let media = db.media().by_id(&app, MEDIA).await.unwrap().unwrap();
    assert_eq!(media.state, FileState::Checking);
}

pub(crate) async fn the_secret_of_a_form_is_for_one_upload(db: Db) {
    let (_, _, upload) = begun(&db).await;
    let by = async |secret: &str, media| {
        db.uploads().by_secret(SecretHash::of(secret), media).await.unwrap()
    };
    let secret = format!("secret of {MEDIA}");
    assert_eq!(by(&secret, MEDIA).await, Some(upload));
    assert_eq!(by(&secret, MediaId::from_bytes([8; 16])).await, None);
    assert_eq!(by("another", MEDIA).await, None);
}
