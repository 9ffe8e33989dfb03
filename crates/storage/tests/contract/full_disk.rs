//! A disk that is full is told as that, whichever of the database's files has no room.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;

use cloakroom_storage::{Db, SqliteOptions, StorageError};
use sqlx::{Connection, Executor, SqliteConnection};

use crate::world::NOW;

const PAGE: usize = 4096;
const DISK: &str = "CLOAKROOM_TEST_SMALL_DISK";

/// Runs a test of this file once more, in a namespace of its own that has a small file system;
/// `false` where an ordinary user may not mount one.
fn is_done_on_a_small_disk(test: &str) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let script = "mount -t tmpfs -o size=40m,mode=700 tmpfs \"$1\" || exit 77
        exec \"$2\" --exact \"$3\" --nocapture";
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh"]);
    command.arg(folder.path()).arg(std::env::current_exe().unwrap()).arg(test);
    let Ok(done) = command.env(DISK, folder.path()).output() else { return false };
    let told = String::from_utf8_lossy(&done.stderr);
    if done.status.code() == Some(77) || told.starts_with("unshare:") {
        return false;
    }
    assert!(done.status.success(), "{told}");
    true
}

/// Takes all room of a disk but so many pages.
fn fill_but(disk: &Path, pages: usize) {
    let mut file = File::options().create(true).append(true).open(disk.join("filler")).unwrap();
    while file.write_all(&[1; PAGE]).is_ok() {}
    file.set_len(file.metadata().unwrap().len() - bytes_of(pages)).unwrap();
}

fn bytes_of(pages: usize) -> u64 {
    (pages * PAGE) as u64
}

#[tokio::test]
async fn a_full_disk_is_named_also_where_the_index_of_the_log_has_no_room() {
    let Some(disk) = std::env::var_os(DISK) else {
        let name = "full_disk::a_full_disk_is_named_also_where_the_index_of_the_log_has_no_room";
        if !is_done_on_a_small_disk(name) {
            eprintln!("SKIPPED: the full disk (no file system can be mounted in a namespace)");
        }
        return;
    };
    let disk = Path::new(&disk);
    let path = disk.join("meta.db");
    let db = Db::open_sqlite(&path, SqliteOptions::default()).await.unwrap();
    let bytes = |end: &str| fs::metadata(disk.join(format!("meta.db-{end}"))).unwrap().len();
    let mut made = 0;
    let mut write = async || {
        made += 1;
        let email = format!("{made}@example.org");
        db.operators().create(&made.to_string(), &email, "hash", NOW).await
    };
    // While somebody reads an old state, the log grows.
    let mut reader =
        SqliteConnection::connect(&format!("sqlite://{}", path.display())).await.unwrap();
    reader.execute("BEGIN; SELECT COUNT(*) FROM operator").await.unwrap();
    let (mut kept, mut refused) = (0, 0);
    let page_of_index = bytes("shm");
    // The first page of the index names 4062 frames of the log.
    while bytes("wal") < 4_040 * (bytes_of(1) + 24) {
        write().await.unwrap();
        kept += 1;
    }
    assert_eq!(bytes("shm"), page_of_index);
    loop {
        fill_but(disk, 3);
        match write().await {
            Ok(()) => kept += 1,
            Err(StorageError::NoSpace) => refused += 1,
            Err(error) => panic!("{error:?} after {kept} writes"),
        }
        assert!(kept + refused < 5_000, "the index never grew");
        if bytes("shm") >= 2 * page_of_index && refused > 0 {
            break;
        }
    }
    fs::remove_file(disk.join("filler")).unwrap();
    write().await.unwrap();
    assert_eq!(
        db.operators().list().await.unwrap().len(),
        kept + 1,
        "what was refused is not done"
    );
}
