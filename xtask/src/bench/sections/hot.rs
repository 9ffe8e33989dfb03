//! One file that everybody reads, from 1 KB to 16 MB, against nginx.

use super::super::Bench;
use super::super::answer::Target;
use super::super::findings::{Bar, Findings, Table, against, ranged};
use super::super::limit::Limit;
use super::super::load::Plan;
use super::super::nginx::{Door, Nginx};
use super::super::person::{Person, noise_file};
use super::super::rounds::{Candidate, Generator, Measured, alternate};
use super::super::server::{APP, Server, Setup};
use super::super::statistics::Spread;
use super::super::wrk::Wrk;

const KB: usize = 1024;
/// From here on wrk, which copies what it reads, would be the limit.
pub(super) const DRAINED_FROM: usize = 100 * KB;
/// From here on nginx is measured with `tcp_nopush off` as well.
const BOTH_FROM: usize = KB * KB;
const SIZES: [(&str, &str, usize); 5] = [
    ("hot_1k", "1 KB", KB),
    ("hot_16k", "16 KB", 16 * KB),
    ("hot_100k", "100 KB", 100 * KB),
    ("hot_1m", "1 MB", KB * KB),
    ("hot_16m", "16 MB", 16 * KB * KB),
];

const WORDS: &str = "One file, read over and over on 32 connections that stay open, over plain \
                     HTTP: with a File Access Token and with a presigned URL. The generator is wrk \
                     up to 16 KB, and from 100 KB on a client that throws bodies away in the \
                     kernel. Ratios from 1 MB on are to the better of nginx's two settings of \
                     `tcp_nopush`; the target counts the lower of our two credentials. *The limit* \
                     is a program that decides nothing, parses nothing and sends the same bytes \
                     as we do from memory, by one recv(2) and one send(2).";

pub(super) fn measure(bench: &Bench<'_>) -> anyhow::Result<Option<Findings>> {
    let server = Server::start(bench.workspace, &bench.scratch, "hot", &Setup::plain(18_480))?;
    let folder = bench.scratch.fresh_folder("nginx")?;
    let nginx = Nginx::start(bench.workspace, &folder, &bench.certificate()?)?;
    let alice = Person::join(&server, APP)?;
    let mut findings = bench.findings(WORDS);
    let (mut rows, mut bars) = (Vec::new(), Vec::new());
    for (target, size, bytes) in SIZES {
        let file = noise_file(&nginx.files(), bytes)?;
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let sent = alice.send(&server, &file)?;
        let worker = nginx.worker()?;
        let mut candidates = vec![
            candidate("nginx", worker, &Nginx::url(Door::Plain, &name)?, bytes)?,
            candidate("with a FAT", server.pid(), &alice.with_fat(&sent.url), bytes)?,
            candidate("presigned", server.pid(), &alice.presign(&server, &sent.url)?, bytes)?,
        ];
        let limit = Limit::start(
            bench.workspace,
            &bench.scratch.folder("limit")?,
            &alice.with_fat(&sent.url),
            &[],
        )?;
        if bytes >= BOTH_FROM {
            let url = Nginx::url(Door::WithoutNopush, &name)?;
            candidates.insert(1, candidate("nginx, tcp_nopush off", worker, &url, bytes)?);
        }
        candidates.push(candidate("the limit", limit.pid(), &Limit::url(), bytes)?);
        let measured = alternate(&candidates, bench.effort())?;
        let (theirs, [ours @ .., _]) = measured.split_at(measured.len() - 3) else {
            anyhow::bail!("three candidates at least were measured");
        };
        let best = best(theirs);
        rows.extend(measured.iter().map(|one| against(size, one, best)));
        let gains: Vec<Spread> = ours.iter().map(|one| one.gain_over(best)).collect();
        for (one, gain) in ours.iter().zip(&gains) {
            bars.push(Bar::of(&format!("{size} {}", one.name), gain, true));
        }
        let lower = gains.iter().min_by(|one, other| one.median().total_cmp(&other.median()));
        if let Some(lower) = lower {
            findings.reach(target, lower.median(), ranged(lower, 2));
        }
    }
    findings.tables.push(Table::against_nginx("hot", "One hot file over plain HTTP", rows, bars));
    Ok(Some(findings))
}

/// The one that takes the least time.
fn best(measured: &[Measured]) -> &Measured {
    measured
        .iter()
        .min_by(|one, other| one.micros().median().total_cmp(&other.micros().median()))
        .expect("there is somebody to compare with")
}

/// A file to be read by whoever is fit to read files of its size.
pub(super) fn candidate(
    name: &str,
    server: u32,
    url: &str,
    bytes: usize,
) -> anyhow::Result<Candidate> {
    let generator = if bytes < DRAINED_FROM {
        Generator::Wrk(Wrk { url: url.to_owned(), headers: Vec::new() })
    } else {
        let target = Target::parse(url)?;
        Generator::Own(plan(&target, vec![target.get(&[])], 200))
    };
    Ok(Candidate::new(name, server, generator))
}

/// 32 connections that ask these requests in turn.
pub(super) fn plan(target: &Target, requests: Vec<Vec<u8>>, status: u16) -> Plan {
    Plan {
        address: target.address,
        requests,
        connections: 32,
        duration: std::time::Duration::ZERO,
        status,
        most_answers: u64::MAX,
    }
}
