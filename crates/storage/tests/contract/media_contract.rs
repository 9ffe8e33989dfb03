use std::collections::HashSet;

use cloakroom_storage::{
    Carrier, Conversation, Db, DeletionScope, ExpiredVersion, MediaFilter, Receiver, StorageError,
    TokenBasedFileAccess, Usage,
};
use cloakroom_token::{AppId, Audience, FileState, MediaId, Uid, UnixSeconds, Variant};
use serde_json::json;

use crate::world::{self, NOW};

pub(crate) async fn a_file_reads_back_with_its_versions(db: Db) {
    let app = world::app(&db).await;
    let alice = world::user(&db, &app, "alice").await;
    let file = world::file(&db, &app, &alice, 1).await;
    let media = db.media();
    let small = world::version(2);
    media.add_version(&app, file, Variant::Small, &small, NOW).await.unwrap();
    let again = media.add_version(&app, file, Variant::Small, &world::version(3), NOW).await;
    assert!(matches!(again, Err(StorageError::Conflict)));

    let facts = media.file_facts(&app, file).await.unwrap().unwrap();
    assert_eq!(
        facts.version(Variant::Original).map(|version| &**version),
        Some(&world::version(1))
    );
    assert_eq!(facts.version(Variant::Small).map(|version| &**version), Some(&small));
    assert_eq!(facts.version(Variant::Large), None);
    assert_eq!((facts.state, facts.ever_carried), (FileState::Ready, false));
    assert_eq!((&facts.uploader, &*facts.file_name), (&alice, "cat.png"));
    assert_eq!(media.usage(&app).await.unwrap(), Usage { files: 1, size_bytes: 2_003 });
    let row = media.by_id(&app, file).await.unwrap().unwrap();
    assert_eq!((row.width, row.height, row.duration_ms), (Some(640), Some(480), None));
    assert_eq!(media.list(&app, 10, 0).await.unwrap().items, [row]);

    media.set_audience(&app, file, Audience::App, NOW).await.unwrap().unwrap();
    assert_eq!(media.set_audience(&app, file, Audience::App, NOW).await.unwrap(), None);
    assert_eq!(media.file_facts(&app, file).await.unwrap().unwrap().audience, Audience::App);
    assert_eq!(media.referenced_blobs(9).await.unwrap(), HashSet::new());
    let shard = small.blob.as_bytes()[0];
    assert_eq!(media.referenced_blobs(shard).await.unwrap(), [small.blob].into());
    assert_eq!(media.referenced_blobs(shard + 1).await.unwrap(), HashSet::new());
    media.delete(&app, file, NOW).await.unwrap().unwrap();
    assert_eq!(media.delete(&app, file, NOW).await.unwrap(), None);
    let facts = media.file_facts(&app, file).await.unwrap().unwrap();
    assert_eq!(facts.state, FileState::Deleted);
    let other = AppId::parse("other").unwrap();
    assert_eq!(media.file_facts(&other, file).await.unwrap(), None);
}

pub(crate) async fn a_carrier_is_a_message_that_stands(db: Db) {
    let app = world::app(&db).await;
    let alice = world::user(&db, &app, "alice").await;
    let bob = world::user(&db, &app, "bob").await;
    let trip = world::group(&db, &app, "trip", &[&alice]).await;
    let file = world::file(&db, &app, &alice, 1).await;
    let first = world::send(&db, &app, &alice, &world::to(&bob), &[file], 1_001).await;
    let in_group = Receiver::Group(trip.clone());
    let second = world::send(&db, &app, &alice, &in_group, &[file, file], 1_002).await;
    let carriers = async || db.media().file_facts(&app, file).await.unwrap().unwrap().carriers;
    let expected = [
        Carrier {
            message_id: first.id,
            sender: alice.clone(),
            sent_at: UnixSeconds(1_001),
            conversation: Conversation::Users(alice.clone(), bob),
        },
        Carrier {
            message_id: second.id,
            sender: alice.clone(),
            sent_at: UnixSeconds(1_002),
            conversation: Conversation::Group(trip),
        },
    ];
    assert_eq!(carriers().await, expected);

    let (gone, seq) = db
        .messages()
        .delete(&app, first.id, Some(&alice), None, DeletionScope::Message, NOW)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((gone.deleted_by, gone.deleted_at), (Some(alice), Some(NOW)));
    assert_eq!(seq, Some(db.changes().head().await.unwrap()));
    assert_eq!(carriers().await, expected[1..]);
    db.messages()
        .delete(&app, second.id, None, None, DeletionScope::Everywhere, NOW)
        .await
        .unwrap()
        .unwrap();
    let facts = db.media().file_facts(&app, file).await.unwrap().unwrap();
    assert_eq!(facts.carriers, []);
    assert!(facts.ever_carried);
    assert_eq!(facts.state, FileState::Deleted);
}

