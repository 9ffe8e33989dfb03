//! A bounded map that loads what it lacks, and never keeps what changed while it was loaded.

use std::hash::Hash;

use super::bounded_map::BoundedMap;

/// How often a fact is loaded for one caller, if something is forgotten during each load.
const MOST_LOADS: u32 = 4;

/// Facts by key, in memory when warm.
///
/// A loaded fact is kept only if nothing in its shard was forgotten since the load began (the
/// epoch); otherwise it is loaded again, up to [`MOST_LOADS`] times. What the last load gives is not
/// kept then, but it is good for this caller: what was forgotten meanwhile was applied after the
/// caller asked, and a receipt speaks of decisions that begin later. Absence is never kept: another
/// node may have ended it.
pub(crate) struct ReadThrough<K, V>(BoundedMap<K, V>);

impl<K: Clone + Eq + Hash, V: Clone> ReadThrough<K, V> {
    /// An empty map that keeps about `most` entries.
    pub(crate) fn new(most: usize) -> Self {
        Self(BoundedMap::new(most))
    }

    /// The fact for `key`, from memory or else from `load`; `None` if there is none.
    pub(crate) async fn get<E, F>(&self, key: &K, load: impl Fn() -> F) -> Result<Option<V>, E>
    where
        F: Future<Output = Result<Option<V>, E>>,
    {
        let mut loads = 0;
        loop {
            let missing = match self.0.get(key) {
                Ok(fact) => return Ok(Some(fact)),
                Err(missing) => missing,
            };
            // In a box, so that what asks and finds is small.
            let Some(fact) = Box::pin(load()).await? else { return Ok(None) };
            loads += 1;
            if self.0.keep(missing, key.clone(), fact.clone()) || loads == MOST_LOADS {
                return Ok(Some(fact));
            }
        }
    }

    /// Forgets `key`, and gives what was known; a load that is under way starts again.
    pub(crate) fn forget(&self, key: &K) -> Option<V> {
        self.0.forget(key)
    }

    /// Forgets everything.
    pub(crate) fn forget_all(&self) {
        self.0.forget_all();
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
    async fn a_fact_that_changes_all_the_time_is_loaded_so_often_and_not_kept() {
        let map = ReadThrough::new(10);
        let loads = Cell::new(0);
        let load = || async {
            loads.set(loads.get() + 1);
            assert!(loads.get() <= MOST_LOADS, "it never ends");
            map.forget(&"file");
            Ok::<_, Infallible>(Some(loads.get()))
        };
        assert_eq!(map.get(&"file", load).await, Ok(Some(MOST_LOADS)), "what was loaded last");
        assert_eq!(map.get(&"file", || async { Ok::<_, Infallible>(None) }).await, Ok(None));
    }

    #[tokio::test]
    async fn absence_is_not_kept() {
        let map = ReadThrough::new(10);
        assert_eq!(map.get(&1, || async { Ok::<_, Infallible>(None::<i32>) }).await, Ok(None));
        assert_eq!(map.get(&1, || async { Ok::<_, Infallible>(Some(7)) }).await, Ok(Some(7)));
    }
}
