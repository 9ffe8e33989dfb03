//! From the call that takes back to its receipt: no node decides for it any more.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::ensure;
use serde_json::json;

use super::super::Bench;
use super::super::answer::Target;
use super::super::findings::{Bar, Findings, Plot, Table};
use super::super::histogram::Histogram;
use super::super::load::{self, Plan};
use super::super::person::{Person, noise_file};
use super::super::server::{APP, OPEN_APP, Server, Setup};
use super::hot::plan;
use crate::postgres::{self, Postgres};
use crate::process::output;

const WORDS: &str = "`POST /v3/revocations` of all that the app has out, one after the other, each \
                     until its receipt is there, while 8 connections read a hot file of 100 KB. With \
                     two nodes the receipt says that both have applied it; the load is on the node \
                     that is asked.";

pub(super) fn measure(bench: &Bench<'_>) -> anyhow::Result<Option<Findings>> {
    let calls = if bench.options.quick { 100 } else { 400 };
    let mut findings = bench.findings(WORDS);
    findings.effort = format!("{calls} calls");
    let mut all = Vec::new();
    let server = Server::start(bench.workspace, &bench.scratch, "hot", &Setup::plain(18_480))?;
    all.push(("one node, SQLite", took(&server, &bench.scratch.folder("files")?, calls)?));
    drop(server);
    if postgres::is_installed() {
        let times = two_nodes(bench, calls)?;
        all.push(("two nodes, PostgreSQL", times));
    } else {
        let reason = "Two nodes on PostgreSQL: not measured, PostgreSQL is not installed.";
        findings.left_out.push(reason.to_owned());
    }
    let (mut rows, mut bars) = (Vec::new(), Vec::new());
    for (name, times) in &all {
        let quantiles = [0.5, 0.99, 1.0].map(|part| times.quantile_ms(part));
        let shown = quantiles.map(|millis| format!("{millis:.1}"));
        rows.push([vec![(*name).to_owned()], shown.to_vec()].concat());
        bars.push(Bar {
            label: format!("{name}, p50, range to p99"),
            value: quantiles[0],
            least: quantiles[0],
            most: quantiles[1],
            ours: true,
        });
    }
    findings.tables.push(Table {
        name: "revocation".to_owned(),
        title: "From the call to the receipt".to_owned(),
        columns: ["", "p50, ms", "p99, ms", "most, ms"].map(str::to_owned).to_vec(),
        rows,
        plot: Plot::Bars { unit: "milliseconds".to_owned(), line_at: None, bars },
    });
    Ok(Some(findings))
}

fn two_nodes(bench: &Bench<'_>, calls: u64) -> anyhow::Result<Histogram> {
    let postgres = Postgres::start()?;
    let url = postgres.url().replace("localhost/?", "localhost/bench?");
    output(Command::new("psql").args([&postgres.url(), "-qc", "CREATE DATABASE bench"]))?;
    let setup = Setup { postgres: Some(url), ..Setup::plain(18_520) };
    let first = Server::start(bench.workspace, &bench.scratch, "first", &setup)?;
    let setup = Setup { ports_from: 18_530, beside: Some(first.data.clone()), ..setup };
    let second = Server::start(bench.workspace, &bench.scratch, "second", &setup)?;
    let times = took(&first, &bench.scratch.folder("files")?, calls)?;
    drop(second);
    Ok(times)
}

/// How long the calls took.
fn took(server: &Server, files: &Path, calls: u64) -> anyhow::Result<Histogram> {
    let (alice, open) = (Person::join(server, APP)?, Person::join(server, OPEN_APP)?);
    let file = noise_file(files, 100 * 1024)?;
    let presigned = alice.presign(server, &alice.send(server, &file)?.url)?;
    // The load must go on when all that the app has out is taken back, so it reads in another app.
    let read = Target::parse(&open.send(server, &file)?.url)?;
    let (revoke, revocation) = server.revoking(&json!({ "kind": "app" }))?;
    let is_over = AtomicBool::new(false);
    let times = thread::scope(|scope| {
        let reading = scope.spawn(|| read_until(&is_over, &read));
        let outcome = load::run(&Plan {
            connections: 1,
            duration: Duration::from_mins(2),
            most_answers: calls,
            ..plan(&revoke, vec![revocation], 200)
        });
        is_over.store(true, Ordering::Release);
        reading.join().expect("it does not panic")?;
        anyhow::Ok(outcome?.times)
    })?;
    let mut curl = Command::new("curl");
    let status = output(curl.args(["-s", "-o", "/dev/null", "-w", "%{http_code}", &presigned]))?;
    ensure!(status == "403", "what was taken back still opens: {status}");
    Ok(times)
}

fn read_until(is_over: &AtomicBool, target: &Target) -> anyhow::Result<()> {
    while !is_over.load(Ordering::Acquire) {
        load::run(&Plan {
            connections: 8,
            duration: Duration::from_millis(200),
            ..plan(target, vec![target.get(&[])], 200)
        })?;
    }
    Ok(())
}
