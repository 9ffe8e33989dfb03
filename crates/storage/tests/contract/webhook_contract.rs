use cloakroom_storage::{
    AppPolicy, AppSettings, Db, DeliveryState, DueDelivery, MediaOfDeletedUser, NewSession,
    NewWebhook, SecretHash, Settled, StorageError, WebhookEvent, WebhookSecret,
};
use cloakroom_token::{AppId, KeyId, SessionId, UnixSeconds};
use serde_json::{Value, json};

use crate::world::{self, NOW};

const LEASE: UnixSeconds = UnixSeconds(1_120);

async fn webhook(db: &Db, app: &AppId, id: &str, events: &[WebhookEvent]) {
    let secret = KeyId::parse(&format!("{id}-1")).unwrap();
    let url = "https://hooks.example/in";
    let new = NewWebhook { id, url, events, secret: &secret, wrapped: b"wrapped" };
    db.webhooks().create(app, &new, 20, NOW).await.unwrap().unwrap();
}

async fn due(db: &Db, owner: &str, now: UnixSeconds) -> Vec<DueDelivery> {
    db.webhooks().lease(owner, 99, 99, LEASE, now).await.unwrap()
}

fn body(due: &DueDelivery) -> Value {
    serde_json::from_str(&due.payload).unwrap()
}

pub(crate) async fn an_act_and_its_event_are_written_together(db: Db) {
    let app = world::app(&db).await;
    let (alice, bob) = (world::user(&db, &app, "alice").await, world::user(&db, &app, "bob").await);
    webhook(&db, &app, "all", WebhookEvent::ALL).await;
    webhook(&db, &app, "deaf", &[]).await;
    let posted = db.webhooks().posted_here();
    let file = world::file(&db, &app, &alice, 1).await;
    assert!(posted.has_changed().unwrap(), "the worker is woken");
    let other = world::file(&db, &app, &alice, 2).await;
    let new = NewSession {
        id: SessionId::from_bytes([1; 16]),
        uid: &alice,
        auth_token: SecretHash::of("token"),
        expires_at: None,
        sdk: None,
    };
    db.sessions().create(&app, &new, NOW).await.unwrap();
    let second = NewSession {
        id: SessionId::from_bytes([2; 16]),
        auth_token: SecretHash::of("token 2"),
        ..new.clone()
    };
    db.sessions().create(&app, &second, NOW).await.unwrap();
    db.sessions().end(&app, new.id, NOW).await.unwrap().unwrap();
    assert_eq!(db.sessions().end(&app, new.id, NOW).await.unwrap(), None);
    db.media().revoke(&app, other, NOW).await.unwrap().unwrap();
    let seq = db.media().delete(&app, file, NOW).await.unwrap().unwrap();
    assert_eq!(db.media().delete(&app, file, NOW).await.unwrap(), None);
    db.users().deactivate(&app, &bob, NOW).await.unwrap().unwrap();
    db.users().revoke(&app, &alice, NOW).await.unwrap().unwrap();
    db.users().delete(&app, &alice, MediaOfDeletedUser::Delete, NOW).await.unwrap().unwrap();
    let taken = due(&db, "node", NOW).await;
    assert!(taken.iter().all(|due| due.webhook_id == "all" && due.attempts == 1));
    let mut names: Vec<_> =
        taken.iter().map(|due| body(due)["type"].as_str().unwrap().to_owned()).collect();
    let rest = due(&db, "node", NOW).await;
    names.extend(rest.iter().map(|due| body(due)["type"].as_str().unwrap().to_owned()));
    names.sort();
    let mut expected = [
        "media.uploaded",
        "media.ready",
        "media.uploaded",
        "media.ready",
        "session.ended",
        "media.revoked",
        "media.deleted",
        "user.deactivated",
        "user.deactivated",
        "session.ended",
        "media.deleted",
    ];
    expected.sort_unstable();
    assert_eq!(names, expected);
    let deleted = taken.iter().chain(&rest).map(body).find(|b| b["seq"] == seq.0).unwrap();
    let id = deleted["id"].as_str().unwrap();
    let whole = json!({
        "id": id, "type": "media.deleted", "createdAt": NOW.0, "appId": app.as_str(),
        "seq": seq.0, "data": { "mediaId": file.to_string() },
    });
    assert!(id.starts_with("evt_"));
    assert_eq!(deleted, whole);
}

