//! What measuring needs of our own crates; run by `cargo xtask bench`.
//!
//! ```text
//! cloakroom-bench-driver limit PORT FILE          answers all with what a file holds
//! cloakroom-bench-driver repeat OPERATION TIMES   does one operation so often, for callgrind
//! cloakroom-bench-driver sessions COUNT           rows of sessions, for SQLite's .import
//! ```

// `headers.rs` names the types of headers as axum hands them on.
extern crate self as axum;
pub use http;

#[path = "../../../crates/server/src/headers.rs"]
#[expect(dead_code, reason = "the server's; ranges alone are measured here")]
mod headers;
mod limit;
mod operations;
#[path = "../../../crates/server/src/media/range.rs"]
mod range;
mod sessions;

use std::hint::black_box;

use anyhow::{Context as _, bail};

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["limit", port, file] => {
            limit::answer_all(port.parse().context("which port?")?, file.as_ref())
        }
        ["repeat", operation, times] => {
            let times: u32 = times.parse().context("how often?")?;
            let operation = operations::named(operation)?;
            for _ in 0..times {
                black_box(operation());
            }
            Ok(())
        }
        ["sessions", count] => sessions::write(count.parse().context("how many?")?),
        _ => bail!(
            "usage: cloakroom-bench-driver limit PORT FILE | repeat OPERATION TIMES | sessions COUNT"
        ),
    }
}
