//! A bounded map that loads what it lacks, and never keeps what changed while it was loaded.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

const SHARDS: usize = 64;

/// Facts by key, in memory when warm.
///
/// A loaded fact is kept only if nothing in its shard was forgotten since the load began (the
/// epoch); otherwise it is loaded again. Absence is never kept: another node may have ended it.
pub(crate) struct ReadThrough<K, V> {
    shards: Vec<RwLock<Shard<K, V>>>,
    hasher: RandomState,
    most_per_shard: usize,
}

struct Shard<K, V> {
    epoch: u64,
    entries: HashMap<K, V>,
}

impl<K: Clone + Eq + Hash, V: Clone> ReadThrough<K, V> {
    /// An empty map that keeps about `most` entries.
    pub(crate) fn new(most: usize) -> Self {
        let shard = || RwLock::new(Shard { epoch: 0, entries: HashMap::new() });
        Self {
            shards: (0..SHARDS).map(|_| shard()).collect(),
            hasher: RandomState::new(),
            most_per_shard: most.div_ceil(SHARDS).max(1),
        }
    }

    /// The fact for `key`, from memory or else from `load`; `None` if there is none.
    pub(crate) async fn get<E, F>(&self, key: &K, load: impl Fn() -> F) -> Result<Option<V>, E>
    where
        F: Future<Output = Result<Option<V>, E>>,
    {
        loop {
            let epoch = {
                let shard = self.read(key);
                if let Some(fact) = shard.entries.get(key) {
                    return Ok(Some(fact.clone()));
                }
                shard.epoch
            };
            let Some(fact) = load().await? else { return Ok(None) };
            let mut shard = self.write(key);
            if shard.epoch == epoch {
                if shard.entries.len() >= self.most_per_shard
                    && let Some(victim) = shard.entries.keys().next().cloned()
                {
                    shard.entries.remove(&victim);
                }
                shard.entries.insert(key.clone(), fact.clone());
                return Ok(Some(fact));
            }
        }
    }

    /// Forgets `key`; a load that is under way starts again.
    pub(crate) fn forget(&self, key: &K) {
        let mut shard = self.write(key);
        shard.epoch += 1;
        shard.entries.remove(key);
    }

    /// Forgets everything.
    pub(crate) fn forget_all(&self) {
        for shard in &self.shards {
            let mut shard = shard.write().unwrap_or_else(PoisonError::into_inner);
            shard.epoch += 1;
            shard.entries.clear();
        }
    }

    fn shard(&self, key: &K) -> &RwLock<Shard<K, V>> {
        let hash = self.hasher.hash_one(key);
        &self.shards[usize::try_from(hash % SHARDS as u64).unwrap_or_default()]
    }

    fn read(&self, key: &K) -> RwLockReadGuard<'_, Shard<K, V>> {
        self.shard(key).read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, key: &K) -> RwLockWriteGuard<'_, Shard<K, V>> {
        self.shard(key).write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::convert::Infallible;

    use super::*;

    #[tokio::test]
    async fn a_fact_that_changed_while_it_was_loaded_is_loaded_again() {
        let map = ReadThrough::new(10);
        let loads = Cell::new(0);
        let got = map
            .get(&"file", || async {
                loads.set(loads.get() + 1);
                if loads.get() == 1 {
                    map.forget(&"file");
                    return Ok::<_, Infallible>(Some("before"));
                }
                Ok(Some("after"))
            })
            .await;
        assert_eq!(got, Ok(Some("after")));
        assert_eq!(
            map.get(&"file", || async { Ok::<_, Infallible>(None) }).await,
            Ok(Some("after"))
        );
    }

    #[tokio::test]
    async fn absence_is_not_kept_and_the_map_is_bounded() {
        let map = ReadThrough::new(SHARDS);
        assert_eq!(map.get(&1, || async { Ok::<_, Infallible>(None::<i32>) }).await, Ok(None));
        assert_eq!(map.get(&1, || async { Ok::<_, Infallible>(Some(7)) }).await, Ok(Some(7)));
        for key in 0..1000 {
            map.get(&key, || async { Ok::<_, Infallible>(Some(key)) }).await.unwrap();
        }
        let kept: usize = map.shards.iter().map(|s| s.read().unwrap().entries.len()).sum();
        assert!(kept <= SHARDS, "{kept}");
    }
}
