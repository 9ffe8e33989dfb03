//! Writes what the recorder noted, closes days with a signed head, and lets old ones go.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use cloakroom_storage::{Db, Ledger, LedgerDay, LedgerMode, StorageError, WebhookEvent};
use cloakroom_token::{AppId, StatementKind, UnixSeconds};
use serde_json::json;
use tokio::sync::{Mutex, watch};

use super::head;
use super::record::{acted_record, gap_record, read_record, refusal_record};
use super::recorder::{Lost, Pending, Recorder};
use crate::access::Access;
use crate::listener::stopped;
use crate::secret::random;

/// How often it writes; a crash loses so much, and the loss shows.
const PERIOD: Duration = Duration::from_secs(5);
/// How often it closes days, lets old ones go and looks for runs that broke off.
const HOUSE_SECONDS: i64 = 60;
/// A run of another server that wrote nothing for so long is dead.
const SILENT_SECONDS: i64 = 60;
/// How long after midnight a day may still take what began in it.
const GRACE_SECONDS: i64 = 10 * 60;
/// How often it looks for deleted users whose name was not forgotten with them.
const ERASE_SECONDS: i64 = 3600;
/// Days after which acts that concern the whole installation go.
const INSTALLATION_DAYS: i64 = 400;
const RUN_DAYS: i64 = 30;
const BATCH: u32 = 500;

/// What a keeper needs.
pub(crate) struct KeeperOptions {
    pub(crate) access: Access,
    pub(crate) db: Db,
    pub(crate) ledger: Ledger,
    pub(crate) recorder: Recorder,
}

struct Inner {
    access: Access,
    db: Db,
    ledger: Ledger,
    recorder: Recorder,
    run: String,
    round: Mutex<()>,
    written_at: AtomicI64,
    lost: AtomicU64,
    house_at: AtomicI64,
    erased_at: AtomicI64,
}

/// Keeps the ledger. A clone is a handle.
#[derive(Clone)]
pub(crate) struct Keeper(Arc<Inner>);

impl Keeper {
    /// Begins a run, and writes the gap that a broken one left.
    pub(crate) async fn begin(options: KeeperOptions) -> Result<Self, StorageError> {
        let KeeperOptions { access, db, ledger, recorder } = options;
        let now = access.now();
        let run = hex::encode(random::<8>());
        ledger.begin_run(&run, now).await?;
        let keeper = Self(Arc::new(Inner {
            access,
            db,
            ledger,
            recorder,
            run,
            round: Mutex::new(()),
            written_at: AtomicI64::new(now.0),
            lost: AtomicU64::new(0),
            house_at: AtomicI64::new(0),
            erased_at: AtomicI64::new(0),
        }));
        // In a folder no other server runs: what has not ended there has broken off.
        let silent = if keeper.0.ledger.is_shared() { SILENT_SECONDS } else { 0 };
        keeper.write_gaps(now.plus(-silent), now).await?;
        Ok(keeper)
    }

    pub(crate) fn recorder(&self) -> &Recorder {
        &self.0.recorder
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.0.ledger
    }

    /// When everything was last written, and how much was lost since the start.
    pub(crate) fn state(&self) -> (UnixSeconds, u64) {
        let written_at = UnixSeconds(self.0.written_at.load(Ordering::Relaxed));
        (written_at, self.0.lost.load(Ordering::Relaxed))
    }

    /// Writes what waits. What cannot be written waits on, as far as there is room.
    pub(crate) async fn write(&self) -> Result<(), StorageError> {
        let inner = &*self.0;
        let _alone = inner.round.lock().await;
        let now = inner.access.now();
        let mut failed = None;
        for (app, pending) in by_app(inner.recorder.take()) {
            if let Err(error) = self.write_app(app.as_ref(), &pending).await {
                inner.recorder.give_back(pending);
                failed = Some(error);
            }
        }
        if let Some(error) = failed {
            return Err(error);
        }
        if !inner.ledger.run_goes_on(&inner.run, now).await? {
            tracing::warn!("another server took this one for dead: the ledger has a gap too many");
        }
        inner.written_at.fetch_max(now.0, Ordering::Relaxed);
        Ok(())
    }

