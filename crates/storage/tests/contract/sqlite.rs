//! A fresh `SQLite` file, and what is promised of it alone.

use std::time::Duration;

use cloakroom_storage::{Db, DeletionScope, SqliteOptions, StorageError, Usage};
use cloakroom_token::UnixSeconds;
use sqlx::{Connection, Executor, SqliteConnection};
use tempfile::TempDir;

use crate::world;

pub(crate) async fn fresh() -> (TempDir, Db) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("meta.db");
    let db = Db::open_sqlite(&path, SqliteOptions::default()).await.unwrap();
    (folder, db)
}

#[tokio::test]
async fn a_write_that_waits_too_long_is_busy_and_reads_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("meta.db");
    let options = SqliteOptions { busy_timeout: Duration::from_millis(50), readers: 2 };
    let db = Db::open_sqlite(&path, options).await.unwrap();
    let url = format!("sqlite://{}", path.display());
    let mut other = SqliteConnection::connect(&url).await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let refused =
        db.operators().create("id", "a@example.org", "hash", UnixSeconds(1)).await.unwrap_err();
    assert!(matches!(refused, StorageError::Busy), "{refused:?}");
    assert_eq!(db.operators().list().await.unwrap(), []);
    other.execute("ROLLBACK").await.unwrap();
    db.operators().create("id", "a@example.org", "hash", UnixSeconds(1)).await.unwrap();
}

#[tokio::test]
async fn what_was_written_is_there_after_opening_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("meta.db");
    let db = Db::open_sqlite(&path, SqliteOptions::default()).await.unwrap();
    let app = world::app(&db).await;
    let head = db.changes().head().await.unwrap();
    db.close().await;
    let db = Db::open_sqlite(&path, SqliteOptions::default()).await.unwrap();
    assert!(db.apps().by_id(&app).await.unwrap().is_some());
    assert_eq!(db.changes().head().await.unwrap(), head);
    assert_eq!(*db.changes().committed_here().borrow(), head);
}

#[tokio::test]
async fn what_lapsed_before_there_was_a_column_for_it_goes_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("meta.db");
    let db = Db::open_sqlite(&path, SqliteOptions::default()).await.unwrap();
    let app = world::app(&db).await;
    let (alice, bob) = (world::user(&db, &app, "alice").await, world::user(&db, &app, "bob").await);
    let [deleted, left, stands] = [1, 2, 3].map(|number| world::file(&db, &app, &alice, number));
    let (deleted, left, stands) = (deleted.await, left.await, stands.await);
    db.media().delete(&app, deleted, UnixSeconds(2_000)).await.unwrap().unwrap();
    let by = DeletionScope::Message;
    let old = world::send(&db, &app, &alice, &world::to(&bob), &[left], 1_000).await;
    db.messages().delete(&app, old.id, None, None, by, UnixSeconds(3_000)).await.unwrap().unwrap();
    world::send(&db, &app, &alice, &world::to(&bob), &[stands], 1_000).await;
    db.close().await;
    let url = format!("sqlite://{}", path.display());
    let mut before = SqliteConnection::connect(&url).await.unwrap();
    let undo = "DROP INDEX media_by_lapse; ALTER TABLE media DROP COLUMN lapsed_at;
        DELETE FROM _sqlx_migrations WHERE version = 13";
    before.execute(undo).await.unwrap();
    before.close().await.unwrap();
    let db = Db::open_sqlite(&path, SqliteOptions::default()).await.unwrap();
    let expired = db.media().expired_versions(UnixSeconds(9_000), 10).await.unwrap();
    let files: Vec<_> = expired.iter().map(|version| version.media_id).collect();
    assert_eq!(files, [deleted, left]);
    for version in expired {
        db.media().forget_version(&version, UnixSeconds(9_000)).await.unwrap();
    }
    let mut after = SqliteConnection::connect(&url).await.unwrap();
    let count = sqlx::query_scalar("SELECT COUNT(*) FROM media WHERE lapsed_at IS NOT NULL");
    let named: i64 = count.fetch_one(&mut after).await.unwrap();
    assert_eq!(named, 0, "without bytes there is nothing to look at again");
}

#[tokio::test]
async fn what_was_stored_before_it_was_counted_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("meta.db");
    let db = Db::open_sqlite(&path, SqliteOptions::default()).await.unwrap();
    let app = world::app_with_two_renditions(&db).await;
    db.close().await;
    let url = format!("sqlite://{}", path.display());
    let mut before = SqliteConnection::connect(&url).await.unwrap();
    let undo = "DROP TRIGGER app_usage_grows; DROP TRIGGER app_usage_shrinks;
        DROP TRIGGER app_usage_changes; DROP TABLE app_usage; DROP INDEX media_receiving;
        DELETE FROM _sqlx_migrations WHERE version = 14";
    before.execute(undo).await.unwrap();
    before.close().await.unwrap();
    let db = Db::open_sqlite(&path, SqliteOptions::default()).await.unwrap();
    let counted = Usage { files: 1, size_bytes: 2_003 };
    assert_eq!(db.media().usage(&app).await.unwrap(), counted);
    let mut other = SqliteConnection::connect(&url).await.unwrap();
    other.execute("UPDATE media_version SET size_bytes = size_bytes + 1").await.unwrap();
    let counted = Usage { size_bytes: 2_005, ..counted };
    assert_eq!(db.media().usage(&app).await.unwrap(), counted, "whoever writes, it is counted");
}

#[tokio::test]
async fn what_was_sent_before_conversations_had_a_list_is_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("meta.db");
    let db = Db::open_sqlite(&path, SqliteOptions::default()).await.unwrap();
    let app = world::app(&db).await;
    let (file, filter) = world::sent_file(&db, &app).await;
    db.close().await;
    let url = format!("sqlite://{}", path.display());
    let mut before = SqliteConnection::connect(&url).await.unwrap();
    let undo = "DROP INDEX message_media_by_conversation; DROP TRIGGER message_media_is_of;
        ALTER TABLE message_media DROP COLUMN conversation_id;
        ALTER TABLE message_media DROP COLUMN file_created_at;
        DELETE FROM _sqlx_migrations WHERE version = 15";
    before.execute(undo).await.unwrap();
    before.close().await.unwrap();
    let db = Db::open_sqlite(&path, SqliteOptions::default()).await.unwrap();
    let listed = db.media().page(&app, &filter, None, 10).await.unwrap();
    assert_eq!(listed.iter().map(|file| file.id).collect::<Vec<_>>(), [file]);
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_is_closed_to_other_users_of_the_machine() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, _db) = fresh().await;
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?}", entry.file_name());
    }
}

#[tokio::test]
async fn a_value_that_no_write_of_ours_makes_is_damage() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("meta.db");
    let db = Db::open_sqlite(&path, SqliteOptions::default()).await.unwrap();
    let app = world::app(&db).await;
    let mut other =
        SqliteConnection::connect(&format!("sqlite://{}", path.display())).await.unwrap();
    other.execute("UPDATE app SET allowed_origins = 'not JSON'").await.unwrap();
    let refused = db.apps().by_id(&app).await.unwrap_err();
    assert!(matches!(refused, StorageError::Corrupt(_)), "{refused:?}");
}
