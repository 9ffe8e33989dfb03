//! What is measured, one file a section.

mod cold;
mod growth;
mod hot;
pub(super) mod instructions;
mod memory;
mod others;
mod pictures;
mod presign;
mod protection;
mod revalidation;
mod revocation;
mod scan;
mod soak;
mod tail;
mod tls;
mod uploads;

use super::Bench;
use super::findings::Findings;

/// One part of the measurements.
pub(super) struct Section {
    /// How it is called on the command line.
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    /// The programs without which it cannot be measured.
    pub(super) needs: &'static [&'static str],
    /// Why it may not have been measured.
    pub(super) otherwise: &'static str,
    /// `None` if there was nothing to measure it with.
    pub(super) measure: fn(&Bench<'_>) -> anyhow::Result<Option<Findings>>,
}

const AGAINST_NGINX: &[&str] = &["curl", "nginx", "openssl", "sqlite3", "taskset", "wrk"];
const OURS: &[&str] = &["curl", "openssl", "sqlite3", "taskset"];
const UNDER_LOAD: &[&str] = &["curl", "ffmpeg", "openssl", "sqlite3", "taskset"];
const UPLOADS: &[&str] = &["curl", "nginx", "openssl", "sqlite3", "taskset"];
const LEFT_OUT: &str = "it was not asked for.";

/// All of them, in the order in which they are told.
#[rustfmt::skip]
pub(super) const SECTIONS: [Section; 16] = [
    Section::new("hot", "One hot file", AGAINST_NGINX, LEFT_OUT, hot::measure),
    Section::new("tls", "Over TLS", AGAINST_NGINX, LEFT_OUT, tls::measure),
    Section::new("cold", "Cold files", AGAINST_NGINX, LEFT_OUT, cold::measure),
    Section::new("protection", "The cost of protection", AGAINST_NGINX, LEFT_OUT, protection::measure),
    Section::new("presign", "Presigning", OURS, LEFT_OUT, presign::measure),
    Section::new("revalidation", "A repeat view", AGAINST_NGINX, LEFT_OUT, revalidation::measure),
    Section::new("memory", "Memory", OURS, LEFT_OUT, memory::measure),
    Section::new("growth", "Growth", OURS, LEFT_OUT, growth::measure),
    Section::new("tail", "Tail latency", UNDER_LOAD, LEFT_OUT, tail::measure),
    Section::new("revocation", "Taking back", OURS, LEFT_OUT, revocation::measure),
    Section::new("soak", "Soak", UNDER_LOAD, "`--soak 30` was not said.", soak::measure),
    Section::new("uploads", "Uploads", UPLOADS, LEFT_OUT, uploads::measure),
    Section::new("pictures", "Pictures", UNDER_LOAD, LEFT_OUT, pictures::measure),
    Section::new("scan", "A scan for malware", UNDER_LOAD, "no clamd.", scan::measure),
    Section::new("others", "Other servers", OURS, LEFT_OUT, others::measure),
    Section::new("instructions", "Instruction counts", &["valgrind"], LEFT_OUT, instructions::measure),
];

impl Section {
    const fn new(
        name: &'static str,
        title: &'static str,
        needs: &'static [&'static str],
        otherwise: &'static str,
        measure: fn(&Bench<'_>) -> anyhow::Result<Option<Findings>>,
    ) -> Self {
        Self { name, title, needs, otherwise, measure }
    }
}
