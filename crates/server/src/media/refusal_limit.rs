//! Forged credentials cost a full verification each, so an address has only so many.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use cloakroom_token::Refusal;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use moka::sync::Cache;

const PER_SECOND: NonZeroU32 = NonZeroU32::new(20).expect("not zero");
const BURST: NonZeroU32 = NonZeroU32::new(200).expect("not zero");
const PAUSE: Duration = Duration::from_secs(1);
const MOST_ADDRESSES: u64 = 100_000;

/// Counts refused credentials by address, and makes those pause that send too many.
pub(crate) struct RefusalLimit {
    counted: DefaultKeyedRateLimiter<IpAddr>,
    paused: Cache<IpAddr, ()>,
}

impl RefusalLimit {
    pub(crate) fn new() -> Self {
        Self {
            counted: RateLimiter::keyed(Quota::per_second(PER_SECOND).allow_burst(BURST)),
            paused: Cache::builder().max_capacity(MOST_ADDRESSES).time_to_live(PAUSE).build(),
        }
    }

    /// Whether requests with a credential from this address have to wait.
    pub(crate) fn is_paused(&self, address: IpAddr) -> bool {
        self.paused.contains_key(&address)
    }

    /// Counts a refusal, if it is one that cost a verification.
    pub(crate) fn count(&self, address: IpAddr, refusal: Refusal) {
        let costly = matches!(refusal, Refusal::FatInvalid | Refusal::PresignAltered);
        if costly && self.counted.check_key(&address).is_err() {
            self.paused.insert(address, ());
        }
        if self.counted.len() > usize::try_from(MOST_ADDRESSES).unwrap_or(usize::MAX) {
            self.counted.retain_recent();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_forged_credentials_make_an_address_pause() {
        let limit = RefusalLimit::new();
        let address = IpAddr::from([1, 2, 3, 4]);
        for _ in 0..=BURST.get() {
            limit.count(address, Refusal::FatExpired);
        }
        assert!(!limit.is_paused(address));
        for _ in 0..BURST.get() + 100 {
            limit.count(address, Refusal::FatInvalid);
        }
        assert!(limit.is_paused(address));
        assert!(!limit.is_paused(IpAddr::from([1, 2, 3, 5])));
    }
}
