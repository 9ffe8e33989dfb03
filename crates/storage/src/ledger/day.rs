//! Days of the ledger, in UTC.

use std::fmt;

use cloakroom_token::UnixSeconds;
use time::{Date, Month};

const SECONDS: i64 = 24 * 60 * 60;
/// 1970-01-01 as a Julian day.
const EPOCH: i64 = 2_440_588;

/// A day in UTC, written `2026-11-24`.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct LedgerDay(pub(crate) i64);

impl LedgerDay {
    /// The day of a moment.
    #[must_use]
    pub const fn of(at: UnixSeconds) -> Self {
        Self(at.0.div_euclid(SECONDS))
    }

    /// Reads `2026-11-24`; `None` if there is no such day.
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        let mut parts = raw.splitn(3, '-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
        let date = Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()?;
        let read = Self(i64::from(date.to_julian_day()) - EPOCH);
        (read.to_string() == raw).then_some(read)
    }

    /// Its first second.
    #[must_use]
    pub const fn begins(self) -> UnixSeconds {
        UnixSeconds(self.0.saturating_mul(SECONDS))
    }

    /// The day so many days later.
    #[must_use]
    pub const fn plus(self, days: i64) -> Self {
        Self(self.0.saturating_add(days))
    }
}

impl fmt::Display for LedgerDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let julian = i32::try_from(self.0.saturating_add(EPOCH)).map_err(|_| fmt::Error)?;
        let date = Date::from_julian_day(julian).map_err(|_| fmt::Error)?;
        write!(f, "{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_as_it_is_read() {
        for (at, day) in [(0, "1970-01-01"), (86_399, "1970-01-01"), (1_790_000_000, "2026-09-21")]
        {
            let of = LedgerDay::of(UnixSeconds(at));
            assert_eq!(of.to_string(), day);
            assert_eq!(LedgerDay::parse(day), Some(of));
            assert!(of.begins().0 <= at && at < of.plus(1).begins().0);
        }
        for bad in ["", "2026-02-29", "2026-2-1", "26-01-01", "2026-01-01x", "2026-13-01"] {
            assert_eq!(LedgerDay::parse(bad), None, "{bad}");
        }
    }
}
