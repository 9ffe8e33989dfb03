//! The only reader of the clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, UNIX_EPOCH};

use cloakroom_token::UnixSeconds;

/// Tells the time; handed to whoever needs it, so that tests can move it by hand.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// `None` follows the system's clock.
    fixed: Option<i64>,
    moved_seconds: AtomicI64,
    started: Instant,
}

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::new(None)
    }

    /// A clock that stands still at `now` until it is moved.
    #[must_use]
    pub fn fixed(now: UnixSeconds) -> Self {
        Self::new(Some(now.0))
    }

    fn new(fixed: Option<i64>) -> Self {
        Self(Arc::new(Inner { fixed, moved_seconds: AtomicI64::new(0), started: Instant::now() }))
    }

    /// Seconds since 1970 UTC.
    #[must_use]
    pub fn now(&self) -> UnixSeconds {
        let base = self.0.fixed.unwrap_or_else(system_seconds);
        UnixSeconds(base).plus(self.0.moved_seconds.load(Ordering::Relaxed))
    }

    /// Time since the clock was made; never goes back and is not moved by hand.
    #[must_use]
    pub fn monotonic(&self) -> Duration {
        self.0.started.elapsed()
    }

    /// The same in nanoseconds, for whoever has just read the clock.
    pub(crate) fn nanoseconds_at(&self, now: Instant) -> u64 {
        nanoseconds(now.saturating_duration_since(self.0.started))
    }

    /// Moves the clock, for tests.
    pub fn advance(&self, seconds: i64) {
        self.0.moved_seconds.fetch_add(seconds, Ordering::Relaxed);
    }
}

/// A duration as one number: enough for 584 years.
pub(crate) const fn nanoseconds(duration: Duration) -> u64 {
    duration.as_secs().saturating_mul(1_000_000_000).saturating_add(duration.subsec_nanos() as u64)
}

/// What the `Date` header says, made anew once a second. It goes by the system's clock, as that of
/// hyper's answers does.
#[derive(Debug, Default)]
pub(crate) struct HttpDate {
    second: i64,
    text: String,
}

impl HttpDate {
    /// The date of this second.
    pub(crate) fn now(&mut self) -> &str {
        let second = system_seconds();
        if second != self.second || self.text.is_empty() {
            let since = Duration::from_secs(u64::try_from(second).unwrap_or_default());
            self.text = httpdate::fmt_http_date(UNIX_EPOCH + since);
            self.second = second;
        }
        &self.text
    }
}

/// The second, by the clock of the last tick: it is a few milliseconds behind and costs little to
/// read, and every answer reads it several times.
#[cfg(target_os = "linux")]
fn system_seconds() -> i64 {
    rustix::time::clock_gettime(rustix::time::ClockId::RealtimeCoarse).tv_sec
}

#[cfg(not(target_os = "linux"))]
#[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
fn system_seconds() -> i64 {
    std::time::SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_secs()).ok())
        .unwrap_or_default()
}
