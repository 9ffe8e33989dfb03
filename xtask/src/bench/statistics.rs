//! Medians, ranges, quantiles and slopes of a few values.

/// Measured values, the least first; never none.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Spread(Vec<f64>);

impl Spread {
    /// Sorts what was measured. `None` if nothing was, or if a value is no number.
    pub(super) fn of(mut values: Vec<f64>) -> Option<Self> {
        if values.is_empty() || values.iter().any(|value| value.is_nan()) {
            return None;
        }
        values.sort_by(f64::total_cmp);
        Some(Self(values))
    }

    /// Each value changed alike.
    pub(super) fn map(&self, change: impl Fn(f64) -> f64) -> Self {
        let mut values: Vec<f64> = self.0.iter().map(|value| change(*value)).collect();
        values.sort_by(f64::total_cmp);
        Self(values)
    }

    /// The middle one; of an even number the mean of the two.
    pub(super) fn median(&self) -> f64 {
        let upper = self.0.len() / 2;
        let lower = (self.0.len() - 1) / 2;
        f64::midpoint(self.0[lower], self.0[upper])
    }

    pub(super) fn least(&self) -> f64 {
        self.0[0]
    }

    pub(super) fn most(&self) -> f64 {
        self.0[self.0.len() - 1]
    }
}

/// How much `y` grows with each unit of `x`: the line of least squares through the points.
///
/// `None` if all have the same `x`.
pub(super) fn slope(points: &[(f64, f64)]) -> Option<f64> {
    let count = number(points.len());
    let mean_x = points.iter().map(|(x, _)| x).sum::<f64>() / count;
    let mean_y = points.iter().map(|(_, y)| y).sum::<f64>() / count;
    let over = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum::<f64>();
    let under = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum::<f64>();
    (under > 0.0).then(|| over / under)
}

/// How much more there is afterwards than there was before.
///
/// `None` if it is no more: what was to be seen is smaller than what comes and goes by itself, so
/// it was not measured.
pub(super) fn grown(before: f64, after: f64) -> Option<f64> {
    Some(after - before).filter(|more| *more > 0.0)
}

/// A count as a number to reckon with.
#[expect(clippy::cast_precision_loss, reason = "what is counted here stays far below 2^53")]
pub(super) fn number(count: usize) -> f64 {
    count as f64
}

/// A large count as a number to reckon with.
#[expect(clippy::cast_precision_loss, reason = "what is counted here stays far below 2^53")]
pub(super) fn large_number(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(values: &[f64]) -> Spread {
        Spread::of(values.to_vec()).unwrap()
    }

    #[test]
    fn a_spread_tells_median_and_ends_whatever_the_order() {
        let cases: [(&[f64], f64, f64, f64); 4] = [
            (&[4.0], 4.0, 4.0, 4.0),
            (&[9.0, 1.0], 5.0, 1.0, 9.0),
            (&[3.0, 1.0, 2.0], 2.0, 1.0, 3.0),
            (&[8.0, 1.0, 100.0, 2.0], 5.0, 1.0, 100.0),
        ];
        for (values, median, least, most) in cases {
            let spread = spread(values);
            assert_eq!((spread.median(), spread.least(), spread.most()), (median, least, most));
        }
    }

    #[test]
    fn nothing_and_what_is_no_number_make_no_spread() {
        assert_eq!(Spread::of(Vec::new()), None);
        assert_eq!(Spread::of(vec![1.0, f64::NAN]), None);
    }

    #[test]
    fn what_did_not_grow_was_not_measured() {
        let cases = [(10.0, 12.5, Some(2.5)), (10.0, 10.0, None), (10.0, 9.0, None)];
        for (before, after, expected) in cases {
            assert_eq!(grown(before, after), expected, "{before} {after}");
        }
    }

    #[test]
    fn the_slope_is_that_of_the_line_through_the_points() {
        type Row = (&'static [(f64, f64)], Option<f64>);
        let cases: [Row; 4] = [
            (&[(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)], Some(2.0)),
            (&[(0.0, 5.0), (10.0, 5.0)], Some(0.0)),
            (&[(0.0, 0.0), (1.0, 2.0), (2.0, 1.0), (3.0, 3.0)], Some(0.8)),
            (&[(1.0, 1.0), (1.0, 2.0)], None),
        ];
        for (points, expected) in cases {
            let found = slope(points);
            let close = match (found, expected) {
                (Some(found), Some(expected)) => (found - expected).abs() < 1e-9,
                (found, expected) => found == expected,
            };
            assert!(close, "{points:?}: {found:?}");
        }
    }
}
