//! The time: ours, passed in, and the server's, as far as its answers told.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Tells the time in whole seconds since 1970 UTC. Tests bring one that they advance by hand.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> i64 + Send + Sync>);

impl Clock {
    /// A clock that asks `now`, which gives seconds since 1970 UTC.
    pub fn new(now: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The clock of this machine. It may be wrong: only differences to the server's time count.
    #[must_use]
    pub fn system() -> Self {
        Self::new(|| {
            #[expect(clippy::disallowed_methods, reason = "the one place of the SDK that asks")]
            let now = SystemTime::now();
            let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
            i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
        })
    }

    fn now(&self) -> i64 {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// What expires, expires by this clock.
pub(crate) struct ServerClock {
    clock: Clock,
    /// Server time minus ours.
    offset_seconds: AtomicI64,
}

impl ServerClock {
    pub(crate) const fn new(clock: Clock) -> Self {
        Self { clock, offset_seconds: AtomicI64::new(0) }
    }

    /// Seconds since 1970 UTC by the server's clock.
    pub(crate) fn now(&self) -> i64 {
        self.clock.now().saturating_add(self.offset_seconds.load(Ordering::Relaxed))
    }

    /// Takes the `serverTime` of an answer that has just arrived.
    pub(crate) fn set(&self, server_time: i64) {
        let offset = server_time.saturating_sub(self.clock.now());
        self.offset_seconds.store(offset, Ordering::Relaxed);
    }
}
