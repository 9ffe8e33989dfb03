use cloakroom_storage::{
    ApiKeyScope, Db, KeyPurpose, NewSession, SecretHash, StorageError, TokenBasedFileAccess,
};
use cloakroom_token::{AppId, KeyId, SessionId, UnixSeconds};

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
    assert_eq!(keys.by_secret(&app, hash).await.unwrap(), Some(made.clone()));
    assert_eq!(keys.by_secret(&other, hash).await.unwrap(), None);
    assert_eq!(keys.by_secret(&app, SecretHash::of("ckr_key_2")).await.unwrap(), None);
    assert_eq!(keys.list(&app).await.unwrap(), [made]);
    assert_eq!(keys.revoke(&other, &id, NOW).await.unwrap(), None);
    let seq = keys.revoke(&app, &id, NOW).await.unwrap();
    assert_eq!(keys.by_secret(&app, hash).await.unwrap(), None);
    let revoked = keys.by_id(&app, &id).await.unwrap().unwrap();
    assert_eq!((revoked.revoked_at, Some(revoked.generation)), (Some(NOW), seq));
}

pub(crate) async fn a_signing_key_signs_then_verifies_then_neither(db: Db) {
    let keys = db.signing_keys();
    let id = KeyId::parse("k1").unwrap();
    keys.insert(&id, KeyPurpose::Fat, "EdDSA", b"wrapped", Some(b"public"), NOW, NOW)
        .await
        .unwrap();
    let again = keys.insert(&id, KeyPurpose::Presign, "HS256", b"", None, NOW, NOW).await;
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
    sessions.touch(&app, made.id, None, UnixSeconds(1_500)).await.unwrap();
    let touched = live(1_500).await.unwrap();
    assert_eq!(touched.sdk, made.sdk);
    assert_eq!(touched.last_seen_at, UnixSeconds(1_500));
    sessions.end(&app, made.id, NOW).await.unwrap().unwrap();
    assert_eq!(live(1_500).await, None);
    assert_eq!(sessions.of_user(&app, &alice).await.unwrap().len(), 1);
    let again = sessions.create(&app, &new, NOW).await;
    assert!(matches!(again, Err(StorageError::Conflict)), "an auth token never comes back");
}
