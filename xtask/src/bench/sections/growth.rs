//! What a decision costs while files and sessions become more: from ten thousand to ten million.

use std::time::{Duration, Instant};

use super::super::Bench;
use super::super::answer::Target;
use super::super::findings::{Findings, Line, Plot, Table, grouped, ranged};
use super::super::load::{self, Plan};
use super::super::person::Person;
use super::super::process_account::{processor_time, used_since};
use super::super::rows::{Files, write_sessions};
use super::super::server::{APP, Server, Setup};
use super::super::statistics::{Spread, large_number};
use super::hot::plan;
use crate::terminal;

const ROWS: [u64; 4] = [10_000, 100_000, 1_000_000, 10_000_000];
/// Rows are added as long as this suffices for ten times as many.
const LONGEST: Duration = Duration::from_mins(15);
/// So many are asked about.
const ASKED: u64 = 4000;

pub(super) fn measure(bench: &Bench<'_>) -> anyhow::Result<Option<Findings>> {
    let mut findings = bench.findings(
        "A decision alone: `If-None-Match: *`, answered with 304 and without a look at the bytes. \
         Warm: 4 000 files that are in memory, by one session. Cold: 4 000 files out of all, which \
         were never asked about before, scattered over the ids; and as many sessions that are seen \
         for the first time, each presigning one URL. SQLite, by its page cache warm or not as it \
         comes.",
    );
    findings.effort = format!("{ASKED} of each");
    let (mut rows, mut points) = (Vec::new(), [Vec::new(), Vec::new(), Vec::new()]);
    let mut last = Duration::ZERO;
    let most = if bench.options.quick { 2 } else { ROWS.len() };
    for count in ROWS.into_iter().take(most) {
        if last * 11 > LONGEST {
            findings.left_out.push(format!(
                "{} rows were left out: writing a tenth of them took {} s.",
                grouped(large_number(count), 0),
                last.as_secs()
            ));
            break;
        }
        let began = Instant::now();
        let costs = costs(bench, count)?;
        last = began.elapsed();
        let shown = costs.each_ref().map(|cost| ranged(cost, 1));
        terminal::line(&format!("{count} rows: {}", shown.join(", ")));
        rows.push([vec![grouped(large_number(count), 0)], shown.to_vec()].concat());
        for (points, cost) in points.iter_mut().zip(&costs) {
            points.push((large_number(count), cost.median()));
        }
    }
    for (target, points) in [("growth_warm", &points[0]), ("growth_cold", &points[1])] {
        if let (Some((_, first)), Some((_, last))) = (points.first(), points.last()) {
            findings.reach(target, last / first, format!("{:.2}", last / first));
        }
    }
    let names = ["warm", "cold file", "cold session"];
    let lines = names.into_iter().zip(points);
    let lines = lines.map(|(label, points)| Line { label: label.to_owned(), points }).collect();
    findings.tables.push(Table {
        name: "growth".to_owned(),
        title: "The cost of a decision, by rows".to_owned(),
        columns: ["files and sessions", "warm, µs", "cold file, µs", "cold session, µs"]
            .map(str::to_owned)
            .to_vec(),
        rows,
        plot: Plot::Lines {
            unit: "µs of processor time".to_owned(),
            x_unit: "files and sessions".to_owned(),
            x_in_decades: true,
            lines,
        },
    });
    Ok(Some(findings))
}

/// Processor time of a warm decision, of one about a cold file, of one for a cold session.
fn costs(bench: &Bench<'_>, count: u64) -> anyhow::Result<[Spread; 3]> {
    let driver = bench.workspace.path("target/release/cloakroom-bench-driver");
    let files = Files { first: 0, count, bytes: 1024, carried: false };
    let mut tokens = Vec::new();
    let name = format!("growth-{count}");
    let server = Server::start_prepared(
        bench.workspace,
        &bench.scratch,
        &name,
        &Setup::plain(18_550),
        |data| {
            files.write_rows(data)?;
            tokens = write_sessions(&driver, data, count, ASKED)?;
            Ok(())
        },
    )?;
    let alice = Person::join(&server, APP)?;
    let media = Target::parse(&server.media)?;
    // The ids of numbers in steps lie anywhere, and none comes twice.
    let places = (1..=ASKED).map(|step| step * (count / ASKED).max(1) % count);
    let ask: Vec<Vec<u8>> = places
        .map(|place| {
            let path = format!("{}?fat={}", Files::path(place), alice.fat);
            Target { path, ..media.clone() }.get(&["If-None-Match: *".to_owned()])
        })
        .collect();
    let url = format!("{}{}", server.media, Files::path(0));
    let calls = tokens.iter().map(|token| {
        let person = Person { token: token.clone(), ..alice.clone() };
        person.presigning(&server, &[&url])
    });
    let calls = calls.collect::<anyhow::Result<Vec<_>>>()?;
    let api = calls[0].0.clone();
    let calls: Vec<Vec<u8>> = calls.into_iter().map(|(_, request)| request).collect();
    let cold = each(&server, &media, &ask, 304, bench.effort().rounds)?;
    let sessions = each(&server, &api, &calls, 200, bench.effort().rounds)?;
    load::run(&Plan {
        duration: Duration::from_mins(1),
        most_answers: ASKED,
        ..plan(&media, ask.clone(), 304)
    })?;
    let mut warm = Vec::new();
    for _ in 0..bench.effort().rounds {
        let duration = Duration::from_secs(bench.effort().seconds.into());
        let before = processor_time(server.pid())?;
        let outcome = load::run(&Plan { duration, ..plan(&media, ask.clone(), 304) })?;
        let used = used_since(server.pid(), before)?;
        warm.push(used * 1e6 / large_number(outcome.answers));
    }
    drop(server);
    std::fs::remove_dir_all(bench.scratch.path().join(name))?;
    let warm = Spread::of(warm).expect("there is a round");
    Ok([warm, cold, sessions])
}

/// Asks each once, in as many parts as there are rounds.
fn each(
    server: &Server,
    target: &Target,
    requests: &[Vec<u8>],
    status: u16,
    rounds: usize,
) -> anyhow::Result<Spread> {
    let mut micros = Vec::new();
    for part in requests.chunks(requests.len() / rounds) {
        let most_answers = u64::try_from(part.len())?;
        let before = processor_time(server.pid())?;
        let outcome = load::run(&Plan {
            duration: Duration::from_mins(1),
            most_answers,
            ..plan(target, part.to_vec(), status)
        })?;
        let used = used_since(server.pid(), before)?;
        micros.push(used * 1e6 / large_number(outcome.answers));
    }
    Ok(Spread::of(micros).expect("there is a part"))
}
