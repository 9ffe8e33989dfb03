//! What is to be reached, and the verdict on what was.

use super::findings::Reached;

/// One target.
pub(super) struct Target {
    pub(super) id: &'static str,
    /// Whose numbers it is.
    pub(super) section: &'static str,
    pub(super) what: &'static str,
    bound: Bound,
}

/// What a value must be.
#[derive(Clone, Copy)]
enum Bound {
    AtLeast(f64, &'static str),
    AtMost(f64, &'static str),
}

use Bound::{AtLeast, AtMost};

/// All of them, in the order in which they are told.
#[rustfmt::skip]
pub(super) const TARGETS: [Target; 25] = [
    Target::new("hot_1k", "hot", "hot file of 1 KB, plain HTTP, to nginx", AtLeast(1.15, "×")),
    Target::new("hot_16k", "hot", "hot file of 16 KB, to nginx", AtLeast(1.0, "×")),
    Target::new("hot_100k", "hot", "hot file of 100 KB, to nginx", AtLeast(1.15, "×")),
    Target::new("hot_1m", "hot", "hot file of 1 MB, to the better nginx", AtLeast(1.0, "×")),
    Target::new("hot_16m", "hot", "hot file of 16 MB, to the better nginx", AtLeast(1.0, "×")),
    Target::new("tls_16k", "tls", "hot file of 16 KB over TLS, to nginx", AtLeast(1.25, "×")),
    Target::new("tls_1m", "tls", "hot file of 1 MB over TLS, to nginx", AtLeast(1.2, "×")),
    Target::new("cold_large", "cold", "cold files of 100 KB, to nginx", AtLeast(0.9, "×")),
    Target::new("cold_small", "cold", "cold files of 16 KB and of 64 KB, to nginx", AtLeast(0.6, "×")),
    Target::new("protection_fat", "protection", "cost of protection with a FAT", AtMost(5.0, " %")),
    Target::new("protection_presigned", "protection", "cost of protection with a presigned URL", AtMost(8.0, " %")),
    Target::new("presign_100", "presign", "presigned URLs a second, 100 a call", AtLeast(250_000.0, "")),
    Target::new("presign_1", "presign", "presigned URLs a second, 1 a call", AtLeast(50_000.0, "")),
    Target::new("not_modified", "revalidation", "304 after a live check, to nginx's own 304", AtLeast(1.2, "×")),
    Target::new("revocation_bytes", "memory", "memory of a live revocation", AtMost(200.0, " bytes")),
    Target::new("sessions_mb", "memory", "memory of 1 M known sessions", AtMost(100.0, " MB")),
    Target::new("flat_mb", "memory", "memory that a file of 1 GB takes more than one of 1 MB", AtMost(4.0, " MB")),
    Target::new("idle_mb", "memory", "idle", AtMost(60.0, " MB")),
    Target::new("growth_warm", "growth", "a warm decision, most rows to fewest", AtMost(1.1, "×")),
    Target::new("growth_cold", "growth", "a cold decision, most rows to fewest: logarithmic", AtMost(2.0, "×")),
    Target::new("supabase_download", "others", "signed downloads of 100 KB, to Supabase Storage", AtLeast(25.0, "×")),
    Target::new("supabase_signing", "others", "batch signing, to Supabase Storage", AtLeast(8.0, "×")),
    Target::new("tail", "tail", "p99 of a hot 100 KB read under mixed load, to idle", AtMost(3.0, "×")),
    Target::new("soak_slope", "soak", "memory that an hour of mixed load adds", AtMost(8.0, " MB")),
    Target::new("slow_readers_kb", "memory", "memory of each of 10 000 slow readers", AtMost(64.0, " KB")),
];

impl Target {
    const fn new(
        id: &'static str,
        section: &'static str,
        what: &'static str,
        bound: Bound,
    ) -> Self {
        Self { id, section, what, bound }
    }

    /// The bound in words.
    pub(super) fn bound(&self) -> String {
        let show = |value: f64| super::findings::grouped(value, decimals(value));
        match self.bound {
            AtLeast(value, unit) => format!("≥ {}{unit}", show(value)),
            AtMost(value, unit) => format!("≤ {}{unit}", show(value)),
        }
    }

    /// The value and the verdict on it, in words.
    pub(super) fn verdict(&self, reached: Option<&Reached>) -> (String, &'static str) {
        let Some(reached) = reached else {
            return ("not measured".to_owned(), "–");
        };
        let met = match self.bound {
            AtLeast(bound, _) => reached.value >= bound,
            AtMost(bound, _) => reached.value <= bound,
        };
        (reached.shown.clone(), if met { "reached" } else { "**missed**" })
    }
}

/// How large a part of the target's bound a value is; `None` if there is no such target.
pub(super) fn part_of_bound(id: &str, value: f64) -> Option<f64> {
    let target = TARGETS.iter().find(|target| target.id == id)?;
    let (AtLeast(bound, _) | AtMost(bound, _)) = target.bound;
    Some(value / bound)
}

fn decimals(value: f64) -> usize {
    match value {
        2.0.. => 0,
        _ if (value * 10.0).fract() == 0.0 => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_is_on_the_right_side_of_its_bound() {
        let cases = [
            (AtLeast(1.15, "×"), 1.15, "reached"),
            (AtLeast(1.15, "×"), 1.149, "**missed**"),
            (AtMost(60.0, " MB"), 60.0, "reached"),
            (AtMost(60.0, " MB"), 60.1, "**missed**"),
            (AtMost(60.0, " MB"), -3.0, "reached"),
        ];
        for (bound, value, expected) in cases {
            let target = Target::new("x", "x", "x", bound);
            let reached = Reached { id: "x".to_owned(), value, shown: "shown".to_owned() };
            assert_eq!(target.verdict(Some(&reached)), ("shown".to_owned(), expected), "{value}");
            assert_eq!(target.verdict(None).1, "–");
        }
    }

    #[test]
    fn bounds_are_told_as_they_were_agreed() {
        let cases = [
            (AtLeast(1.15, "×"), "≥ 1.15×"),
            (AtLeast(1.0, "×"), "≥ 1.0×"),
            (AtLeast(250_000.0, ""), "≥ 250 000"),
            (AtMost(5.0, " %"), "≤ 5 %"),
        ];
        for (bound, expected) in cases {
            assert_eq!(Target::new("x", "x", "x", bound).bound(), expected);
        }
    }

    #[test]
    fn no_target_is_there_twice() {
        for (place, target) in TARGETS.iter().enumerate() {
            assert!(TARGETS[..place].iter().all(|other| other.id != target.id), "{}", target.id);
        }
    }
}
