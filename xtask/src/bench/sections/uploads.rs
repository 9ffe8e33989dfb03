//! What an upload costs, whichever way it comes, against nginx with dav PUT and the disk itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::Context as _;
use serde_json::json;

use super::super::Bench;
use super::super::findings::{Bar, Findings, Plot, Table, cells, ranged};
use super::super::nginx::Nginx;
use super::super::person::{Person, header, noise_file};
use super::super::process_account::{processor_time, used_since};
use super::super::rounds::{Measured, Round};
use super::super::server::{APP, Server, Setup};
use super::super::statistics::Spread;
use crate::process::output;

const MEGABYTE: usize = 1_000_000;
const MEGABYTES: u32 = 100;
/// What one PATCH brings.
const PIECE_BYTES: usize = 5 * 1024 * 1024;

const WORDS: &str = "One file of 100 MB at a time, in turn, sent by curl from the other core. Ours is \
                     sniffed, hashed, cleaned of what tells on its maker and on the disk (fsync) \
                     before it is answered; nginx writes it once and waits for no disk. By form: \
                     the call for the form, then the form. By tus: creation, then PATCHes of 5 MiB, \
                     each on the disk before it is answered, and at the end all of them copied into \
                     one file. dd reads the file and writes it again, with fsync. Processor time is \
                     that of the server alone: what the kernel writes later counts for nobody.";

pub(super) fn measure(bench: &Bench<'_>) -> anyhow::Result<Option<Findings>> {
    let server = Server::start(bench.workspace, &bench.scratch, "hot", &Setup::plain(18_480))?;
    let folder = bench.scratch.fresh_folder("nginx")?;
    let nginx = Nginx::start(bench.workspace, &folder, &bench.certificate()?)?;
    let alice = Person::join(&server, APP)?;
    let files = bench.scratch.folder("files")?;
    let large = noise_file(&files, MEGABYTES as usize * MEGABYTE)?;
    let pieces = pieces(&large, &bench.scratch.fresh_folder("pieces")?)?;
    let copy = files.join("copy.bin");
    let ours = server.pid();
    let ways: [Way<'_>; 5] = [
        Way::new("in a message", Some(ours), || {
            output(&mut alice.sending(&server, &large, "file")).map(drop)
        }),
        Way::new("by a presigned form", Some(ours), || by_form(&server, &alice, &large)),
        Way::new("by tus", Some(ours), || by_tus(&server, &alice, &pieces)),
        Way::new("nginx, dav PUT", Some(nginx.worker()?), || {
            output(&mut Nginx::putting(&large)).map(drop)
        }),
        Way::new("dd with fsync", None, || copied(&large, &copy)),
    ];
    let rounds = bench.effort().rounds;
    let mut measured =
        ways.each_ref().map(|way| Measured { name: way.name.to_owned(), rounds: Vec::new() });
    for _ in 0..rounds {
        for (way, measured) in ways.iter().zip(&mut measured) {
            measured.rounds.push(way.measure().with_context(|| way.name)?);
        }
    }
    let mut findings = bench.findings(WORDS);
    findings.effort = format!("{rounds} rounds");
    findings.tables.push(table(&measured, ours, &ways));
    Ok(Some(findings))
}

/// One way by which the bytes come to a disk.
struct Way<'a> {
    name: &'static str,
    /// Whose processor time counts; `None` if nobody's does.
    server: Option<u32>,
    send: Box<dyn Fn() -> anyhow::Result<()> + 'a>,
}

impl<'a> Way<'a> {
    fn new(
        name: &'static str,
        server: Option<u32>,
        send: impl Fn() -> anyhow::Result<()> + 'a,
    ) -> Self {
        Self { name, server, send: Box::new(send) }
    }

    /// Sends once; a unit is a megabyte.
    fn measure(&self) -> anyhow::Result<Round> {
        let before = self.server.map(processor_time).transpose()?;
        let began = Instant::now();
        (self.send)()?;
        let took = began.elapsed().as_secs_f64();
        let used = match self.server.zip(before) {
            Some((pid, before)) => used_since(pid, before)?,
            None => 0.0,
        };
        let megabytes = f64::from(MEGABYTES);
        Ok(Round {
            per_second: megabytes / took,
            micros: used * 1e6 / megabytes,
            busy: used / took,
        })
    }
}

