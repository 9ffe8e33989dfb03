//! What lies in memory: idle, by session, by revocation, by reader, and for large files.

use std::ops::Range;
use std::time::Duration;

use serde_json::json;

use super::super::Bench;
use super::super::answer::Target;
use super::super::findings::{Bar, Findings, Plot, Table, grouped};
use super::super::load::{self, Plan};
use super::super::person::{Person, noise_file};
use super::super::process_account::{forget_peak, peak_kib, resident_kib};
use super::super::rows::write_sessions;
use super::super::server::{APP, Server, Setup};
use super::super::slow_readers;
use super::super::statistics::{Spread, grown, large_number, number};
use super::super::targets::part_of_bound;
use super::hot::plan;

const MB: usize = 1 << 20;
/// No part of this section takes longer.
const LONGEST: Duration = Duration::from_mins(1);
/// After this the server has given back what it freed.
const SETTLING: Duration = Duration::from_secs(6);

const WORDS: &str = "Resident memory of the server, by the kernel's account. The server gives back \
                     what it freed every five seconds; idle, sessions and revocations are looked at \
                     after that. Idle: started, nothing asked. A session counts once its facts are \
                     in memory; a revocation is of a session that was in memory, and counts its \
                     part of all that was left behind. Of both, the \
                     step that left the most of each counts, after a thousand requests that leave \
                     nothing, in the course of which threads give back what they freed. Slow \
                     readers take 4 KB of a 16 MB file at a time. A large file is read on 32 connections at full \
                     speed, and counts what the peak is above that of a small one.";

/// In so many steps sessions become known and revocations are made, and memory is looked at after
/// each.
const STEPS: usize = 3;
/// Requests of sessions that are known, in the course of which threads give back what they freed.
const STIRRING: usize = 1000;

/// How many of each, which a quick run makes smaller.
struct Counts {
    sessions: u64,
    revocations: u64,
    readers: usize,
    large_bytes: usize,
}

pub(super) fn measure(bench: &Bench<'_>) -> anyhow::Result<Option<Findings>> {
    let counts = if bench.options.quick {
        Counts { sessions: 10_000, revocations: 1000, readers: 1000, large_bytes: 100 * MB }
    } else {
        Counts { sessions: 600_000, revocations: 20_000, readers: 10_000, large_bytes: 1024 * MB }
    };
    slow_readers::allow(counts.readers)?;
    let driver = bench.workspace.path("target/release/cloakroom-bench-driver");
    let mut tokens = Vec::new();
    let server = Server::start_prepared(
        bench.workspace,
        &bench.scratch,
        "memory",
        &Setup::plain(18_540),
        |data| {
            tokens = write_sessions(&driver, data, counts.sessions, counts.sessions)?;
            Ok(())
        },
    )?;
    let mut findings = bench.findings(WORDS);
    "once each".clone_into(&mut findings.effort);
    let idle = settled_kib(&server)? / 1024.0;
    let mut sheet = Sheet { findings: &mut findings, rows: Vec::new(), bars: Vec::new() };
    sheet.add("idle_mb", "idle", idle, "MB", 1);
    let alice = Person::join(&server, APP)?;
    // First, while there is little to give back.
    flat(&mut sheet, bench, &server, &alice, counts.large_bytes)?;
    sessions(&mut sheet, &server, &alice, &tokens)?;
    revocations(&mut sheet, &server, &tokens, counts.revocations)?;
    readers(&mut sheet, bench, &server, &alice, counts.readers)?;
    let Sheet { rows, bars, .. } = sheet;
    findings.tables.push(Table {
        name: "memory".to_owned(),
        title: "Memory".to_owned(),
        columns: ["", "measured", "unit"].map(str::to_owned).to_vec(),
        rows,
        plot: Plot::Bars {
            unit: "part of what its target allows; the line is the target".to_owned(),
            line_at: Some(1.0),
            bars,
        },
    });
    Ok(Some(findings))
}

struct Sheet<'a> {
    findings: &'a mut Findings,
    rows: Vec<Vec<String>>,
    bars: Vec<Bar>,
}