pub(crate) async fn a_file_that_was_taken_back_is_carried_no_more(db: Db) {
    let app = world::app(&db).await;
    let alice = world::user(&db, &app, "alice").await;
    let bob = world::user(&db, &app, "bob").await;
    let file = world::file(&db, &app, &alice, 1).await;
    let message = world::send(&db, &app, &alice, &world::to(&bob), &[], 1_000).await;
    db.media().revoke(&app, file, NOW).await.unwrap().unwrap();
    let data = json!({});
    let files = [world::original(file)];
    let refused = db.messages().edit(&app, message.id, &data, &files, None, NOW).await;
    assert!(matches!(refused, Err(StorageError::Missing)));
    let stands = db.messages().by_id(&app, message.id).await.unwrap().unwrap();
    assert_eq!(stands, message);
}

pub(crate) async fn bytes_expire_only_when_nobody_could_read_them_for_long_enough(db: Db) {
    let app = world::app(&db).await;
    let alice = world::user(&db, &app, "alice").await;
    let bob = world::user(&db, &app, "bob").await;
    let never_carried = world::file(&db, &app, &alice, 1).await;
    let carried = world::file(&db, &app, &alice, 2).await;
    let deleted = world::file(&db, &app, &alice, 3).await;
    let first = world::send(&db, &app, &alice, &world::to(&bob), &[carried], 1_000).await;
    let second = world::send(&db, &app, &alice, &world::to(&bob), &[carried], 1_000).await;
    let expired = async |since| {
        let found = db.media().expired_versions(UnixSeconds(since), 10).await.unwrap();
        found.into_iter().map(|version| version.media_id).collect::<Vec<_>>()
    };
    let by = DeletionScope::Message;
    db.messages()
        .delete(&app, first.id, None, None, by, UnixSeconds(2_000))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(expired(9_000).await, []);
    db.messages()
        .delete(&app, second.id, None, None, by, UnixSeconds(3_000))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(expired(3_000).await, []);
    assert_eq!(expired(3_001).await, [carried]);
    db.media().delete(&app, deleted, UnixSeconds(4_000)).await.unwrap().unwrap();
    assert_eq!(expired(4_000).await, [carried]);
    assert_eq!(expired(4_001).await, [carried, deleted]);
    let again = world::send(&db, &app, &alice, &world::to(&bob), &[carried], 5_000).await;
    assert_eq!(expired(9_000).await, [deleted], "what a message carries anew stays");
    db.messages()
        .delete(&app, again.id, None, None, by, UnixSeconds(6_000))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(expired(6_000).await, [deleted]);
    assert_eq!(expired(6_001).await, [carried, deleted]);
    let late = [(Variant::Small, world::version(7))];
    let refused = db.media().add_thumbnails(&app, deleted, &late, None, NOW).await;
    assert!(matches!(refused, Err(StorageError::Missing)), "{refused:?}");
    db.media().add_thumbnails(&app, carried, &late, None, NOW).await.unwrap();
    assert_eq!(expired(9_000).await, [carried, carried, deleted], "what came later goes too");
    for version in db.media().expired_versions(UnixSeconds(9_000), 10).await.unwrap() {
        db.media().forget_version(&version, NOW).await.unwrap();
    }
    assert_eq!(expired(9_000).await, []);
    let kept = db.media().file_facts(&app, never_carried).await.unwrap().unwrap();
    assert!(kept.version(Variant::Original).is_some());
}

