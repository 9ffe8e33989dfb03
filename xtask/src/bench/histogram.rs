//! Times in buckets that are 3 % wide, so that a long run takes no more memory than a short one.

use std::time::Duration;

/// 32 buckets for each doubling.
const STEPS_BITS: u32 = 5;
const STEPS: u64 = 1 << STEPS_BITS;
const BUCKETS: usize = 64 << STEPS_BITS;

/// How often which time was taken.
#[derive(Clone, Debug)]
pub(super) struct Histogram {
    buckets: Vec<u64>,
    count: u64,
}

impl Histogram {
    pub(super) fn new() -> Self {
        Self { buckets: vec![0; BUCKETS], count: 0 }
    }

    pub(super) fn add(&mut self, time: Duration) {
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.buckets[bucket(nanos)] += 1;
        self.count += 1;
    }

    /// Milliseconds within which so large a part was done; 0 if nothing was.
    pub(super) fn quantile_ms(&self, part: f64) -> f64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a rank among what was counted"
        )]
        let rank = ((super::statistics::large_number(self.count) * part).ceil() as u64).max(1);
        let mut seen = 0;
        for (place, count) in self.buckets.iter().enumerate() {
            seen += count;
            if seen >= rank {
                return super::statistics::large_number(upper_end(place)) / 1e6;
            }
        }
        0.0
    }
}

fn bucket(nanos: u64) -> usize {
    let doublings = nanos.max(1).ilog2();
    let place = if doublings < STEPS_BITS {
        nanos
    } else {
        let shift = doublings - STEPS_BITS;
        (u64::from(shift) + 1) * STEPS + ((nanos >> shift) - STEPS)
    };
    usize::try_from(place).map_or(BUCKETS - 1, |place| place.min(BUCKETS - 1))
}

/// The largest time that falls into a bucket, in nanoseconds.
fn upper_end(place: usize) -> u64 {
    let place = place as u64;
    if place < STEPS {
        return place;
    }
    let shift = place / STEPS - 1;
    let first = (STEPS + place % STEPS) << shift;
    first + ((1 << shift) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_time_lies_in_its_bucket_and_no_bucket_is_wider_than_a_thirty_second() {
        let times = (0..63).flat_map(|power| {
            let power = 1_u64 << power;
            [power - 1, power, power + power / 3]
        });
        for nanos in times {
            let end = upper_end(bucket(nanos));
            assert!(end >= nanos, "{nanos} ends at {end}");
            assert!(end - nanos <= nanos / 32, "{nanos} ends at {end}");
        }
    }

    #[test]
    fn quantiles_are_those_of_what_was_added() {
        let mut histogram = Histogram::new();
        assert!(histogram.quantile_ms(0.99).abs() < f64::EPSILON);
        for millis in 1..=100 {
            histogram.add(Duration::from_millis(millis));
        }
        for (part, expected) in [(0.5, 50.0), (0.99, 99.0), (1.0, 100.0)] {
            let found = histogram.quantile_ms(part);
            assert!((expected..expected * 1.032).contains(&found), "{part}: {found}");
        }
    }
}