    async fn write_app(&self, app: Option<&AppId>, pending: &Pending) -> Result<(), StorageError> {
        let inner = &*self.0;
        let known = match app {
            Some(id) => inner.access.app(id).await?,
            None => None,
        };
        let mode = known.map_or(LedgerMode::Off, |app| app.settings.policy.ledger);
        let mut records = Vec::new();
        if mode != LedgerMode::Off {
            for (read, times) in &pending.reads {
                if mode == LedgerMode::Full || read.reason.is_some() {
                    let mut record = read_record(read.clone(), times);
                    if let (Some(app), Some(id), None) = (app, read.session, &read.uid) {
                        let session = inner.db.sessions().by_id(app, id).await?;
                        record.uid = session.map(|session| session.uid);
                    }
                    records.push(record);
                }
            }
            records.extend(pending.refusals.iter().map(|(one, times)| refusal_record(one, times)));
            for (_, lost) in &pending.lost {
                records.push(gap_record("overflow", *lost));
            }
        }
        records.extend(pending.acts.iter().map(|(one, times)| acted_record(one.clone(), times)));
        if !records.is_empty() {
            inner.ledger.append(app, &records).await?;
        }
        let lost = pending.lost.iter().map(|(_, lost)| lost.count).sum();
        inner.lost.fetch_add(lost, Ordering::Relaxed);
        Ok(())
    }

    /// Writes into each app's chain that nothing is known of the time since a run broke off.
    async fn write_gaps(
        &self,
        silent_since: UnixSeconds,
        now: UnixSeconds,
    ) -> Result<(), StorageError> {
        let inner = &*self.0;
        for (run, last) in inner.ledger.broken_runs(&inner.run, silent_since).await? {
            let gap = gap_record("crash", Lost { count: 0, first: last, last: now });
            for app in inner.db.apps().list().await? {
                if app.settings.policy.ledger != LedgerMode::Off {
                    inner.ledger.append(Some(&app.id), std::slice::from_ref(&gap)).await?;
                }
            }
            inner.ledger.append(None, &[gap]).await?;
            inner.ledger.give_up_run(&run, now).await?;
        }
        Ok(())
    }

    /// Writes, and does what is due: gaps of others, heads, retention, names to forget.
    pub(crate) async fn keep(&self) -> Result<(), StorageError> {
        self.write().await?;
        let (inner, now) = (&*self.0, self.0.access.now());
        if is_due(&inner.house_at, now, HOUSE_SECONDS) {
            if inner.ledger.is_shared() {
                self.write_gaps(now.plus(-SILENT_SECONDS), now).await?;
            }
            self.close_days(now).await?;
            self.remove_days(now).await?;
            inner.ledger.forget_runs(now.plus(-RUN_DAYS * 24 * 60 * 60)).await?;
        }
        if is_due(&inner.erased_at, now, ERASE_SECONDS) {
            self.forget_deleted().await?;
        }
        Ok(())
    }