impl Sheet<'_> {
    fn add(&mut self, target: &str, what: &str, value: f64, unit: &str, decimals: usize) {
        let shown = grouped(value, decimals);
        self.rows.push(vec![what.to_owned(), shown.clone(), unit.to_owned()]);
        if let Some(part) = part_of_bound(target, value).and_then(|p| Spread::of(vec![p])) {
            self.bars.push(Bar::of(what, &part, true));
        }
        self.findings.reach(target, value, format!("{shown} {unit}"));
    }

    /// A difference of memory; `None` is told as what it is, and reaches no target.
    fn add_more(
        &mut self,
        target: &str,
        what: &str,
        more: Option<f64>,
        unit: &str,
        decimals: usize,
    ) {
        if let Some(more) = more {
            self.add(target, what, more, unit, decimals);
            return;
        }
        self.rows.push(vec![what.to_owned(), "not measured".to_owned(), unit.to_owned()]);
        self.findings.left_out.push(format!(
            "Not measured, {what}: no more lay in memory afterwards than before, since the \
             allocator gave back as much meanwhile."
        ));
    }
}

/// Each session presigns one URL, which takes its facts into memory.
fn sessions(
    sheet: &mut Sheet<'_>,
    server: &Server,
    alice: &Person,
    tokens: &[String],
) -> anyhow::Result<()> {
    let file = server.data.join("known.bin");
    std::fs::write(&file, b"known to all of them")?;
    let url = alice.send(server, &file)?.url;
    let calls = tokens.iter().map(|token| {
        let person = Person { token: token.clone(), ..alice.clone() };
        person.presigning(server, &[&url])
    });
    let calls = calls.collect::<anyhow::Result<Vec<_>>>()?;
    let Some(target) = calls.first().map(|(target, _)| target.clone()) else { return Ok(()) };
    let mut requests: Vec<Vec<u8>> = calls.into_iter().map(|(_, request)| request).collect();
    // The first ones make what the others only use: connections, caches, statements.
    let others = requests.split_off(requests.len() / 10);
    let known: Vec<Vec<u8>> = requests.iter().take(STIRRING).cloned().collect();
    let settled = || {
        std::thread::sleep(SETTLING);
        ask_each(&target, known.clone(), 200)?;
        settled_kib(server)
    };
    let first = ask_each(&target, requests, 200)?;
    let before = settled()?;
    let (mut later, mut steps) = (0, Vec::new());
    for step in others.chunks(others.len().div_ceil(STEPS).max(1)) {
        later += ask_each(&target, step.to_vec(), 200)?;
        let more = grown(before, settled()?);
        steps.extend(more.map(|kib| (first + later, kib * 1024.0 / large_number(later))));
    }
    // Tables are not as full at each number, and an allocator gives back in pieces.
    let most = steps.iter().map(|(_, bytes)| *bytes).reduce(f64::max);
    // Bytes of one are megabytes of a million.
    sheet.add_more("sessions_mb", "1 M known sessions", most, "MB", 0);
    if most.is_some() {
        let step = |(count, bytes): &(u64, f64)| {
            format!("{bytes:.0} bytes each at {}", grouped(large_number(*count), 0))
        };
        let steps: Vec<String> = steps.iter().map(step).collect();
        sheet.findings.left_out.push(format!(
            "Sessions: beyond the first {}, {}; the most counts, and 1 M is reckoned from that.",
            grouped(large_number(first), 0),
            steps.join(", ")
        ));
    }
    Ok(())
}

/// Sessions that are in memory are taken back one by one.
fn revocations(
    sheet: &mut Sheet<'_>,
    server: &Server,
    tokens: &[String],
    count: u64,
) -> anyhow::Result<()> {
    let sessions = u64::try_from(tokens.len())?;
    let revoking = |place: u64| {
        let what = json!({ "kind": "session", "id": format!("{place:032x}") });
        server.revoking(&what)
    };
    let (target, _) = revoking(0)?;
    let revoke = |places: Range<u64>| {
        let requests = places.map(|place| Ok(revoking(place)?.1)).collect::<anyhow::Result<_>>()?;
        ask_each(&target, requests, 200)
    };
    let warm = count / 10;
    revoke(0..warm)?;
    // What was taken back before is answered alike.
    let settled = || {
        std::thread::sleep(SETTLING);
        revoke(0..warm.min(1000))?;
        settled_kib(server)
    };
    let before = settled()?;
    let (mut first, mut after, mut done) = (warm, before, 0);
    let (mut steps, mut most) = (Vec::new(), None::<f64>);
    for _ in 0..STEPS {
        let last = (first + count).min(sessions);
        done += revoke(first..last)?;
        first = last;
        let now = settled()?;
        steps.push(grouped(now - after, 0));
        after = now;
        let bytes = grown(before, after).map(|kib| kib * 1024.0 / large_number(done));
        most = bytes.map_or(most, |bytes| Some(most.map_or(bytes, |most| most.max(bytes))));
    }
    sheet.add_more("revocation_bytes", "a live revocation", most, "bytes", 0);
    let (made, steps) = (grouped(large_number(done), 0), steps.join(", "));
    sheet.findings.left_out.push(format!(
        "Revocations: {made} were made, in {STEPS} steps that left {steps} KiB behind, \
         one after the other. What does not come again with each step is not the revocations' own: \
         page caches of SQLite that fill, and code that is run for the first time."
    ));
    Ok(())
}

