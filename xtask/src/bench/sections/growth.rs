//! What a decision, a list and taking back cost while rows become more: from ten thousand to ten million.

use std::time::{Duration, Instant};

use serde_json::json;

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
const LONGEST: Duration = Duration::from_hours(1);
/// So many are asked about.
const ASKED: u64 = 4000;
/// So many pages of each list are asked for, and so many files are taken back.
const PAGES: u64 = 400;

/// What is measured.
const OPERATIONS: [&str; 6] =
    ["warm", "cold file", "cold session", "page of messages", "page of files", "taking back"];
const WARM: usize = 0;
const COLD: [usize; 2] = [1, 2];

const WORDS: &str = "So many files, each in a message of its own in one conversation, and so many \
                     sessions. A decision alone: `If-None-Match: *`, answered with 304 and without a \
                     look at the bytes. Warm: 4 000 files that are in memory, by one session. Cold: \
                     4 000 files out of all, which were never asked about before, scattered over the \
                     ids; and as many sessions that are seen for the first time, each presigning one \
                     URL. A page of 30 messages from anywhere in the conversation; the newest 30 files \
                     of the app; taking back one file, receipt included. SQLite, by its page cache \
                     warm or not as it comes. Behind each its ratio to the fewest rows.";

pub(super) fn measure(bench: &Bench<'_>) -> anyhow::Result<Option<Findings>> {
    let mut findings = bench.findings(WORDS);
    findings.effort = format!("{ASKED} of each, {PAGES} pages of each list");
    let mut rows = Vec::new();
    let mut first: Option<Vec<f64>> = None;
    let mut points = OPERATIONS.map(|_| Vec::new());
    let mut last = Duration::ZERO;
    let most = if bench.options.quick { ROWS[1] } else { ROWS[3] };
    let most = bench.options.most_rows.unwrap_or(most);
    if most < ROWS[3] {
        let most = grouped(large_number(most), 0);
        findings.left_out.push(format!("Only up to {most} rows were asked for."));
    }
    for count in ROWS.into_iter().filter(|count| *count <= most) {
        if last * 11 > LONGEST {
            findings.left_out.push(format!(
                "{} rows were left out: a tenth of them took {} s.",
                grouped(large_number(count), 0),
                last.as_secs()
            ));
            break;
        }
        let began = Instant::now();
        let costs = costs(bench, count)?;
        last = began.elapsed();
        let medians: Vec<f64> = costs.iter().map(Spread::median).collect();
        let first = first.get_or_insert_with(|| medians.clone());
        let mut row = vec![grouped(large_number(count), 0)];
        for (place, cost) in costs.iter().enumerate() {
            let ratio = medians[place] / first[place];
            row.push(format!("{}; {ratio:.2}×", ranged(cost, 1)));
            points[place].push((large_number(count), ratio));
        }
        terminal::line(&format!("{} rows: {}", row[0], row[1..].join(", ")));
        rows.push(row);
    }
    let growth = |place: usize| points[place].last().map_or(1.0, |(_, ratio)| *ratio);
    let cold = COLD.into_iter().map(growth).fold(0.0, f64::max);
    for (target, ratio) in [("growth_warm", growth(WARM)), ("growth_cold", cold)] {
        findings.reach(target, ratio, format!("{ratio:.2}"));
    }
    let lines = OPERATIONS.into_iter().zip(points);
    let lines = lines.map(|(label, points)| Line { label: label.to_owned(), points }).collect();
    let columns = OPERATIONS.map(|name| format!("{name}, µs"));
    findings.tables.push(Table {
        name: "growth".to_owned(),
        title: "Processor time of each, by rows".to_owned(),
        columns: [vec!["files, messages and sessions".to_owned()], columns.to_vec()].concat(),
        rows,
        plot: Plot::Lines {
            unit: "times what it costs with the fewest rows".to_owned(),
            x_unit: "files, messages and sessions".to_owned(),
            x_in_decades: true,
            lines,
        },
    });
    Ok(Some(findings))
}

/// Processor time of each operation.
fn costs(bench: &Bench<'_>, count: u64) -> anyhow::Result<Vec<Spread>> {
    let driver = bench.workspace.path("target/release/cloakroom-bench-driver");
    let files = Files { first: 0, count, bytes: 1024, carried: true };
    let mut tokens = Vec::new();
    let name = format!("growth-{count}");
    let server = Server::start_prepared(
        bench.workspace,
        &bench.scratch,
        &name,
        &Setup::plain(18_550),
        |data| {
            let began = Instant::now();
            files.write_rows(data)?;
            tokens = write_sessions(&driver, data, count, ASKED)?;
            let took = began.elapsed().as_secs();
            terminal::line(&format!("{count} rows of each were written in {took} s"));
            Ok(())
        },
    )?;
    let alice = Person::join(&server, APP)?;
    let media = Target::parse(&server.media)?;
    let api = Target::parse(&server.api)?;
    // Numbers in steps: their ids lie anywhere, and none comes twice.
    let places = |many: u64| (1..=many).map(move |step| step * (count / many).max(1) % count);
    let ask: Vec<Vec<u8>> = places(ASKED)
        .map(|place| {
            let path = format!("{}?fat={}", Files::path(place), alice.fat);
            Target { path, ..media.clone() }.get(&["If-None-Match: *".to_owned()])
        })
        .collect();
    let url = format!("{}{}", server.media, Files::path(0));
    let calls = tokens.iter().map(|token| {
        let person = Person { token: token.clone(), ..alice.clone() };
        Ok(person.presigning(&server, &[&url])?.1)
    });
    let calls = calls.collect::<anyhow::Result<Vec<_>>>()?;
    let call = |method: &str, path: String, who: String, body: &str| {
        let headers = [who, format!("appid: {APP}"), "content-type: application/json".to_owned()];
        Target { path: format!("/v3{path}"), ..api.clone() }.request(method, &headers, body)
    };
    let messages = places(PAGES).map(|place| {
        let path = format!("/users/bob/messages?per_page=30&id={}", Files::message(place));
        call("GET", path, alice.header(), "")
    });
    let key = server.key(APP)?.to_owned();
    let newest = call("GET", "/media?per_page=30".to_owned(), key.clone(), "");
    let back = places(PAGES).map(|place| {
        let body = json!({ "kind": "file", "id": Files::id(place) }).to_string();
        call("POST", "/revocations".to_owned(), key.clone(), &body)
    });
    let rounds = bench.effort().rounds;
    let cold = each(&server, &media, &ask, 304, rounds)?;
    let sessions = each(&server, &api, &calls, 200, rounds)?;
    load::run(&Plan {
        duration: Duration::from_mins(1),
        most_answers: ASKED,
        ..plan(&media, ask.clone(), 304)
    })?;
    let mut warm = Vec::new();
    for _ in 0..rounds {
        let duration = Duration::from_secs(bench.effort().seconds.into());
        let before = processor_time(server.pid())?;
        let outcome = load::run(&Plan { duration, ..plan(&media, ask.clone(), 304) })?;
        let used = used_since(server.pid(), before)?;
        warm.push(used * 1e6 / large_number(outcome.answers));
    }
    let messages = each(&server, &api, &messages.collect::<Vec<_>>(), 200, rounds)?;
    let newest = each(&server, &api, &vec![newest; usize::try_from(PAGES)?], 200, rounds)?;
    let back = each(&server, &api, &back.collect::<Vec<_>>(), 200, rounds)?;
    drop(server);
    std::fs::remove_dir_all(bench.scratch.path().join(name))?;
    let warm = Spread::of(warm).expect("there is a round");
    Ok(vec![warm, cold, sessions, messages, newest, back])
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
