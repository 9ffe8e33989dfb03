//! What uploads cost: against nginx with dav PUT and the disk itself, and pictures by their size.

use std::path::Path;
use std::process::Command;

use anyhow::Context;

use super::demo::Demo;
use super::nginx::Nginx;
use crate::process::{output, run};

const ROUNDS: usize = 5;
const LARGE_BYTES: usize = 100_000_000;
/// Width and height of the pictures.
const PICTURES: [(u32, u32); 3] = [(1200, 900), (4000, 3000), (8000, 6000)];

/// What was measured, medians of the rounds.
pub(super) struct Uploads {
    /// Megabytes a second: a large file into a message, by PUT into nginx, by `dd` onto the disk.
    pub(super) ours: f64,
    pub(super) nginx: f64,
    pub(super) disk: f64,
    /// Megapixels, milliseconds from the call to its answer.
    pub(super) pictures: Vec<(f64, f64)>,
}

impl Uploads {
    pub(super) fn measure(demo: &Demo, folder: &Path) -> anyhow::Result<Self> {
        let large = folder.join("large.bin");
        let bytes: Vec<u8> = (0_u64..).flat_map(noise).take(LARGE_BYTES).collect();
        std::fs::write(&large, bytes)?;
        let copy = folder.join("copy.bin");
        let (mut ours, mut theirs, mut disk) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            ours.push(rate(demo.send(&large, "file")?));
            theirs.push(rate(Nginx::put(&large)?));
            disk.push(rate(written(&large, &copy)?));
        }
        let mut pictures = Vec::new();
        for (width, height) in PICTURES {
            let path = folder.join(format!("{width}.jpg"));
            let source = format!("testsrc2=size={width}x{height},noise=alls=20:allf=t");
            let mut ffmpeg = Command::new("ffmpeg");
            ffmpeg.args([
                "-v",
                "error",
                "-f",
                "lavfi",
                "-i",
                &source,
                "-frames:v",
                "1",
                "-q:v",
                "3",
            ]);
            run(ffmpeg.arg(&path))?;
            let took = (0..ROUNDS).map(|_| demo.send(&path, "image"));
            let took = took.collect::<anyhow::Result<Vec<_>>>()?;
            let megapixels = f64::from(width) * f64::from(height) / 1e6;
            pictures.push((megapixels, median(took) * 1000.0));
        }
        Ok(Self { ours: median(ours), nginx: median(theirs), disk: median(disk), pictures })
    }
}

fn noise(place: u64) -> [u8; 8] {
    place.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23).to_le_bytes()
}

fn rate(seconds: f64) -> f64 {
    100.0 / seconds
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Seconds until a copy is on the disk.
fn written(from: &Path, to: &Path) -> anyhow::Result<f64> {
    let mut dd = Command::new("sh");
    let script = "s=$(date +%s.%N); dd if=\"$0\" of=\"$1\" bs=1M conv=fsync status=none; \
                  e=$(date +%s.%N); echo \"$e $s\" | awk '{print $1-$2}'";
    let seconds = output(dd.args(["-c", script]).args([from, to]))?;
    seconds.trim().parse().context("dd told no time")
}
