//! `cargo xtask bench`: measures the release build against nginx, and writes
//! `docs/performance.md`.
//!
//! Server and generator have a core each. Each round measures every candidate once, one after the
//! other, so that a noisy moment meets all of them; what is told is the median of the rounds.

mod demo;
mod nginx;
mod report;
mod upload;
mod wrk;

use std::path::PathBuf;

use anyhow::{Context, ensure};

use crate::process::{command, run as run_command, succeeds};
use crate::terminal;
use crate::workspace::Workspace;
use demo::Demo;
use nginx::Nginx;
use report::{Report, Row};
use upload::Uploads;
use wrk::Load;

const ROUNDS: usize = 5;
const SECONDS: u32 = 3;
const REVOCATIONS: usize = 400;

/// Runs every measurement and writes what they showed.
pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<()> {
    for program in ["wrk", "nginx", "taskset", "curl", "openssl", "ffmpeg"] {
        ensure!(
            succeeds("sh", &["-c", &format!("command -v {program}")]),
            "{program} is not there; apt-get install wrk nginx-light util-linux curl openssl ffmpeg"
        );
    }
    run_command(&mut command(workspace.root(), "cargo", &["build", "--release"]))?;
    let folder = Scratch::new()?;
    let demo = Demo::start(workspace, &folder.0.join("data"))?;
    let nginx = Nginx::start(workspace, &folder.0.join("nginx"), &demo.picture_bytes()?)?;
    let idle_kib = demo.resident_kib()?;

    let with_fat = format!("{}?fat={}", demo.picture, demo.fat);
    let known = |etag: &str| vec![format!("If-None-Match: {etag}")];
    let candidates = [
        Load::get("64 KB picture, FAT", &with_fat, &[]),
        Load::get("64 KB picture, presigned URL", &demo.presigned, &[]),
        Load::get("64 KB picture, nginx secure_link", &nginx.url, &[]),
        Load::get("304, FAT", &with_fat, &known(&demo.etag)),
        Load::get("304, nginx secure_link", &nginx.url, &known(&nginx.etag)),
        Load::presign("presign, 1 URL a call", &demo, 1),
        Load::presign("presign, 100 URLs a call", &demo, 100),
    ];
    let mut rows: Vec<Row> = candidates.iter().map(|load| Row::new(&load.name)).collect();
    for round in 1..=ROUNDS {
        for (load, row) in candidates.iter().zip(&mut rows) {
            let rate = load.run(workspace, SECONDS).with_context(|| load.name.clone())?;
            row.add(rate * f64::from(load.units));
        }
        terminal::line(&format!("round {round} of {ROUNDS} is done"));
    }
    let uploads = Uploads::measure(&demo, &folder.0)?;
    let revocations_ms = demo.revocations(REVOCATIONS)?;
    let report =
        Report { rows, idle_kib, uploads, revocations_ms, rounds: ROUNDS, seconds: SECONDS };
    std::fs::write(workspace.path("docs/performance.md"), report.to_markdown(workspace)?)?;
    terminal::line("docs/performance.md is written");
    Ok(())
}

/// A folder that goes when the measurement ends.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> anyhow::Result<Self> {
        let path = std::env::temp_dir().join(format!("cloakroom-bench-{}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
