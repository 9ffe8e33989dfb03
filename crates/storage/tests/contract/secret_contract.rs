use cloakroom_storage::{
    ApiKeyScope, Db, IssuedFat, NewSession, SecretHash, StorageError, TokenBasedFileAccess,
};
use cloakroom_token::{AppId, KeyId, SessionId, UnixSeconds};

use crate::world::signing_key;
use crate::world::{self, NOW};

pub(crate) async fn an_api_key_opens_its_own_app_until_revoked(db: Db) {
    let app = world::app(&db).await;
    let other = AppId::parse("other").unwrap();
    let settings = world::settings();
    db.apps().create(&other, "eu", TokenBasedFileAccess::On, &settings, NOW).await.unwrap();
    let keys = db.api_keys();
    let id = KeyId::parse("k1").unwrap();
    let hash = SecretHash::of("ckr_key_1");
    let made = keys.create(&app, &id, "Back end", ApiKeyScope::FullAccess, hash, NOW).await;
    let made = made.unwrap();
    assert_eq!(keys.by_secret(&app, hash, NOW).await.unwrap(), Some(made.clone()));
    assert_eq!(keys.by_secret(&other, hash, NOW).await.unwrap(), None);
    assert_eq!(keys.by_secret(&app, SecretHash::of("ckr_key_2"), NOW).await.unwrap(), None);
    assert_eq!(keys.list(&app).await.unwrap(), [made]);
    assert_eq!(keys.revoke(&other, &id, NOW).await.unwrap(), None);
    let seq = keys.revoke(&app, &id, NOW).await.unwrap();
    assert_eq!(keys.by_secret(&app, hash, NOW).await.unwrap(), None);
    let revoked = keys.by_id(&app, &id).await.unwrap().unwrap();
    assert_eq!((revoked.revoked_at, Some(revoked.generation)), (Some(NOW), seq));
}

pub(crate) async fn a_signing_key_signs_then_verifies_then_neither(db: Db) {
    let keys = db.signing_keys();
    let id = KeyId::parse("k1").unwrap();
    keys.insert(&signing_key(&id, b"wrapped"), NOW).await.unwrap();
    let again = keys.insert(&signing_key(&id, b"other"), NOW).await;
    assert!(matches!(again, Err(StorageError::Conflict)));
    let one = async || keys.list().await.unwrap().remove(0);
    let stored = one().await;
    assert_eq!(stored.wrapped, b"wrapped");
    assert_eq!(stored.public.as_deref(), Some(b"public".as_slice()));
    assert!(!format!("{stored:?}").contains("wrapped"));
    let seq = keys.retire(&id, UnixSeconds(2_000)).await.unwrap();
    assert_eq!(seq, Some(db.changes().head().await.unwrap()));
    assert_eq!(keys.retire(&id, UnixSeconds(3_000)).await.unwrap(), None);
    keys.revoke(&id, UnixSeconds(3_000)).await.unwrap().unwrap();
    let key = one().await;
    assert_eq!(key.retired_at, Some(UnixSeconds(2_000)));
    assert_eq!(key.revoked_at, Some(UnixSeconds(3_000)));
}

pub(crate) async fn an_operator_stays_logged_in_until_the_password_changes(db: Db) {
    let operators = db.operators();
    operators.create("o1", "Ada@Example.org", "hash", NOW).await.unwrap();
    let again = operators.create("o2", "ADA@example.org", "hash", NOW).await;
    assert!(matches!(again, Err(StorageError::Conflict)));
    let ada = operators.by_email("ada@EXAMPLE.org").await.unwrap().unwrap();
    assert_eq!((ada.id.as_str(), ada.email.as_str()), ("o1", "ada@example.org"));
    let token = SecretHash::of("cookie");
    operators.begin_session("o1", token, UnixSeconds(2_000), NOW).await.unwrap();
    assert_eq!(operators.by_session(token, UnixSeconds(1_999)).await.unwrap(), Some(ada));
    assert_eq!(operators.by_session(token, UnixSeconds(2_000)).await.unwrap(), None);
    assert!(operators.set_password("o1", "other").await.unwrap());
    assert_eq!(operators.by_session(token, NOW).await.unwrap(), None);
    operators.begin_session("o1", token, UnixSeconds(2_000), NOW).await.unwrap();
    assert!(operators.end_session(token).await.unwrap());
    assert!(!operators.end_session(token).await.unwrap());
    let nobody = operators.begin_session("o9", token, UnixSeconds(2_000), NOW).await;
    assert!(matches!(nobody, Err(StorageError::Missing)));
    operators.sweep_sessions(NOW).await.unwrap();
}