pub(crate) async fn an_edit_takes_files_off_and_puts_others_on(db: Db) {
    let app = world::app(&db).await;
    let alice = world::user(&db, &app, "alice").await;
    let bob = world::user(&db, &app, "bob").await;
    let old = world::file(&db, &app, &alice, 1).await;
    let new = world::file(&db, &app, &alice, 2).await;
    let message = world::send(&db, &app, &alice, &world::to(&bob), &[old], 1_000).await;
    let messages = db.messages();
    let data = json!({ "text": "edited" });
    let files = [world::original(new)];
    let edited = messages.edit(&app, message.id, &data, &files, None, NOW).await.unwrap().unwrap();
    assert_eq!((edited.data, edited.edited_at), (data.clone(), Some(NOW)));
    assert_eq!(messages.attachments(&app, message.id).await.unwrap(), files);
    let carriers = async |file| db.media().file_facts(&app, file).await.unwrap().unwrap().carriers;
    assert_eq!(carriers(old).await, []);
    assert_eq!(carriers(new).await.len(), 1);
    let back = [world::original(old)];
    messages.edit(&app, message.id, &data, &back, None, NOW).await.unwrap().unwrap();
    assert_eq!(carriers(old).await.len(), 1);
    assert_eq!(carriers(new).await, []);
}

pub(crate) async fn files_are_listed_by_key_and_filter(db: Db) {
    let app = world::app(&db).await;
    let alice = world::user(&db, &app, "alice").await;
    let bob = world::user(&db, &app, "bob").await;
    let mut files = Vec::new();
    for number in 1..=6 {
        let uploader = if number % 2 == 0 { &alice } else { &bob };
        files.push(world::file(&db, &app, uploader, number).await);
    }
    let message = world::send(&db, &app, &alice, &world::to(&bob), &files[1..3], 1_001).await;
    // Sent again, by the other one too: listed once. What else is sent elsewhere is not.
    let again = world::send(&db, &app, &bob, &world::to(&alice), &files[..3], 1_002).await;
    assert_eq!(again.conversation_id, message.conversation_id);
    world::send(&db, &app, &alice, &world::to(&alice), &files[..5], 1_003).await;
    let media = db.media();
    media.set_audience(&app, files[3], Audience::App, NOW).await.unwrap().unwrap();
    media.delete(&app, files[5], NOW).await.unwrap().unwrap();
    let pages = async |filter: &MediaFilter| {
        let mut seen = Vec::new();
        let mut after = None;
        loop {
            let page = media.page(&app, filter, after, 2).await.unwrap();
            seen.extend(page.iter().map(|file| file.id));
            let Some(last) = page.last() else { return seen };
            after = Some((last.created_at, last.id));
        }
    };
    let all = MediaFilter::default;
    let of = |uid: &Uid| Some(uid.clone());
    let conversation = Some(message.conversation_id.clone());
    let cases = [
        (all(), vec![5, 4, 3, 2, 1]),
        (MediaFilter { uploader: of(&alice), ..all() }, vec![4, 2]),
        (MediaFilter { uploader: of(&world::uid("nobody")), ..all() }, vec![]),
        (MediaFilter { audience: Some(Audience::App), ..all() }, vec![4]),
        (MediaFilter { state: Some(FileState::Deleted), ..all() }, vec![6]),
        (MediaFilter { state: Some(FileState::Ready), uploader: of(&bob), ..all() }, vec![5, 3, 1]),
        (MediaFilter { conversation_id: conversation.clone(), ..all() }, vec![3, 2, 1]),
        (
            MediaFilter { conversation_id: conversation.clone(), uploader: of(&bob), ..all() },
            vec![3, 1],
        ),
        (MediaFilter { conversation_id: Some("none".to_owned()), ..all() }, vec![]),
        (MediaFilter { from: Some(NOW), to: Some(NOW), ..all() }, vec![5, 4, 3, 2, 1]),
        (MediaFilter { from: Some(UnixSeconds(NOW.0 + 1)), ..all() }, vec![]),
        (MediaFilter { to: Some(UnixSeconds(NOW.0 - 1)), ..all() }, vec![]),
    ];
    for (filter, numbers) in cases {
        let expected: Vec<_> = numbers.iter().map(|number: &usize| files[number - 1]).collect();
        assert_eq!(pages(&filter).await, expected, "{filter:?}");
    }
    let filter = MediaFilter { conversation_id: conversation, ..all() };
    for (id, left) in [(message.id, vec![3, 2, 1]), (again.id, vec![])] {
        let by = DeletionScope::Message;
        db.messages().delete(&app, id, None, None, by, NOW).await.unwrap().unwrap();
        let left: Vec<_> = left.iter().map(|number: &usize| files[number - 1]).collect();
        assert_eq!(pages(&filter).await, left, "a deleted message carries nothing");
    }
}

