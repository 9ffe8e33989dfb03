//! Tickets for sockets, marks of readers, and what is left to read.

use cloakroom_storage::{
    Change, Db, DeletionScope, GroupProfile, Mark, MarkNews, MemberScope, MessageEvent, ReadMark,
    Receiver, Unread,
};
use cloakroom_token::UnixSeconds;

use crate::world::{self, NOW, guid};

pub(crate) async fn a_ticket_opens_one_socket_and_is_forgotten_after_its_end(db: Db) {
    let tickets = db.socket_tickets();
    let (one, other) = ([1; 16], [2; 16]);
    assert!(tickets.take(one, UnixSeconds(60)).await.unwrap());
    assert!(!tickets.take(one, UnixSeconds(60)).await.unwrap());
    assert!(tickets.take(other, UnixSeconds(90)).await.unwrap());
    assert_eq!(tickets.sweep(UnixSeconds(60)).await.unwrap(), 0);
    assert_eq!(tickets.sweep(UnixSeconds(61)).await.unwrap(), 1);
    assert!(!tickets.take(other, UnixSeconds(90)).await.unwrap());
    let (first, second) = tokio::join!(
        tickets.take([3; 16], UnixSeconds(90)),
        tickets.take([3; 16], UnixSeconds(90))
    );
    assert_ne!(first.unwrap(), second.unwrap(), "of two at once one wins");
}

pub(crate) async fn a_mark_moves_forward_only_and_tells_the_feed(db: Db) {
    let app = world::app(&db).await;
    let (alice, bob) = (world::user(&db, &app, "alice").await, world::user(&db, &app, "bob").await);
    let with = world::to(&alice);
    let marks = db.read_marks();
    let cases = [
        // (mark, up to, whether it moves, delivered, read)
        (Mark::Delivered, 5, true, 5, 0),
        (Mark::Delivered, 5, false, 5, 0),
        (Mark::Read, 4, true, 5, 4),
        (Mark::Read, 7, true, 7, 7),
        (Mark::Read, 6, false, 7, 7),
        (Mark::Delivered, 6, false, 7, 7),
        (Mark::Delivered, 9, true, 9, 7),
    ];
    for (mark, id, moves, delivered_id, read_id) in cases {
        let head = db.changes().head().await.unwrap();
        let news = MarkNews { id, mark, reader: bob.clone() };
        assert_eq!(marks.advance(&app, &with, &news, NOW).await.unwrap(), moves, "{mark:?} {id}");
        let now_at = marks.of(&app, &bob, &with).await.unwrap();
        assert_eq!(now_at, ReadMark { delivered_id, read_id }, "{mark:?} {id}");
        let told = db.changes().after(head, 10).await.unwrap();
        let told: Vec<_> = told.into_iter().filter_map(|entry| entry.change).collect();
        let expected: Vec<_> = moves.then(|| Change::Mark(app.clone(), news)).into_iter().collect();
        assert_eq!(told, expected, "{mark:?} {id}");
    }
    let elsewhere = marks.of(&app, &alice, &world::to(&bob)).await.unwrap();
    assert_eq!(elsewhere, ReadMark::default(), "each has a mark of its own");
}

