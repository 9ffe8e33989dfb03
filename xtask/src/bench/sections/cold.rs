//! Many different files, each read once in a while: the page cache is warm, ours cannot hold them.

use std::fs;

use super::super::Bench;
use super::super::answer::Target;
use super::super::findings::{Bar, Findings, Table, against, ranged};
use super::super::load;
use super::super::nginx::{Door, Nginx};
use super::super::person::Person;
use super::super::rounds::{Candidate, Generator, alternate};
use super::super::rows::Files;
use super::super::server::{APP, Server, Setup};
use super::hot::plan;

const SIZES: [(&str, &str, usize); 3] = [
    ("cold_small", "16 KB", 16 * 1024),
    ("cold_small", "64 KB", 64 * 1024),
    ("cold_large", "100 KB", 100 * 1024),
];
const CACHE_BYTES: u64 = 4 << 20;

pub(super) fn measure(bench: &Bench<'_>) -> anyhow::Result<Option<Findings>> {
    let count = if bench.options.quick { 2000 } else { 10_000 };
    let all: Vec<Files> = (0..)
        .zip(SIZES)
        .map(|(place, (_, _, bytes))| Files { first: place * count, count, bytes, carried: true })
        .collect();
    let setup = Setup { cache_bytes: Some(CACHE_BYTES), ..Setup::plain(18_510) };
    let prepare = |data: &std::path::Path| {
        all.iter().try_for_each(|files| {
            files.write_rows(data)?;
            files.write_bytes(data)
        })
    };
    let server = Server::start_prepared(bench.workspace, &bench.scratch, "cold", &setup, prepare)?;
    let folder = bench.scratch.fresh_folder("nginx")?;
    let nginx = Nginx::start(bench.workspace, &folder, &bench.certificate()?)?;
    fs::create_dir_all(nginx.files().join("cold"))?;
    let alice = Person::join(&server, APP)?;
    let mut findings = bench.findings(&format!(
        "{count} different files of each size, in turn. The page cache holds them all; ours has \
         4 MB and holds none. Each lies in a message of its own. nginx reads the same files, and \
         keeps them all open."
    ));
    if bench.options.quick {
        findings
            .left_out
            .push("2 000 files of each size instead of 10 000: a quick run.".to_owned());
    }
    let (mut rows, mut bars) = (Vec::new(), Vec::new());
    let mut small = Vec::new();
    for (files, (target, size, _)) in all.iter().zip(SIZES) {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        let media = Target::parse(&server.media)?;
        let (signed, query) = signed_cold()?;
        for place in files.first..files.first + files.count {
            let link = nginx.files().join("cold").join(place.to_string());
            fs::hard_link(Files::blob(&server.data, place), link)?;
            let path = format!("{}?fat={}", Files::path(place), alice.fat);
            ours.push(Target { path, ..media.clone() }.get(&[]));
            let path = format!("/cold/{place}?{query}");
            theirs.push(Target { path, ..signed.clone() }.get(&[]));
        }
        let candidates = [
            Candidate::new("nginx", nginx.worker()?, Generator::Own(plan(&signed, theirs, 200))),
            Candidate::new("with a FAT", server.pid(), Generator::Own(plan(&media, ours, 200))),
        ];
        for candidate in &candidates {
            if let Generator::Own(plan) = &candidate.generator {
                load::run(&load::Plan {
                    most_answers: files.count,
                    duration: std::time::Duration::from_mins(1),
                    ..plan.clone()
                })?;
            }
        }
        let measured = alternate(&candidates, bench.effort())?;
        let gain = measured[1].gain_over(&measured[0]);
        rows.extend(measured.iter().map(|one| against(size, one, &measured[0])));
        bars.push(Bar::of(size, &gain, true));
        if target == "cold_large" {
            findings.reach(target, gain.median(), ranged(&gain, 2));
        } else {
            small.push(gain);
        }
    }
    let lower = small.iter().min_by(|one, other| one.median().total_cmp(&other.median()));
    if let Some(lower) = lower {
        findings.reach("cold_small", lower.median(), ranged(lower, 2));
    }
    findings.tables.push(Table::against_nginx("cold", "Cold files", rows, bars));
    Ok(Some(findings))
}

/// Below `/cold/` nginx's signature leaves the path out, so that one does for all files.
fn signed_cold() -> anyhow::Result<(Target, String)> {
    let url = Nginx::signed(Door::Plain, "cold/", "")?;
    let target = Target::parse(&url)?;
    let query = target.path.split_once('?').map(|(_, query)| query.to_owned()).unwrap_or_default();
    Ok((target, query))
}
