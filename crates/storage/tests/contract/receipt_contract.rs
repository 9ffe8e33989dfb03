use cloakroom_storage::{Change, Db, NewReceipt};
use cloakroom_token::Seq;

use crate::world::{self, NOW};

pub(crate) async fn a_receipt_is_open_until_it_is_applied_and_then_stays(db: Db) {
    let app = world::app(&db).await;
    let before = db.changes().head().await.unwrap();
    let seqs = Seq(1)..=before;
    let new =
        NewReceipt { id: "r1", app: Some(&app), kind: "file", target: "a", seqs: Some(&seqs) };
    let open = db.receipts().begin(&new, NOW).await.unwrap();
    assert!(open.barrier > before, "the barrier comes after what it names");
    assert_eq!((open.seq, open.applied_at), (before, None));
    let entry = db.changes().after(before, 10).await.unwrap().remove(0);
    assert_eq!(entry.change, Some(Change::Barrier { from: Seq(1), to: before }));
    assert_eq!(db.changes().between(Seq(1), before).await.unwrap().last().unwrap().seq, before);
    assert_eq!(db.receipts().by_id("r1").await.unwrap(), Some(open));
    let done = db.receipts().applied("r1", 3, 41, NOW.plus(1)).await.unwrap().unwrap();
    assert_eq!((done.nodes, done.took_ms, done.applied_at), (Some(3), Some(41), Some(NOW.plus(1))));
    let again = db.receipts().applied("r1", 9, 99, NOW.plus(9)).await.unwrap();
    assert_eq!(again, Some(done), "what was recorded stays");
    db.receipts().sweep(NOW).await.unwrap();
    assert!(db.receipts().by_id("r1").await.unwrap().is_some());
    db.receipts().sweep(NOW.plus(1)).await.unwrap();
    assert_eq!(db.receipts().by_id("r1").await.unwrap(), None);
}

pub(crate) async fn a_receipt_of_what_was_so_before_names_the_head(db: Db) {
    world::app(&db).await;
    let head = db.changes().head().await.unwrap();
    let new = NewReceipt { id: "r2", app: None, kind: "signingKey", target: "k", seqs: None };
    let open = db.receipts().begin(&new, NOW).await.unwrap();
    assert_eq!((open.seq, open.app_id), (head, None));
}
