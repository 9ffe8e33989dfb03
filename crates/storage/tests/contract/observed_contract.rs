use cloakroom_storage::{Db, LedgerDay, Observed};
use cloakroom_token::UnixSeconds;

use crate::world::{self, NOW};

fn seen(client: &str, count: i64, first_at: UnixSeconds) -> Observed {
    Observed {
        reason: "fat_missing".to_owned(),
        path: "/demoapp/media/*.png".to_owned(),
        client: client.to_owned(),
        count,
        first_at,
        last_at: first_at.plus(5),
    }
}

pub(crate) async fn what_was_observed_adds_up_and_is_bounded(db: Db) {
    let app = world::app(&db).await;
    let (observed, today) = (db.observations(), LedgerDay::of(NOW));
    observed.add(&app, &seen("curl/8", 2, NOW)).await.unwrap();
    observed.add(&app, &seen("curl/8", 3, NOW.plus(60))).await.unwrap();
    observed.add(&app, &seen("curl/8", 4, NOW.plus(86_400))).await.unwrap();
    let listed = observed.list(&app, today, 9).await.unwrap();
    assert_eq!(listed, [Observed { last_at: NOW.plus(86_405), ..seen("curl/8", 9, NOW) }]);
    assert_eq!(observed.list(&app, today.plus(1), 9).await.unwrap()[0].count, 4);
    for client in 0..520 {
        observed.add(&app, &seen(&format!("bot/{client}"), 1, NOW)).await.unwrap();
    }
    let listed = observed.list(&app, today, 9999).await.unwrap();
    assert_eq!(listed.len(), 501);
    let other = listed.iter().find(|seen| seen.client == "other").unwrap();
    assert_eq!((other.path.as_str(), other.count), ("other", 21));
    assert_eq!(listed.iter().map(|seen| seen.count).sum::<i64>(), 529);
    assert_eq!(observed.sweep(today.plus(1)).await.unwrap(), 501);
    assert_eq!(observed.list(&app, today, 9).await.unwrap()[0].count, 4);
}
