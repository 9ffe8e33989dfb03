//! How much of something each may use in a minute.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::marker::PhantomData;
use std::sync::{Mutex, PoisonError};

use crate::clock::Clock;

const MINUTE_NANOS: u64 = 60_000_000_000;
/// The longest anybody waits, whatever was used or the clock did.
const LONGEST_DEBT_NANOS: u64 = 60 * MINUTE_NANOS;
const MOST_KEYS: usize = 100_000;

/// Counts use by key (GCRA): a whole minute's worth at once, then as it comes back.
///
/// Memory is bounded: who owes nothing is forgotten, and if all owe, every other one is. A key is
/// known by 64 bits of a hash that nobody else can work out (`SipHash`); of two that share these, as
/// happens by chance once in billions, each pays for both.
#[derive(Debug)]
pub(crate) struct Meter<K> {
    clock: Clock,
    hasher: RandomState,
    used_until: Mutex<UsedUntil>,
    most_keys: usize,
    keys: PhantomData<fn(K)>,
}

/// Until when each has used up what it may, in nanoseconds of the clock.
type UsedUntil = HashMap<u64, u64, foldhash::fast::RandomState>;

/// What one use costs.
#[derive(Clone, Debug)]
pub(crate) struct Charge<K> {
    /// Whom.
    pub(crate) key: K,
    /// How much.
    pub(crate) cost: u64,
    /// Of how much in a minute.
    pub(crate) per_minute: u64,
}

/// Too much was used; how long to wait before the same may be tried again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Wait {
    /// Whole seconds, at least 1.
    pub(crate) seconds: u64,
}

impl<K: Hash> Meter<K> {
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            clock,
            hasher: RandomState::new(),
            used_until: Mutex::default(),
            most_keys: MOST_KEYS,
            keys: PhantomData,
        }
    }

    /// Charges all or none. What costs more than a minute's worth is let through once nothing is
    /// owed, and is owed then.
    ///
    /// # Errors
    ///
    /// [`Wait`] if one of them has not enough left.
    pub(crate) fn take(&self, charges: &[Charge<K>]) -> Result<(), Wait> {
        let now = self.now();
        let mut used_until = self.used_until.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = charges.iter().map(|charge| {
            let owed = used_until.get(&self.hash(&charge.key)).map_or(0, |until| owed(*until, now));
            (owed + nanos(charge.cost.min(charge.per_minute), charge.per_minute))
                .saturating_sub(MINUTE_NANOS)
        });
        let wait = wait.max().unwrap_or(0);
        if wait > 0 {
            return Err(Wait { seconds: wait.div_ceil(1_000_000_000) });
        }
        for Charge { key, cost, per_minute } in charges {
            make_room(&mut used_until, now, self.most_keys);
            let until = used_until.entry(self.hash(key)).or_insert(now);
            let owed = owed(*until, now).saturating_add(nanos(*cost, *per_minute));
            *until = now.saturating_add(owed.min(LONGEST_DEBT_NANOS));
        }
        Ok(())
    }

    /// Whether `key` has nothing left.
    pub(crate) fn is_used_up(&self, key: &K, per_minute: u64) -> bool {
        let now = self.now();
        let used_until = self.used_until.lock().unwrap_or_else(PoisonError::into_inner);
        let owed = used_until.get(&self.hash(key)).map_or(0, |until| owed(*until, now));
        owed + nanos(1, per_minute) > MINUTE_NANOS
    }

    fn hash(&self, key: &K) -> u64 {
        self.hasher.hash_one(key)
    }

    fn now(&self) -> u64 {
        u64::try_from(self.clock.now().0).unwrap_or(0).saturating_mul(1_000_000_000)
    }
}

/// What is owed; a clock that was set back does not lengthen it beyond bounds.
fn owed(until: u64, now: u64) -> u64 {
    until.saturating_sub(now).min(LONGEST_DEBT_NANOS)
}

/// How long it takes for `cost` to come back. Of nothing, nothing ever fits.
fn nanos(cost: u64, per_minute: u64) -> u64 {
    let nanos = u128::from(cost) * u128::from(MINUTE_NANOS);
    match nanos.checked_div(per_minute.into()) {
        None => 2 * MINUTE_NANOS,
        // No more than can be added to what is owed.
        Some(nanos) => u64::try_from(nanos).unwrap_or(u64::MAX).min(2 * LONGEST_DEBT_NANOS),
    }
}

/// Makes room for one key more. Before there is more memory for keys, those that owe nothing go;
/// what that costs is paid by the half of the room that is free then at least.
fn make_room(used_until: &mut UsedUntil, now: u64, most: usize) {
    let room = used_until.capacity();
    if used_until.len() < room.min(most) {
        return;
    }
    forgive(used_until, now, most);
    let owing = used_until.len();
    if owing > room / 2 {
        used_until.reserve(owing);
    } else {
        used_until.shrink_to(2 * owing);
    }
}

