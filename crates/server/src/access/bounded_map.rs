//! A bounded map that many threads read: facts, verified tokens.

use std::borrow::Borrow;
use std::hash::{BuildHasher, Hash};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use foldhash::quality::RandomState;

use super::places::{Missing, Places, SHARDS, Slots, at, place_of, shard_of};

/// Values by key, in shards with a lock each. Where a shard is full, what was not read since the
/// hand last passed it makes room (the clock algorithm), so a pass over many keys that are read
/// once does not displace what is read again and again.
pub(super) struct BoundedMap<K, V> {
    shards: Box<[RwLock<Shard<K, V>>]>,
    hasher: RandomState,
    most_per_shard: usize,
}

struct Shard<K, V> {
    /// How often something was forgotten here.
    epoch: u64,
    /// Where in `slots` each key is.
    places: Places,
    slots: Slots<Slot<K, V>>,
    hand: usize,
}

struct Slot<K, V> {
    key: K,
    value: V,
    was_read: AtomicBool,
}

impl<K: Eq + Hash, V: Clone> BoundedMap<K, V> {
    /// An empty map that keeps about `most` entries.
    pub(super) fn new(most: usize) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| RwLock::new(Shard::new())).collect(),
            hasher: RandomState::default(),
            most_per_shard: most.div_ceil(at(SHARDS)).max(1),
        }
    }

    /// The value of `key`.
    pub(super) fn get<Q>(&self, key: &Q) -> Result<V, Missing>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let hash = self.hasher.hash_one(key);
        let shard = self.read(hash);
        let place = shard.places.find(hash, |place| shard.slots[at(place)].key.borrow() == key);
        let Some(place) = place else { return Err(Missing { hash, epoch: shard.epoch }) };
        let slot = &shard.slots[at(place)];
        if !slot.was_read.load(Ordering::Relaxed) {
            slot.was_read.store(true, Ordering::Relaxed);
        }
        Ok(slot.value.clone())
    }

    /// Keeps a value, unless something in its shard was forgotten since `missing` was looked for;
    /// says whether it was kept.
    pub(super) fn keep(&self, missing: Missing, key: K, value: V) -> bool {
        let Missing { hash, epoch } = missing;
        let mut shard = self.write(hash);
        let has_changed = shard.epoch != epoch;
        if !has_changed {
            shard.put(&self.hasher, hash, (key, value), self.most_per_shard);
        }
        !has_changed
    }

    /// Keeps a value that nothing ever makes untrue.
    pub(super) fn put(&self, key: K, value: V) {
        let hash = self.hasher.hash_one(&key);
        self.write(hash).put(&self.hasher, hash, (key, value), self.most_per_shard);
    }

    /// Forgets `key`, whether or not it is there, and gives what was there.
    pub(super) fn forget(&self, key: &K) -> Option<V> {
        let hash = self.hasher.hash_one(key);
        let mut shard = self.write(hash);
        shard.epoch += 1;
        shard.remove(&self.hasher, hash, key)
    }

    /// Forgets everything.
    pub(super) fn forget_all(&self) {
        for shard in &self.shards {
            let mut shard = shard.write().unwrap_or_else(PoisonError::into_inner);
            shard.epoch += 1;
            *shard = Shard { epoch: shard.epoch, ..Shard::new() };
        }
    }

    fn shard(&self, hash: u64) -> &RwLock<Shard<K, V>> {
        &self.shards[at(shard_of(hash))]
    }

    fn read(&self, hash: u64) -> RwLockReadGuard<'_, Shard<K, V>> {
        self.shard(hash).read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, hash: u64) -> RwLockWriteGuard<'_, Shard<K, V>> {
        self.shard(hash).write().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.read().unwrap().slots.len()).sum()
    }
}

impl<K, V> Shard<K, V> {
    fn new() -> Self {
        Self { epoch: 0, places: Places::default(), slots: Slots::new(), hand: 0 }
    }
}

