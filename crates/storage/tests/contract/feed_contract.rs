use std::time::Duration;

use cloakroom_storage::{
    ApiKeyScope, Change, Db, DeletionScope, FeedEntry, MessageEvent, MessageNews, NewDelegatedKey,
    SecretHash, StorageError,
};
use cloakroom_token::{AppId, DelegatedBounds, KeyId, MediaId, Seq};

use crate::world::signing_key;
use crate::world::{self, NOW, uid};

async fn since(db: &Db, seq: Seq) -> Vec<Change> {
    let entries = db.changes().after(seq, 1_000).await.unwrap();
    entries.into_iter().map(|entry: FeedEntry| entry.change.unwrap()).collect()
}

pub(crate) async fn a_change_row_is_there_if_and_only_if_the_write_committed(db: Db) {
    let app = world::app(&db).await;
    let alice = world::user(&db, &app, "alice").await;
    let bob = world::user(&db, &app, "bob").await;
    let session = world::session(&db, &app, &alice, 1).await;
    let trip = world::group(&db, &app, "trip", &[&alice]).await;
    let file = world::file(&db, &app, &alice, 1).await;
    let message = world::send(&db, &app, &alice, &world::to(&bob), &[file], 1_000).await;

    let head = db.changes().head().await.unwrap();
    let nobody = uid("nobody");
    let refused = db.users().create(&app, &alice, &world::profile("x"), NOW).await;
    assert!(matches!(refused, Err(StorageError::Conflict)));
    assert_eq!(db.users().deactivate(&app, &nobody, NOW).await.unwrap(), None);
    assert!(!db.users().reactivate(&app, &alice, NOW).await.unwrap());
    let none = cloakroom_token::SessionId::from_bytes([9; 16]);
    assert_eq!(db.sessions().end(&app, none, NOW).await.unwrap(), None);
    assert_eq!(db.groups().remove_member(&app, &trip, &bob, NOW).await.unwrap(), None);
    let none = MediaId::from_bytes([9; 16]);
    assert_eq!(db.media().revoke(&app, none, NOW).await.unwrap(), None);
    assert_eq!(db.blocks().remove(&app, &alice, &bob, NOW).await.unwrap(), None);
    let other = AppId::parse("other").unwrap();
    assert_eq!(db.apps().revoke_all(&other, NOW).await.unwrap(), None);
    let by = DeletionScope::Message;
    assert!(db.messages().delete(&app, 4_711, None, None, by, NOW).await.unwrap().is_none());
    assert_eq!(since(&db, head).await, []);

    db.blocks().add(&app, &alice, &bob, NOW).await.unwrap().unwrap();
    assert_eq!(db.blocks().add(&app, &alice, &bob, NOW).await.unwrap(), None);
    db.groups().remove_member(&app, &trip, &alice, NOW).await.unwrap().unwrap();
    let doing = Some(session);
    db.messages().delete(&app, message.id, Some(&alice), doing, by, NOW).await.unwrap().unwrap();
    db.sessions().end(&app, session, NOW).await.unwrap().unwrap();
    assert_eq!(db.sessions().end(&app, session, NOW).await.unwrap(), None);
    db.users().deactivate(&app, &alice, NOW).await.unwrap().unwrap();
    db.apps().revoke_all(&app, NOW).await.unwrap().unwrap();
    let expected = [
        Change::Block(app.clone(), alice.clone(), bob),
        Change::GroupMember(app.clone(), trip, alice.clone()),
        Change::Message(
            app.clone(),
            MessageNews { id: message.id, event: MessageEvent::Deleted, by: doing },
        ),
        Change::File(app.clone(), file),
        Change::Session(app.clone(), session),
        Change::UserState(app.clone(), alice),
        Change::AppSettings(app),
    ];
    assert_eq!(since(&db, head).await, expected);
    let places = db.changes().after(Seq(0), 1_000).await.unwrap();
    assert!(places.is_sorted_by(|one, next| one.seq < next.seq));
}