fn forgive(used_until: &mut UsedUntil, now: u64, most: usize) {
    used_until.retain(|_, until| *until > now);
    // An eighth stays free, so that not every key that comes has to look at all of them again.
    if used_until.len() > most - most / 8 {
        let mut keeps = false;
        used_until.retain(|_, _| {
            keeps = !keeps;
            keeps
        });
    }
}

#[cfg(test)]
mod tests {
    use cloakroom_token::UnixSeconds;

    use super::*;

    fn charge(key: u32, cost: u64, per_minute: u64) -> Charge<u32> {
        Charge { key, cost, per_minute }
    }

    #[test]
    fn a_minutes_worth_is_there_at_once_and_comes_back_with_time() {
        let clock = Clock::fixed(UnixSeconds(1000));
        let meter = Meter::new(clock.clone());
        for _ in 0..6 {
            assert_eq!(meter.take(&[charge(1, 10, 60)]), Ok(()));
        }
        assert!(meter.is_used_up(&1, 60));
        assert_eq!(meter.take(&[charge(1, 10, 60)]), Err(Wait { seconds: 10 }));
        assert_eq!(meter.take(&[charge(2, 10, 60)]), Ok(()), "another has its own");
        clock.advance(9);
        assert_eq!(meter.take(&[charge(1, 10, 60)]), Err(Wait { seconds: 1 }));
        assert!(!meter.is_used_up(&1, 60));
        clock.advance(1);
        assert_eq!(meter.take(&[charge(1, 10, 60)]), Ok(()));
        clock.advance(-500);
        assert!(matches!(meter.take(&[charge(1, 1, 60)]), Err(Wait { seconds: 500.. })));
        clock.advance(-1_000_000);
        assert!(matches!(meter.take(&[charge(1, 1, 60)]), Err(Wait { seconds: ..=3600 })));
    }

    #[test]
    fn all_are_charged_or_none() {
        let meter = Meter::new(Clock::fixed(UnixSeconds(1000)));
        assert_eq!(meter.take(&[charge(1, 60, 60)]), Ok(()));
        assert!(meter.take(&[charge(2, 60, 60), charge(1, 1, 60)]).is_err());
        assert_eq!(meter.take(&[charge(2, 60, 60)]), Ok(()), "nothing was charged");
    }

    #[test]
    fn what_is_larger_than_a_minutes_worth_passes_once_and_is_owed() {
        let clock = Clock::fixed(UnixSeconds(1000));
        let meter = Meter::new(clock.clone());
        assert_eq!(meter.take(&[charge(1, 300, 100)]), Ok(()));
        assert_eq!(meter.take(&[charge(1, 1, 100)]), Err(Wait { seconds: 121 }));
        clock.advance(121);
        assert_eq!(meter.take(&[charge(1, 1, 100)]), Ok(()));
        assert!(meter.take(&[charge(2, 1, 0)]).is_err(), "of nothing, nothing fits");
    }

    #[test]
    fn whoever_owes_nothing_any_more_takes_no_room() {
        let clock = Clock::fixed(UnixSeconds(1000));
        let meter = Meter::new(clock.clone());
        for second in 0..50 {
            for key in 0..100 {
                meter.take(&[charge(second * 100 + key, 1, 60)]).unwrap();
            }
            clock.advance(1);
        }
        let room = || meter.used_until.lock().unwrap().capacity();
        assert!(room() < 512, "{}", room());
        for key in 0..5_000 {
            meter.take(&[charge(key, 1, 60)]).unwrap();
        }
        assert!(room() >= 5_000);
        for second in 0..50 {
            for key in 0..1_000 {
                meter.take(&[charge(second * 1_000 + key, 1, 60)]).unwrap();
            }
            clock.advance(1);
        }
        assert!(room() < 4_096, "{}", room());
    }

    #[test]
    fn memory_is_bounded_whoever_owes() {
        let clock = Clock::fixed(UnixSeconds(1000));
        let meter = Meter { most_keys: 100, ..Meter::new(clock.clone()) };
        for key in 0..1000 {
            meter.take(&[charge(key, 1, 60)]).unwrap();
            assert!(meter.used_until.lock().unwrap().len() <= 100);
        }
        clock.advance(60);
        meter.take(&[charge(0, 60, 60)]).unwrap();
        for key in 1..99 {
            meter.take(&[charge(key, 0, 60)]).unwrap();
        }
        assert!(meter.is_used_up(&0, 60), "who owes is kept as long as there is room");
    }
}
