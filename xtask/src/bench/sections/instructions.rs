//! How many instructions the parts of a request take, by callgrind: repeatable to some in a thousand,
//! so that a regression shows on any machine.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use anyhow::{Context as _, ensure};
use serde::{Deserialize, Serialize};

use super::super::findings::{Bar, Findings, Plot, Table, grouped};
use super::super::statistics::{Spread, large_number};
use super::super::{Bench, build_driver, machine};
use crate::terminal;
use crate::workspace::Workspace;

/// Each operation, what it is, and how often it is done for the difference.
const OPERATIONS: [(&str, &str, u64); 8] = [
    ("decide", "decide, facts of a message's file included", 2000),
    ("fat_verify", "FAT: verify for the first time", 50),
    ("fat_check_known", "FAT: check one that is known", 20_000),
    ("presign_mint", "presigned URL: make", 500),
    ("presign_verify", "presigned URL: verify", 500),
    ("credential_parse", "find the credential in a query", 5000),
    ("path_parse", "parse a media path", 5000),
    ("range_select", "choose the answer to a Range", 5000),
];
const RECORD: &str = "bench/instructions.json";
/// More than so many hundredths of what was recorded is a regression.
const MOST_HUNDREDTHS: u64 = 110;

const WORDS: &str = "Instructions of one operation in a release build, counted by callgrind: the \
                     program does it N times and 2 N times; the difference by N is the same each time, to \
                     some in a thousand. \
                     valgrind's processor has no SHA extensions, so what hashes counts more here \
                     than it costs. `cargo xtask bench --check` counts anew and fails if one takes \
                     10 % more than [bench/instructions.json](../bench/instructions.json) says.";

/// What was counted at a commit.
#[derive(Debug, Deserialize, Serialize)]
struct Record {
    commit: String,
    instructions: BTreeMap<String, u64>,
}

pub(super) fn measure(bench: &Bench<'_>) -> anyhow::Result<Option<Findings>> {
    let instructions = count(bench.workspace)?;
    let mut findings = bench.findings(WORDS);
    "twice each".clone_into(&mut findings.effort);
    let shown = |name: &str| {
        let count = instructions.get(name).copied().unwrap_or_default();
        (count, grouped(large_number(count), 0))
    };
    let rows = OPERATIONS.iter().map(|(name, what, _)| vec![(*what).to_owned(), shown(name).1]);
    let bars = OPERATIONS.iter().filter_map(|(name, what, _)| {
        let spread = Spread::of(vec![large_number(shown(name).0)])?;
        Some(Bar::of(what, &spread, true))
    });
    findings.tables.push(Table {
        name: "instructions".to_owned(),
        title: "Instructions of one operation".to_owned(),
        columns: vec!["operation".to_owned(), "instructions".to_owned()],
        rows: rows.collect(),
        plot: Plot::Bars { unit: "instructions".to_owned(), line_at: None, bars: bars.collect() },
    });
    let record = Record { commit: machine::when(bench.workspace), instructions };
    let text = serde_json::to_string_pretty(&record)? + "\n";
    fs::write(bench.workspace.path(RECORD), text)?;
    Ok(Some(findings))
}

/// Counts anew and compares with what is recorded.
///
/// # Errors
///
/// If an operation takes over 10 % more, or is not recorded.
pub(in super::super) fn check(workspace: &Workspace) -> anyhow::Result<()> {
    machine::has_what_is_needed(&["valgrind"])?;
    let text = fs::read_to_string(workspace.path(RECORD)).with_context(|| {
        format!("{RECORD} is not there; `cargo xtask bench --only instructions` writes it")
    })?;
    let record: Record = serde_json::from_str(&text)?;
    let now = count(workspace)?;
    for (name, count) in &now {
        let before = record.instructions.get(name).copied().unwrap_or_default();
        let growth = growth(before, *count) * 100.0;
        terminal::line(&format!("{name}: {before} -> {count} ({growth:+.1} %)"));
    }
    let regressions = regressions(&record.instructions, &now);
    ensure!(regressions.is_empty(), "since {}: {}", record.commit, regressions.join("; "));
    Ok(())
}

/// The driver is built for itself, so that what is counted does not depend on what the rest of the
/// workspace asks of its dependencies.
fn count(workspace: &Workspace) -> anyhow::Result<BTreeMap<String, u64>> {
    build_driver(workspace)?;
    let mut counts = BTreeMap::new();
    for (name, _, times) in OPERATIONS {
        let once = collected(workspace, name, times)?;
        let twice = collected(workspace, name, 2 * times)?;
        counts.insert(name.to_owned(), twice.saturating_sub(once) / times);
    }
    Ok(counts)
}

fn collected(workspace: &Workspace, operation: &str, times: u64) -> anyhow::Result<u64> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    valgrind.arg(workspace.path("target/release/cloakroom-bench-driver"));
    let said = valgrind.args(["repeat", operation, &times.to_string()]).output()?;
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    read(&said).with_context(|| format!("callgrind counted nothing: {said}"))
}

fn read(said: &str) -> Option<u64> {
    let line = said.lines().find_map(|line| line.split_once("Collected :"))?;
    line.1.trim().parse().ok()
}

fn growth(before: u64, now: u64) -> f64 {
    if before == 0 { f64::INFINITY } else { large_number(now) / large_number(before) - 1.0 }
}

/// What takes over 10 % more instructions than before, in words.
fn regressions(before: &BTreeMap<String, u64>, now: &BTreeMap<String, u64>) -> Vec<String> {
    now.iter()
        .filter_map(|(name, now)| match before.get(name) {
            None => Some(format!("{name} is not recorded")),
            Some(before) if now * 100 > before * MOST_HUNDREDTHS => Some(format!(
                "{name} takes {now} instructions instead of {before} ({:+.1} %)",
                growth(*before, *now) * 100.0
            )),
            Some(_) => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(pairs: &[(&str, u64)]) -> BTreeMap<String, u64> {
        pairs.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
    }

    #[test]
    fn over_ten_percent_more_is_a_regression_and_less_is_none() {
        let before = counts(&[("decide", 1000)]);
        for (now, expected) in [(1110, 1), (1101, 1), (1100, 0), (1090, 0), (1000, 0), (500, 0)] {
            assert_eq!(regressions(&before, &counts(&[("decide", now)])).len(), expected, "{now}");
        }
    }

    #[test]
    fn each_operation_is_compared_with_itself() {
        let before = counts(&[("decide", 1000), ("fat_verify", 100)]);
        let now = counts(&[("decide", 100), ("fat_verify", 1000), ("new", 1)]);
        let found = regressions(&before, &now);
        assert_eq!(found.len(), 2);
        assert!(found[0].starts_with("fat_verify takes 1000") && found[0].contains("+900.0 %"));
        assert_eq!(found[1], "new is not recorded");
    }

    #[test]
    fn the_count_is_found_in_what_callgrind_says() {
        let said = "==7== Callgrind, a call-graph generating cache profiler\n==7== Events    : Ir\n\
                    ==7== Collected : 123456\n==7== \n";
        assert_eq!(read(said), Some(123_456));
        assert_eq!(read("==7== Collected"), None);
    }
}
