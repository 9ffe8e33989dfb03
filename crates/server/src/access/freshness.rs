//! Whether this node may still decide: fail closed when the news stops.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::clock::{Clock, nanoseconds};

/// When the last good look at the change feed began, by the clock that never goes back.
pub(crate) struct Freshness {
    clock: Clock,
    /// In nanoseconds, like the time it is good for.
    last_good: AtomicU64,
    most: u64,
}

impl Freshness {
    /// Fresh as of now; stale `most` after the start of the last good look.
    pub(crate) fn new(clock: Clock, most: Duration) -> Self {
        let freshness = Self { clock, last_good: AtomicU64::new(0), most: nanoseconds(most) };
        freshness.looked(freshness.clock.monotonic());
        freshness
    }

    /// A look that began at `began` went well.
    pub(crate) fn looked(&self, began: Duration) {
        self.last_good.fetch_max(nanoseconds(began), Ordering::Relaxed);
    }

    /// Whether what is in memory may be believed at this nanosecond of the monotonic clock.
    pub(super) fn is_fresh_at(&self, now: u64) -> bool {
        now.saturating_sub(self.last_good.load(Ordering::Relaxed)) < self.most
    }

    /// Time since the last good look began.
    pub(super) fn age(&self) -> Duration {
        let last_good = Duration::from_nanos(self.last_good.load(Ordering::Relaxed));
        self.clock.monotonic().saturating_sub(last_good)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_without_news_is_stale() {
        let clock = Clock::system();
        let now = nanoseconds(clock.monotonic());
        assert!(Freshness::new(clock.clone(), Duration::from_hours(1)).is_fresh_at(now));
        assert!(!Freshness::new(clock, Duration::ZERO).is_fresh_at(now));
    }
}
