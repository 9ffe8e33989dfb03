//! Removes messages whose files go by themselves, as the policy of their app says.
//!
//! A removed message is one that was deleted: nobody reads its files through it from that moment, and
//! the janitor takes bytes and thumbnails of files that no message carries. Each removal is an act
//! in the ledger.

use std::time::Duration;

use cloakroom_storage::{App, Db, DeletionScope, MediaRetention, StorageError};
use tokio::sync::watch;

use crate::access::Access;
use crate::ledger::{Recorder, note_retention};
use crate::listener::stopped;
use crate::views::Views;

/// How often it looks, and looks are written.
const PERIOD: Duration = Duration::from_secs(10);
const BATCH: u32 = 200;

/// What is needed to remove.
#[derive(Clone)]
pub(crate) struct Retainer {
    pub(crate) db: Db,
    pub(crate) access: Access,
    pub(crate) recorder: Recorder,
    pub(crate) views: Views,
}

/// Removes now and again until `stop` says so; looks are written once more then.
pub(crate) async fn run(retainer: Retainer, mut stop: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(PERIOD);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let ends = tokio::select! {
            _ = ticks.tick() => false,
            () = stopped(&mut stop) => true,
        };
        if ends {
            let now = retainer.access.now();
            if let Err(error) = retainer.views.write(&retainer.db, now).await {
                tracing::warn!(%error, "who looked at what was not written");
            }
            return;
        }
        if let Err(error) = retainer.keep().await {
            tracing::warn!(%error, "retention cannot be kept at the moment; it is tried again");
        }
    }
}

impl Retainer {
    /// Removes all that is due by the clock.
    pub(crate) async fn keep(&self) -> Result<(), StorageError> {
        self.views.write(&self.db, self.access.now()).await?;
        for app in self.db.apps().list().await? {
            let policy = &app.settings.policy;
            if policy.legal_hold {
                continue;
            }
            let named: Vec<&str> = policy
                .media_retention
                .keys()
                .map(String::as_str)
                .filter(|key| *key != "*")
                .collect();
            for (kind, retention) in &policy.media_retention {
                self.keep_kind(&app, kind, &named, retention).await?;
            }
        }
        self.db.retention().sweep().await.map(|_| ())
    }

    async fn keep_kind(
        &self,
        app: &App,
        kind: &str,
        named: &[&str],
        retention: &MediaRetention,
    ) -> Result<(), StorageError> {
        let (due, now) = (self.db.retention(), self.access.now());
        if let Some(seconds) = retention.after_seconds {
            let until = now.plus(-i64::try_from(seconds).unwrap_or(i64::MAX / 2));
            loop {
                let ids = due.due_by_age(&app.id, kind, named, until, BATCH).await?;
                if ids.is_empty() {
                    break;
                }
                self.remove(app, &ids).await?;
            }
        }
        if retention.after_view {
            loop {
                let ids = due.due_by_view(&app.id, kind, named, BATCH, now).await?;
                if ids.is_empty() {
                    break;
                }
                self.remove(app, &ids).await?;
            }
        }
        Ok(())
    }

    async fn remove(&self, app: &App, ids: &[i64]) -> Result<(), StorageError> {
        for id in ids {
            let scope = DeletionScope::Message;
            let now = self.access.now();
            self.db.messages().delete(&app.id, *id, None, None, scope, now).await?;
            note_retention(&self.recorder, &app.id, *id);
        }
        self.access.catch_up().await
    }
}