pub(crate) async fn unread_is_what_others_said_after_the_mark(db: Db) {
    let app = world::app(&db).await;
    let (alice, bob) = (world::user(&db, &app, "alice").await, world::user(&db, &app, "bob").await);
    let carol = world::user(&db, &app, "carol").await;
    let trip = Receiver::Group(world::group(&db, &app, "trip", &[&alice]).await);
    let Receiver::Group(name) = &trip else { unreachable!("a group") };
    let (to_alice, to_bob) = (world::to(&alice), world::to(&bob));

    world::send(&db, &app, &alice, &trip, &[], 1_100).await;
    let joined = UnixSeconds(1_200);
    db.groups().add_member(&app, name, &bob, MemberScope::Participant, joined).await.unwrap();
    world::send(&db, &app, &alice, &trip, &[], 1_300).await;
    let first = world::send(&db, &app, &alice, &to_bob, &[], 1_300).await;
    world::send(&db, &app, &alice, &to_bob, &[], 1_301).await;
    let gone = world::send(&db, &app, &alice, &to_bob, &[], 1_302).await;
    let by = DeletionScope::Message;
    db.messages().delete(&app, gone.id, None, None, by, NOW).await.unwrap().unwrap();
    world::send(&db, &app, &carol, &to_bob, &[], 1_303).await;
    world::send(&db, &app, &bob, &to_alice, &[], 1_304).await;

    let unread = async |with: Option<&Receiver>| {
        let mut found = db.read_marks().unread(&app, &bob, with).await.unwrap();
        found.sort_by_key(|one| format!("{:?}", one.with));
        found.into_iter().map(|Unread { with, count }| (with, count)).collect::<Vec<_>>()
    };
    let all = [(trip.clone(), 1), (to_alice.clone(), 2), (world::to(&carol), 1)];
    assert_eq!(unread(None).await, all, "nothing from before the reader joined");
    assert_eq!(unread(Some(&to_alice)).await, [(to_alice.clone(), 2)]);
    assert_eq!(unread(Some(&trip)).await, [(trip.clone(), 1)]);
    let news = |id| MarkNews { id, mark: Mark::Read, reader: bob.clone() };
    db.read_marks().advance(&app, &to_alice, &news(first.id), NOW).await.unwrap();
    assert_eq!(unread(Some(&to_alice)).await, [(to_alice.clone(), 1)]);
    db.read_marks().advance(&app, &to_alice, &news(gone.id), NOW).await.unwrap();
    assert_eq!(unread(Some(&to_alice)).await, []);
    db.groups().remove_member(&app, name, &bob, NOW).await.unwrap().unwrap();
    assert_eq!(unread(None).await, [(world::to(&carol), 1)], "who left has nothing to read there");
    let mut members = db.groups().member_uids(&app, name).await.unwrap();
    members.sort();
    assert_eq!(members, [alice]);
}

pub(crate) async fn the_last_message_of_a_conversation_stands_and_is_visible(db: Db) {
    let app = world::app(&db).await;
    let (alice, bob) = (world::user(&db, &app, "alice").await, world::user(&db, &app, "bob").await);
    let messages = db.messages();
    assert_eq!(messages.last_between(&app, &alice, &bob).await.unwrap(), None);
    let head = db.changes().head().await.unwrap();
    let first = world::send(&db, &app, &alice, &world::to(&bob), &[], 1_100).await;
    let entries = db.changes().after(head, 10).await.unwrap();
    let [Some(Change::Message(_, news))] =
        entries.iter().map(|entry| entry.change.as_ref()).collect::<Vec<_>>()[..]
    else {
        unreachable!("{entries:?}")
    };
    assert_eq!((news.id, news.event, news.by), (first.id, MessageEvent::Sent, None));
    let second = world::send(&db, &app, &bob, &world::to(&alice), &[], 1_101).await;
    let by = DeletionScope::Message;
    messages.delete(&app, second.id, None, None, by, NOW).await.unwrap().unwrap();
    for (one, other) in [(&alice, &bob), (&bob, &alice)] {
        let last = messages.last_between(&app, one, other).await.unwrap();
        assert_eq!(last, Some(first.clone()));
    }
    let profile = GroupProfile { name: "trip".to_owned(), ..GroupProfile::default() };
    let trip = guid("trip");
    db.groups().create(&app, &trip, &profile, NOW).await.unwrap();
    let in_group = Receiver::Group(trip.clone());
    let last = world::send(&db, &app, &alice, &in_group, &[], 1_200).await;
    for (from, expected) in
        [(None, Some(last.clone())), (Some(1_200), Some(last)), (Some(1_201), None)]
    {
        let found = messages.last_in_group(&app, &trip, from.map(UnixSeconds)).await.unwrap();
        assert_eq!(found, expected, "{from:?}");
    }
}
