//! Observe before enforce: counts what an app would refuse, so that switching on breaks nobody.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cloakroom_storage::{Db, LedgerDay, Observed, StorageError};
use cloakroom_token::{AppId, MediaPath, UnixSeconds};
use cloakroom_wire::Reason;
use tokio::sync::watch;

use crate::client_name::client_name;
use crate::clock::Clock;
use crate::headers::Headers;
use crate::listener::stopped;

/// How often counts are written.
const PERIOD: Duration = Duration::from_secs(5);
/// Kinds of requests that wait to be written; those beyond count as `other`.
const MOST_KINDS: usize = 5000;
/// Kinds of requests that are shown.
const MOST_SHOWN: u32 = 1000;

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Kind {
    app: AppId,
    reason: Reason,
    path: Box<str>,
    client: Box<str>,
}

#[derive(Clone, Copy, Debug)]
struct Times {
    count: i64,
    first: UnixSeconds,
    last: UnixSeconds,
}

struct Inner {
    db: Db,
    clock: Clock,
    kinds: Mutex<HashMap<Kind, Times>>,
}

/// Counts what would be refused. A clone is a handle.
#[derive(Clone)]
pub(crate) struct Observer(Arc<Inner>);

impl Observer {
    pub(crate) fn new(db: Db, clock: Clock) -> Self {
        Self(Arc::new(Inner { db, clock, kinds: Mutex::default() }))
    }

    /// Counts a request that would be refused.
    pub(crate) fn note(&self, path: &MediaPath, reason: Reason, headers: Headers<'_>) {
        let suffix = path.variant().suffix().map_or_else(String::new, |name| format!("_{name}"));
        let kind = Kind {
            app: path.app().clone(),
            reason,
            path: format!("/{}/media/*{suffix}.{}", path.app(), path.extension()).into(),
            client: client_name(headers),
        };
        let now = self.0.clock.now();
        self.add(kind, Times { count: 1, first: now, last: now });
    }

    fn add(&self, kind: Kind, more: Times) {
        let mut kinds = self.0.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        let kind = if kinds.len() < MOST_KINDS || kinds.contains_key(&kind) {
            kind
        } else {
            Kind { path: "other".into(), client: "other".into(), ..kind }
        };
        let times = kinds.entry(kind).or_insert(Times { count: 0, ..more });
        times.count += more.count;
        times.last = times.last.max(more.last);
    }

    /// Writes what was counted; what cannot be written waits.
    pub(crate) async fn write(&self) -> Result<(), StorageError> {
        let kinds =
            std::mem::take(&mut *self.0.kinds.lock().unwrap_or_else(PoisonError::into_inner));
        let mut failed = None;
        for (kind, times) in kinds {
            let seen = Observed {
                reason: kind.reason.as_str().to_owned(),
                path: kind.path.to_string(),
                client: kind.client.to_string(),
                count: times.count,
                first_at: times.first,
                last_at: times.last,
            };
            if let Err(error) = self.0.db.observations().add(&kind.app, &seen).await {
                self.add(kind, times);
                failed = Some(error);
            }
        }
        failed.map_or(Ok(()), Err)
    }

    /// What was counted in the last `days` days, this one included, the most frequent first.
    pub(crate) async fn seen(&self, app: &AppId, days: u32) -> Result<Vec<Observed>, StorageError> {
        self.write().await?;
        let since = LedgerDay::of(self.0.clock.now()).plus(1 - i64::from(days));
        self.0.db.observations().list(app, since, MOST_SHOWN).await
    }

    /// How many sessions of an app are alive, and how many of them have no File Access Token.
    pub(crate) async fn sessions(&self, app: &AppId) -> Result<(u64, u64), StorageError> {
        self.0.db.sessions().live_without_fat(app, self.0.clock.now()).await
    }
}

/// Writes now and again until `stop` says so, and then what is left.
pub(crate) async fn run(observer: Observer, mut stop: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(PERIOD);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let ends = tokio::select! {
            _ = ticks.tick() => false,
            () = stopped(&mut stop) => true,
        };
        if let Err(error) = observer.write().await {
            tracing::warn!(%error, "what was observed cannot be written at the moment");
        }
        if ends {
            return;
        }
    }
}