pub(crate) async fn a_session_lives_until_it_ends_or_expires(db: Db) {
    let app = world::app(&db).await;
    let alice = world::user(&db, &app, "alice").await;
    let sessions = db.sessions();
    let auth_token = SecretHash::of("token");
    let new = NewSession {
        id: SessionId::from_bytes([1; 16]),
        uid: &alice,
        auth_token,
        expires_at: Some(UnixSeconds(2_000)),
        sdk: Some("javascript@4.2.0"),
    };
    let made = sessions.create(&app, &new, NOW).await.unwrap();
    let live =
        async |now| sessions.by_auth_token(&app, auth_token, UnixSeconds(now)).await.unwrap();
    assert_eq!(live(1_999).await, Some(made.clone()));
    assert_eq!(live(2_000).await, None);
    let fat = IssuedFat { key: KeyId::parse("k1").unwrap(), expires_at: UnixSeconds(1_900) };
    sessions.touch(&app, made.id, None, Some(&fat), UnixSeconds(1_400)).await.unwrap();
    sessions.touch(&app, made.id, None, None, UnixSeconds(1_500)).await.unwrap();
    let touched = live(1_500).await.unwrap();
    assert_eq!(touched.fat_issued_at, Some(UnixSeconds(1_400)), "a use without a token keeps it");
    assert_eq!((touched.fat_expires_at, &touched.fat_key), (Some(fat.expires_at), &Some(fat.key)));
    assert_eq!(touched.sdk, made.sdk);
    assert_eq!(touched.last_seen_at, UnixSeconds(1_500));
    sessions.end(&app, made.id, NOW).await.unwrap().unwrap();
    assert_eq!(live(1_500).await, None);
    assert_eq!(sessions.of_user(&app, &alice).await.unwrap().len(), 1);
    let again = sessions.create(&app, &new, NOW).await;
    assert!(matches!(again, Err(StorageError::Conflict)), "an auth token never comes back");
}

pub(crate) async fn a_rotated_key_goes_on_for_its_grace_and_no_longer(db: Db) {
    let app = world::app(&db).await;
    let keys = db.api_keys();
    let key = |name: &str| (KeyId::parse(name).unwrap(), SecretHash::of(name));
    let ((old, old_hash), (new, new_hash)) = (key("old"), key("new"));
    let scope = ApiKeyScope::FullAccess;
    keys.create(&app, &old, "Back end", scope, old_hash, NOW).await.unwrap();
    let (made, seq) = keys.rotate(&app, &old, (&new, new_hash), 100, NOW).await.unwrap().unwrap();
    assert_eq!((made.name.as_str(), made.scope, made.expires_at), ("Back end", scope, None));
    assert_eq!(seq, db.changes().head().await.unwrap());
    let opens =
        async |hash, now| keys.by_secret(&app, hash, UnixSeconds(now)).await.unwrap().is_some();
    assert!(opens(old_hash, 1_099).await && opens(new_hash, 1_099).await);
    assert!(!opens(old_hash, 1_100).await && opens(new_hash, 1_100).await);
    let stored = keys.by_id(&app, &old).await.unwrap().unwrap();
    assert_eq!((stored.expires_at, stored.revoked_at), (Some(UnixSeconds(1_100)), None));

    // Rotating it again never makes it live longer, and not at all once it has ended.
    let (third, third_hash) = key("third");
    keys.rotate(&app, &old, (&third, third_hash), 9_000, NOW).await.unwrap().unwrap();
    assert!(!opens(old_hash, 1_100).await);
    let (late, late_hash) = key("late");
    let ended = UnixSeconds(1_100);
    assert_eq!(keys.rotate(&app, &old, (&late, late_hash), 5, ended).await.unwrap(), None);
    assert_eq!(keys.by_id(&app, &late).await.unwrap(), None);

    // Without grace it is revoked, with a generation that ends its URLs.
    let (_, seq) = keys.rotate(&app, &new, (&late, late_hash), 0, NOW).await.unwrap().unwrap();
    let stored = keys.by_id(&app, &new).await.unwrap().unwrap();
    assert_eq!((stored.revoked_at, stored.generation), (Some(NOW), seq));
    assert!(!opens(new_hash, 1_000).await && opens(late_hash, 1_000).await);
    let other = AppId::parse("other").unwrap();
    assert_eq!(keys.rotate(&other, &late, (&old, old_hash), 0, NOW).await.unwrap(), None);
}

pub(crate) async fn all_sessions_of_a_user_end_at_once_and_are_listed_by_key(db: Db) {
    let app = world::app(&db).await;
    let alice = world::user(&db, &app, "alice").await;
    let bob = world::user(&db, &app, "bob").await;
    let mut ids = Vec::new();
    for number in 1..=5 {
        ids.push(world::session(&db, &app, &alice, number).await);
    }
    let other = world::session(&db, &app, &bob, 9).await;
    let sessions = db.sessions();
    sessions.end(&app, ids[0], NOW).await.unwrap().unwrap();
    let earlier = sessions.by_id(&app, ids[0]).await.unwrap().unwrap();
    let later = UnixSeconds(2_000);
    let seq = sessions.end_all(&app, &alice, later).await.unwrap();
    assert_eq!(seq, Some(db.changes().head().await.unwrap()));
    assert_eq!(sessions.end_all(&app, &alice, later).await.unwrap(), None);
    assert_eq!(sessions.by_id(&app, ids[0]).await.unwrap().unwrap(), earlier);
    for id in &ids[1..] {
        let session = sessions.by_id(&app, *id).await.unwrap().unwrap();
        assert_eq!(session.ended_at, Some(later));
        assert!(session.generation > earlier.generation);
    }
    assert_eq!(sessions.by_id(&app, other).await.unwrap().unwrap().ended_at, None);

    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = sessions.page(&app, &alice, after, 2).await.unwrap();
        seen.extend(page.iter().map(|session| session.id));
        let Some(last) = page.last() else { break };
        after = Some((last.created_at, last.id));
    }
    ids.reverse();
    assert_eq!(seen, ids, "the newest first, and of one moment by id");
}
