use cloakroom_storage::{
    Db, GroupKind, GroupProfile, MediaOfDeletedUser, MemberScope, StorageError,
};
use cloakroom_token::{Uid, UnixSeconds};

use crate::world::{self, NOW};

pub(crate) async fn a_member_is_who_joined_and_neither_left_nor_was_banned(db: Db) {
    let app = world::app(&db).await;
    let alice = world::user(&db, &app, "alice").await;
    let bob = world::user(&db, &app, "bob").await;
    let trip = world::group(&db, &app, "trip", &[&alice, &bob]).await;
    let groups = db.groups();
    let is_in = async |uid| groups.membership(&app, &trip, uid).await.unwrap();

    let membership = is_in(&alice).await.unwrap();
    assert_eq!((membership.joined_at, membership.history_from_join), (NOW, false));
    let admin = MemberScope::Admin;
    assert_eq!(groups.add_member(&app, &trip, &alice, admin, NOW).await.unwrap(), None);
    assert_eq!(is_in(&alice).await.unwrap().scope, MemberScope::Participant);
    assert!(groups.set_member_scope(&app, &trip, &alice, admin, NOW).await.unwrap());
    assert_eq!(is_in(&alice).await.unwrap().scope, admin);

    groups.remove_member(&app, &trip, &alice, NOW).await.unwrap().unwrap();
    assert_eq!(is_in(&alice).await, None);
    let later = UnixSeconds(2_000);
    groups.add_member(&app, &trip, &alice, MemberScope::Participant, later).await.unwrap().unwrap();
    assert_eq!(is_in(&alice).await.unwrap().joined_at, later);

    groups.ban(&app, &trip, &bob, NOW).await.unwrap().unwrap();
    assert_eq!(groups.ban(&app, &trip, &bob, later).await.unwrap(), None);
    assert_eq!(is_in(&bob).await, None);
    assert_eq!(groups.banned_since(&app, &trip, &bob).await.unwrap(), Some(NOW));
    assert_eq!(groups.add_member(&app, &trip, &bob, admin, NOW).await.unwrap(), None);
    assert!(groups.unban(&app, &trip, &bob, NOW).await.unwrap());
    assert_eq!(is_in(&bob).await, None);
    assert!(groups.add_member(&app, &trip, &bob, admin, NOW).await.unwrap().is_some());

    let nobody = world::uid("nobody");
    let refused = groups.add_member(&app, &trip, &nobody, admin, NOW).await;
    assert!(matches!(refused, Err(StorageError::Missing)), "{refused:?}");
}

pub(crate) async fn a_deleted_group_has_no_members(db: Db) {
    let app = world::app(&db).await;
    let alice = world::user(&db, &app, "alice").await;
    let trip = world::group(&db, &app, "trip", &[&alice]).await;
    let found = db.groups().by_guid(&app, &trip).await.unwrap().unwrap();
    assert_eq!((found.members_count, found.profile.name.as_str()), (1, "trip"));
    assert_eq!(db.groups().of_user(&app, &alice).await.unwrap(), std::slice::from_ref(&trip));
    assert_eq!(db.groups().list(&app, 10, 0).await.unwrap().items, [found]);
    db.groups().delete(&app, &trip, NOW).await.unwrap().unwrap();
    assert_eq!(db.groups().delete(&app, &trip, NOW).await.unwrap(), None);
    assert_eq!(db.groups().membership(&app, &trip, &alice).await.unwrap(), None);
    assert_eq!(db.groups().by_guid(&app, &trip).await.unwrap(), None);
    assert_eq!(db.groups().list(&app, 10, 0).await.unwrap().total, 0);
    let scope = MemberScope::Admin;
    assert_eq!(db.groups().add_member(&app, &trip, &alice, scope, NOW).await.unwrap(), None);
    let again = db.groups().create(&app, &trip, &GroupProfile::default(), NOW).await;
    assert!(matches!(again, Err(StorageError::Conflict)), "its messages are nobody's to inherit");
}

pub(crate) async fn a_block_counts_from_its_first_day(db: Db) {
    let app = world::app(&db).await;
    let alice = world::user(&db, &app, "alice").await;
    let bob = world::user(&db, &app, "bob").await;
    let blocks = db.blocks();
    blocks.add(&app, &alice, &bob, NOW).await.unwrap().unwrap();
    assert_eq!(blocks.add(&app, &alice, &bob, UnixSeconds(9_000)).await.unwrap(), None);
    assert_eq!(blocks.since(&app, &alice, &bob).await.unwrap(), Some(NOW));
    assert_eq!(blocks.since(&app, &bob, &alice).await.unwrap(), None);
    blocks.remove(&app, &alice, &bob, NOW).await.unwrap().unwrap();
    assert_eq!(blocks.since(&app, &alice, &bob).await.unwrap(), None);
}

pub(crate) async fn members_are_listed_by_the_bytes_of_their_names(db: Db) {
    let app = world::app(&db).await;
    let mut uids = Vec::new();
    for name in ["b", "_", "a", "B", "-", "10", "9"] {
        uids.push(world::user(&db, &app, name).await);
    }
    let trip = world::group(&db, &app, "trip", &uids.iter().collect::<Vec<_>>()).await;
    uids.sort();
    let page = db.groups().members(&app, &trip, 5, 2).await.unwrap();
    assert_eq!(page.total, 7);
    let listed: Vec<_> = page.items.into_iter().map(|member| member.uid).collect();
    assert_eq!(listed, uids[2..]);
    let page = db.users().list(&app, 3, 0).await.unwrap();
    let listed: Vec<_> = page.items.into_iter().map(|user| user.uid).collect();
    assert_eq!(listed, uids[..3]);
}

