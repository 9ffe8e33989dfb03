//! What a picture costs on its way in, by its size: time, processor and memory.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use super::super::Bench;
use super::super::findings::{Bar, Findings, Plot, Table, grouped, ranged};
use super::super::person::Person;
use super::super::process_account::{
    forget_peak, peak_kib, processor_time, resident_kib, used_since,
};
use super::super::server::{APP, Server, Setup};
use super::super::statistics::{Spread, grown, large_number};
use crate::process::{output, run};

/// Width and height of the pictures, the smallest first: what one leaves in memory must not hide
/// what the next takes.
const PICTURES: [(u32, u32); 3] = [(1200, 900), (4000, 3000), (8000, 6000)];

const WORDS: &str = "A JPEG, one at a time, from the call to its answer: metadata removed, thumbnails \
                     and ThumbHash made, all on the disk. The peak is what the server holds at most \
                     meanwhile, beyond what it held before the first picture; two pictures are \
                     worked on at once at most.";

pub(super) fn measure(bench: &Bench<'_>) -> anyhow::Result<Option<Findings>> {
    let server = Server::start(bench.workspace, &bench.scratch, "hot", &Setup::plain(18_480))?;
    let alice = Person::join(&server, APP)?;
    let files = bench.scratch.folder("files")?;
    let rounds = bench.effort().rounds;
    let mut findings = bench.findings(WORDS);
    findings.effort = format!("{rounds} rounds");
    let idle = large_number(resident_kib(server.pid())?);
    let (mut rows, mut bars) = (Vec::new(), Vec::new());
    for (width, height) in PICTURES {
        let path = files.join(format!("{width}.jpg"));
        picture(&path, width, height)?;
        let (mut took, mut used) = (Vec::new(), Vec::new());
        forget_peak(server.pid())?;
        for _ in 0..rounds {
            let (before, began) = (processor_time(server.pid())?, Instant::now());
            output(&mut alice.sending(&server, &path, "image"))?;
            took.push(began.elapsed().as_secs_f64() * 1000.0);
            used.push(used_since(server.pid(), before)? * 1000.0);
        }
        let peak = grown(idle, large_number(peak_kib(server.pid())?))
            .map_or_else(|| "not measured".to_owned(), |kib| grouped(kib / 1024.0, 0));
        let (Some(took), Some(used)) = (Spread::of(took), Spread::of(used)) else { continue };
        let pixels = grouped(f64::from(width) * f64::from(height) / 1e6, 0);
        let name = format!("{pixels} megapixels ({width} × {height})");
        let bytes = large_number(std::fs::metadata(&path)?.len()) / 1e6;
        let size = format!("{} MB", grouped(bytes, 1));
        rows.push(vec![name.clone(), size, ranged(&took, 0), ranged(&used, 0), peak]);
        bars.push(Bar::of(&name, &took, true));
    }
    let columns = ["", "file", "milliseconds", "ms of its processor time", "peak of memory, MB"];
    findings.tables.push(Table {
        name: "pictures".to_owned(),
        title: "Pictures from call to answer".to_owned(),
        columns: columns.map(str::to_owned).to_vec(),
        rows,
        plot: Plot::Bars { unit: "milliseconds".to_owned(), line_at: None, bars },
    });
    Ok(Some(findings))
}

/// A JPEG that is neither flat nor all noise.
pub(super) fn picture(path: &Path, width: u32, height: u32) -> anyhow::Result<()> {
    let source = format!("testsrc2=size={width}x{height},noise=alls=20:allf=t");
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "error", "-y", "-f", "lavfi", "-i", &source]);
    run(ffmpeg.args(["-frames:v", "1", "-q:v", "3"]).arg(path))
}
