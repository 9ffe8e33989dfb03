//! Forged credentials cost a verification each, so an address has only so many.

use std::net::IpAddr;

use super::meter::{Charge, Meter, Wait};
use crate::client_address::network;
use crate::clock::Clock;

/// Counts failed verifications by address; IPv6 by network.
///
/// A credential that is good is never refused for what others behind the same address do, except
/// that an address with too many failures gets `spared_per_minute` verifications, not more.
#[derive(Debug)]
pub(crate) struct FailureLimit {
    failed: Meter<IpAddr>,
    spared: Meter<IpAddr>,
    failures_per_minute: u64,
    spared_per_minute: u64,
}

impl FailureLimit {
    pub(crate) fn new(clock: &Clock, failures_per_minute: u64, spared_per_minute: u64) -> Self {
        Self {
            failed: Meter::new(clock.clone()),
            spared: Meter::new(clock.clone()),
            failures_per_minute,
            spared_per_minute,
        }
    }

    /// Asks for a verification.
    ///
    /// # Errors
    ///
    /// [`Wait`] if too many failed, and even what is spared then is used up.
    pub(crate) fn admit(&self, address: IpAddr) -> Result<(), Wait> {
        let key = network(address);
        if !self.failed.is_used_up(&key, self.failures_per_minute) {
            return Ok(());
        }
        self.spared.take(&[Charge { key, cost: 1, per_minute: self.spared_per_minute }])
    }

    /// Counts a verification that failed.
    ///
    /// # Errors
    ///
    /// [`Wait`] if there were too many; then this is what to answer.
    pub(crate) fn failed(&self, address: IpAddr) -> Result<(), Wait> {
        let per_minute = self.failures_per_minute;
        self.failed.take(&[Charge { key: network(address), cost: 1, per_minute }])
    }
}

#[cfg(test)]
mod tests {
    use cloakroom_token::UnixSeconds;

    use super::*;

    #[test]
    fn an_address_with_too_many_failures_still_gets_some_verifications() {
        let clock = Clock::fixed(UnixSeconds(1000));
        let limit = FailureLimit::new(&clock, 10, 5);
        let at = |text: &str| text.parse::<IpAddr>().unwrap();
        let one = at("2001:db8:1:2::1");
        for _ in 0..10 {
            assert_eq!(limit.admit(one), Ok(()));
            assert_eq!(limit.failed(one), Ok(()));
        }
        assert!(limit.failed(at("2001:db8:1:2:ffff::9")).is_err(), "the same network");
        assert_eq!(limit.failed(at("2001:db8:1:3::1")), Ok(()), "another network");
        for _ in 0..5 {
            assert_eq!(limit.admit(one), Ok(()));
        }
        assert_eq!(limit.admit(one), Err(Wait { seconds: 12 }));
        clock.advance(12);
        assert_eq!(limit.admit(one), Ok(()));
    }
}
