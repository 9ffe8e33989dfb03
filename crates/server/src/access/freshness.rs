//! Whether this node may still decide: fail closed when the news stops.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::clock::Clock;

/// When the last good look at the change feed began, by the clock that never goes back.
pub(crate) struct Freshness {
    clock: Clock,
    last_good_ms: AtomicU64,
    most: Duration,
}

impl Freshness {
    /// Fresh as of now; stale `most` after the start of the last good look.
    pub(crate) fn new(clock: Clock, most: Duration) -> Self {
        let freshness = Self { clock, last_good_ms: AtomicU64::new(0), most };
        freshness.looked(freshness.clock.monotonic());
        freshness
    }

    /// A look that began at `began` went well.
    pub(crate) fn looked(&self, began: Duration) {
        let ms = u64::try_from(began.as_millis()).unwrap_or(u64::MAX);
        self.last_good_ms.fetch_max(ms, Ordering::Relaxed);
    }

    /// Whether what is in memory may be believed at this moment of the monotonic clock.
    pub(super) fn is_fresh_at(&self, now: Duration) -> bool {
        now.saturating_sub(self.last_good()) < self.most
    }

    /// Time since the last good look began.
    pub(super) fn age(&self) -> Duration {
        self.clock.monotonic().saturating_sub(self.last_good())
    }

    fn last_good(&self) -> Duration {
        Duration::from_millis(self.last_good_ms.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_without_news_is_stale() {
        let clock = Clock::system();
        let now = clock.monotonic();
        assert!(Freshness::new(clock.clone(), Duration::from_hours(1)).is_fresh_at(now));
        assert!(!Freshness::new(clock, Duration::ZERO).is_fresh_at(now));
    }
}