pub(crate) async fn a_delivery_is_leased_to_one_owner_and_settled_by_it(db: Db) {
    let app = world::app(&db).await;
    webhook(&db, &app, "one", &[WebhookEvent::MediaRefused]).await;
    webhook(&db, &app, "two", &[WebhookEvent::MediaRefused]).await;
    let hooks = db.webhooks();
    for n in 0..10 {
        let data = json!({ "n": n });
        let told = hooks.enqueue(&app, WebhookEvent::MediaRefused, &data, NOW).await.unwrap();
        assert_eq!(told, 2);
    }
    let event = WebhookEvent::LedgerHead;
    assert_eq!(hooks.enqueue(&app, event, &json!({}), NOW).await.unwrap(), 0, "nobody subscribes");
    let first = hooks.lease("a", 2, 3, LEASE, NOW).await.unwrap();
    assert_eq!(first.len(), 3, "of each at most two, and three altogether");
    let (mut ours, theirs) = tokio::join!(due(&db, "a", NOW), due(&db, "b", NOW));
    ours.extend(first);
    let mut all: Vec<_> = ours.iter().chain(&theirs).map(|d| (&d.webhook_id, &d.id)).collect();
    all.sort();
    all.dedup();
    assert_eq!((ours.len() + theirs.len(), all.len()), (20, 20), "each is taken once");
    let one = &ours[0];
    let settled = Settled {
        state: DeliveryState::Delivered,
        next_at: NOW,
        status: Some(204),
        size_bytes: Some(7),
        error: None,
    };
    assert!(!hooks.settle(one, "b", &settled).await.unwrap(), "it is another's");
    assert!(hooks.settle(one, "a", &settled).await.unwrap());
    assert!(!hooks.settle(one, "a", &settled).await.unwrap(), "it is settled");
    let again = Settled {
        state: DeliveryState::Pending,
        next_at: UnixSeconds(1_005),
        status: Some(500),
        error: Some("status"),
        ..settled
    };
    assert!(hooks.settle(&ours[1], "a", &again).await.unwrap());
    assert_eq!(due(&db, "c", UnixSeconds(1_004)).await, []);
    let retried = due(&db, "c", UnixSeconds(1_005)).await;
    assert_eq!((retried.len(), retried[0].attempts, &retried[0].id), (1, 2, &ours[1].id));
    assert_eq!(due(&db, "d", LEASE).await.len(), 19, "a lease that ended is free again");
}

