use cloakroom_storage::{Db, NewDelegatedKey, StorageError, TokenBasedFileAccess};
use cloakroom_token::{AppId, DelegatedBounds, KeyId, UnixSeconds, UrlPurpose};

use crate::world::{self, NOW, uid};

fn bounds() -> DelegatedBounds {
    DelegatedBounds {
        max_ttl_seconds: 3600,
        purposes: vec![UrlPurpose::Mail, UrlPurpose::Push],
        uid_prefix: Some(uid("al")),
    }
}

pub(crate) async fn a_delegated_key_is_in_force_in_its_own_app_until_revoked(db: Db) {
    let app = world::app(&db).await;
    let other = AppId::parse("other").unwrap();
    let settings = world::settings();
    db.apps().create(&other, "eu", TokenBasedFileAccess::On, &settings, NOW).await.unwrap();
    let keys = db.delegated_keys();
    let id = KeyId::parse("dk_1").unwrap();
    let bounds = bounds();
    let new = NewDelegatedKey {
        id: &id,
        name: "Mailer",
        wrapped: b"wrapped",
        bounds: &bounds,
        fetches_per_minute: Some(60),
    };
    let made = keys.create(&app, &new, NOW).await.unwrap();
    assert_eq!(made, db.changes().head().await.unwrap());
    let again = keys.create(&other, &new, NOW).await;
    assert!(matches!(again, Err(StorageError::Conflict)), "an id is taken once for all apps");
    let key = keys.by_id(&app, &id).await.unwrap().unwrap();
    assert_eq!((key.name.as_str(), key.wrapped.as_slice()), ("Mailer", b"wrapped".as_slice()));
    assert_eq!((&key.bounds, key.fetches_per_minute), (&bounds, Some(60)));
    assert_eq!((key.created_at, key.revoked_at), (NOW, None));
    assert!(!format!("{key:?}").contains("wrapped"));
    assert_eq!(keys.by_id(&other, &id).await.unwrap(), None);
    assert_eq!(keys.live().await.unwrap(), [key]);
    let counts =
        async || (keys.count_live(&app).await.unwrap(), keys.count_live(&other).await.unwrap());
    assert_eq!(counts().await, (1, 0));
    assert_eq!(keys.revoke(&other, &id, NOW).await.unwrap(), None);
    let seq = keys.revoke(&app, &id, UnixSeconds(2_000)).await.unwrap().unwrap();
    assert_eq!(keys.revoke(&app, &id, NOW).await.unwrap(), None);
    assert_eq!(db.changes().head().await.unwrap(), seq, "what changed nothing is not told");
    let revoked = keys.by_id(&app, &id).await.unwrap().unwrap();
    assert_eq!((revoked.revoked_at, revoked.generation), (Some(UnixSeconds(2_000)), seq));
    assert_eq!(keys.live().await.unwrap(), []);
    assert_eq!(counts().await, (0, 0));
}

pub(crate) async fn delegated_keys_are_listed_a_page_at_a_time(db: Db) {
    let app = world::app(&db).await;
    let keys = db.delegated_keys();
    let free = DelegatedBounds { max_ttl_seconds: 60, purposes: Vec::new(), uid_prefix: None };
    for (name, at) in [("b", 1), ("a", 1), ("C", 1), ("d", 2), ("e", 0)] {
        let id = KeyId::parse(name).unwrap();
        let new = NewDelegatedKey {
            id: &id,
            name,
            wrapped: b"w",
            bounds: &free,
            fetches_per_minute: None,
        };
        keys.create(&app, &new, UnixSeconds(at)).await.unwrap();
    }
    keys.revoke(&app, &KeyId::parse("a").unwrap(), NOW).await.unwrap().unwrap();
    let mut after = None;
    let mut names = Vec::new();
    loop {
        let place = after.as_ref().map(|(at, id): &(UnixSeconds, String)| (*at, id.as_str()));
        let page = keys.list(&app, place, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some((last.created_at, last.id.to_string()));
        names.extend(page.iter().map(|key| key.id.to_string()));
        assert!(page.len() <= 2 && page.iter().all(|key| key.bounds == free));
    }
    assert_eq!(names, ["e", "C", "a", "b", "d"], "by time, then by the bytes of the id");
}
