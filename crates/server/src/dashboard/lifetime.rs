//! A lifetime as one writes it: an amount and a unit.

use std::fmt;

use serde::Deserialize;

/// A lifetime as one writes it, such as `15 minutes`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Lifetime {
    pub(super) amount: u32,
    pub(super) unit: Unit,
}

/// A unit of time.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Unit {
    Seconds,
    Minutes,
    Hours,
    Days,
}

impl Unit {
    pub(super) const ALL: [Self; 4] = [Self::Seconds, Self::Minutes, Self::Hours, Self::Days];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Seconds => "seconds",
            Self::Minutes => "minutes",
            Self::Hours => "hours",
            Self::Days => "days",
        }
    }

    fn seconds(self) -> u32 {
        match self {
            Self::Seconds => 1,
            Self::Minutes => 60,
            Self::Hours => 60 * 60,
            Self::Days => 24 * 60 * 60,
        }
    }
}

impl Lifetime {
    /// In the largest unit of which it is a whole number.
    pub(super) fn of_seconds(seconds: u32) -> Self {
        let whole = |unit: &Unit| seconds > 0 && seconds.is_multiple_of(unit.seconds());
        let unit = Unit::ALL.into_iter().rev().find(whole).unwrap_or(Unit::Seconds);
        Self { amount: seconds / unit.seconds(), unit }
    }

    /// In seconds; `None` if that is no number of ours.
    pub(super) fn seconds(self) -> Option<u32> {
        self.amount.checked_mul(self.unit.seconds())
    }
}

impl fmt::Display for Lifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = self.unit.name();
        let unit = if self.amount == 1 { unit.trim_end_matches('s') } else { unit };
        write!(f, "{} {unit}", self.amount)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_lifetime_is_written_in_the_largest_unit_that_fits() {
        let cases = [
            (0, "0 seconds"),
            (1, "1 second"),
            (60, "1 minute"),
            (90, "90 seconds"),
            (900, "15 minutes"),
            (3600, "1 hour"),
            (5400, "90 minutes"),
            (86_400, "1 day"),
            (2_678_400, "31 days"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(Lifetime::of_seconds(seconds).to_string(), expected);
        }
    }

    proptest! {
        #[test]
        fn writing_a_lifetime_loses_nothing(
            seconds in prop_oneof![0..=4000u32, (0..=40u32).prop_map(|d| d * 86_400), any::<u32>()],
        ) {
            prop_assert_eq!(Lifetime::of_seconds(seconds).seconds(), Some(seconds));
        }
    }
}
