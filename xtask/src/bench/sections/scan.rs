//! What a scan by clamd costs a file between upload and first read.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};

use super::super::Bench;
use super::super::answer::Target;
use super::super::findings::{Bar, Findings, Plot, Table, ranged};
use super::super::person::{Person, noise_file};
use super::super::process_account::{processor_time, used_since};
use super::super::server::{APP, Server, Setup};
use super::super::statistics::Spread;
use super::pictures::picture;
use crate::process::output;

const PROGRAMS: [&str; 2] = ["/usr/sbin/clamd", "/usr/local/sbin/clamd"];
/// A file that takes longer hangs.
const LONGEST: Duration = Duration::from_mins(1);

const WORDS: &str = "One file at a time, from the call that sends it to the first read that is \
                     answered with its bytes, by a server without a scanner and by one that holds \
                     each file until clamd found it clean, in turn. clamd runs on the generator's \
                     core, with one signature; all those of ClamAV take it longer, and a gigabyte \
                     of memory. What the server takes is a copy of the file and its way through a \
                     socket; the file waits, the call that sent it does not.";

pub(super) fn measure(bench: &Bench<'_>) -> anyhow::Result<Option<Findings>> {
    let Some(program) = PROGRAMS.into_iter().find(|path| Path::new(path).exists()) else {
        return Ok(None);
    };
    let clamd = Clamd::start(program, &bench.scratch.fresh_folder("clamd")?)?;
    let with = Setup { clamd: Some(clamd.address.clone()), ..Setup::plain(18_560) };
    let servers = [
        Server::start(bench.workspace, &bench.scratch, "hot", &Setup::plain(18_480))?,
        Server::start(bench.workspace, &bench.scratch, "scanned", &with)?,
    ];
    let people = [Person::join(&servers[0], APP)?, Person::join(&servers[1], APP)?];
    let files = bench.scratch.folder("files")?;
    let jpeg = files.join("scanned.jpg");
    picture(&jpeg, 4000, 3000)?;
    let cases = [
        ("1 MB", noise_file(&files, 1_000_000)?, "file"),
        ("10 MB", noise_file(&files, 10_000_000)?, "file"),
        ("a picture of 12 megapixels", jpeg, "image"),
    ];
    let rounds = bench.effort().rounds;
    let mut findings = bench.findings(WORDS);
    findings.effort = format!("{rounds} rounds");
    let (mut rows, mut bars) = (Vec::new(), Vec::new());
    for (name, file, kind) in &cases {
        let mut found = [Times::default(), Times::default()];
        let mut clamds = Vec::new();
        for _ in 0..rounds {
            let before = processor_time(clamd.child.id())?;
            for ((server, person), times) in servers.iter().zip(&people).zip(&mut found) {
                times.add(server, person, file, kind)?;
            }
            clamds.push(used_since(clamd.child.id(), before)? * 1000.0);
        }
        let Some(clamds) = Spread::of(clamds) else { continue };
        let [without, scanned] = &found;
        let more = scanned.took.iter().zip(&without.took).map(|(with, without)| with - without);
        let Some(more) = Spread::of(more.collect()) else { continue };
        for (with, times) in [("without a scanner", without), ("with clamd", scanned)] {
            let (Some(took), Some(used)) =
                (Spread::of(times.took.clone()), Spread::of(times.used.clone()))
            else {
                continue;
            };
            let is_scanned = with == "with clamd";
            let or_none = |spread: &Spread| {
                if is_scanned { ranged(spread, 0) } else { "–".to_owned() }
            };
            let cells = [ranged(&took, 0), or_none(&more), ranged(&used, 0), or_none(&clamds)];
            rows.push([vec![(*name).to_owned(), with.to_owned()], cells.to_vec()].concat());
            bars.push(Bar::of(&format!("{name}, {with}"), &took, is_scanned));
        }
    }
    let columns = [
        "file",
        "",
        "ms until it is read",
        "of which for the scan",
        "ms of the server's processor time",
        "ms of clamd's",
    ];
    findings.tables.push(Table {
        name: "scan".to_owned(),
        title: "From upload to first read".to_owned(),
        columns: columns.map(str::to_owned).to_vec(),
        rows,
        plot: Plot::Bars { unit: "milliseconds".to_owned(), line_at: None, bars },
    });
    Ok(Some(findings))
}

/// Of each round, in milliseconds.
#[derive(Default)]
struct Times {
    took: Vec<f64>,
    /// Processor time of the server.
    used: Vec<f64>,
}

impl Times {
    fn add(
        &mut self,
        server: &Server,
        person: &Person,
        file: &Path,
        kind: &str,
    ) -> anyhow::Result<()> {
        let (before, began) = (processor_time(server.pid())?, Instant::now());
        let told = output(&mut person.sending(server, file, kind))?;
        let answer: serde_json::Value = serde_json::from_str(&told)?;
        let url = answer["data"]["data"]["attachments"][0]["url"].as_str();
        let url = url.with_context(|| format!("no attachment in {told}"))?;
        wait_until_read(&Target::parse(&person.with_fat(url))?)?;
        self.took.push(began.elapsed().as_secs_f64() * 1000.0);
        self.used.push(used_since(server.pid(), before)? * 1000.0);
        Ok(())
    }
}

/// Asks for the first byte of a file, again and again.
fn wait_until_read(target: &Target) -> anyhow::Result<()> {
    let began = Instant::now();
    let ask = target.get(&["connection: close".to_owned(), "range: bytes=0-0".to_owned()]);
    while began.elapsed() < LONGEST {
        let mut stream = TcpStream::connect(target.address)?;
        stream.write_all(&ask)?;
        let mut start = [0; 12];
        stream.read_exact(&mut start)?;
        match &start {
            b"HTTP/1.1 206" => return Ok(()),
            b"HTTP/1.1 404" => thread::sleep(Duration::from_millis(2)),
            _ => bail!("{} instead of 206", String::from_utf8_lossy(&start)),
        }
    }
    bail!("the file was not released")
}

/// A running clamd. Ends when dropped.
struct Clamd {
    child: Child,
    address: String,
}

impl Clamd {
    fn start(program: &str, folder: &Path) -> anyhow::Result<Self> {
        let (socket, signatures) = (folder.join("clamd.ctl"), folder.join("signatures"));
        fs::create_dir(&signatures)?;
        // Some bytes that no file here has.
        fs::write(signatures.join("bench.ndb"), "Bench-Test:0:0:636c6f616b726f6f6d2d62656e6368\n")?;
        let config = folder.join("clamd.conf");
        let settings = format!(
            "Foreground yes\nLocalSocket {}\nDatabaseDirectory {}\nStreamMaxLength 100M\n",
            socket.display(),
            signatures.display()
        );
        fs::write(&config, settings)?;
        let mut command = Command::new(program);
        command.arg("-c").arg(&config).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().context("clamd does not start")?;
        let mut clamd = Self { child, address: format!("unix:{}", socket.display()) };
        let began = Instant::now();
        while UnixStream::connect(&socket).is_err() {
            ensure!(began.elapsed() < LONGEST, "clamd is not ready");
            ensure!(clamd.child.try_wait()?.is_none(), "clamd ended");
            thread::sleep(Duration::from_millis(50));
        }
        Ok(clamd)
    }
}

impl Drop for Clamd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
