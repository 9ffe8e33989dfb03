//! A repeat view: 304 after a live check, against nginx's own 304.

use super::super::Bench;
use super::super::findings::{Bar, Findings, Plot, Table, cells, ranged};
use super::super::limit::Limit;
use super::super::nginx::{Door, Nginx};
use super::super::person::{Person, noise_file};
use super::super::rounds::{Candidate, Generator, alternate};
use super::super::server::{APP, Server, Setup};
use super::super::wrk::Wrk;

const WORDS: &str =
    "`If-None-Match` with the file's `ETag`, which both answer with 304. *The limit* is as above.";

pub(super) fn measure(bench: &Bench<'_>) -> anyhow::Result<Option<Findings>> {
    let server = Server::start(bench.workspace, &bench.scratch, "hot", &Setup::plain(18_480))?;
    let folder = bench.scratch.fresh_folder("nginx")?;
    let nginx = Nginx::start(bench.workspace, &folder, &bench.certificate()?)?;
    let alice = Person::join(&server, APP)?;
    let file = noise_file(&nginx.files(), 100 * 1024)?;
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let sent = alice.send(&server, &file)?;
    let candidate = |name: &str, server: u32, url: String, etag: &str| {
        let headers = vec![format!("If-None-Match: {etag}")];
        Candidate::new(name, server, Generator::Wrk(Wrk { url, headers }))
    };
    let (ours, worker) = (server.pid(), nginx.worker()?);
    let asks = [format!("If-None-Match: {}", sent.etag)];
    let folder = bench.scratch.folder("limit")?;
    let limit = Limit::start(bench.workspace, &folder, &alice.with_fat(&sent.url), &asks)?;
    let measured = alternate(
        &[
            candidate("nginx", worker, Nginx::url(Door::Plain, &name)?, &Nginx::etag(&name)?),
            candidate("with a FAT", ours, alice.with_fat(&sent.url), &sent.etag),
            candidate("presigned", ours, alice.presign(&server, &sent.url)?, &sent.etag),
            candidate("the limit", limit.pid(), Limit::url(), &sent.etag),
        ],
        bench.effort(),
    )?;
    let mut findings = bench.findings(WORDS);
    let (mut rows, mut bars) = (Vec::new(), Vec::new());
    for one in &measured {
        let gain = one.gain_over(&measured[0]);
        let [rate, micros, busy] = cells(one);
        rows.push(vec![one.name.clone(), rate, micros, busy, ranged(&gain, 2)]);
        bars.push(Bar::of(&one.name, &gain, one.name != "nginx" && one.name != "the limit"));
    }
    let gain = measured[1].gain_over(&measured[0]);
    findings.reach("not_modified", gain.median(), ranged(&gain, 2));
    findings.tables.push(Table {
        name: "revalidation".to_owned(),
        title: "304 after a live check".to_owned(),
        columns: ["", "requests a second", "µs", "of its core", "to nginx"]
            .map(str::to_owned)
            .to_vec(),
        rows,
        plot: Plot::Bars {
            unit: "times what nginx does with the same processor time".to_owned(),
            line_at: Some(1.0),
            bars,
        },
    });
    Ok(Some(findings))
}
