use cloakroom_storage::{
    Db, DeletionScope, Direction, GroupProfile, MemberScope, Message, MessageCursor, NewMessage,
    Receiver, Sent, StorageError,
};
use cloakroom_token::{MediaId, UnixSeconds};
use serde_json::json;

use crate::world::{self, NOW};

fn back(limit: u32) -> MessageCursor {
    MessageCursor { limit, ..MessageCursor::default() }
}

fn ids(messages: &[Message]) -> Vec<i64> {
    messages.iter().map(|message| message.id).collect()
}

pub(crate) async fn a_message_sent_twice_under_one_name_is_one(db: Db) {
    let app = world::app(&db).await;
    let alice = world::user(&db, &app, "alice").await;
    let bob = world::user(&db, &app, "bob").await;
    let data = json!({ "text": "once" });
    let to_bob = world::to(&bob);
    let to_alice = world::to(&alice);
    let mut new = NewMessage {
        muid: Some("m1"),
        sender: &alice,
        session: None,
        receiver: &to_bob,
        category: "message",
        kind: "text",
        data: &data,
        parent_id: None,
        attachments: &[],
    };
    let Sent::New(first) = db.messages().send(&app, &new, NOW).await.unwrap() else { panic!() };
    let again = db.messages().send(&app, &new, NOW).await.unwrap();
    assert_eq!(again, Sent::Before(first));
    (new.sender, new.receiver) = (&bob, &to_alice);
    assert!(matches!(db.messages().send(&app, &new, NOW).await.unwrap(), Sent::New(_)));
}

pub(crate) async fn a_page_holds_one_conversation_in_order(db: Db) {
    let app = world::app(&db).await;
    let alice = world::user(&db, &app, "alice").await;
    let bob = world::user(&db, &app, "bob").await;
    let carol = world::user(&db, &app, "carol").await;
    let mut sent = Vec::new();
    for number in 0..6 {
        let (from, to) = if number % 2 == 0 { (&alice, &bob) } else { (&bob, &alice) };
        sent.push(world::send(&db, &app, from, &world::to(to), &[], 1_000 + number).await.id);
        world::send(&db, &app, &alice, &world::to(&carol), &[], 1_000 + number).await;
    }
    let messages = db.messages();
    let page = async |cursor| ids(&messages.between(&app, &bob, &alice, &cursor).await.unwrap());
    assert_eq!(page(back(30)).await, sent);
    assert_eq!(page(back(2)).await, sent[4..]);
    assert_eq!(page(MessageCursor { id: Some(sent[4]), ..back(2) }).await, sent[2..4]);
    let forth = MessageCursor { direction: Direction::Forth, id: Some(sent[1]), ..back(2) };
    assert_eq!(page(forth).await, sent[2..4]);
    let at = Some(UnixSeconds(1_003));
    assert_eq!(page(MessageCursor { sent_at: at, ..back(2) }).await, sent[2..4]);
    let forth = MessageCursor { direction: Direction::Forth, sent_at: at, ..back(9) };
    assert_eq!(page(forth).await, sent[3..]);
    assert_eq!(messages.of_user(&app, &bob, &back(30)).await.unwrap().len(), 6);
    assert_eq!(messages.of_user(&app, &alice, &back(30)).await.unwrap().len(), 12);
}

pub(crate) async fn two_conversations_whose_names_join_alike_stay_apart(db: Db) {
    let app = world::app(&db).await;
    let one = world::user(&db, &app, "a_user_b").await;
    let two = world::user(&db, &app, "c").await;
    let three = world::user(&db, &app, "a").await;
    let four = world::user(&db, &app, "b_user_c").await;
    let secret = world::send(&db, &app, &one, &world::to(&two), &[], 1_000).await;
    let other = world::send(&db, &app, &three, &world::to(&four), &[], 1_000).await;
    assert_eq!(secret.conversation_id, other.conversation_id);
    let page = db.messages().between(&app, &three, &four, &back(30)).await.unwrap();
    assert_eq!(ids(&page), [other.id]);
}

