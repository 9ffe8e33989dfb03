//! What was measured on, and with what.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::ensure;

use super::statistics::large_number;
use crate::process::output;
use crate::workspace::Workspace;

/// A program that measuring takes, and the Debian package that brings it.
const NEEDS: [(&str, &str); 8] = [
    ("curl", "curl"),
    ("ffmpeg", "ffmpeg"),
    ("nginx", "nginx-light"),
    ("openssl", "openssl"),
    ("sqlite3", "sqlite3"),
    ("taskset", "util-linux"),
    ("valgrind", "valgrind"),
    ("wrk", "wrk"),
];

/// How long [`busy_elsewhere`] looks.
const MOMENT: Duration = Duration::from_millis(300);

/// Whether a program can be found.
pub(super) fn has(program: &str) -> bool {
    let dirs = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&dirs)
        .chain(["/usr/sbin".into(), "/sbin".into()])
        .any(|folder: std::path::PathBuf| folder.join(program).is_file())
}

/// # Errors
///
/// In one line, what to install.
pub(super) fn has_what_is_needed(programs: &[&str]) -> anyhow::Result<()> {
    let missing: Vec<&str> = NEEDS
        .iter()
        .filter(|(program, _)| programs.contains(program) && !has(program))
        .map(|(_, package)| *package)
        .collect();
    ensure!(missing.is_empty(), "to measure: apt-get install {}", missing.join(" "));
    Ok(())
}

/// The processor, the kernel and the versions of everything that takes part, a line each.
pub(super) fn described(workspace: &Workspace) -> Vec<String> {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let processor = read("/proc/cpuinfo");
    let model = processor
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
        .map_or("unknown processor", |(_, name)| name.trim());
    let cores = processor.lines().filter(|line| line.starts_with("processor")).count();
    let memory = read("/proc/meminfo");
    let memory = memory
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB"))
        .and_then(|kib| kib.trim().parse::<u64>().ok())
        .map_or_else(String::new, |kib| format!(", {} GB", kib / 1_000_000));
    let kernel = read("/proc/sys/kernel/osrelease");
    let mut lines = vec![
        format!("{model}, {cores} cores{memory}; Linux {}", kernel.trim()),
        told(&[&workspace.server().display().to_string(), "--version"]),
        told(&["rustc", "--version"]),
    ];
    let others: [&[&str]; 7] = [
        &["nginx", "-v"],
        &["wrk", "-v"],
        &["openssl", "version"],
        &["valgrind", "--version"],
        &["postgres", "--version"],
        &["caddy", "version"],
        &["clamd", "--version"],
    ];
    lines.extend(others.into_iter().filter(|words| has(words[0])).map(told));
    lines
}

/// The day, and the commit that is measured.
pub(super) fn when(workspace: &Workspace) -> String {
    let said = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        output(command.args(arguments).current_dir(workspace.root())).unwrap_or_default()
    };
    let changed = said("git", &["status", "--porcelain", "--", "crates", "Cargo.lock"]);
    let mark = if changed.is_empty() { "" } else { " with changes" };
    format!(
        "{}, commit {}{mark}",
        said("date", &["-I"]),
        said("git", &["rev-parse", "--short", "HEAD"])
    )
}

/// How TCP is sent where this runs, by its congestion control.
pub(super) fn network() -> String {
    let control = fs::read_to_string("/proc/sys/net/ipv4/tcp_congestion_control");
    format!("TCP {}", control.as_deref().map_or("as it comes", str::trim))
}

/// Which part of all processors was in use while this process waited for a moment; `None` where the
/// kernel does not tell.
pub(super) fn busy_elsewhere() -> Option<f64> {
    let read = || spent(&fs::read_to_string("/proc/stat").ok()?);
    let before = read()?;
    std::thread::sleep(MOMENT);
    let after = read()?;
    let all = (after.all - before.all).max(1);
    Some(1.0 - large_number(after.idle - before.idle) / large_number(all))
}

/// Ticks of all processors since the start.
struct Spent {
    idle: u64,
    all: u64,
}

fn spent(stat: &str) -> Option<Spent> {
    let line = stat.lines().find_map(|line| line.strip_prefix("cpu "))?;
    let ticks = line.split_whitespace().map(str::parse).collect::<Result<Vec<u64>, _>>().ok()?;
    // The fourth is idle, the fifth waits for a disk; behind the eighth they are counted twice.
    let idle = ticks.get(3)? + ticks.get(4)?;
    Some(Spent { idle, all: ticks.iter().take(8).sum() })
}

/// The first line of what a program says of itself, on either stream.
fn told(words: &[&str]) -> String {
    let sbin = Path::new("/usr/sbin").join(words[0]);
    let program = if sbin.is_file() { sbin.display().to_string() } else { words[0].to_owned() };
    let Ok(said) = Command::new(program).args(&words[1..]).output() else {
        return format!("{}: unknown version", words[0]);
    };
    let text = if said.stdout.is_empty() { said.stderr } else { said.stdout };
    let line = String::from_utf8_lossy(&text).lines().next().unwrap_or_default().trim().to_owned();
    // Some say their number alone.
    if line.starts_with(|c: char| c.is_ascii_digit()) {
        format!("{} {line}", words[0])
    } else {
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_processors_did_is_read_of_the_line_of_all() {
        let stat = "cpu  100 1 50 800 40 2 3 4 90 9\ncpu0 1 1 1 1 1 1 1 1 0 0\n";
        let spent = spent(stat).unwrap();
        assert_eq!((spent.idle, spent.all), (840, 1000));
        assert!(super::spent("cpu0 1 1 1 1 1 1 1 1 0 0\n").is_none());
        assert!(super::spent("cpu  1 2 three 4 5\n").is_none());
        let busy = busy_elsewhere().unwrap();
        assert!((0.0..=1.0).contains(&busy), "{busy}");
    }

    #[test]
    fn what_is_missing_is_named_by_its_package_in_one_line() {
        assert!(has("sh"));
        assert!(!has("no-such-program"));
        assert!(has_what_is_needed(&[]).is_ok());
        for (program, package) in NEEDS {
            match has_what_is_needed(&[program]) {
                Ok(()) => assert!(has(program)),
                Err(error) => {
                    assert_eq!(error.to_string(), format!("to measure: apt-get install {package}"));
                }
            }
        }
    }
}