pub(crate) async fn a_private_group_is_listed_to_its_members_alone(db: Db) {
    let app = world::app(&db).await;
    let alice = world::user(&db, &app, "alice").await;
    let bob = world::user(&db, &app, "bob").await;
    let open = world::group(&db, &app, "open", &[]).await;
    let club = world::group(&db, &app, "club", &[&alice]).await;
    let private = GroupProfile { kind: GroupKind::Private, ..GroupProfile::default() };
    db.groups().update(&app, &club, &private, NOW).await.unwrap().unwrap();
    let seen = async |uid| {
        let page = db.groups().list_visible(&app, uid, 10, 0).await.unwrap();
        assert_eq!(page.total, page.items.len() as u64);
        page.items.into_iter().map(|group| group.guid).collect::<Vec<_>>()
    };
    assert_eq!(seen(&alice).await, [club, open.clone()]);
    assert_eq!(seen(&bob).await, std::slice::from_ref(&open));
    db.groups().delete(&app, &open, NOW).await.unwrap().unwrap();
    assert_eq!(seen(&bob).await, []);
}

pub(crate) async fn many_members_are_added_at_once_and_each_has_an_outcome(db: Db) {
    let app = world::app(&db).await;
    let alice = world::user(&db, &app, "alice").await;
    let bob = world::user(&db, &app, "bob").await;
    let carol = world::user(&db, &app, "carol").await;
    let gone = world::user(&db, &app, "gone").await;
    let trip = world::group(&db, &app, "trip", &[&alice]).await;
    let groups = db.groups();
    groups.ban(&app, &trip, &bob, NOW).await.unwrap().unwrap();
    db.users().delete(&app, &gone, MediaOfDeletedUser::Keep, NOW).await.unwrap().unwrap();
    let uids = [alice, bob, carol.clone(), gone, world::uid("nobody"), carol.clone()];
    let members = uids.map(|uid| (uid, MemberScope::Moderator));
    let added = groups.add_members(&app, &trip, &members, NOW).await.unwrap();
    let is_new: Vec<_> = added.iter().map(Option::is_some).collect();
    assert_eq!(is_new, [false, false, true, false, false, false]);
    assert_eq!(added[2], Some(db.changes().head().await.unwrap()));
    let membership = groups.membership(&app, &trip, &carol).await.unwrap().unwrap();
    assert_eq!(membership.scope, MemberScope::Moderator);
    let none = world::guid("none");
    assert_eq!(groups.add_members(&app, &none, &members, NOW).await.unwrap(), [None; 6]);
}

pub(crate) async fn a_group_is_changed_in_parts_and_passed_on_to_members_only(db: Db) {
    let app = world::app(&db).await;
    let alice = world::user(&db, &app, "alice").await;
    let bob = world::user(&db, &app, "bob").await;
    let trip = world::group(&db, &app, "trip", &[&alice]).await;
    let groups = db.groups();
    let writers = (0..8).map(|number| {
        let (groups, app, trip) = (db.groups(), app.clone(), trip.clone());
        tokio::spawn(async move {
            let add = |was: &mut GroupProfile| {
                was.description.get_or_insert_default().push_str(&number.to_string());
            };
            groups.change(&app, &trip, add, NOW).await.unwrap().unwrap();
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let found = async || groups.by_guid(&app, &trip).await.unwrap().unwrap();
    assert_eq!(found().await.profile.description.unwrap().len(), 8);
    assert_eq!(found().await.members_count, 1);

    let to = |owner: &Uid| {
        let owner = owner.clone();
        move |was: &mut GroupProfile| was.owner = Some(owner)
    };
    let refused = groups.change(&app, &trip, to(&bob), NOW).await;
    assert!(matches!(refused, Err(StorageError::Missing)), "{refused:?}");
    assert_eq!(found().await.profile.owner, None);
    groups.change(&app, &trip, to(&alice), NOW).await.unwrap().unwrap();
    assert_eq!(found().await.profile.owner, Some(alice.clone()));
    let membership = groups.membership(&app, &trip, &alice).await.unwrap().unwrap();
    assert_eq!(membership.scope, MemberScope::Admin);
    assert_eq!(groups.change(&app, &world::guid("none"), |_| {}, NOW).await.unwrap(), None);
}

pub(crate) async fn who_is_kept_out_and_who_is_blocked_is_listed(db: Db) {
    let app = world::app(&db).await;
    let alice = world::user(&db, &app, "alice").await;
    let trip = world::group(&db, &app, "trip", &[&alice]).await;
    for (name, at) in [("carol", 1_002), ("bob", 1_001), ("dora", 1_003)] {
        let uid = world::user(&db, &app, name).await;
        db.groups().ban(&app, &trip, &uid, UnixSeconds(at)).await.unwrap().unwrap();
        db.blocks().add(&app, &alice, &uid, UnixSeconds(at)).await.unwrap().unwrap();
    }
    let dora = world::uid("dora");
    db.users().delete(&app, &dora, MediaOfDeletedUser::Keep, NOW).await.unwrap().unwrap();
    let bans = db.groups().banned(&app, &trip, 2, 1).await.unwrap();
    let listed: Vec<_> = bans.items.iter().map(|ban| (ban.uid.as_str(), ban.banned_at.0)).collect();
    assert_eq!((listed, bans.total), (vec![("carol", 1_002), ("dora", 1_003)], 3));
    let blocks = db.blocks().list(&app, &alice, 10, 0).await.unwrap();
    let listed: Vec<_> = blocks.items.iter().map(|one| (one.uid.as_str(), one.since.0)).collect();
    assert_eq!((listed, blocks.total), (vec![("bob", 1_001), ("carol", 1_002)], 2));
    assert_eq!(db.blocks().list(&app, &dora, 10, 0).await.unwrap().total, 0);
}
