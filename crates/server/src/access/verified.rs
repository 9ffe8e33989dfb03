//! Credentials whose signature was verified before: it is, of all a read costs, what costs the most.

use std::hash::BuildHasher;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use foldhash::quality::RandomState;

use super::bounded_map::BoundedMap;

/// As many as come between two fetches of a URL that is fetched again: by a player, part by part.
const LATELY: usize = 4096;

/// What credentials say, by the whole of their text. Only what verified stands here.
///
/// An entry is good only under the very key ring that verified it, so a credential whose key was
/// revoked while it was being verified is not found. Its time is for whoever finds it to judge.
pub(super) struct Verified<T>(BoundedMap<Box<str>, UnderRing<T>>);

struct UnderRing<T> {
    /// The key ring.
    ring: u64,
    said: Arc<T>,
}

impl<T> Clone for UnderRing<T> {
    fn clone(&self) -> Self {
        Self { ring: self.ring, said: Arc::clone(&self.said) }
    }
}

impl<T> Verified<T> {
    /// None yet; about `most` at most.
    pub(super) fn new(most: usize) -> Self {
        Self(BoundedMap::new(most))
    }

    /// What a credential says that this key ring verified.
    pub(super) fn get(&self, text: &str, ring: u64) -> Option<Arc<T>> {
        self.0.get(text).ok().filter(|known| known.ring == ring).map(|known| known.said)
    }

    /// Keeps what a credential says that this key ring verified.
    pub(super) fn keep(&self, text: &str, ring: u64, said: Arc<T>) {
        self.0.put(text.into(), UnderRing { ring, said });
    }

    /// Forgets everything.
    pub(super) fn forget_all(&self) {
        self.0.forget_all();
    }
}

/// What was seen lately, roughly: most of what comes again among few others is found, and what was
/// never seen almost never. Nothing is decided by it.
pub(super) struct Lately {
    hasher: RandomState,
    seen: Box<[AtomicU64]>,
}

impl Lately {
    /// Nothing was seen.
    pub(super) fn new() -> Self {
        let seen = (0..LATELY).map(|_| AtomicU64::new(0)).collect();
        Self { hasher: RandomState::default(), seen }
    }

    /// Whether this was seen lately; it is from now on.
    pub(super) fn is_again(&self, text: &str) -> bool {
        let hash = self.hasher.hash_one(text);
        let place = usize::try_from(hash % LATELY as u64).unwrap_or_default();
        self.seen[place].swap(hash, Ordering::Relaxed) == hash
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_known_to_the_ring_that_verified_it_and_to_no_other() {
        let said = Arc::new("what it says");
        let tokens = Verified::new(10);
        assert!(tokens.get("a.b.c", 1).is_none());
        tokens.keep("a.b.c", 1, Arc::clone(&said));
        assert!(tokens.get("a.b.c", 1).is_some());
        assert!(tokens.get("a.b.d", 1).is_none(), "the whole token counts");
        assert!(tokens.get("a.b.c", 2).is_none(), "the key may have been revoked since");
        tokens.keep("a.b.c", 2, said);
        assert!(tokens.get("a.b.c", 2).is_some());
        assert!(tokens.get("a.b.c", 1).is_none());
    }

    #[test]
    fn what_comes_again_among_few_others_was_seen_lately() {
        let lately = Lately::new();
        assert!(!lately.is_again("a"));
        assert!(lately.is_again("a"));
        assert!(!lately.is_again("b"));
        for other in 0..100 * LATELY {
            assert!(!lately.is_again(&other.to_string()), "{other}");
        }
        assert!(!lately.is_again("a"), "too many came between");
    }
}
