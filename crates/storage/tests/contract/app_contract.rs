use cloakroom_storage::{AppSettings, Db, StorageError, TokenBasedFileAccess};
use cloakroom_token::{AppId, Seq, UnixSeconds};

use crate::world::{self, NOW};

pub(crate) async fn every_statement_fits_the_tables(db: Db) {
    assert!(db.prepare_all().await.unwrap() > 80);
}

pub(crate) async fn an_app_is_found_as_it_was_made(db: Db) {
    let id = world::app(&db).await;
    let app = db.apps().by_id(&id).await.unwrap().unwrap();
    assert_eq!(app.settings, world::settings());
    assert_eq!((app.region.as_str(), app.created_at, app.generation), ("us", NOW, Seq(0)));
    assert_eq!(db.apps().list().await.unwrap(), [app]);
    let again =
        db.apps().create(&id, "eu", TokenBasedFileAccess::On, &world::settings(), NOW).await;
    assert!(matches!(again, Err(StorageError::Conflict)));
    let none = AppId::parse("none").unwrap();
    assert_eq!(db.apps().by_id(&none).await.unwrap(), None);
}

pub(crate) async fn protection_moves_forward_only_but_for_the_command_line(db: Db) {
    use TokenBasedFileAccess::{Observe, Off, On};
    let id = world::app(&db).await;
    let apps = db.apps();
    for (to, expected) in [(Off, Off), (Observe, Observe), (Off, Observe), (On, On), (Observe, On)]
    {
        let before = db.changes().head().await.unwrap();
        let was = apps.by_id(&id).await.unwrap().unwrap().token_based_file_access;
        let got = apps.advance_token_based_file_access(&id, to, NOW).await.unwrap();
        assert_eq!(got, Some(expected), "{to:?}");
        let grew = db.changes().head().await.unwrap() > before;
        assert_eq!(grew, was != expected, "{to:?}");
    }
    let got = apps.retreat_token_based_file_access(&id, Off, NOW).await.unwrap();
    assert_eq!(got, Some(Off));
    let got = apps.retreat_token_based_file_access(&id, On, NOW).await.unwrap();
    assert_eq!(got, Some(Off));
    let none = AppId::parse("none").unwrap();
    assert_eq!(apps.advance_token_based_file_access(&none, On, NOW).await.unwrap(), None);
}

pub(crate) async fn settings_are_replaced_as_a_whole(db: Db) {
    let id = world::app(&db).await;
    let mut settings = world::settings();
    settings.presign_ttl_seconds = 60;
    settings.client_login_by_auth_key = true;
    settings.allowed_origins = Vec::new();
    let later = UnixSeconds(2_000);
    let app = db.apps().update_settings(&id, &settings, later).await.unwrap().unwrap();
    assert_eq!((app.settings, app.updated_at), (settings.clone(), later));
    assert_eq!(db.apps().by_id(&id).await.unwrap().unwrap().settings, settings);
    let none = AppId::parse("none").unwrap();
    assert_eq!(db.apps().update_settings(&none, &settings, later).await.unwrap(), None);
}

pub(crate) async fn two_writers_of_settings_keep_each_others(db: Db) {
    let id = world::app(&db).await;
    let writers = (0..8).map(|number| {
        let (apps, id) = (db.apps(), id.clone());
        tokio::spawn(async move {
            let add = |settings: &mut AppSettings| {
                settings.allowed_origins.push(format!("https://{number}.test"));
            };
            apps.change_settings(&id, add, UnixSeconds(2_000)).await.unwrap().unwrap();
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let settings = db.apps().by_id(&id).await.unwrap().unwrap().settings;
    assert_eq!(settings.allowed_origins.len(), 1 + 8, "{:?}", settings.allowed_origins);
}

pub(crate) async fn settings_that_stay_the_same_are_not_written(db: Db) {
    let id = world::app(&db).await;
    let before = db.changes().head().await.unwrap();
    let app = db.apps().change_settings(&id, |_| {}, UnixSeconds(2_000)).await.unwrap().unwrap();
    assert_eq!((app.settings, app.updated_at), (world::settings(), NOW));
    assert_eq!(db.changes().head().await.unwrap(), before);
    let none = AppId::parse("none").unwrap();
    assert_eq!(db.apps().change_settings(&none, |_| {}, NOW).await.unwrap(), None);
}
