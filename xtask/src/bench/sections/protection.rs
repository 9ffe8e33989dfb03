//! What protection costs: one server, one file, Token Based File Access off and on.

use super::super::Bench;
use super::super::findings::{Bar, Findings, Plot, Table, cells, ranged};
use super::super::person::{Person, noise_file};
use super::super::rounds::{Measured, alternate};
use super::super::server::{APP, OPEN_APP, Server, Setup};
use super::super::statistics::Spread;
use super::hot::candidate;

const SIZES: [(&str, usize); 3] = [("1 KB", 1024), ("16 KB", 16 * 1024), ("100 KB", 100 * 1024)];

const WORDS: &str = "The same server and the same bytes, in an app with Token Based File Access \
                     off and in one with it on. Cost is the processor time that a request takes \
                     more than in the open app. The targets count the 1 KB file, where a fixed \
                     cost weighs most.";

pub(super) fn measure(bench: &Bench<'_>) -> anyhow::Result<Option<Findings>> {
    let server = Server::start(bench.workspace, &bench.scratch, "hot", &Setup::plain(18_480))?;
    let (alice, open) = (Person::join(&server, APP)?, Person::join(&server, OPEN_APP)?);
    let files = bench.scratch.folder("files")?;
    let mut findings = bench.findings(WORDS);
    let (mut rows, mut bars) = (Vec::new(), Vec::new());
    for (place, (size, bytes)) in SIZES.into_iter().enumerate() {
        let file = noise_file(&files, bytes)?;
        let (sent, in_the_open) = (alice.send(&server, &file)?, open.send(&server, &file)?);
        let pid = server.pid();
        let measured = alternate(
            &[
                candidate("off", pid, &in_the_open.url, bytes)?,
                candidate("on, with a FAT", pid, &alice.with_fat(&sent.url), bytes)?,
                candidate("on, presigned", pid, &alice.presign(&server, &sent.url)?, bytes)?,
            ],
            bench.effort(),
        )?;
        for one in &measured {
            let cost = cost(one, &measured[0]);
            let [rate, micros, busy] = cells(one);
            rows.push(vec![
                size.to_owned(),
                one.name.clone(),
                rate,
                micros,
                busy,
                format!("{} %", ranged(&cost, 1)),
            ]);
        }
        let ids = ["protection_fat", "protection_presigned"];
        for (one, id) in measured[1..].iter().zip(ids) {
            let cost = cost(one, &measured[0]);
            bars.push(Bar::of(&format!("{size} {}", one.name), &cost, true));
            if place == 0 {
                findings.reach(id, cost.median(), format!("{} %", ranged(&cost, 1)));
            }
        }
    }
    findings.tables.push(Table {
        name: "protection".to_owned(),
        title: "The cost of protection".to_owned(),
        columns: ["size", "protection", "requests a second", "µs", "of its core", "cost"]
            .map(str::to_owned)
            .to_vec(),
        rows,
        plot: Plot::Bars { unit: "% more processor time".to_owned(), line_at: None, bars },
    });
    Ok(Some(findings))
}

/// How much more processor time a request takes, in percent.
fn cost(one: &Measured, open: &Measured) -> Spread {
    let gains = open.gain_over(one);
    gains.map(|gain| (gain - 1.0) * 100.0)
}
