//! `cargo xtask bench`: measures the release build, mostly against nginx, and writes
//! `docs/performance.md`.
//!
//! ```text
//! options.rs                what is to be measured, and how hard
//! sections/                 one file a section: what is measured, and what it is compared with
//! rounds.rs load.rs wrk.rs  candidates in turn, and who asks them
//! exchange.rs               what others do beside them
//! server.rs nginx.rs limit.rs  who is asked, on core 0; everything else is on core 1
//! findings.rs               what a section found: bench/results/<section>.json
//! targets.rs page.rs plot.rs  what is told of it
//! ```

mod answer;
mod caddy;
mod exchange;
mod findings;
mod histogram;
mod limit;
mod load;
mod machine;
mod nginx;
mod options;
mod page;
mod person;
mod plot;
mod process_account;
mod rounds;
mod rows;
mod scratch;
mod sections;
mod server;
mod slow_readers;
mod statistics;
mod supabase;
mod targets;
mod wrk;

use std::path::PathBuf;
use std::process::Command;

use anyhow::Context as _;
use rustix::thread::{CpuSet, sched_setaffinity};

use crate::process::{command, output, run as run_command};
use crate::terminal;
use crate::workspace::Workspace;
use findings::Findings;
use options::{Options, Task};
use rounds::Effort;
use scratch::Scratch;
use sections::SECTIONS;

/// The program of ours that measuring takes.
const DRIVER: &str = "cloakroom-bench-driver";

/// Other work that takes a larger part of the processors is told with what was measured beside it.
const MOST_BUSY_ELSEWHERE: f64 = 0.05;

/// Measures what the arguments say.
///
/// # Errors
///
/// If an argument is not understood, a program is missing, or something cannot be measured.
pub(crate) fn run(workspace: &Workspace, arguments: &[&str]) -> anyhow::Result<()> {
    let options = Options::parse(arguments)?;
    if options.task == Task::Check {
        return sections::instructions::check(workspace);
    }
    let chosen: Vec<_> = SECTIONS.iter().filter(|section| options.takes(section.name)).collect();
    let programs: Vec<&str> = chosen.iter().flat_map(|section| section.needs).copied().collect();
    machine::has_what_is_needed(&programs)?;
    if !chosen.is_empty() && options.task == Task::Measure {
        workspace.build_server()?;
        build_driver(workspace)?;
    }
    stay_on_the_generators_core()?;
    let bench = Bench { workspace, scratch: Scratch::new()?, options };
    for section in chosen {
        terminal::heading(section.title);
        let before = machine::busy_elsewhere();
        let measured = (section.measure)(&bench)
            .with_context(|| format!("the section {} was not measured", section.name))?;
        if let Some(mut findings) = measured {
            findings.when = format!("{}, {}", machine::when(workspace), machine::network());
            let busy = before.into_iter().chain(machine::busy_elsewhere()).fold(0.0, f64::max);
            if busy > MOST_BUSY_ELSEWHERE {
                findings.left_out.push(format!(
                    "The machine was shared: just before and after, other work kept up to {:.0} % \
                     of its processors busy.",
                    busy * 100.0
                ));
            }
            findings.keep(workspace, section.name)?;
        }
    }
    page::write(workspace, &machine::described(workspace))?;
    terminal::line("docs/performance.md is written");
    Ok(())
}

/// Builds the program that does one operation over and over.
fn build_driver(workspace: &Workspace) -> anyhow::Result<()> {
    run_command(&mut command(workspace.root(), "cargo", &["build", "--release", "-p", DRIVER]))
}

/// What every section works with.
struct Bench<'a> {
    workspace: &'a Workspace,
    scratch: Scratch,
    options: Options,
}

impl Bench<'_> {
    fn effort(&self) -> Effort {
        self.options.effort()
    }

    /// Findings that say how much was measured.
    fn findings(&self, words: &str) -> Findings {
        let Effort { rounds, seconds, .. } = self.effort();
        Findings {
            effort: format!("{rounds} rounds of {seconds} s"),
            words: words.to_owned(),
            ..Findings::default()
        }
    }

    /// A self-signed certificate for the loopback address and its key, the same for both servers.
    fn certificate(&self) -> anyhow::Result<(PathBuf, PathBuf)> {
        let folder = self.scratch.folder("tls")?;
        let (certificate, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
        if !certificate.exists() {
            let mut openssl = Command::new("openssl");
            openssl.args(["req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]);
            openssl.args(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]);
            openssl.args(["-addext", "subjectAltName=IP:127.0.0.1", "-keyout"]);
            output(openssl.arg(&key).arg("-out").arg(&certificate))?;
        }
        Ok((certificate, key))
    }
}

/// Keeps this process, and all it starts without saying otherwise, on core 1.
fn stay_on_the_generators_core() -> anyhow::Result<()> {
    let mut core = CpuSet::new();
    core.set(1);
    sched_setaffinity(None, &core).context("measuring takes two cores")
}