/// Everything but the last two is ours; those are nginx and the disk.
fn table(measured: &[Measured; 5], ours: u32, ways: &[Way<'_>; 5]) -> Table {
    let (nginx, disk) = (&measured[3], &measured[4]);
    let (mut rows, mut bars) = (Vec::new(), Vec::new());
    for (one, way) in measured.iter().zip(ways) {
        let to_disk = ranged(&one.rate_over(disk), 2);
        let name = one.name.clone();
        bars.push(Bar::of(&name, &one.per_second(), way.server == Some(ours)));
        let [rate, micros, busy] = cells(one);
        rows.push(if way.server.is_some() {
            let a_core: Spread = one.micros().map(|micros| 1e6 / micros);
            let by_time = ranged(&one.gain_over(nginx), 2);
            vec![name, rate, ranged(&a_core, 0), micros, busy, by_time, to_disk]
        } else {
            let none = "–".to_owned();
            vec![name, rate, none.clone(), none.clone(), none.clone(), none, to_disk]
        });
    }
    let columns = [
        "",
        "MB a second",
        "MB a second of its processor time",
        "µs for a MB",
        "of its core",
        "to nginx, by time",
        "to the disk",
    ];
    Table {
        name: "uploads".to_owned(),
        title: "Uploads of 100 MB".to_owned(),
        columns: columns.map(str::to_owned).to_vec(),
        rows,
        plot: Plot::Bars { unit: "MB a second".to_owned(), line_at: None, bars },
    }
}

/// Asks for a form, and sends it.
fn by_form(server: &Server, alice: &Person, file: &Path) -> anyhow::Result<()> {
    let size = fs::metadata(file)?.len();
    let asked = json!({
        "files": { "f1": { "name": "noise.bin", "size": size, "mimeType": "" } },
        "receiver": "bob",
        "receiverType": "user",
    });
    let got = server.call(APP, &alice.header(), "POST", "/files/upload-url", &asked)?;
    let form = &got["f1"]["request"];
    let text = |value: &serde_json::Value| {
        value.as_str().map(str::to_owned).with_context(|| format!("no form in {got}"))
    };
    let (url, token) = (text(&form["url"])?, text(&form["body"]["token"])?);
    let mut curl = Command::new("curl");
    curl.args(["-skf", "-F", &format!("token={token}")]);
    output(curl.args(["-F", &format!("file=@{}", file.display()), &url])).map(drop)
}

/// The same bytes in files of [`PIECE_BYTES`].
fn pieces(file: &Path, folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let bytes = fs::read(file)?;
    let write = |(place, piece): (usize, &[u8])| {
        let path = folder.join(place.to_string());
        fs::write(&path, piece)?;
        Ok(path)
    };
    bytes.chunks(PIECE_BYTES).enumerate().map(write).collect()
}

/// Creates an upload, and sends its pieces over one connection.
fn by_tus(server: &Server, alice: &Person, pieces: &[PathBuf]) -> anyhow::Result<()> {
    let who = [format!("appid: {APP}"), alice.header(), "tus-resumable: 1.0.0".to_owned()];
    let headers = || who.iter().flat_map(|header| ["-H", header.as_str()]);
    let mut curl = Command::new("curl");
    curl.args(["-sf", "-X", "POST", "-D", "-", "-o", "/dev/null"]).args(headers());
    curl.args(["-H", &format!("upload-length: {}", MEGABYTES as usize * MEGABYTE)]);
    // "bob" in base64.
    curl.args(["-H", "upload-metadata: receiver Ym9i", &format!("{}/v3/files/tus", server.api)]);
    let location = header(&output(&mut curl)?, "location")?;
    let mut curl = Command::new("curl");
    let mut offset = 0;
    for (place, piece) in pieces.iter().enumerate() {
        if place > 0 {
            curl.arg("--next");
        }
        curl.args(["-sf", "--fail-early", "-X", "PATCH"]).args(headers());
        curl.args(["-H", "content-type: application/offset+octet-stream"]);
        curl.args(["-H", &format!("upload-offset: {offset}"), "-T"]).arg(piece).arg(&location);
        offset += fs::metadata(piece)?.len();
    }
    output(&mut curl).map(drop)
}

fn copied(from: &Path, to: &Path) -> anyhow::Result<()> {
    let mut dd = Command::new("dd");
    dd.args(["bs=1M", "conv=fsync", "status=none"]);
    dd.arg(format!("if={}", from.display())).arg(format!("of={}", to.display()));
    output(&mut dd).map(drop)
}
