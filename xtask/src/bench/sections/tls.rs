//! The same hot file over TLS 1.3, with one certificate for both servers.

use super::super::Bench;
use super::super::findings::{Bar, Findings, Table, against, ranged};
use super::super::nginx::{Door, Nginx};
use super::super::person::{Person, noise_file};
use super::super::rounds::{Candidate, Generator, alternate};
use super::super::server::{APP, Server, Setup};
use super::super::wrk::Wrk;

const SIZES: [(&str, &str, usize); 2] =
    [("tls_16k", "16 KB", 16 * 1024), ("tls_1m", "1 MB", 1024 * 1024)];

const WORDS: &str = "As above, over TLS 1.3 on connections that stay open, with one P-256 \
                     certificate for both. The generator is wrk, which decrypts all it reads: from \
                     1 MB on it is the limit of requests a second, so only the processor time \
                     counts.";

pub(super) fn measure(bench: &Bench<'_>) -> anyhow::Result<Option<Findings>> {
    let certificate = bench.certificate()?;
    let setup = Setup { tls: Some(certificate.clone()), ..Setup::plain(18_500) };
    let server = Server::start(bench.workspace, &bench.scratch, "tls-server", &setup)?;
    let nginx = Nginx::start(bench.workspace, &bench.scratch.fresh_folder("nginx")?, &certificate)?;
    let alice = Person::join(&server, APP)?;
    let mut findings = bench.findings(WORDS);
    let (mut rows, mut bars) = (Vec::new(), Vec::new());
    for (target, size, bytes) in SIZES {
        let file = noise_file(&nginx.files(), bytes)?;
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let url = alice.with_fat(&alice.send(&server, &file)?.url);
        let candidate = |name: &str, server: u32, url: String| {
            Candidate::new(name, server, Generator::Wrk(Wrk { url, headers: Vec::new() }))
        };
        let measured = alternate(
            &[
                candidate("nginx", nginx.worker()?, Nginx::url(Door::Tls, &name)?),
                candidate("with a FAT", server.pid(), url),
            ],
            bench.effort(),
        )?;
        let gain = measured[1].gain_over(&measured[0]);
        rows.extend(measured.iter().map(|one| against(size, one, &measured[0])));
        bars.push(Bar::of(size, &gain, true));
        findings.reach(target, gain.median(), ranged(&gain, 2));
    }
    findings.tables.push(Table::against_nginx("tls", "One hot file over TLS", rows, bars));
    Ok(Some(findings))
}
