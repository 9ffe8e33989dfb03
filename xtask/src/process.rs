//! Child processes: run to their end, their failure told with the command that failed.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context as _, bail};

use crate::terminal;

/// A command with its arguments, run in `folder`.
pub(crate) fn command<S: AsRef<OsStr>>(folder: &Path, program: &str, arguments: &[S]) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).args(arguments);
    command
}

/// Runs to the end, with the terminal as the child's own.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    let shown = shown(command);
    let status = command.status().with_context(|| format!("`{shown}` did not start"))?;
    if !status.success() {
        bail!("`{shown}` failed ({status})");
    }
    Ok(())
}

/// Runs a test runner to the end, and gives its closing lines: how many tests ran, how they ended.
pub(crate) fn run_tests(command: &mut Command) -> anyhow::Result<Vec<String>> {
    let shown = shown(command);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("`{shown}` did not start"))?;
    let errors = child.stderr.take().map(|stream| thread::spawn(|| echo(stream)));
    let mut closing = child.stdout.take().map(echo).unwrap_or_default();
    if let Some(errors) = errors {
        closing.extend(errors.join().unwrap_or_default());
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("`{shown}` failed ({status})");
    }
    Ok(closing)
}

/// What a command prints, without the white space around it; an error if it fails.
pub(crate) fn output(command: &mut Command) -> anyhow::Result<String> {
    let shown = shown(command);
    let output = command.output().with_context(|| format!("`{shown}` did not start"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`{shown}` failed ({}): {}", output.status, said.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Whether a command can be started and ends well.
pub(crate) fn succeeds(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// The command as it would be typed; environment variables are left out.
fn shown(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}

/// Passes a stream on line by line, and keeps the closing lines.
fn echo(stream: impl Read) -> Vec<String> {
    let mut closing = Vec::new();
    for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        terminal::line(&line);
        if is_closing(line.trim()) {
            closing.push(line.trim().to_owned());
        }
    }
    closing
}

/// nextest writes `Summary [`, rustdoc `test result:`, node `ℹ pass 3` or `# pass 3`, pytest
/// `3 passed, 1 skipped in 0.12s`.
fn is_closing(line: &str) -> bool {
    let node = |mark| {
        line.strip_prefix(mark).is_some_and(|rest: &str| {
            ["tests ", "pass ", "fail ", "skipped "].iter().any(|word| rest.starts_with(word))
        })
    };
    let pytest = line.starts_with(|c: char| c.is_ascii_digit())
        && [" passed", " failed", " skipped"].iter().any(|word| line.contains(word))
        && line.rsplit_once(" in ").is_some_and(|(_, time)| time.contains('s'));
    line.starts_with("Summary [")
        || line.starts_with("test result:")
        || node("ℹ ")
        || node("# ")
        || pytest
}

#[cfg(test)]
mod tests {
    use super::is_closing;

    #[test]
    fn the_closing_lines_of_each_runner_are_known() {
        let cases = [
            ("Summary [   1.203s] 42 tests run: 42 passed, 0 skipped", true),
            ("test result: ok. 3 passed; 0 failed; 0 ignored", true),
            ("ℹ pass 12", true),
            ("# fail 0", true),
            ("14 passed, 1 skipped in 3.21s", true),
            ("1 failed, 2 passed in 63.10s (0:01:03)", true),
            ("3 passed", false),
            ("# Subtest: passes", false),
            ("PASS [   0.012s] cloakroom-token id::tests::a", false),
            ("", false),
        ];
        for (line, expected) in cases {
            assert_eq!(is_closing(line), expected, "{line:?}");
        }
    }
}
