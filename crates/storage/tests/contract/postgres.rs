//! A private PostgreSQL, and what is promised of it alone.

use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::Duration;

use cloakroom_storage::{Change, Db, PostgresOptions, Usage};
use cloakroom_token::UnixSeconds;
use sqlx::{Connection, Executor, PgConnection};
use tempfile::TempDir;

use crate::world;

/// A server for one run of the tests; stopped and removed when dropped.
pub(crate) struct Server {
    _own: Option<Own>,
    template: String,
    databases: AtomicU32,
}

struct Own {
    folder: TempDir,
    binaries: PathBuf,
    postmaster: Child,
    user: Option<(u32, u32)>,
}

impl Server {
    /// `None`, said aloud, where there is no PostgreSQL.
    pub(crate) fn start() -> Option<Self> {
        if let Some(url) = std::env::var_os("CLOAKROOM_TEST_POSTGRES") {
            let url = url.into_string().unwrap();
            let (base, query) = url.split_once('?').unwrap_or((&url, ""));
            let base = base.trim_end_matches('/');
            let template = format!("{base}/{{}}?{query}");
            return Some(Self { _own: None, template, databases: AtomicU32::new(0) });
        }
        let Some(binaries) = find_binaries() else {
            eprintln!("SKIPPED: the contract on PostgreSQL (no initdb in /usr/lib/postgresql)");
            return None;
        };
        let own = Own::start(binaries);
        let socket = own.folder.path().display().to_string().replace('/', "%2F");
        let template = format!("postgres://postgres@localhost/{{}}?host={socket}");
        Some(Self { _own: Some(own), template, databases: AtomicU32::new(0) })
    }

    fn url(&self, database: &str) -> String {
        self.template.replace("{}", database)
    }

