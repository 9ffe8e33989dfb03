//! Users by number, so that each session of theirs does not repeat who they are.

use std::hash::BuildHasher;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use cloakroom_token::{Seq, Uid, UserFacts};
use foldhash::quality::RandomState;

use super::app_numbers::AppNumber;
use super::places::{Places, SHARDS, Slots, at, place_of, shard_of};

/// Nothing is known but the name.
const UNKNOWN: i64 = i64::MIN;

/// The users of known sessions, each once, and what is known of them.
///
/// One is here as long as a known session is theirs: the sessions bound their number. The epochs of
/// [`super::read_through::ReadThrough`] hold here as well.
pub(super) struct People {
    shards: Box<[RwLock<Shard>]>,
    hasher: RandomState,
}

/// The number of a user, theirs as long as a session has it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct PersonNumber(u32);

/// What is known of the user of a session.
pub(super) type Person = (Uid, Result<UserFacts, UnknownUser>);

/// Nothing is known of a user, and the epoch of their shard when they were looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct UnknownUser {
    hash: u64,
    epoch: u64,
}

#[derive(Default)]
struct Shard {
    /// How often something was forgotten here.
    epoch: u64,
    places: Places,
    slots: Slots<Slot>,
    free: Vec<u32>,
}

struct Slot {
    /// `None` where the place is free.
    uid: Option<Uid>,
    app: AppNumber,
    sessions: u32,
    /// Twice the last revocation, and one more if the user is active; or [`UNKNOWN`].
    facts: i64,
}

impl Slot {
    fn is(&self, app: AppNumber, uid: &Uid) -> bool {
        self.app == app && self.uid.as_ref() == Some(uid)
    }

    fn facts(&self) -> Option<UserFacts> {
        let Self { facts, .. } = *self;
        (facts != UNKNOWN)
            .then_some(UserFacts { active: facts & 1 == 1, generation: Seq(facts >> 1) })
    }
}

impl People {
    /// What a user takes, places not counted.
    #[cfg(test)]
    pub(super) const BYTES_EACH: usize = size_of::<Slot>();

    /// Nobody yet.
    pub(super) fn new() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| RwLock::default()).collect(),
            hasher: RandomState::default(),
        }
    }

    /// The number of a user of whom a session more is known.
    pub(super) fn join(&self, app: AppNumber, uid: &Uid) -> PersonNumber {
        let hash = self.hash(app, uid);
        let shard_number = shard_of(hash);
        let mut shard = self.write(shard_number);
        let found = shard.find(hash, app, uid);
        let place = found.unwrap_or_else(|| shard.add(hash, app, uid));
        shard.slots[at(place)].sessions += 1;
        PersonNumber(place * SHARDS + shard_number)
    }

    /// A session that had this number is not known any more.
    pub(super) fn leave(&self, PersonNumber(number): PersonNumber) {
        let (place, mut shard) = (number / SHARDS, self.write(number % SHARDS));
        let slot = &mut shard.slots[at(place)];
        slot.sessions -= 1;
        if slot.sessions > 0 {
            return;
        }
        let app = slot.app;
        if let Some(uid) = slot.uid.take() {
            shard.places.remove(self.hash(app, &uid), place);
            shard.free.push(place);
        }
    }

    /// Who has this number, which a session has that does not leave meanwhile.
    pub(super) fn of(&self, PersonNumber(number): PersonNumber) -> Option<Person> {
        let shard = self.read(number % SHARDS);
        let slot = shard.slots.get(at(number / SHARDS))?;
        let uid = slot.uid.clone()?;
        let facts = slot
            .facts()
            .ok_or_else(|| UnknownUser { hash: self.hash(slot.app, &uid), epoch: shard.epoch });
        Some((uid, facts))
    }

    /// Keeps what was loaded of a user, if a session of theirs is still known, unless something in
    /// their shard was forgotten since `unknown` was looked for; says whether nothing was.
    pub(super) fn keep(
        &self,
        unknown: UnknownUser,
        (app, uid): (AppNumber, &Uid),
        facts: UserFacts,
    ) -> bool {
        let UnknownUser { hash, epoch } = unknown;
        let mut shard = self.write(shard_of(hash));
        let has_changed = shard.epoch != epoch;
        if !has_changed && let Some(place) = shard.find(hash, app, uid) {
            let UserFacts { active, generation } = facts;
            shard.slots[at(place)].facts = generation.0 << 1 | i64::from(active);
        }
        !has_changed
    }

    /// Forgets what is known of a user.
    pub(super) fn forget(&self, app: AppNumber, uid: &Uid) {
        let hash = self.hash(app, uid);
        let mut shard = self.write(shard_of(hash));
        shard.epoch += 1;
        if let Some(place) = shard.find(hash, app, uid) {
            shard.slots[at(place)].facts = UNKNOWN;
        }
    }

    /// Forgets what is known of everybody.
    pub(super) fn forget_all(&self) {
        for number in 0..SHARDS {
            let mut shard = self.write(number);
            shard.epoch += 1;
            shard.slots.iter_mut().for_each(|slot| slot.facts = UNKNOWN);
        }
    }

    fn hash(&self, app: AppNumber, uid: &Uid) -> u64 {
        self.hasher.hash_one((app, uid))
    }

    fn read(&self, number: u32) -> RwLockReadGuard<'_, Shard> {
        self.shards[at(number)].read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, number: u32) -> RwLockWriteGuard<'_, Shard> {
        self.shards[at(number)].write().unwrap_or_else(PoisonError::into_inner)
    }

    /// What all of them take.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        let of = |shard: &RwLock<Shard>| {
            let shard = shard.read().unwrap();
            shard.slots.bytes() + shard.places.bytes()
        };
        self.shards.iter().map(of).sum()
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        let of = |shard: &RwLock<Shard>| {
            let shard = shard.read().unwrap();
            shard.slots.len() - shard.free.len()
        };
        self.shards.iter().map(of).sum()
    }
}

impl Shard {
    fn find(&self, hash: u64, app: AppNumber, uid: &Uid) -> Option<u32> {
        self.places.find(hash, |place| self.slots[at(place)].is(app, uid))
    }

    fn add(&mut self, hash: u64, app: AppNumber, uid: &Uid) -> u32 {
        let slot = Slot { uid: Some(uid.clone()), app, sessions: 0, facts: UNKNOWN };
        let place = if let Some(place) = self.free.pop() {
            self.slots[at(place)] = slot;
            place
        } else {
            self.slots.push(slot);
            place_of(self.slots.len() - 1)
        };
        self.places.insert(hash, place);
        place
    }
}
