//! What happened since the last write, in memory: alike in ten seconds is one entry with a count.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use cloakroom_token::{AppId, KeyId, MediaId, SessionId, Uid, UnixSeconds, Variant};
use cloakroom_wire::Reason;
use foldhash::fast::RandomState;

use super::act::By;
use crate::client_address::network;
use crate::client_name::client_name;
use crate::clock::Clock;
use crate::headers::Headers;

/// What happens in so many seconds is one entry.
const BUCKET_SECONDS: i64 = 10;
const SHARDS: usize = 16;
/// Entries that wait, of each kind; what is more is lost, and the loss is written.
const MOST_READS: usize = 65_536;
const MOST_REFUSALS: usize = 4096;
const MOST_ACTS: usize = 8192;
const MOST_APPS: usize = 4096;

/// How much of a client's address is kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum AddressDetail {
    /// All of it.
    Full,
    /// Nothing.
    None,
    /// The network: /24, or /48 of IPv6.
    Truncated,
}

/// Where a request came from, as far as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub(super) client: Box<str>,
    pub(super) address: Option<IpAddr>,
}

/// A read of a file by somebody whose credential is genuine, or while nobody needs one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Read {
    pub(crate) app: AppId,
    pub(crate) session: Option<SessionId>,
    pub(crate) uid: Option<Uid>,
    /// The API key of a bearer URL.
    pub(crate) key: Option<KeyId>,
    pub(crate) media: MediaId,
    pub(crate) variant: Variant,
    pub(crate) status: u16,
    /// Why it was refused.
    pub(crate) reason: Option<Reason>,
}

impl Hash for Read {
    /// By what tells most of them apart: every read is looked for.
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.media, self.status, self.session).hash(state);
        if self.session.is_none() {
            self.uid.hash(state);
        }
    }
}

/// A request without a genuine credential; only counted.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Refusal {
    pub(super) app: AppId,
    pub(super) reason: Reason,
    pub(super) status: u16,
}

/// Something that was changed, or looked at by support staff.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Acted {
    /// `None`: the installation.
    pub(super) app: Option<AppId>,
    pub(super) by: By,
    pub(super) act: String,
    pub(super) uid: Option<Uid>,
    pub(super) media: Option<MediaId>,
    pub(super) target: Option<String>,
    pub(super) status: u16,
}

/// How often, and when.
#[derive(Clone, Debug)]
pub(super) struct Times {
    pub(super) count: u64,
    pub(super) first: UnixSeconds,
    pub(super) last: UnixSeconds,
    pub(super) origin: Option<Origin>,
}

/// What is missing: between two moments, so many at least.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Lost {
    pub(super) count: u64,
    pub(super) first: UnixSeconds,
    pub(super) last: UnixSeconds,
}

/// All that waits to be written.
#[derive(Default)]
pub(super) struct Pending {
    pub(super) reads: Vec<(Read, Times)>,
    pub(super) refusals: Vec<(Refusal, Times)>,
    pub(super) acts: Vec<(Acted, Times)>,
    pub(super) lost: Vec<(AppId, Lost)>,
}

type Counts<K> = Mutex<HashMap<(K, i64), Times, RandomState>>;

struct Inner {
    clock: Clock,
    detail: AddressDetail,
    hasher: RandomState,
    reads: [Counts<Read>; SHARDS],
    refusals: Counts<Refusal>,
    acts: Counts<Acted>,
    lost: Mutex<HashMap<AppId, Lost>>,
}

/// Takes note of what happens. A clone is a handle.
#[derive(Clone)]
pub(crate) struct Recorder(Arc<Inner>);

impl Recorder {
    pub(crate) fn new(clock: Clock, detail: AddressDetail) -> Self {
        Self(Arc::new(Inner {
            clock,
            detail,
            hasher: RandomState::default(),
            reads: std::array::from_fn(|_| Mutex::default()),
            refusals: Mutex::default(),
            acts: Mutex::default(),
            lost: Mutex::default(),
        }))
    }

