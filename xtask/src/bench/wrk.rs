//! wrk as the generator: for small answers, and for TLS.

use std::process::Command;

use anyhow::{Context as _, ensure};

use crate::process::output;

/// One URL to ask over and over, on 32 connections that stay open.
#[derive(Clone, Debug)]
pub(super) struct Wrk {
    pub(super) url: String,
    pub(super) headers: Vec<String>,
}

/// What wrk told.
#[derive(Debug, PartialEq)]
pub(super) struct Told {
    pub(super) answers: u64,
    pub(super) per_second: f64,
}

impl Wrk {
    /// # Errors
    ///
    /// If wrk cannot be run, or an answer was no success.
    pub(super) fn run(&self, seconds: u32) -> anyhow::Result<Told> {
        let mut wrk = Command::new("wrk");
        wrk.args(["-t1", "-c32", &format!("-d{seconds}s")]);
        for header in &self.headers {
            wrk.args(["-H", header]);
        }
        read(&output(wrk.arg(&self.url))?)
    }
}

fn read(told: &str) -> anyhow::Result<Told> {
    for failure in ["Non-2xx", "Socket errors"] {
        ensure!(!told.contains(failure), "wrk was refused: {told}");
    }
    let find = || {
        let answers = told.lines().find_map(|line| line.trim().split_once(" requests in "))?;
        let per_second = told.lines().find_map(|line| line.strip_prefix("Requests/sec:"))?;
        let (answers, per_second) = (answers.0.parse().ok()?, per_second.trim().parse().ok()?);
        Some(Told { answers, per_second })
    };
    find().with_context(|| format!("wrk told nothing that is understood: {told}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLD: &str = "Running 2s test @ http://127.0.0.1:1/\n  1 threads and 32 connections\n  \
                        81234 requests in 2.00s, 1.24GB read\nRequests/sec:  40617.25\n";

    #[test]
    fn answers_and_rate_are_read() {
        assert_eq!(read(TOLD).unwrap(), Told { answers: 81234, per_second: 40617.25 });
    }

    #[test]
    fn a_refusal_is_no_measurement() {
        for failure in ["  Non-2xx or 3xx responses: 7\n", "  Socket errors: connect 0, read 3\n"] {
            assert!(read(&format!("{TOLD}{failure}")).is_err(), "{failure}");
        }
        assert!(read("wrk 4.1.0\n").is_err());
    }
}
