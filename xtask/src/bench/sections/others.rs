//! Other servers: Caddy where it is installed, Supabase Storage where a checkout is given.

use std::path::Path;

use super::super::caddy::Caddy;
use super::super::findings::{Bar, Findings, Plot, Table, cells, ranged};
use super::super::person::{Person, noise_file};
use super::super::process_account::resident_kib;
use super::super::rounds::{Candidate, Generator, Measured, alternate};
use super::super::server::{APP, Server, Setup};
use super::super::statistics::{Spread, large_number};
use super::super::supabase::Supabase;
use super::super::{Bench, machine};
use super::hot::{candidate, plan};

const SIZES: [(&str, usize); 3] = [("1 KB", 1024), ("100 KB", 100 * 1024), ("1 MB", 1024 * 1024)];
const BATCH: u32 = 100;

const WORDS: &str = "Caddy serves files without any check, as its default configuration does. Of \
                     Supabase Storage's own server only numbers are taken: one process on the same \
                     core, files in a folder, its rows in PostgreSQL on all cores.";

pub(super) fn measure(bench: &Bench<'_>) -> anyhow::Result<Option<Findings>> {
    let server = Server::start(bench.workspace, &bench.scratch, "hot", &Setup::plain(18_480))?;
    let alice = Person::join(&server, APP)?;
    let files = bench.scratch.folder("files")?;
    let mut findings = bench.findings(WORDS);
    if machine::has("caddy") {
        findings.tables.push(caddy(bench, &server, &alice, &files)?);
    } else {
        findings.left_out.push("Caddy: not measured, it is not installed.".to_owned());
    }
    match &bench.options.supabase {
        Some(checkout) => supabase(bench, &mut findings, &server, &alice, &files, checkout)?,
        None => findings.left_out.push(
            "Supabase Storage: not measured, no checkout was given by `--supabase FOLDER`."
                .to_owned(),
        ),
    }
    Ok(Some(findings))
}

fn caddy(
    bench: &Bench<'_>,
    server: &Server,
    alice: &Person,
    files: &Path,
) -> anyhow::Result<Table> {
    let ready = noise_file(files, SIZES[0].1)?;
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let caddy = Caddy::start(&bench.scratch.folder("caddy")?, files, &name(&ready))?;
    let (mut rows, mut bars) = (Vec::new(), Vec::new());
    for (size, bytes) in SIZES {
        let file = noise_file(files, bytes)?;
        let sent = alice.send(server, &file)?;
        let measured = alternate(
            &[
                candidate("Caddy", caddy.pid(), &Caddy::url(&name(&file)), bytes)?,
                candidate("with a FAT", server.pid(), &alice.with_fat(&sent.url), bytes)?,
            ],
            bench.effort(),
        )?;
        rows.extend(compared(size, &measured));
        bars.push(Bar::of(size, &measured[1].gain_over(&measured[0]), true));
    }
    Ok(Table {
        name: "caddy".to_owned(),
        title: "Against Caddy".to_owned(),
        columns: columns("size"),
        rows,
        plot: Plot::Bars {
            unit: "times what Caddy does with the same processor time".to_owned(),
            line_at: Some(1.0),
            bars,
        },
    })
}

fn supabase(
    bench: &Bench<'_>,
    findings: &mut Findings,
    server: &Server,
    alice: &Person,
    files: &Path,
    checkout: &Path,
) -> anyhow::Result<()> {
    let theirs = Supabase::start(checkout, &bench.scratch.folder("supabase")?)?;
    let idle = large_number(resident_kib(theirs.pid())?) / 1024.0;
    findings.left_out.push(format!("Supabase Storage holds {idle:.0} MB when idle."));
    let file = noise_file(files, 100 * 1024)?;
    let (signed, sent) = (theirs.put(&file)?, alice.send(server, &file)?);
    let presigned = alice.presign(server, &sent.url)?;
    let downloads = alternate(
        &[
            candidate("Supabase Storage", theirs.pid(), &signed, 100 * 1024)?,
            candidate("presigned", server.pid(), &presigned, 100 * 1024)?,
        ],
        bench.effort(),
    )?;
    let urls = vec![sent.url.as_str(); BATCH as usize];
    let mut signing = Vec::new();
    for (name, pid, (target, request)) in [
        ("Supabase Storage", theirs.pid(), theirs.signing(urls.len())?),
        ("presign", server.pid(), alice.presigning(server, &urls)?),
    ] {
        let generator = Generator::Own(plan(&target, vec![request], 200));
        signing.push(Candidate { units: BATCH, ..Candidate::new(name, pid, generator) });
    }
    let signing = alternate(&signing, bench.effort())?;
    let (mut rows, mut bars) = (Vec::new(), Vec::new());
    for (id, what, measured) in [
        ("supabase_download", "100 KB, signed", downloads),
        ("supabase_signing", "signatures, 100 a call", signing),
    ] {
        let ratio: Spread = measured[1].rate_over(&measured[0]);
        rows.extend(compared(what, &measured));
        bars.push(Bar::of(what, &ratio, true));
        findings.reach(id, ratio.median(), ranged(&ratio, 1));
    }
    findings.tables.push(Table {
        name: "supabase".to_owned(),
        title: "Against Supabase Storage".to_owned(),
        columns: columns("what"),
        rows,
        plot: Plot::Bars { unit: "times as many a second".to_owned(), line_at: Some(1.0), bars },
    });
    Ok(())
}

fn columns(first: &str) -> Vec<String> {
    [first, "", "a second", "µs", "of its core", "by requests"].map(str::to_owned).to_vec()
}

fn compared(what: &str, measured: &[Measured]) -> Vec<Vec<String>> {
    measured
        .iter()
        .map(|one| {
            let names = [what.to_owned(), one.name.clone()];
            let ratio = [ranged(&one.rate_over(&measured[0]), 2)];
            [&names[..], &cells(one), &ratio].concat()
        })
        .collect()
}
