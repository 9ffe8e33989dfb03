//! Who looked at files that go once everybody did: noted in memory, written now and again, so that
//! no read waits for the database.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use cloakroom_storage::{Db, StorageError};
use cloakroom_token::{AppId, MediaId, Uid, UnixSeconds};

/// Looks that wait to be written; one more is taken when it comes again.
const MOST: usize = 50_000;

type Look = (AppId, MediaId, Uid);

/// Notes looks. A clone is a handle.
#[derive(Clone, Default)]
pub(crate) struct Views(Arc<Mutex<HashSet<Look>>>);

impl Views {
    /// Notes that a user was given a file.
    pub(crate) fn note(&self, app: &AppId, media: MediaId, uid: &Uid) {
        let mut looks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if looks.len() < MOST {
            looks.insert((app.clone(), media, uid.clone()));
        }
    }

    /// Writes what was noted; what cannot be written waits.
    pub(crate) async fn write(&self, db: &Db, now: UnixSeconds) -> Result<(), StorageError> {
        let looks = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let mut failed = None;
        for (app, media, uid) in looks {
            if let Err(error) = db.retention().viewed(&app, media, &uid, now).await {
                self.note(&app, media, &uid);
                failed = Some(error);
            }
        }
        failed.map_or(Ok(()), Err)
    }
}
