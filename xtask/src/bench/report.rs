//! What was measured, as the page `docs/performance.md`.

use std::fmt::Write;
use std::process::Command;

use anyhow::Context;

use super::upload::Uploads;
use crate::process::output;
use crate::workspace::Workspace;

/// One row of the table.
pub(super) struct Row {
    name: String,
    rates: Vec<f64>,
}

/// Everything that was measured.
pub(super) struct Report {
    pub(super) rows: Vec<Row>,
    pub(super) idle_kib: u64,
    pub(super) uploads: Uploads,
    /// From call to receipt, the quickest first.
    pub(super) revocations_ms: Vec<f64>,
    pub(super) rounds: usize,
    pub(super) seconds: u32,
}

impl Row {
    pub(super) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), rates: Vec::new() }
    }

    pub(super) fn add(&mut self, rate: f64) {
        self.rates.push(rate);
        self.rates.sort_by(f64::total_cmp);
    }

    fn median(&self) -> f64 {
        self.rates.get(self.rates.len() / 2).copied().unwrap_or_default()
    }
}

impl Report {
    /// The time within which so large a part of the revocations had their receipt.
    fn quantile(&self, part: f64) -> f64 {
        let places = self.revocations_ms.len();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a place in a short list"
        )]
        let place = (places as f64 * part) as usize;
        self.revocations_ms.get(place.min(places.saturating_sub(1))).copied().unwrap_or(f64::NAN)
    }

    pub(super) fn to_markdown(&self, workspace: &Workspace) -> anyhow::Result<String> {
        let told = |program: &str, argument: &str| {
            output(Command::new(program).arg(argument)).map(|text| text.trim().to_owned())
        };
        let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let cpu = cpu
            .lines()
            .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
            .map_or("unknown processor", |(_, name)| name.trim());
        let commit = output(
            Command::new("git")
                .args(["rev-parse", "--short", "HEAD"])
                .current_dir(workspace.root()),
        )?;
        let mut page = format!(
            "# Performance\n\nWritten by `cargo xtask bench`; run it on your own machine before you \
             rely on a number. Medians of {} rounds of {} s, each round measuring every row once; \
             least and most in brackets. wrk on one core with 32 connections, server on the other, \
             plain HTTP, one file. nginx as in `bench/nginx.conf`, one worker. Our server does the \
             complete live check at every request; nginx checks a signature.\n\n\
             {cpu}; {}; commit {}; {}.\n\n| what | requests or URLs a second | least, most |\n|---|---|---|\n",
            self.rounds,
            self.seconds,
            told("rustc", "--version")?,
            commit.trim(),
            told("date", "-I")?,
        );
        for row in &self.rows {
            let (least, most) = row.rates.first().zip(row.rates.last()).context("no rounds")?;
            writeln!(page, "| {} | {:.0} | {least:.0}, {most:.0} |", row.name, row.median())?;
        }
        let median = |name: &str| {
            self.rows.iter().find(|row| row.name == name).map_or(f64::NAN, Row::median)
        };
        let ratio = |ours: &str, theirs: &str| median(ours) / median(theirs);
        let picture = "64 KB picture, nginx secure_link";
        writeln!(
            page,
            "\n| ratio | measured |\n|---|---|\n\
             | 64 KB with a FAT, to nginx | {:.2} |\n\
             | 64 KB with a presigned URL, to nginx | {:.2} |\n\
             | 304 after a live check, to nginx's own 304 | {:.2} |\n\n\
             From the call that revokes to its receipt, one node, SQLite: p50 {:.1} ms, p99 {:.1} ms, \
             of {} calls.\n\n\
             Resident memory of the idle demo: {} MB.\n\n\
             A warm media request touches no database and, up to 1 MB, no disk: app, session, user, \
             file and membership are facts in memory, small files are kept in memory by their blob. \
             Presigning is the same decision and one HMAC.\n\n\
             Not measured yet: TLS, cold files, large files against both `tcp_nopush` settings, the \
             cost of protection on and off, growth with rows, tail latency under mixed load, \
             revocation latency over several nodes, instruction counts.",
            ratio("64 KB picture, FAT", picture),
            ratio("64 KB picture, presigned URL", picture),
            ratio("304, FAT", "304, nginx secure_link"),
            self.quantile(0.50),
            self.quantile(0.99),
            self.revocations_ms.len(),
            self.idle_kib / 1024,
        )?;
        self.write_uploads(&mut page)?;
        Ok(page)
    }

    fn write_uploads(&self, page: &mut String) -> std::fmt::Result {
        let Uploads { ours, nginx, disk, pictures } = &self.uploads;
        writeln!(
            page,
            "\n## Uploads\n\nOne file of 100 MB at a time, medians of 5 rounds in pairs. Ours is sniffed, \
             hashed twice, copied and on the disk (fsync) before it is answered; nginx writes it once \
             and waits for no disk.\n\n| | MB a second |\n|---|---|\n\
             | in a message | {ours:.0} |\n| nginx, dav PUT | {nginx:.0} |\n\
             | dd with fsync | {disk:.0} |\n\n\
             A picture from the call to its answer: metadata removed, three thumbnails, ThumbHash, all \
             on the disk.\n\n| megapixels | milliseconds |\n|---|---|"
        )?;
        for (megapixels, milliseconds) in pictures {
            writeln!(page, "| {megapixels:.0} | {milliseconds:.0} |")?;
        }
        Ok(())
    }
}
