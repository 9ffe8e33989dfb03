//! What the doctor found.

use askama::Template;
use serde::Serialize;

use super::DoctorOptions;

/// How a check ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// As it must be.
    Pass,
    /// Not as it should be, and yet nothing is open.
    Warn,
    /// Private is not private.
    Fail,
    /// Not tried; the answer says why.
    Skipped,
}

impl Outcome {
    const fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "FAIL",
            Self::Skipped => "skip",
        }
    }
}

/// One thing that was tried.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    /// Its stable name.
    pub id: &'static str,
    /// What must be so.
    pub title: &'static str,
    /// How it ended.
    pub outcome: Outcome,
    /// What was answered.
    pub answered: String,
    /// What to do about it; empty if nothing.
    pub mend: &'static str,
}

impl Check {
    /// A check that passes if `is_so`, and fails otherwise.
    pub(super) fn new(
        id: &'static str,
        title: &'static str,
        is_so: bool,
        answered: impl Into<String>,
        mend: &'static str,
    ) -> Self {
        let outcome = if is_so { Outcome::Pass } else { Outcome::Fail };
        let mend = if is_so { "" } else { mend };
        Self { id, title, outcome, answered: answered.into(), mend }
    }

    /// The same, of less weight.
    pub(super) fn warning(self) -> Self {
        match self.outcome {
            Outcome::Fail => Self { outcome: Outcome::Warn, ..self },
            _ => self,
        }
    }

    /// A check that was not tried.
    pub(super) fn skipped(id: &'static str, title: &'static str, why: &'static str) -> Self {
        Self { id, title, outcome: Outcome::Skipped, answered: why.to_owned(), mend: "" }
    }
}

/// All that was tried.
#[derive(Clone, Debug, Serialize, Template)]
#[template(path = "doctor.html")]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The origin of the REST API.
    pub api: String,
    /// The app.
    pub app: String,
    /// The secure media host, as a login names it.
    pub media_host: String,
    /// Checks that passed.
    pub passed: usize,
    /// Checks that passed with a doubt.
    pub warned: usize,
    /// Checks that failed.
    pub failed: usize,
    /// Checks that were not tried.
    pub skipped: usize,
    /// Each, in the order in which it was tried.
    pub checks: Vec<Check>,
}

impl Report {
    pub(super) fn new(options: &DoctorOptions, media_host: &str) -> Self {
        Self {
            api: options.api.clone(),
            app: options.app.to_string(),
            media_host: media_host.to_owned(),
            passed: 0,
            warned: 0,
            failed: 0,
            skipped: 0,
            checks: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, check: Check) {
        self.checks.push(check);
    }

    /// The same, with its sums.
    pub(super) fn counted(self) -> Self {
        let count = |outcome| self.checks.iter().filter(|check| check.outcome == outcome).count();
        Self {
            passed: count(Outcome::Pass),
            warned: count(Outcome::Warn),
            failed: count(Outcome::Fail),
            skipped: count(Outcome::Skipped),
            ..self
        }
    }

    /// The findings for a terminal, a line each.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for check in &self.checks {
            let word = check.outcome.word();
            lines.push(format!("{word}  {}: {}", check.title, check.answered));
            if !check.mend.is_empty() {
                lines.push(format!("      {}", check.mend));
            }
        }
        let Self { passed, warned, failed, skipped, .. } = self;
        let sums = format!("{passed} passed, {warned} warned, {failed} failed, {skipped} skipped");
        lines.push(sums);
        lines
    }

    /// The findings as one page, without scripts and without any other file.
    ///
    /// # Errors
    ///
    /// The template cannot be rendered.
    pub fn html(&self) -> Result<String, askama::Error> {
        self.render()
    }
}