pub(crate) async fn what_an_app_stores_is_counted_as_it_comes_and_goes(db: Db) {
    let app = world::app(&db).await;
    let other = AppId::parse("other").unwrap();
    db.apps()
        .create(&other, "us", TokenBasedFileAccess::Off, &world::settings(), NOW)
        .await
        .unwrap();
    let (alice, eve) =
        (world::user(&db, &app, "alice").await, world::user(&db, &other, "eve").await);
    let media = db.media();
    let usage = async |app: &AppId| media.usage(app).await.unwrap();
    assert_eq!(usage(&app).await, Usage { files: 0, size_bytes: 0 });
    world::file(&db, &other, &eve, 200).await;

    // Some come at once, each with a rendition, some of them twice; every third goes again.
    let at_once = (1..=9_u8).map(|number| {
        let (db, app, alice) = (db.clone(), app.clone(), alice.clone());
        tokio::spawn(async move {
            let file = world::file(&db, &app, &alice, number).await;
            let small = world::version(number + 100);
            let media = db.media();
            media.add_version(&app, file, Variant::Small, &small, NOW).await.unwrap();
            let again = world::version(number + 50);
            let again = media.add_version(&app, file, Variant::Small, &again, NOW).await;
            assert!(matches!(again, Err(StorageError::Conflict)), "{again:?}");
            let taken = world::create_file(&db, &app, &alice, number).await;
            assert!(matches!(taken, Err(StorageError::Conflict)), "{taken:?}");
            if number % 3 == 0 {
                media.delete(&app, file, NOW).await.unwrap().unwrap();
                for (variant, version) in
                    [(Variant::Original, number), (Variant::Small, number + 100)]
                {
                    let blob_key = world::version(version).blob;
                    let gone =
                        ExpiredVersion { app_id: app.clone(), media_id: file, variant, blob_key };
                    media.forget_version(&gone, NOW).await.unwrap();
                    media.forget_version(&gone, NOW).await.unwrap();
                }
            }
        })
    });
    for one in at_once.collect::<Vec<_>>() {
        one.await.unwrap();
    }
    let left = [1, 2, 4, 5, 7, 8_u64];
    let size_bytes = left.iter().map(|number| 2_100 + 2 * number).sum();
    assert_eq!(usage(&app).await, Usage { files: 6, size_bytes });
    assert_eq!(usage(&other).await, Usage { files: 1, size_bytes: 1_200 }, "each app its own");

    // A file's original goes before its rendition: then it is no file, but has bytes.
    let (file, blob_key) = (MediaId::from_bytes([1; 16]), world::version(1).blob);
    let original = ExpiredVersion {
        app_id: app.clone(),
        media_id: file,
        variant: Variant::Original,
        blob_key,
    };
    media.forget_version(&original, NOW).await.unwrap();
    assert_eq!(usage(&app).await, Usage { files: 5, size_bytes: size_bytes - 1_001 });
}