pub(crate) async fn history_before_joining_is_hidden_where_the_group_says_so(db: Db) {
    let app = world::app(&db).await;
    let alice = world::user(&db, &app, "alice").await;
    let bob = world::user(&db, &app, "bob").await;
    let trip = world::group(&db, &app, "trip", &[&alice]).await;
    let to_trip = Receiver::Group(trip.clone());
    let before = world::send(&db, &app, &alice, &to_trip, &[], 1_500).await.id;
    let joined = UnixSeconds(2_000);
    let scope = MemberScope::Participant;
    db.groups().add_member(&app, &trip, &bob, scope, joined).await.unwrap().unwrap();
    let since = world::send(&db, &app, &alice, &to_trip, &[], 2_000).await.id;
    let messages = db.messages();
    let seen = async || ids(&messages.of_user(&app, &bob, &back(30)).await.unwrap());
    assert_eq!(seen().await, [before, since]);
    let profile = GroupProfile { history_from_join: true, ..GroupProfile::default() };
    db.groups().update(&app, &trip, &profile, NOW).await.unwrap().unwrap();
    assert_eq!(seen().await, [since]);
    assert!(db.groups().membership(&app, &trip, &bob).await.unwrap().unwrap().history_from_join);
    let page = messages.in_group(&app, &trip, Some(joined), &back(30)).await.unwrap();
    assert_eq!(ids(&page), [since]);
    let page = messages.in_group(&app, &trip, None, &back(30)).await.unwrap();
    assert_eq!(ids(&page), [before, since]);
    db.groups().remove_member(&app, &trip, &bob, NOW).await.unwrap().unwrap();
    assert_eq!(seen().await, [0; 0]);
}

pub(crate) async fn conversations_show_the_last_message_that_stands(db: Db) {
    let app = world::app(&db).await;
    let alice = world::user(&db, &app, "alice").await;
    let bob = world::user(&db, &app, "bob").await;
    let carol = world::user(&db, &app, "carol").await;
    let trip = world::group(&db, &app, "trip", &[&alice, &carol]).await;
    let first = world::send(&db, &app, &alice, &world::to(&bob), &[], 1_000).await.id;
    let deleted = world::send(&db, &app, &bob, &world::to(&alice), &[], 1_001).await.id;
    let in_trip = world::send(&db, &app, &carol, &Receiver::Group(trip), &[], 1_002).await.id;
    let scope = DeletionScope::Message;
    db.messages().delete(&app, deleted, None, None, scope, NOW).await.unwrap().unwrap();
    let last = db.messages().conversations(&app, &alice, 10).await.unwrap();
    assert_eq!(ids(&last), [in_trip, first]);
    let last = db.messages().conversations(&app, &bob, 10).await.unwrap();
    assert_eq!(ids(&last), [first]);
}

pub(crate) async fn a_failed_send_leaves_nothing_behind(db: Db) {
    let app = world::app(&db).await;
    let alice = world::user(&db, &app, "alice").await;
    let bob = world::user(&db, &app, "bob").await;
    let file = world::file(&db, &app, &alice, 1).await;
    let head = db.changes().head().await.unwrap();
    let data = json!({});
    let attachments = [world::original(file), world::original(MediaId::from_bytes([9; 16]))];
    let receiver = world::to(&bob);
    let new = NewMessage {
        muid: None,
        sender: &alice,
        session: None,
        receiver: &receiver,
        category: "message",
        kind: "image",
        data: &data,
        parent_id: None,
        attachments: &attachments,
    };
    let refused = db.messages().send(&app, &new, NOW).await;
    assert!(matches!(refused, Err(StorageError::Missing)), "{refused:?}");
    assert_eq!(db.messages().of_user(&app, &alice, &back(30)).await.unwrap(), []);
    assert!(!db.media().file_facts(&app, file).await.unwrap().unwrap().ever_carried);
    assert_eq!(db.changes().head().await.unwrap(), head);
}
