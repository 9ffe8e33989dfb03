//! The project's own commands: what CI runs is what you run.
//!
//! ```text
//! cargo xtask setup            installs what the tests need
//! cargo xtask test [--quick]   every check, or only those of a few minutes
//! cargo xtask bench [--quick]  measures, and writes docs/performance.md
//! cargo xtask book             makes the book's page of errors anew, and builds the book
//! cargo xtask dist             builds the archive that is released
//! ```

#[cfg(target_os = "linux")]
mod bench;
mod book;
mod dist;
mod postgres;
mod process;
mod python;
mod setup;
mod stage;
mod terminal;
mod test;
mod workspace;

use std::process::ExitCode;

use anyhow::bail;

use crate::workspace::Workspace;

const USAGE: &str = "usage: cargo xtask setup | test [--quick] | bench [--quick …] | book | dist";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments.iter().map(String::as_str).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            terminal::error(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&str]) -> anyhow::Result<()> {
    let workspace = Workspace::of_this_build();
    match arguments {
        ["setup"] => setup::run(&workspace),
        ["test"] => test::run_all(&workspace),
        ["test", "--quick"] => test::run_quick(&workspace),
        ["bench", arguments @ ..] => bench(&workspace, arguments),
        ["book"] => book::make(&workspace),
        ["dist"] => dist::run(&workspace),
        _ => bail!("{USAGE}"),
    }
}

#[cfg(target_os = "linux")]
fn bench(workspace: &Workspace, arguments: &[&str]) -> anyhow::Result<()> {
    bench::run(workspace, arguments)
}

#[cfg(not(target_os = "linux"))]
fn bench(_workspace: &Workspace, _arguments: &[&str]) -> anyhow::Result<()> {
    bail!("measuring takes Linux: /proc, epoll, and cores that processes can be kept on")
}
