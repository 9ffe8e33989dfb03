//! Presigning through HTTP: one URL a call, and many.

use super::super::Bench;
use super::super::findings::{Bar, Findings, Plot, Table, cells, grouped, ranged};
use super::super::load;
use super::super::person::{Person, noise_file};
use super::super::process_account::{forget_peak, peak_kib};
use super::super::rounds::{Candidate, Generator, alternate};
use super::super::server::{APP, Server, Setup};
use super::super::statistics::{grown, large_number};
use super::hot::plan;

/// The limit on URLs a minute is by session, so many sessions ask.
const SESSIONS: usize = 32;
const BATCHES: [(&str, usize); 3] = [("presign_1", 1), ("presign_100", 100), ("", 1000)];

const WORDS: &str = "`POST /v3/media/presign` by 32 sessions on 32 connections. Each URL is decided \
                     as its fetch would be, then signed. The peak is what the server holds at most \
                     while 32 calls of that size are in work, beyond what it held before.";

pub(super) fn measure(bench: &Bench<'_>) -> anyhow::Result<Option<Findings>> {
    let server = Server::start(bench.workspace, &bench.scratch, "hot", &Setup::plain(18_480))?;
    let mut people = vec![Person::join(&server, APP)?];
    while people.len() < SESSIONS {
        people.push(Person::log_in(&server, APP)?);
    }
    let file = noise_file(&bench.scratch.folder("files")?, 1024)?;
    let url = people[0].send(&server, &file)?.url;
    let mut candidates = Vec::new();
    for (_, urls) in BATCHES {
        let asked = vec![url.as_str(); urls];
        let calls = people.iter().map(|person| person.presigning(&server, &asked));
        let calls = calls.collect::<anyhow::Result<Vec<_>>>()?;
        let target = calls[0].0.clone();
        let requests = calls.into_iter().map(|(_, request)| request).collect();
        let name =
            if urls == 1 { "1 URL a call".to_owned() } else { format!("{urls} URLs a call") };
        let generator = Generator::Own(plan(&target, requests, 200));
        let mut candidate = Candidate::new(&name, server.pid(), generator);
        candidate.units = u32::try_from(urls)?;
        candidates.push(candidate);
    }
    let mut peaks = Vec::new();
    for candidate in &candidates {
        peaks.push(peak(candidate)?);
    }
    let measured = alternate(&candidates, bench.effort())?;
    let mut findings = bench.findings(WORDS);
    let (mut rows, mut bars) = (Vec::new(), Vec::new());
    for (((id, _), one), peak) in BATCHES.iter().zip(&measured).zip(peaks) {
        let [rate, micros, busy] = cells(one);
        rows.push(vec![one.name.clone(), rate, micros, busy, peak]);
        bars.push(Bar::of(&one.name, &one.per_second(), true));
        if !id.is_empty() {
            let rate = one.per_second();
            findings.reach(id, rate.median(), ranged(&rate, 0));
        }
    }
    findings.tables.push(Table {
        name: "presign".to_owned(),
        title: "Presigned URLs a second".to_owned(),
        columns: ["", "URLs a second", "µs for a URL", "of its core", "peak"]
            .map(str::to_owned)
            .to_vec(),
        rows,
        plot: Plot::Bars { unit: "URLs a second".to_owned(), line_at: None, bars },
    });
    Ok(Some(findings))
}

/// What the server holds at most during a second of this, beyond what it held before; and how much
/// all answers that are in work at once have.
fn peak(candidate: &Candidate) -> anyhow::Result<String> {
    let Generator::Own(plan) = &candidate.generator else {
        return Ok(String::new());
    };
    forget_peak(candidate.server)?;
    let before = peak_kib(candidate.server)?;
    let duration = std::time::Duration::from_secs(1);
    let outcome = load::run(&load::Plan { duration, ..plan.clone() })?;
    let more = grown(large_number(before), large_number(peak_kib(candidate.server)?));
    let peak = more.map_or_else(
        || "not measured".to_owned(),
        |kib| format!("{} MB", grouped(kib / 1024.0, 1)),
    );
    let answer = outcome.body_bytes / outcome.answers.max(1);
    Ok(format!(
        "{peak}, for {} answers of {} KB",
        plan.connections,
        grouped(large_number(answer) / 1024.0, 1)
    ))
}
