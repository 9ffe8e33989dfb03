//! What uploads cost: a large file against nginx with dav PUT and the disk itself, and pictures by
//! their size.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use super::super::Bench;
use super::super::findings::{Bar, Findings, Plot, Table, grouped, ranged};
use super::super::nginx::Nginx;
use super::super::person::{Person, noise_file};
use super::super::server::{APP, Server, Setup};
use super::super::statistics::Spread;
use crate::process::{output, run};

const LARGE_BYTES: usize = 100_000_000;
/// Width and height of the pictures.
const PICTURES: [(u32, u32); 3] = [(1200, 900), (4000, 3000), (8000, 6000)];

const WORDS: &str = "One file of 100 MB at a time, in pairs. Ours is sniffed, hashed, cleaned of \
                     what tells on its maker and on the disk (fsync) before it is answered; nginx \
                     writes it once and waits for no disk. A picture from the call to its answer: \
                     metadata removed, thumbnails and ThumbHash made, all on the disk.";

pub(super) fn measure(bench: &Bench<'_>) -> anyhow::Result<Option<Findings>> {
    let server = Server::start(bench.workspace, &bench.scratch, "hot", &Setup::plain(18_480))?;
    let folder = bench.scratch.fresh_folder("nginx")?;
    let _nginx = Nginx::start(bench.workspace, &folder, &bench.certificate()?)?;
    let alice = Person::join(&server, APP)?;
    let files = bench.scratch.folder("files")?;
    let large = noise_file(&files, LARGE_BYTES)?;
    let copy = files.join("copy.bin");
    let rounds = bench.effort().rounds;
    let mut findings = bench.findings(WORDS);
    findings.effort = format!("{rounds} rounds");
    let (mut ours, mut theirs, mut disk) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        ours.push(100.0 / seconds(&mut alice.sending(&server, &large, "file"))?);
        theirs.push(100.0 / seconds(&mut Nginx::putting(&large))?);
        let mut dd = Command::new("dd");
        dd.args(["bs=1M", "conv=fsync", "status=none"]);
        dd.arg(format!("if={}", large.display())).arg(format!("of={}", copy.display()));
        disk.push(100.0 / seconds(&mut dd)?);
    }
    let (mut rows, mut bars) = (Vec::new(), Vec::new());
    for (name, rates) in
        [("in a message", ours), ("nginx, dav PUT", theirs), ("dd with fsync", disk)]
    {
        let Some(rates) = Spread::of(rates) else { continue };
        rows.push(vec![name.to_owned(), ranged(&rates, 0)]);
        bars.push(Bar::of(name, &rates, name == "in a message"));
    }
    findings.tables.push(Table {
        name: "uploads".to_owned(),
        title: "Uploads of 100 MB".to_owned(),
        columns: vec![String::new(), "MB a second".to_owned()],
        rows,
        plot: Plot::Bars { unit: "MB a second".to_owned(), line_at: None, bars },
    });
    let sizes = if bench.options.quick { &PICTURES[..2] } else { &PICTURES[..] };
    findings.tables.push(pictures(&server, &alice, &files, rounds, sizes)?);
    Ok(Some(findings))
}

fn pictures(
    server: &Server,
    alice: &Person,
    files: &Path,
    rounds: usize,
    sizes: &[(u32, u32)],
) -> anyhow::Result<Table> {
    let (mut rows, mut bars) = (Vec::new(), Vec::new());
    for &(width, height) in sizes {
        let path = files.join(format!("{width}.jpg"));
        picture(&path, width, height)?;
        let mut took = Vec::new();
        for _ in 0..rounds {
            took.push(seconds(&mut alice.sending(server, &path, "image"))? * 1000.0);
        }
        let Some(took) = Spread::of(took) else { continue };
        let name = format!("{} megapixels", grouped(f64::from(width) * f64::from(height) / 1e6, 0));
        rows.push(vec![name.clone(), ranged(&took, 0)]);
        bars.push(Bar::of(&name, &took, true));
    }
    Ok(Table {
        name: "pictures".to_owned(),
        title: "Pictures".to_owned(),
        columns: vec![String::new(), "milliseconds".to_owned()],
        rows,
        plot: Plot::Bars { unit: "milliseconds".to_owned(), line_at: None, bars },
    })
}

/// A JPEG that is neither flat nor all noise.
pub(super) fn picture(path: &Path, width: u32, height: u32) -> anyhow::Result<()> {
    let source = format!("testsrc2=size={width}x{height},noise=alls=20:allf=t");
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "error", "-y", "-f", "lavfi", "-i", &source]);
    run(ffmpeg.args(["-frames:v", "1", "-q:v", "3"]).arg(path))
}

/// How long a command takes.
fn seconds(command: &mut Command) -> anyhow::Result<f64> {
    let began = Instant::now();
    output(command)?;
    Ok(began.elapsed().as_secs_f64())
}
