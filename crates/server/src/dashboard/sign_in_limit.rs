//! How often a password may be tried.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, Reference as _};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

use crate::client_address::network;
use crate::clock::Clock;

const PER_MINUTE_OF_ADDRESS: NonZeroU32 = NonZeroU32::new(10).expect("not zero");
const PER_MINUTE_OF_EMAIL: NonZeroU32 = NonZeroU32::new(6).expect("not zero");
/// More than one address may try, so that a stranger alone cannot keep an operator out.
const BURST_OF_EMAIL: NonZeroU32 = NonZeroU32::new(20).expect("not zero");
const MOST_KEYS: usize = 100_000;
const LONGEST_EMAIL: usize = 254;

type Limiter<K> = RateLimiter<K, DefaultKeyedStateStore<K>, Seconds, NoOpMiddleware<Duration>>;

/// Counts sign-ins by client address and by e-mail address, whether they succeed or not.
pub(super) struct SignInLimit {
    by_address: Limiter<IpAddr>,
    by_email: Limiter<String>,
}

/// The server's clock, for the limiters.
#[derive(Clone, Debug)]
struct Seconds(Clock);

impl governor::clock::Clock for Seconds {
    type Instant = Duration;

    fn now(&self) -> Duration {
        Duration::from_secs(u64::try_from(self.0.now().0).unwrap_or_default())
    }
}

impl SignInLimit {
    pub(super) fn new(clock: Clock) -> Self {
        let per_address = Quota::per_minute(PER_MINUTE_OF_ADDRESS);
        let per_email = Quota::per_minute(PER_MINUTE_OF_EMAIL).allow_burst(BURST_OF_EMAIL);
        let seconds = Seconds(clock);
        Self {
            by_address: limiter(per_address, seconds.clone()),
            by_email: limiter(per_email, seconds),
        }
    }

    /// Counts one try.
    ///
    /// # Errors
    ///
    /// The seconds to wait, at least 1, if there were too many; then nothing may be tried.
    pub(super) fn count(&self, address: IpAddr, email: &str) -> Result<(), u64> {
        let email = email.chars().take(LONGEST_EMAIL).collect::<String>().to_lowercase();
        check(&self.by_address, &network(address))?;
        check(&self.by_email, &email)
    }
}

fn limiter<K: std::hash::Hash + Eq + Clone>(quota: Quota, seconds: Seconds) -> Limiter<K> {
    RateLimiter::new(quota, DefaultKeyedStateStore::default(), seconds)
}

fn check<K: std::hash::Hash + Eq + Clone>(limiter: &Limiter<K>, key: &K) -> Result<(), u64> {
    if limiter.len() > MOST_KEYS {
        limiter.retain_recent();
    }
    limiter.check_key(key).map_err(|not_until| {
        let wait =
            Duration::from(not_until.earliest_possible().duration_since(limiter.clock().now()));
        (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
    })
}

#[cfg(test)]
mod tests {
    use cloakroom_token::UnixSeconds;

    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([10, 0, 0, last])
    }

    #[test]
    fn an_address_that_tries_too_often_waits_and_others_do_not() {
        let clock = Clock::fixed(UnixSeconds(1000));
        let limit = SignInLimit::new(clock.clone());
        for n in 0..PER_MINUTE_OF_ADDRESS.get() {
            assert_eq!(limit.count(address(1), &format!("{n}@example.com")), Ok(()), "{n}");
        }
        let wait = limit.count(address(1), "other@example.com").unwrap_err();
        assert!((1..=6).contains(&wait), "{wait}");
        assert_eq!(limit.count(address(2), "other@example.com"), Ok(()));
        clock.advance(i64::try_from(wait).unwrap());
        assert_eq!(limit.count(address(1), "other@example.com"), Ok(()), "waited long enough");
    }

    #[test]
    fn an_email_address_is_counted_from_everywhere_and_in_whatever_case() {
        let limit = SignInLimit::new(Clock::fixed(UnixSeconds(1000)));
        for n in 0..BURST_OF_EMAIL.get() {
            let email = if n % 2 == 0 { "ada@example.com" } else { "ADA@example.com" };
            assert_eq!(limit.count(address(u8::try_from(n).unwrap()), email), Ok(()), "{n}");
        }
        assert!(limit.count(address(200), "Ada@Example.com").is_err());
        assert_eq!(limit.count(address(200), "bob@example.com"), Ok(()));
    }
}
