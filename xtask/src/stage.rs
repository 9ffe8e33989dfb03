//! Stages: run in order, each timed, stopped at the first that fails.

use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::terminal;

/// One step of the tests.
pub(crate) struct Stage<'a> {
    name: &'static str,
    run: Box<dyn FnOnce() -> anyhow::Result<Outcome> + 'a>,
}

/// How a stage ended, if it did not fail.
pub(crate) enum Outcome {
    /// It ran; the closing lines of its test runner, if it has one.
    Passed(Vec<String>),
    /// It did not run, for this reason.
    Skipped(String),
}

impl<'a> Stage<'a> {
    /// A step that may be skipped, or that has closing lines to repeat.
    pub(crate) fn new(
        name: &'static str,
        run: impl FnOnce() -> anyhow::Result<Outcome> + 'a,
    ) -> Self {
        Self { name, run: Box::new(run) }
    }

    /// A step that succeeds or fails.
    pub(crate) fn check(name: &'static str, run: impl FnOnce() -> anyhow::Result<()> + 'a) -> Self {
        Self::new(name, || run().map(|()| Outcome::Passed(Vec::new())))
    }

    /// A step that is a test runner.
    pub(crate) fn tests(
        name: &'static str,
        run: impl FnOnce() -> anyhow::Result<Vec<String>> + 'a,
    ) -> Self {
        Self::new(name, || run().map(Outcome::Passed))
    }
}

/// Runs the stages and prints a summary, whether or not one of them fails.
///
/// # Errors
///
/// The first failure, named after its stage; the stages behind it are not run.
pub(crate) fn run_in_order(stages: Vec<Stage<'_>>) -> anyhow::Result<()> {
    let began = Instant::now();
    let mut summary = Vec::new();
    let mut stages = stages.into_iter();
    let mut failure = None;
    for Stage { name, run } in stages.by_ref() {
        terminal::heading(name);
        let stage_began = Instant::now();
        let result = run();
        let seconds = seconds(stage_began.elapsed());
        match result {
            Ok(Outcome::Passed(closing)) => {
                summary.push(format!("{seconds}  passed   {name}"));
                summary.extend(closing.into_iter().map(|line| format!("{:18}{line}", "")));
            }
            Ok(Outcome::Skipped(reason)) => {
                terminal::line(&format!("skipped: {reason}"));
                summary.push(format!("{seconds}  skipped  {name}: {reason}"));
            }
            Err(error) => {
                summary.push(format!("{seconds}  FAILED   {name}"));
                failure = Some((name, error));
                break;
            }
        }
    }
    summary.extend(stages.map(|stage| format!("       -  not run  {}", stage.name)));
    terminal::heading("summary");
    for line in &summary {
        terminal::line(line);
    }
    terminal::line(&format!("{}  in all", seconds(began.elapsed())));
    match failure {
        None => Ok(()),
        Some((name, error)) => Err(error).with_context(|| format!("stage \"{name}\" failed")),
    }
}

fn seconds(time: Duration) -> String {
    format!("{:6.1} s", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use anyhow::bail;

    use super::{Outcome, Stage, run_in_order};

    #[test]
    fn nothing_runs_behind_a_failure() {
        let ran = Cell::new(0);
        let count = || ran.set(ran.get() + 1);
        let result = run_in_order(vec![
            Stage::check("first", || {
                count();
                Ok(())
            }),
            Stage::new("left out", || Ok(Outcome::Skipped("not installed".to_owned()))),
            Stage::check("second", || bail!("broken")),
            Stage::check("third", || {
                count();
                Ok(())
            }),
        ]);
        let message = format!("{:#}", result.unwrap_err());
        assert_eq!(message, "stage \"second\" failed: broken");
        assert_eq!(ran.get(), 1);
    }
}