    /// Signs the heads of the days that are over, and tells webhooks of them.
    async fn close_days(&self, now: UnixSeconds) -> Result<(), StorageError> {
        let inner = &*self.0;
        let today = LedgerDay::of(now.plus(-GRACE_SECONDS));
        for (app, day) in inner.ledger.open_days(today, BATCH).await? {
            let app = app.as_ref();
            let row = inner.ledger.days(app, Some(day), Some(day), 1).await?.pop();
            let Some(row) = row.filter(|row| row.closed_at.is_none()) else { continue };
            let before = inner.ledger.day_before(app, day).await?;
            let claims = head::claims(inner.access.issuer(), app, &row, before.as_ref(), now);
            match inner.access.sign_statement(StatementKind::LedgerHead, &claims) {
                Ok(head) => {
                    inner.ledger.close_day(app, &row, &head, now).await?;
                }
                Err(error) => tracing::error!(%error, "the head of a day cannot be signed"),
            }
        }
        for (app, day) in inner.ledger.untold(BATCH).await? {
            let row = inner.ledger.days(app.as_ref(), Some(day), Some(day), 1).await?.pop();
            if let (Some(app), Some(row)) = (&app, row) {
                let data = json!({
                    "day": day.to_string(),
                    "records": row.records,
                    "hash": hex::encode(row.hash.0),
                    "head": row.head,
                });
                inner.db.webhooks().enqueue(app, WebhookEvent::LedgerHead, &data, now).await?;
            }
            inner.ledger.told(app.as_ref(), day, now).await?;
        }
        Ok(())
    }

    async fn remove_days(&self, now: UnixSeconds) -> Result<(), StorageError> {
        let inner = &*self.0;
        for app in inner.ledger.chains().await? {
            let days = match &app {
                None => INSTALLATION_DAYS,
                Some(id) => match inner.access.app(id).await? {
                    None => continue,
                    Some(app) => app.settings.policy.ledger_retention_days.into(),
                },
            };
            let first_kept = LedgerDay::of(now).plus(-days);
            inner.ledger.remove_days(app.as_ref(), first_kept, now).await?;
        }
        Ok(())
    }

    /// A deletion forgets the name at once; this finds those that a crash came between.
    async fn forget_deleted(&self) -> Result<(), StorageError> {
        let inner = &*self.0;
        let mut after = None;
        loop {
            let known = inner.ledger.known(after.as_ref(), BATCH).await?;
            for (app, uid) in &known {
                let (Ok(app), Ok(uid)) = (AppId::parse(app), uid.parse()) else { continue };
                if inner.db.users().by_uid(&app, &uid).await?.is_none() {
                    inner.ledger.erase(&app, &uid).await?;
                }
            }
            match known.into_iter().last() {
                Some(last) => after = Some(last),
                None => return Ok(()),
            }
        }
    }

    /// Writes the last of it; nothing is missing of this run.
    pub(crate) async fn finish(&self) {
        let inner = &*self.0;
        let ended = match self.write().await {
            Ok(()) => inner.ledger.end_run(&inner.run, inner.access.now()).await,
            Err(error) => Err(error),
        };
        if let Err(error) = ended {
            tracing::error!(%error, "the ledger could not be ended; it will have a gap");
        }
        inner.ledger.close().await;
    }
}

fn is_due(last: &AtomicI64, now: UnixSeconds, seconds: i64) -> bool {
    let before = last.load(Ordering::Relaxed);
    let due = now.0 - before >= seconds || now.0 < before;
    if due {
        last.store(now.0, Ordering::Relaxed);
    }
    due
}

/// What waits, each app's apart; `None` is the installation's.
fn by_app(pending: Pending) -> BTreeMap<Option<AppId>, Pending> {
    let mut apps: BTreeMap<Option<AppId>, Pending> = BTreeMap::new();
    for one in pending.reads {
        apps.entry(Some(one.0.app.clone())).or_default().reads.push(one);
    }
    for one in pending.refusals {
        apps.entry(Some(one.0.app.clone())).or_default().refusals.push(one);
    }
    for one in pending.acts {
        apps.entry(one.0.app.clone()).or_default().acts.push(one);
    }
    for one in pending.lost {
        apps.entry(Some(one.0.clone())).or_default().lost.push(one);
    }
    apps
}

/// Keeps the ledger until `stop` says so.
pub(crate) async fn run(keeper: Keeper, mut stop: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(PERIOD);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stopped(&mut stop) => return,
        }
        if let Err(error) = keeper.keep().await {
            tracing::error!(%error, "the ledger cannot be written at the moment");
        }
    }
}