    /// Where a request comes from, as far as it is kept.
    pub(crate) fn origin(&self, headers: Headers<'_>, address: IpAddr) -> Origin {
        let address = match self.0.detail {
            AddressDetail::Full => Some(address.to_canonical()),
            AddressDetail::None => None,
            AddressDetail::Truncated => Some(truncated(address)),
        };
        Origin { client: client_name(headers), address }
    }

    /// Takes note of a read; `origin` is asked only for the first of its kind.
    pub(crate) fn read(&self, read: Read, origin: impl FnOnce(&Self) -> Origin) {
        let (app, counts) = (read.app.clone(), self.counts_of(&read));
        let kept = self.note(counts, MOST_READS / SHARDS, read, 1, || origin(self));
        if !kept {
            self.lose(app, 1);
        }
    }

    /// Where reads like this one are counted.
    fn counts_of(&self, read: &Read) -> &Counts<Read> {
        let hash = self.0.hasher.hash_one(read);
        &self.0.reads[usize::try_from(hash % SHARDS as u64).unwrap_or_default()]
    }

    /// Counts a request without a genuine credential.
    pub(crate) fn refusal(&self, app: &AppId, reason: Reason, status: u16) {
        let refusal = Refusal { app: app.clone(), reason, status };
        let kept = self.note(&self.0.refusals, MOST_REFUSALS, refusal, 1, || Origin {
            client: "".into(),
            address: None,
        });
        if !kept {
            self.lose(app.clone(), 1);
        }
    }

    pub(super) fn acted(&self, acted: Acted, origin: Origin) {
        let app = acted.app.clone();
        if !self.note(&self.0.acts, MOST_ACTS, acted, 1, || origin)
            && let Some(app) = app
        {
            self.lose(app, 1);
        }
    }

    fn note<K: Eq + Hash>(
        &self,
        counts: &Counts<K>,
        most: usize,
        key: K,
        count: u64,
        origin: impl FnOnce() -> Origin,
    ) -> bool {
        let now = self.0.clock.now();
        let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = now.0.div_euclid(BUCKET_SECONDS);
        let is_full = counts.len() >= most;
        match counts.entry((key, bucket)) {
            std::collections::hash_map::Entry::Occupied(mut entry) => {
                let times = entry.get_mut();
                times.count += count;
                times.last = now;
            }
            std::collections::hash_map::Entry::Vacant(_) if is_full => return false,
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(Times { count, first: now, last: now, origin: Some(origin()) });
            }
        }
        true
    }

    fn lose(&self, app: AppId, count: u64) {
        let now = self.0.clock.now();
        self.give_back_lost(app, Lost { count, first: now, last: now });
    }

    /// Keeps a loss until it can be written.
    pub(super) fn give_back_lost(&self, app: AppId, more: Lost) {
        let mut lost = self.0.lost.lock().unwrap_or_else(PoisonError::into_inner);
        if lost.len() >= MOST_APPS && !lost.contains_key(&app) {
            tracing::error!(%app, "the ledger lost records, and the loss could not be kept");
            return;
        }
        let all = lost.entry(app).or_insert(Lost { count: 0, ..more });
        all.count += more.count;
        all.first = all.first.min(more.first);
        all.last = all.last.max(more.last);
    }

    /// All that waits; it waits no more.
    pub(super) fn take(&self) -> Pending {
        fn drained<K>(counts: &Counts<K>) -> impl Iterator<Item = (K, Times)> + use<K> {
            let taken = std::mem::take(&mut *counts.lock().unwrap_or_else(PoisonError::into_inner));
            taken.into_iter().map(|((key, _), times)| (key, times))
        }
        let lost = std::mem::take(&mut *self.0.lost.lock().unwrap_or_else(PoisonError::into_inner));
        Pending {
            reads: self.0.reads.iter().flat_map(drained).collect(),
            refusals: drained(&self.0.refusals).collect(),
            acts: drained(&self.0.acts).collect(),
            lost: lost.into_iter().collect(),
        }
    }

    /// How many entries wait.
    pub(crate) fn waiting(&self) -> usize {
        fn len<K>(counts: &Counts<K>) -> usize {
            counts.lock().unwrap_or_else(PoisonError::into_inner).len()
        }
        self.0.reads.iter().map(len).sum::<usize>() + len(&self.0.refusals) + len(&self.0.acts)
    }

    /// Takes back what could not be written, as far as there is room.
    pub(super) fn give_back(&self, pending: Pending) {
        let Pending { reads, refusals, acts, lost } = pending;
        for (read, times) in reads {
            let (app, counts) = (Some(read.app.clone()), self.counts_of(&read));
            self.put_back(counts, MOST_READS / SHARDS, read, &times, app);
        }
        for (refusal, times) in refusals {
            let app = Some(refusal.app.clone());
            self.put_back(&self.0.refusals, MOST_REFUSALS, refusal, &times, app);
        }
        for (acted, times) in acts {
            let app = acted.app.clone();
            self.put_back(&self.0.acts, MOST_ACTS, acted, &times, app);
        }
        for (app, lost) in lost {
            self.give_back_lost(app, lost);
        }
    }

    fn put_back<K: Eq + Hash>(
        &self,
        counts: &Counts<K>,
        most: usize,
        key: K,
        times: &Times,
        app: Option<AppId>,
    ) {
        let bucket = times.first.0.div_euclid(BUCKET_SECONDS);
        let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() < most {
            let entry = counts.entry((key, bucket));
            let all = entry.or_insert(Times { count: 0, ..times.clone() });
            all.count += times.count;
            all.first = all.first.min(times.first);
            all.last = all.last.max(times.last);
        } else if let Some(app) = app {
            drop(counts);
            let Times { count, first, last, .. } = times;
            self.give_back_lost(app, Lost { count: *count, first: *first, last: *last });
        }
    }
}

