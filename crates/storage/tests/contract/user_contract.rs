use cloakroom_storage::{Db, MediaOfDeletedUser, StorageError, UserFilter, UserProfile};
use cloakroom_token::{FileState, UnixSeconds};
use serde_json::json;

use crate::world::{self, NOW};

pub(crate) async fn a_user_is_made_once_even_after_deletion(db: Db) {
    let app = world::app(&db).await;
    let users = db.users();
    let alice = world::uid("alice");
    let profile = UserProfile {
        name: "Alice".to_owned(),
        avatar: Some("https://example.org/a.png".to_owned()),
        role: "default".to_owned(),
        metadata: Some(json!({ "team": 7 })),
        tags: vec!["blue".to_owned()],
        ..UserProfile::default()
    };
    let made = users.create(&app, &alice, &profile, NOW).await.unwrap();
    assert_eq!(users.by_uid(&app, &alice).await.unwrap(), Some(made));
    let later = UnixSeconds(2_000);
    let other = world::profile("Ally");
    let updated = users.upsert(&app, &alice, &other, later).await.unwrap();
    assert_eq!((&updated.profile, updated.created_at, updated.updated_at), (&other, NOW, later));
    users.delete(&app, &alice, MediaOfDeletedUser::Keep, NOW).await.unwrap().unwrap();
    assert_eq!(users.by_uid(&app, &alice).await.unwrap(), None);
    assert!(!users.state(&app, &alice).await.unwrap().unwrap().active);
    assert_eq!(users.list(&app, 10, 0).await.unwrap().total, 0);
    let refused = users.upsert(&app, &alice, &profile, NOW).await;
    assert!(matches!(refused, Err(StorageError::Conflict)));
    let other = cloakroom_token::AppId::parse("other").unwrap();
    let refused = users.create(&other, &alice, &profile, NOW).await;
    assert!(matches!(refused, Err(StorageError::Missing)));
}

pub(crate) async fn a_deactivated_user_comes_back_without_what_was_taken(db: Db) {
    let app = world::app(&db).await;
    let alice = world::user(&db, &app, "alice").await;
    let users = db.users();
    let seq = users.deactivate(&app, &alice, NOW).await.unwrap().unwrap();
    assert_eq!(users.deactivate(&app, &alice, NOW).await.unwrap(), None);
    let user = users.by_uid(&app, &alice).await.unwrap().unwrap();
    assert_eq!((user.deactivated_at, user.generation), (Some(NOW), seq));
    assert!(users.reactivate(&app, &alice, NOW).await.unwrap());
    assert_eq!(users.by_uid(&app, &alice).await.unwrap().unwrap().generation, seq);
}

pub(crate) async fn deleting_a_user_ends_sessions_leaves_groups_and_spares_files_if_told(db: Db) {
    let app = world::app(&db).await;
    for (name, number, media, state) in [
        ("alice", 1, MediaOfDeletedUser::Keep, FileState::Ready),
        ("bob", 2, MediaOfDeletedUser::Delete, FileState::Deleted),
    ] {
        let uid = world::user(&db, &app, name).await;
        let session = world::session(&db, &app, &uid, number).await;
        let group = world::group(&db, &app, name, &[&uid]).await;
        let file = world::file(&db, &app, &uid, number).await;
        let last = db.users().delete(&app, &uid, media, NOW).await.unwrap();
        assert_eq!(last, Some(db.changes().head().await.unwrap()));
        let session = db.sessions().by_id(&app, session).await.unwrap().unwrap();
        assert_eq!(session.ended_at, Some(NOW));
        assert_eq!(db.groups().membership(&app, &group, &uid).await.unwrap(), None);
        let facts = db.media().file_facts(&app, file).await.unwrap().unwrap();
        assert_eq!(facts.state, state);
    }
}

pub(crate) async fn two_who_change_a_profile_keep_each_others(db: Db) {
    let app = world::app(&db).await;
    let alice = world::user(&db, &app, "alice").await;
    let writers = (0..8).map(|number| {
        let (users, app, alice) = (db.users(), app.clone(), alice.clone());
        tokio::spawn(async move {
            let add = |profile: &mut UserProfile| profile.tags.push(format!("{number}"));
            users.change(&app, &alice, add, NOW).await.unwrap().unwrap();
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let tags = db.users().by_uid(&app, &alice).await.unwrap().unwrap().profile.tags;
    assert_eq!(tags.len(), 8, "{tags:?}");
    let nobody = world::uid("nobody");
    assert_eq!(db.users().change(&app, &nobody, |_| {}, NOW).await.unwrap(), None);
}

pub(crate) async fn users_are_found_by_state_and_by_part_of_a_name(db: Db) {
    let app = world::app(&db).await;
    for (uid, name) in [("ann", "Ann Lee"), ("ben_1", "Ben"), ("benx1", "Lee 100%"), ("cy", "Cy")] {
        db.users().create(&app, &world::uid(uid), &world::profile(name), NOW).await.unwrap();
    }
    db.users().deactivate(&app, &world::uid("cy"), NOW).await.unwrap().unwrap();
    let gone = world::user(&db, &app, "gone").await;
    db.users().delete(&app, &gone, MediaOfDeletedUser::Keep, NOW).await.unwrap().unwrap();
    let cases: [(Option<bool>, Option<&str>, &[&str]); 9] = [
        (None, None, &["ann", "ben_1", "benx1", "cy"]),
        (Some(false), None, &["ann", "ben_1", "benx1"]),
        (Some(true), None, &["cy"]),
        (None, Some("lee"), &["ann", "benx1"]),
        (None, Some("BEN"), &["ben_1", "benx1"]),
        (None, Some("n_1"), &["ben_1"]),
        (None, Some("%"), &["benx1"]),
        (Some(true), Some("ann"), &[]),
        (None, Some("gone"), &[]),
    ];
    for (deactivated, search, expected) in cases {
        let filter = UserFilter { deactivated, search: search.map(str::to_owned) };
        let page = db.users().find(&app, &filter, 10, 0).await.unwrap();
        let found: Vec<_> = page.items.iter().map(|user| user.uid.as_str()).collect();
        assert_eq!(found, expected, "{filter:?}");
        assert_eq!(page.total, expected.len() as u64, "{filter:?}");
    }
}