impl<K: Eq + Hash, V> Shard<K, V> {
    fn put(&mut self, hasher: &RandomState, hash: u64, (key, value): (K, V), most: usize) {
        let Self { places, slots, .. } = self;
        if let Some(place) = places.find(hash, |place| slots[at(place)].key == key) {
            slots[at(place)].value = value;
            return;
        }
        if slots.len() >= most {
            let victim = self.victim();
            self.remove_at(hasher, victim);
        }
        self.places.insert(hash, place_of(self.slots.len()));
        self.slots.push(Slot { key, value, was_read: AtomicBool::new(false) });
    }

    fn remove(&mut self, hasher: &RandomState, hash: u64, key: &K) -> Option<V> {
        let slots = &self.slots;
        let place = self.places.find(hash, |place| slots[at(place)].key == *key)?;
        Some(self.remove_at(hasher, at(place)))
    }

    /// The next slot under the hand that was not read since the hand passed it.
    fn victim(&mut self) -> usize {
        loop {
            self.hand = if self.hand + 1 < self.slots.len() { self.hand + 1 } else { 0 };
            if !std::mem::take(self.slots[self.hand].was_read.get_mut()) {
                return self.hand;
            }
        }
    }

    /// Takes a slot out; the last one moves to its place.
    fn remove_at(&mut self, hasher: &RandomState, place: usize) -> V {
        let gone = self.slots.swap_remove(place);
        self.places.remove(hasher.hash_one(&gone.key), place_of(place));
        if let Some(moved) = self.slots.get(place) {
            let last = place_of(self.slots.len());
            self.places.moved(hasher.hash_one(&moved.key), last, place_of(place));
        }
        gone.value
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    const ROOM: usize = at(SHARDS);

    fn keep(map: &BoundedMap<u32, u32>, key: u32, value: u32) {
        if let Err(missing) = map.get(&key) {
            assert!(map.keep(missing, key, value));
        }
    }

    #[test]
    fn what_is_read_again_outlives_a_pass_over_what_is_read_once() {
        // So much room that no shard is passed over whole between two reads, however keys fall.
        let map = BoundedMap::new(ROOM * 128);
        (0..200).for_each(|key| keep(&map, key, key));
        for cold in 1_000..100_000 {
            if cold % 100 == 0 {
                (0..200).for_each(|key| assert_eq!(map.get(&key).ok(), Some(key)));
            }
            keep(&map, cold, cold);
        }
        assert!(map.len() <= ROOM * 128);
    }

    #[test]
    fn a_value_that_was_forgotten_meanwhile_is_not_kept() {
        let map = BoundedMap::new(10);
        let Err(missing) = map.get(&1) else { panic!("the map is empty") };
        assert_eq!(map.forget(&1), None);
        assert!(!map.keep(missing, 1, 1));
        let Err(missing) = map.get(&1) else { panic!("nothing was kept") };
        map.forget_all();
        assert!(!map.keep(missing, 1, 1));
    }

    proptest! {
        #[test]
        fn it_gives_what_was_kept_last_and_where_it_is_full_nothing(
            acts in prop::collection::vec((0..3_u8, 0..300_u32, any::<u32>()), 0..2_000),
            most in prop_oneof![Just(ROOM * 2), Just(ROOM * 300)],
        ) {
            let (map, mut model) = (BoundedMap::new(most), HashMap::new());
            let has_room = most == ROOM * 300;
            for (act, key, value) in acts {
                let (found, known) = (map.get(&key).ok(), model.get(&key).copied());
                prop_assert!(found == known || (found.is_none() && !has_room), "{key}");
                match act {
                    0 => prop_assert_eq!(map.forget(&key), found),
                    1 => map.put(key, value),
                    _ => if let Err(missing) = map.get(&key) {
                        prop_assert!(map.keep(missing, key, value));
                    },
                }
                match act {
                    0 => { model.remove(&key); }
                    2 if found.is_some() => {}
                    _ => { model.insert(key, value); }
                }
            }
            prop_assert!(map.len() <= most);
        }
    }
}
