//! A view of a database that is not there yet.

use std::path::Path;
use std::time::Duration;

use cloakroom_storage::{Db, SqliteOptions};
use cloakroom_token::MediaOrigin;

use super::{Access, AccessOptions};
use crate::clock::Clock;
use crate::master_key::MasterKey;
use crate::objects::Objects;

/// A fresh database in a folder, and a view of it.
pub(super) async fn open(folder: &Path, clock: Clock) -> (Db, Access) {
    let path = folder.join("meta.db");
    let db = Db::open_sqlite(&path, SqliteOptions::default()).await.unwrap();
    let access = Access::new(AccessOptions {
        db: db.clone(),
        clock,
        origin: MediaOrigin::parse("https://files.test").unwrap(),
        issuer: "https://api.test".to_owned(),
        master: MasterKey::load_or_make(&folder.join("master.key")).unwrap(),
        fail_closed_after: Duration::from_mins(1),
        objects: Objects::new(0),
    });
    (db, access.await.unwrap())
}