fn truncated(address: IpAddr) -> IpAddr {
    match network(address) {
        IpAddr::V4(v4) => IpAddr::V4((v4.to_bits() & 0xffff_ff00).into()),
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() & (u128::MAX << 80)).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorder() -> (Recorder, AppId) {
        let clock = Clock::fixed(UnixSeconds(1_790_000_000));
        (Recorder::new(clock, AddressDetail::Truncated), AppId::parse("demoapp").unwrap())
    }

    fn read(app: &AppId, media: u32) -> Read {
        Read {
            app: app.clone(),
            session: None,
            uid: Some(Uid::parse("ann").unwrap()),
            key: None,
            media: MediaId::parse(&format!("{media:032x}")).unwrap(),
            variant: Variant::Original,
            status: 200,
            reason: None,
        }
    }

    fn nowhere(_: &Recorder) -> Origin {
        Origin { client: "other".into(), address: None }
    }

    #[test]
    fn memory_is_bounded_and_what_finds_no_room_is_counted() {
        let (recorder, app) = recorder();
        let many = u32::try_from(MOST_READS).unwrap() + 20_000;
        (0..many).for_each(|media| recorder.read(read(&app, media), nowhere));
        recorder.read(read(&app, 0), nowhere);
        let pending = recorder.take();
        assert!(pending.reads.len() <= MOST_READS);
        let written: u64 = pending.reads.iter().map(|(_, times)| times.count).sum();
        let [(_, lost)] = pending.lost.as_slice() else { panic!("one app lost some") };
        assert_eq!(written + lost.count, u64::from(many) + 1);
        assert_eq!(recorder.waiting(), 0);
        recorder.give_back(pending);
        let again = recorder.take();
        assert_eq!(again.reads.iter().map(|(_, times)| times.count).sum::<u64>(), written);
    }

    #[test]
    fn strangers_displace_no_read() {
        let (recorder, app) = recorder();
        for status in 0..u16::MAX {
            recorder.refusal(&app, Reason::FatMissing, status);
        }
        recorder.read(read(&app, 1), nowhere);
        assert_eq!(recorder.take().reads.len(), 1);
    }

    #[test]
    fn an_address_is_cut_to_its_network() {
        let cases = [("192.0.2.77", "192.0.2.0"), ("::ffff:192.0.2.77", "192.0.2.0")];
        let v6 = [("2001:db8:1:2:3::4", "2001:db8:1::")];
        for (address, expected) in cases.into_iter().chain(v6) {
            assert_eq!(truncated(address.parse().unwrap()).to_string(), expected);
        }
    }
}