/// What a large file takes at its peak beyond what a small one takes.
fn flat(
    sheet: &mut Sheet<'_>,
    bench: &Bench<'_>,
    server: &Server,
    alice: &Person,
    large_bytes: usize,
) -> anyhow::Result<()> {
    let files = bench.scratch.folder("files")?;
    let mut peaks = Vec::new();
    for bytes in [MB, large_bytes] {
        let url = alice.with_fat(&alice.send(server, &noise_file(&files, bytes)?)?.url);
        let target = Target::parse(&url)?;
        let plan = Plan {
            duration: Duration::from_secs((2 * bench.effort().seconds).into()),
            ..plan(&target, vec![target.get(&[])], 200)
        };
        load::run(&plan)?;
        forget_peak(server.pid())?;
        load::run(&plan)?;
        peaks.push(large_number(peak_kib(server.pid())?) / 1024.0);
    }
    let what = format!("a file of {} MB, more than one of 1 MB", large_bytes / MB);
    sheet.add_more("flat_mb", &what, grown(peaks[0], peaks[1]), "MB", 1);
    Ok(())
}

fn readers(
    sheet: &mut Sheet<'_>,
    bench: &Bench<'_>,
    server: &Server,
    alice: &Person,
    count: usize,
) -> anyhow::Result<()> {
    let file = noise_file(&bench.scratch.folder("files")?, 16 * MB)?;
    let target = Target::parse(&alice.with_fat(&alice.send(server, &file)?.url))?;
    let before = kib(server)?;
    let after = slow_readers::sip(&target, count, Duration::from_secs(5), || kib(server))?;
    let each = grown(before, after).map(|kib| kib / number(count));
    sheet.add_more("slow_readers_kb", &format!("each of {count} slow readers"), each, "KB", 1);
    Ok(())
}

/// Asks each once, or as many as there is time for; how many were answered.
fn ask_each(target: &Target, requests: Vec<Vec<u8>>, status: u16) -> anyhow::Result<u64> {
    let most_answers = u64::try_from(requests.len())?;
    let plan =
        Plan { duration: LONGEST, most_answers, connections: 8, ..plan(target, requests, status) };
    Ok(load::run(&plan)?.answers)
}

fn settled_kib(server: &Server) -> anyhow::Result<f64> {
    std::thread::sleep(SETTLING);
    kib(server)
}

fn kib(server: &Server) -> anyhow::Result<f64> {
    Ok(large_number(resident_kib(server.pid())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_did_not_grow_is_told_as_not_measured_and_reaches_no_target() {
        let mut findings = Findings::default();
        let mut sheet = Sheet { findings: &mut findings, rows: Vec::new(), bars: Vec::new() };
        let cases =
            [(100.0, 250.0, "150"), (100.0, 100.0, "not measured"), (100.0, 7.0, "not measured")];
        for (before, after, _) in cases {
            let more = grown(before, after);
            sheet.add_more("revocation_bytes", "a live revocation", more, "bytes", 0);
        }
        let shown: Vec<&str> = sheet.rows.iter().map(|row| row[1].as_str()).collect();
        assert_eq!(shown, cases.map(|(_, _, shown)| shown));
        assert_eq!(sheet.bars.len(), 1);
        let reached: Vec<f64> = findings.targets.iter().map(|reached| reached.value).collect();
        assert_eq!(reached, [150.0]);
        assert_eq!(findings.left_out.len(), 2);
    }
}
