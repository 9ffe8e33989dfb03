//! What was measured on, and with what.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::ensure;

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
        told(&[&workspace.path("target/release/cloakroom").display().to_string(), "--version"]),
        told(&["rustc", "--version"]),
    ];
    let others: [&[&str]; 6] = [
        &["nginx", "-v"],
        &["wrk", "-v"],
        &["openssl", "version"],
        &["valgrind", "--version"],
        &["postgres", "--version"],
        &["caddy", "version"],
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