pub(crate) async fn a_generation_is_the_place_of_the_last_revocation_and_never_falls(db: Db) {
    let app = world::app(&db).await;
    let alice = world::user(&db, &app, "alice").await;
    let session = world::session(&db, &app, &alice, 1).await;
    let file = world::file(&db, &app, &alice, 1).await;
    let state = async || db.users().state(&app, &alice).await.unwrap().unwrap();

    assert_eq!(state().await.generation, Seq(0));
    let first = db.users().deactivate(&app, &alice, NOW).await.unwrap().unwrap();
    assert_eq!((state().await.active, state().await.generation), (false, first));
    assert!(db.users().reactivate(&app, &alice, NOW).await.unwrap());
    assert_eq!((state().await.active, state().await.generation), (true, first));
    let second = db.users().revoke(&app, &alice, NOW).await.unwrap().unwrap();
    assert!(second > first);
    assert_eq!(state().await.generation, second);

    let ended = db.sessions().end(&app, session, NOW).await.unwrap().unwrap();
    let session = db.sessions().by_id(&app, session).await.unwrap().unwrap();
    assert_eq!((session.generation, session.ended_at), (ended, Some(NOW)));

    let revoked = db.media().revoke(&app, file, NOW).await.unwrap().unwrap();
    let facts = db.media().file_facts(&app, file).await.unwrap().unwrap();
    assert_eq!((facts.generation, facts.revoked), (revoked, true));

    let all = db.apps().revoke_all(&app, NOW).await.unwrap().unwrap();
    assert_eq!(db.apps().by_id(&app).await.unwrap().unwrap().generation, all);
    assert!(second < ended && ended < revoked && revoked < all);
}

pub(crate) async fn an_entry_reads_back_as_the_change_that_was_written(db: Db) {
    let app = world::app(&db).await;
    let alice = world::user(&db, &app, "alice").await;
    let bob = world::user(&db, &app, "bob").await;
    let head = db.changes().head().await.unwrap();
    let session = world::session(&db, &app, &alice, 1).await;
    let trip = world::group(&db, &app, "trip", &[&alice]).await;
    let file = world::file(&db, &app, &alice, 1).await;
    db.blocks().add(&app, &bob, &alice, NOW).await.unwrap().unwrap();
    let key = KeyId::parse("k1").unwrap();
    let hash = SecretHash::of("secret");
    db.api_keys().create(&app, &key, "n", ApiKeyScope::AuthOnly, hash, NOW).await.unwrap();
    db.signing_keys().insert(&signing_key(&key, &[1]), NOW).await.unwrap();
    let bounds = DelegatedBounds { max_ttl_seconds: 60, purposes: Vec::new(), uid_prefix: None };
    let new = NewDelegatedKey {
        id: &key,
        name: "n",
        wrapped: &[1],
        bounds: &bounds,
        fetches_per_minute: None,
    };
    db.delegated_keys().create(&app, &new, NOW).await.unwrap();
    let expected = [
        Change::Session(app.clone(), session),
        Change::Group(app.clone(), trip.clone()),
        Change::GroupMember(app.clone(), trip, alice.clone()),
        Change::File(app.clone(), file),
        Change::Block(app.clone(), bob, alice),
        Change::ApiKey(app.clone(), key.clone()),
        Change::SigningKey(key.clone()),
        Change::DelegatedKey(app, key),
    ];
    assert_eq!(since(&db, head).await, expected);
    assert_eq!(db.changes().after(head, 2).await.unwrap().len(), 2);
}

pub(crate) async fn this_process_hears_of_its_own_commits(db: Db) {
    let mut committed = db.changes().committed_here();
    let app = world::app(&db).await;
    assert!(committed.has_changed().unwrap());
    assert_eq!(*committed.borrow_and_update(), db.changes().head().await.unwrap());
    let nobody = uid("nobody");
    assert_eq!(db.users().deactivate(&app, &nobody, NOW).await.unwrap(), None);
    assert!(!committed.has_changed().unwrap(), "nothing was committed");
}

pub(crate) async fn another_handle_hears_of_a_revocation(db: Db) {
    let app = world::app(&db).await;
    let mut hint = db.changes().hint().await.unwrap();
    let quiet = hint.next().await.unwrap();
    assert_eq!(quiet, db.is_shared(), "only a poll of SQLite can say that nothing happened");
    db.apps().revoke_all(&app, NOW).await.unwrap().unwrap();
    let heard = tokio::time::timeout(Duration::from_millis(900), hint.next()).await;
    assert!(heard.expect("sooner than the poll of PostgreSQL").unwrap());
}
