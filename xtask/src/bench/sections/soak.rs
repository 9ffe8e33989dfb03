//! Everything at once for a long time: does memory stay flat?

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;

use super::super::Bench;
use super::super::answer::Target;
use super::super::findings::{Findings, Line, Plot, Table, grouped};
use super::super::load::{self, Plan};
use super::super::person::{Person, noise_file};
use super::super::process_account::resident_kib;
use super::super::server::{APP, Server, Setup};
use super::super::statistics::{large_number, slope};
use super::hot::plan;
use super::tail::Others;
use crate::terminal;

const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Caches fill first: so much of the time is not looked at for the slope.
const WARMING: f64 = 0.25;

pub(super) fn measure(bench: &Bench<'_>) -> anyhow::Result<Option<Findings>> {
    let minutes = bench.options.soak_minutes.unwrap_or(30);
    let whole = Duration::from_secs(60 * u64::from(minutes));
    let server = Server::start(bench.workspace, &bench.scratch, "hot", &Setup::plain(18_480))?;
    let alice = Person::join(&server, APP)?;
    let files = bench.scratch.folder("files")?;
    let mut requests = Vec::new();
    let mut target = Target::parse(&server.media)?;
    for bytes in [1024, 100 * 1024, 1024 * 1024] {
        let sent = alice.send(&server, &noise_file(&files, bytes)?)?;
        target = Target::parse(&alice.with_fat(&sent.url))?;
        requests.push(target.get(&[]));
        requests.push(Target::parse(&alice.presign(&server, &sent.url)?)?.get(&[]));
    }
    let others = Others::new(&alice, &server, &files)?;
    let (answers, points) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    let is_over = AtomicBool::new(false);
    let began = Instant::now();
    thread::scope(|scope| {
        let looking = scope.spawn(|| -> anyhow::Result<()> {
            while !is_over.load(Ordering::Acquire) {
                let minutes = began.elapsed().as_secs_f64() / 60.0;
                let megabytes = large_number(resident_kib(server.pid())?) / 1024.0;
                points.lock().expect("nobody panics").push((minutes, megabytes));
                thread::sleep(LOOK_EVERY);
            }
            Ok(())
        });
        let asked = others.meanwhile(|| {
            while began.elapsed() < whole {
                let outcome = load::run(&Plan {
                    duration: Duration::from_secs(10).min(whole),
                    ..plan(&target, requests.clone(), 200)
                })?;
                answers.fetch_add(outcome.answers, Ordering::Relaxed);
            }
            Ok(())
        });
        is_over.store(true, Ordering::Release);
        looking.join().expect("it does not panic")?;
        asked
    })?;
    let points = points.into_inner().expect("nobody panics");
    let warm = f64::from(minutes) * WARMING;
    let late: Vec<(f64, f64)> = points.iter().copied().filter(|(at, _)| *at >= warm).collect();
    let slope = slope(&late).context("the soak is too short to have a slope")? * 60.0;
    let (first, last) = (late.first().context("no look")?, late.last().context("no look")?);
    let mut findings = bench.findings(
        "Files of 1 KB, 100 KB and 1 MB are read on 32 connections by both credentials, while \
         others upload, make thumbnails and revoke. The slope is that of the line of least squares \
         after the first quarter, in which caches fill.",
    );
    findings.effort = format!("{minutes} minutes");
    findings.reach("soak_slope", slope, format!("{slope:+.2} MB an hour"));
    let answers = grouped(large_number(answers.into_inner()), 0);
    terminal::line(&format!("{answers} answers, {slope:+.2} MB an hour"));
    findings.tables.push(Table {
        name: "soak".to_owned(),
        title: "Memory under mixed load".to_owned(),
        columns: ["minutes", "answers", "after a quarter, MB", "at the end, MB", "slope, MB/h"]
            .map(str::to_owned)
            .to_vec(),
        rows: vec![vec![
            minutes.to_string(),
            answers,
            grouped(first.1, 1),
            grouped(last.1, 1),
            format!("{slope:+.2}"),
        ]],
        plot: Plot::Lines {
            unit: "MB resident".to_owned(),
            x_unit: "minutes".to_owned(),
            x_in_decades: false,
            lines: vec![Line { label: "server".to_owned(), points }],
        },
    });
    Ok(Some(findings))
}
