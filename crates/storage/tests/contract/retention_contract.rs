use cloakroom_storage::{Db, Receiver, VIEW_WINDOW_SECONDS};
use cloakroom_token::{AppId, MediaId, UnixSeconds};

use crate::world::{self, NOW};

async fn due_by_age(db: &Db, app: &AppId, kind: &str, others: &[&str], until: i64) -> Vec<i64> {
    db.retention().due_by_age(app, kind, others, UnixSeconds(until), 9).await.unwrap()
}

pub(crate) async fn a_message_with_files_is_due_by_its_age_and_type(db: Db) {
    let app = world::app(&db).await;
    let (ann, bob) = (world::user(&db, &app, "ann").await, world::user(&db, &app, "bob").await);
    let file = world::file(&db, &app, &ann, 1).await;
    let plain = world::send(&db, &app, &ann, &world::to(&bob), &[], 100).await;
    let with = world::send(&db, &app, &ann, &world::to(&bob), &[file], 100).await;
    assert_eq!(with.kind, plain.kind);
    for (kind, others, until, expected) in [
        ("text", &[][..], 99, vec![]),
        ("text", &[], 100, vec![with.id]),
        ("image", &[], 100, vec![]),
        ("*", &[], 100, vec![with.id]),
        ("*", &["image", "text"], 100, vec![]),
        ("*", &["tex", "ext"], 100, vec![with.id]),
    ] {
        assert_eq!(due_by_age(&db, &app, kind, others, until).await, expected, "{kind} {others:?}");
    }
    assert!(db.retention().hold(&app, file, true, NOW).await.unwrap());
    assert!(!db.retention().hold(&app, file, true, NOW).await.unwrap());
    assert!(due_by_age(&db, &app, "text", &[], 100).await.is_empty(), "it is held");
    assert!(db.retention().hold(&app, file, false, NOW).await.unwrap());
    assert_eq!(due_by_age(&db, &app, "text", &[], 100).await, [with.id]);
}

async fn due_by_view(db: &Db, app: &AppId, seconds: i64) -> Vec<i64> {
    db.retention().due_by_view(app, "text", &[], 9, NOW.plus(seconds)).await.unwrap()
}

pub(crate) async fn a_message_is_due_once_every_receiver_looked(db: Db) {
    let app = world::app(&db).await;
    let (ann, bob) = (world::user(&db, &app, "ann").await, world::user(&db, &app, "bob").await);
    let eve = world::user(&db, &app, "eve").await;
    let trip = world::group(&db, &app, "trip", &[&ann, &bob, &eve]).await;
    let (one, two) = (world::file(&db, &app, &ann, 1).await, world::file(&db, &app, &ann, 2).await);
    let direct = world::send(&db, &app, &ann, &world::to(&bob), &[one], 100).await;
    let group = world::send(&db, &app, &ann, &Receiver::Group(trip.clone()), &[two], 100).await;
    let look = async |media: MediaId, who, seconds| {
        db.retention().viewed(&app, media, who, NOW.plus(seconds)).await.unwrap();
    };
    look(one, &ann, 0).await;
    look(one, &eve, 0).await;
    assert!(due_by_view(&db, &app, 9999).await.is_empty(), "no receiver looked");
    look(one, &bob, 5).await;
    look(one, &bob, 500).await;
    assert!(due_by_view(&db, &app, 4 + VIEW_WINDOW_SECONDS).await.is_empty());
    assert_eq!(due_by_view(&db, &app, 5 + VIEW_WINDOW_SECONDS).await, [direct.id]);
    look(two, &bob, 0).await;
    assert_eq!(due_by_view(&db, &app, 9999).await, [direct.id], "one of the group has not looked");
    db.groups().remove_member(&app, &trip, &eve, NOW).await.unwrap();
    assert_eq!(due_by_view(&db, &app, 9999).await, [direct.id, group.id]);
}
