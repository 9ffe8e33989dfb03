//! How long the slowest reads take while others upload, make thumbnails and take things back.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::super::Bench;
use super::super::answer::Target;
use super::super::exchange::exchange;
use super::super::findings::{Bar, Findings, Plot, Table, ranged};
use super::super::load::{self, Plan};
use super::super::person::{Person, noise_file, sent};
use super::super::server::{APP, Server, Setup};
use super::super::statistics::Spread;
use super::hot::plan;
use super::pictures::picture;

const BYTES: usize = 100 * 1024;
/// So many connections read at once: enough to keep the core busy, or just one.
const READERS: [usize; 2] = [32, 1];
/// Between two rounds of the others' work.
const PAUSE: Duration = Duration::from_millis(200);

const WORDS: &str = "A hot file of 100 KB, read alone, and read while one client sends files of 5 MB \
                     and pictures of 1.1 megapixels (of which thumbnails are made) and another \
                     revokes files, each at most five times a second, all on the server's one core. \
                     Milliseconds from the request to the last byte; the target counts 32 readers. \
                     The other clients start no programs: on the generator's core, their starting \
                     would be measured as well.";

pub(super) fn measure(bench: &Bench<'_>) -> anyhow::Result<Option<Findings>> {
    let server = Server::start(bench.workspace, &bench.scratch, "hot", &Setup::plain(18_480))?;
    let alice = Person::join(&server, APP)?;
    let files = bench.scratch.folder("files")?;
    let hot = alice.send(&server, &noise_file(&files, BYTES)?)?;
    let target = Target::parse(&alice.with_fat(&hot.url))?;
    let others = Others::new(&alice, &server, &files)?;
    let mut findings = bench.findings(WORDS);
    let (mut rows, mut bars) = (Vec::new(), Vec::new());
    let sets = if bench.options.quick { 1 } else { READERS.len() };
    for readers in READERS.into_iter().take(sets) {
        let plan = Plan {
            connections: readers,
            duration: Duration::from_secs((2 * bench.effort().seconds).into()),
            ..plan(&target, vec![target.get(&[])], 200)
        };
        load::run(&plan)?;
        let (mut idle, mut busy) = (Times::default(), Times::default());
        for _ in 0..bench.effort().rounds {
            idle.add(&load::run(&plan)?);
            busy.add(&others.meanwhile(|| load::run(&plan))?);
        }
        let name = if readers == 1 { "1 reader".to_owned() } else { format!("{readers} readers") };
        for (with, times) in [("alone", &idle), ("under mixed load", &busy)] {
            let [p50, p99, p999] = times.spreads();
            let label = format!("{name}, {with}");
            let cells = [&p50, &p99, &p999].map(|spread| ranged(spread, 2));
            rows.push([vec![label.clone()], cells.to_vec()].concat());
            bars.push(Bar::of(&format!("{label}, p99"), &p99, with != "alone"));
        }
        if readers == READERS[0] {
            let ratio = busy.p99.iter().zip(&idle.p99).map(|(busy, idle)| busy / idle);
            if let Some(ratio) = Spread::of(ratio.collect()) {
                findings.reach("tail", ratio.median(), ranged(&ratio, 2));
            }
        }
    }
    findings.left_out.push(format!(
        "Meanwhile {} uploads and {} revocations were done.",
        others.uploads.load(Ordering::Relaxed),
        others.revocations.load(Ordering::Relaxed)
    ));
    findings.tables.push(Table {
        name: "tail".to_owned(),
        title: "The slowest reads".to_owned(),
        columns: ["", "p50, ms", "p99, ms", "p99.9, ms"].map(str::to_owned).to_vec(),
        rows,
        plot: Plot::Bars { unit: "milliseconds".to_owned(), line_at: None, bars },
    });
    Ok(Some(findings))
}

/// Quantiles of each round, in milliseconds.
#[derive(Default)]
struct Times {
    p50: Vec<f64>,
    p99: Vec<f64>,
    p999: Vec<f64>,
}

impl Times {
    fn add(&mut self, outcome: &load::Outcome) {
        self.p50.push(outcome.times.quantile_ms(0.50));
        self.p99.push(outcome.times.quantile_ms(0.99));
        self.p999.push(outcome.times.quantile_ms(0.999));
    }

    fn spreads(&self) -> [Spread; 3] {
        [&self.p50, &self.p99, &self.p999].map(|values| {
            Spread::of(values.clone()).expect("every round has times, and there is a round")
        })
    }
}

/// What goes on beside the reading.
pub(super) struct Others<'a> {
    server: &'a Server,
    messages: Target,
    sending: [Vec<u8>; 2],
    small: Vec<u8>,
    uploads: AtomicU64,
    revocations: AtomicU64,
}

impl<'a> Others<'a> {
    pub(super) fn new(alice: &'a Person, server: &'a Server, files: &Path) -> anyhow::Result<Self> {
        let jpeg = files.join("tail.jpg");
        picture(&jpeg, 1200, 900)?;
        let (messages, large) = alice.to_send(server, &noise_file(files, 5_000_000)?, "file")?;
        let (_, picture) = alice.to_send(server, &jpeg, "image")?;
        let (_, small) = alice.to_send(server, &noise_file(files, 1000)?, "file")?;
        Ok(Self {
            server,
            messages,
            sending: [large, picture],
            small,
            uploads: AtomicU64::new(0),
            revocations: AtomicU64::new(0),
        })
    }

    /// Does something while the others work.
    pub(super) fn meanwhile<T>(
        &self,
        something: impl FnOnce() -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            let sender = scope.spawn(|| Self::until(&is_over, |round| self.upload(round)));
            let revoker = scope.spawn(|| Self::until(&is_over, |_| self.revoke()));
            let done = something();
            is_over.store(true, Ordering::Release);
            for other in [sender, revoker] {
                other.join().expect("they do not panic")?;
            }
            done
        })
    }

    fn until(
        is_over: &AtomicBool,
        work: impl Fn(usize) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        for round in 0.. {
            if is_over.load(Ordering::Acquire) {
                break;
            }
            let began = Instant::now();
            work(round)?;
            thread::sleep(PAUSE.saturating_sub(began.elapsed()));
        }
        Ok(())
    }

    fn upload(&self, round: usize) -> anyhow::Result<()> {
        exchange(&self.messages, &self.sending[round % 2])?;
        self.uploads.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn revoke(&self) -> anyhow::Result<()> {
        let (_, id) = sent(&exchange(&self.messages, &self.small)?)?;
        let (target, request) = self.server.revoking(&json!({ "kind": "file", "id": id }))?;
        exchange(&target, &request)?;
        self.revocations.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}
