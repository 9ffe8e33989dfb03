//! What happens to a file between its bytes and its first reader, whichever way they came.
//!
//! ```text
//! multipart message ─┐                ┌─▶ stored ─▶ one transaction ─▶ ready
//! presigned form ────┼─▶ ingest.rs ───┤                          └──▶ checking ─▶ ready | refused
//! tus parts ─────────┘  (assemble.rs) └─▶ refused                       (worker.rs)
//! ```
//!
//! Work on bytes is bounded: few files at a time, each for a time, a short queue, and then 503.

mod apart;
mod arriving;
mod assemble;
mod error;
mod ingest;
mod keep;
mod poster;
mod scan;
mod tools;
mod types;
mod worker;

use std::sync::Arc;

use cloakroom_storage::{Blobs, Db, Staging};
use cloakroom_token::{AppId, Uid, UnixSeconds};
use tokio::sync::{Mutex, Notify, Semaphore};

use crate::access::Access;

use arriving::Arriving;
pub(crate) use arriving::Place;
pub(crate) use assemble::Assembled;
pub(crate) use error::IntakeError;
pub(crate) use ingest::{Ingested, Received};
pub(crate) use keep::Kept;
pub(crate) use tools::Tools;
pub(crate) use types::{AllowList, declared_extension};
pub(crate) use worker::run;

/// Files that are worked on at once: each may hold an image of 64 MiB in memory.
const SLOTS: usize = 2;
/// Files that may wait for that.
const MOST_WAITING: usize = 64;

/// Takes files in. A clone is another handle to the same.
#[derive(Clone)]
pub(crate) struct Intake(Arc<Inner>);

struct Inner {
    access: Access,
    db: Db,
    blobs: Blobs,
    staging: Staging,
    tools: Tools,
    /// Who takes jobs: this server, since it started.
    owner: String,
    arriving: Arriving,
    slots: Arc<Semaphore>,
    /// A permit for each file that is worked on or waits.
    queue: Semaphore,
    wake: Notify,
    /// Held by who works off the jobs: whoever waits for it finds none left that was due.
    working: Mutex<()>,
}

impl Intake {
    pub(crate) fn new(
        access: Access,
        db: Db,
        blobs: Blobs,
        staging: Staging,
        tools: Tools,
    ) -> Self {
        Self(Arc::new(Inner {
            access,
            db,
            blobs,
            staging,
            tools,
            owner: hex::encode(crate::secret::random::<16>()),
            arriving: Arriving::default(),
            slots: Arc::new(Semaphore::new(SLOTS)),
            queue: Semaphore::new(SLOTS + MOST_WAITING),
            wake: Notify::new(),
            working: Mutex::new(()),
        }))
    }

    /// A place for one more file of a user on its way; `None` if `most` of them are.
    pub(crate) fn enter(&self, app: &AppId, uid: &Uid, most: u32) -> Option<Place> {
        self.0.arriving.enter(app, uid, most)
    }

    pub(crate) fn staging(&self) -> &Staging {
        &self.0.staging
    }

    pub(crate) fn blobs(&self) -> &Blobs {
        &self.0.blobs
    }

    fn now(&self) -> UnixSeconds {
        self.0.access.now()
    }
}
