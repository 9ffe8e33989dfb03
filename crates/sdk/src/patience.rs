//! How often a transfer that makes no progress is tried again, and how long it waits before.

use std::sync::Arc;
use std::time::Duration;

use crate::Error;

/// Before the first, second, … try that follows a failure, unless the caller says otherwise.
pub(crate) const PAUSES: [Duration; 6] = [
    Duration::ZERO,
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
];
/// A server that asks for more is asked anyway.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Failures since the last progress.
#[derive(Debug)]
pub(crate) struct Patience {
    /// Before each further try; then it is given up.
    pauses: Arc<[Duration]>,
    failures: usize,
}

impl Patience {
    pub(crate) const fn new(pauses: Arc<[Duration]>) -> Self {
        Self { pauses, failures: 0 }
    }

    /// Something came through: counts from the beginning.
    pub(crate) const fn progress(&mut self) {
        self.failures = 0;
    }

    /// Waits before the next try.
    ///
    /// # Errors
    ///
    /// `failure` itself if waiting does not help, or not any more.
    pub(crate) async fn pause(&mut self, failure: Error) -> Result<(), Error> {
        let pause = self.next(failure)?;
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        Ok(())
    }

    fn next(&mut self, failure: Error) -> Result<Duration, Error> {
        let pause = self.pauses.get(self.failures).copied().filter(|_| failure.is_passing());
        let Some(pause) = pause else { return Err(failure) };
        self.failures += 1;
        tracing::debug!(code = %failure.code(), failures = self.failures, "trying again");
        let asked = failure.retry_after_seconds().map_or(Duration::ZERO, Duration::from_secs);
        Ok(pause.max(asked.min(LONGEST_PAUSE)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patience() -> Patience {
        Patience::new(PAUSES.into())
    }

    const BROKEN: Error = Error::InvalidResponse { status: 502, what: "a failure without a code" };

    #[test]
    fn it_ends_without_progress_and_begins_again_with_it() {
        let mut patience = patience();
        for pause in PAUSES {
            assert_eq!(patience.next(BROKEN).ok(), Some(pause));
        }
        assert!(patience.next(BROKEN).is_err());
        patience.progress();
        assert_eq!(patience.next(BROKEN).ok(), Some(Duration::ZERO));
    }

    #[test]
    fn what_waiting_does_not_help_is_given_up_at_once() {
        for failure in [
            Error::NotLoggedIn,
            Error::InvalidResponse { status: 200, what: "another version of the file" },
            Error::InvalidResponse { status: 507, what: "a failure without a code" },
        ] {
            assert!(patience().next(failure).is_err());
        }
    }

    #[test]
    fn a_pause_that_the_server_asks_for_is_kept_within_reason() {
        for (asked, expected) in [(None, 0), (Some(3), 3), (Some(86_400), 30)] {
            let busy = Error::Refused {
                code: crate::ErrorCode::Busy,
                status: 503,
                message: String::new(),
                details: None,
                retry_after_seconds: asked,
            };
            let pause = patience().next(busy).ok();
            assert_eq!(pause, Some(Duration::from_secs(expected)), "{asked:?}");
        }
    }
}