    async fn admin(&self) -> PgConnection {
        let mut patience = 200;
        loop {
            match PgConnection::connect(&self.url("postgres")).await {
                Ok(connection) => return connection,
                Err(error) if patience == 0 => panic!("PostgreSQL does not answer: {error}"),
                Err(_) => {
                    patience -= 1;
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }

    /// The URL of a new database without tables.
    pub(crate) async fn fresh_url(&self) -> String {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("contract_{}_{number}", std::process::id());
        let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
        self.admin().await.execute(sqlx::query(create)).await.unwrap();
        self.url(&name)
    }

    pub(crate) async fn fresh(&self) -> Db {
        Db::open_postgres(&self.fresh_url().await, PostgresOptions::default()).await.unwrap()
    }
}

impl Own {
    fn start(binaries: PathBuf) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let user = unprivileged();
        if let Some((uid, gid)) = user {
            chown(folder.path(), Some(uid), Some(gid)).unwrap();
        }
        let cluster = folder.path().join("cluster");
        let made = command(&binaries.join("initdb"), user)
            .args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"])
            // An order of its own, unlike bytes, shows where a column lacks its collation.
            .args(["--locale-provider=icu", "--icu-locale=en-US", "-D"])
            .arg(&cluster)
            .output()
            .unwrap();
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let postmaster = command(&binaries.join("postgres"), user)
            .arg("-D")
            .arg(&cluster)
            .arg("-k")
            .arg(folder.path())
            .args(["-c", "listen_addresses=", "-c", "fsync=off"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { folder, binaries, postmaster, user }
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        let stopped = command(&self.binaries.join("pg_ctl"), self.user)
            .args(["stop", "-m", "immediate", "-D"])
            .arg(self.folder.path().join("cluster"))
            .output();
        if stopped.is_err() {
            let _ = self.postmaster.kill();
        }
        let _ = self.postmaster.wait();
        sleep(Duration::from_millis(50));
    }
}

fn command(program: &Path, user: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program);
    command.current_dir("/");
    if let Some((uid, gid)) = user {
        command.uid(uid).gid(gid);
    }
    command
}

fn find_binaries() -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .filter_map(|version| Some(version.ok()?.path().join("bin")))
        .filter(|bin| bin.join("initdb").exists())
        .collect();
    found.sort();
    found.pop()
}

/// PostgreSQL refuses to run as root: then it runs as the user `postgres`.
fn unprivileged() -> Option<(u32, u32)> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    if !status.lines().any(|line| line.starts_with("Uid:\t0\t")) {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let line = users.lines().find(|line| line.starts_with("postgres:")).unwrap();
    let mut fields = line.split(':').skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

#[tokio::test]
async fn an_entry_that_becomes_visible_late_is_found_in_the_window() {
    let Some(server) = Server::start() else { return };
    let url = server.fresh_url().await;
    let db = Db::open_postgres(&url, PostgresOptions::default()).await.unwrap();
    let app = world::app(&db).await;
    let mut slow = PgConnection::connect(&url).await.unwrap();
    let mut slow = slow.begin().await.unwrap();
    slow.execute("INSERT INTO change (app_id, kind, key, at) VALUES (NULL, 8, 'late', 1000)")
        .await
        .unwrap();
    let seq = db.apps().revoke_all(&app, UnixSeconds(1000)).await.unwrap().unwrap();
    let changes = db.changes();
    let cursor = changes.after(cloakroom_token::Seq(0), 100).await.unwrap().pop().unwrap().seq;
    assert_eq!(cursor, seq);
    slow.commit().await.unwrap();
    assert_eq!(changes.after(cursor, 100).await.unwrap(), []);
    let window = changes.watermark_window(cursor, UnixSeconds(1000)).await.unwrap();
    let late = Change::SigningKey(cloakroom_token::KeyId::parse("late").unwrap());
    assert!(window.iter().any(|entry| entry.change.as_ref() == Some(&late)), "{window:?}");
    db.close().await;
}

#[tokio::test]
async fn what_was_stored_before_it_was_counted_is_counted() {
    let Some(server) = Server::start() else { return };
    let url = server.fresh_url().await;
    let db = Db::open_postgres(&url, PostgresOptions::default()).await.unwrap();
    let app = world::app_with_two_renditions(&db).await;
    db.close().await;
    let mut other = PgConnection::connect(&url).await.unwrap();
    let undo = "DROP TRIGGER app_usage_counts ON media_version; DROP FUNCTION count_app_usage;
        DROP TABLE app_usage; DROP INDEX media_receiving;
        DELETE FROM _sqlx_migrations WHERE version = 14";
    other.execute(undo).await.unwrap();
    let db = Db::open_postgres(&url, PostgresOptions::default()).await.unwrap();
    let counted = Usage { files: 1, size_bytes: 2_003 };
    assert_eq!(db.media().usage(&app).await.unwrap(), counted);
    other.execute("UPDATE media_version SET size_bytes = size_bytes + 1").await.unwrap();
    let counted = Usage { size_bytes: 2_005, ..counted };
    assert_eq!(db.media().usage(&app).await.unwrap(), counted, "whoever writes, it is counted");
}

#[tokio::test]
async fn what_was_sent_before_conversations_had_a_list_is_in_it() {
    let Some(server) = Server::start() else { return };
    let url = server.fresh_url().await;
    let db = Db::open_postgres(&url, PostgresOptions::default()).await.unwrap();
    let app = world::app(&db).await;
    let (file, filter) = world::sent_file(&db, &app).await;
    db.close().await;
    let mut before = PgConnection::connect(&url).await.unwrap();
    let undo = "DROP INDEX message_media_by_conversation;
        DROP TRIGGER message_media_is_of ON message_media; DROP FUNCTION say_whose_link;
        ALTER TABLE message_media DROP COLUMN conversation_id, DROP COLUMN file_created_at;
        DELETE FROM _sqlx_migrations WHERE version = 15";
    before.execute(undo).await.unwrap();
    let db = Db::open_postgres(&url, PostgresOptions::default()).await.unwrap();
    let listed = db.media().page(&app, &filter, None, 10).await.unwrap();
    assert_eq!(listed.iter().map(|file| file.id).collect::<Vec<_>>(), [file]);
}