pub(crate) async fn dead_deliveries_are_listed_replayed_and_pruned(db: Db) {
    let app = world::app(&db).await;
    let other = AppId::parse("other").unwrap();
    webhook(&db, &app, "one", &[WebhookEvent::MediaRefused]).await;
    let hooks = db.webhooks();
    for n in 0..5 {
        let (data, at) = (json!({}), UnixSeconds(1_000 + n));
        hooks.enqueue(&app, WebhookEvent::MediaRefused, &data, at).await.unwrap();
    }
    let now = UnixSeconds(1_010);
    let taken = due(&db, "a", now).await;
    let dead = Settled {
        state: DeliveryState::Dead,
        next_at: now,
        status: None,
        size_bytes: None,
        error: Some("timeout"),
    };
    for one in &taken {
        assert!(hooks.settle(one, "a", &dead).await.unwrap());
    }
    let page = async |state, behind, limit| {
        hooks.deliveries(&app, "one", state, behind, limit).await.unwrap()
    };
    let first = page(Some(DeliveryState::Dead), None, 3).await;
    assert_eq!(first.len(), 3);
    let last = &first[2];
    assert_eq!((last.created_at, last.attempts), (UnixSeconds(1_002), 1));
    assert_eq!(last.last_error.as_deref(), Some("timeout"));
    let rest = page(Some(DeliveryState::Dead), Some((last.created_at, &last.id)), 3).await;
    assert_eq!(rest.len(), 2);
    assert_eq!(page(Some(DeliveryState::Pending), None, 9).await, []);
    assert_eq!(page(None, None, 9).await.len(), 5);
    assert_eq!(hooks.deliveries(&other, "one", None, None, 9).await.unwrap(), []);
    assert!(!hooks.replay(&other, "one", &last.id, now).await.unwrap());
    assert!(hooks.replay(&app, "one", &last.id, now).await.unwrap());
    assert!(!hooks.replay(&app, "one", &last.id, now).await.unwrap(), "it is pending");
    assert_eq!(hooks.replay_dead(&app, "one", now).await.unwrap(), 4);
    let again = due(&db, "a", now).await;
    assert_eq!((again.len(), again[0].attempts), (5, 1));
    hooks.disable("one", now).await.unwrap();
    assert_eq!(page(Some(DeliveryState::Dead), None, 9).await.len(), 5);
    assert!(hooks.by_id(&app, "one").await.unwrap().unwrap().disabled_at.is_some());
    let told = hooks.enqueue(&app, WebhookEvent::MediaRefused, &json!({}), now).await.unwrap();
    assert_eq!(told, 0, "a disabled webhook is told nothing");
    hooks.replay_dead(&app, "one", now).await.unwrap();
    assert_eq!(due(&db, "b", LEASE).await, []);
    assert!(hooks.enable(&app, "one").await.unwrap());
    assert_eq!(due(&db, "b", LEASE).await.len(), 5);
    assert_eq!(hooks.prune(LEASE, LEASE).await.unwrap(), 0, "what is pending stays");
    hooks.disable("one", now).await.unwrap();
    assert_eq!(hooks.prune(LEASE, now).await.unwrap(), 0);
    assert_eq!(hooks.prune(now, LEASE).await.unwrap(), 5);
    assert!(hooks.delete(&app, "one").await.unwrap());
    assert!(!hooks.delete(&app, "one").await.unwrap());
}

pub(crate) async fn a_secret_signs_beside_the_one_before_it_for_a_while(db: Db) {
    let app = world::app(&db).await;
    webhook(&db, &app, "one", &[]).await;
    let hooks = db.webhooks();
    let rotate = async |name: &str| {
        let id = KeyId::parse(name).unwrap();
        let secret = WebhookSecret { id, wrapped: b"w".to_vec() };
        hooks.rotate_secret(&app, "one", &secret, UnixSeconds(2_000), NOW).await.unwrap()
    };
    let names = async |now| {
        let secrets = hooks.secrets("one", UnixSeconds(now)).await.unwrap();
        secrets.into_iter().map(|secret| secret.id.to_string()).collect::<Vec<_>>()
    };
    assert!(rotate("second").await);
    assert_eq!(names(1_999).await, ["second", "one-1"]);
    assert_eq!(names(2_000).await, ["second"]);
    assert!(rotate("third").await);
    assert_eq!(names(1_999).await, ["third", "second"], "never more than two");
    let secret = hooks.secrets("one", NOW).await.unwrap().remove(0);
    assert!(!format!("{secret:?}").contains("wrapped"));
    let key = KeyId::parse("x").unwrap();
    let new = NewWebhook { id: "more", url: "u", events: &[], secret: &key, wrapped: b"" };
    assert_eq!(hooks.create(&app, &new, 1, NOW).await.unwrap(), None, "one is the most here");
}

pub(crate) async fn a_file_beyond_the_quota_is_not_kept(db: Db) {
    let app = world::app(&db).await;
    let alice = world::user(&db, &app, "alice").await;
    let policy = AppPolicy { storage_quota_bytes: Some(2_001), ..AppPolicy::default() };
    let settings = AppSettings { policy, ..world::settings() };
    db.apps().update_settings(&app, &settings, NOW).await.unwrap().unwrap();
    world::file(&db, &app, &alice, 1).await;
    let before = db.media().usage(&app).await.unwrap();
    let refused = world::create_file(&db, &app, &alice, 2).await;
    assert!(matches!(refused, Err(StorageError::QuotaExceeded)), "{refused:?}");
    assert_eq!(db.media().usage(&app).await.unwrap(), before);
}
