//! What is to be measured, and how hard.

use std::path::PathBuf;

use anyhow::{Context as _, bail};

use super::rounds::Effort;
use super::sections::SECTIONS;

pub(super) const USAGE: &str = "cargo xtask bench [--quick] [--only SECTION,…] [--soak MINUTES] \
                                [--rows MOST] [--supabase FOLDER] [--no-build] | --check | --page";

/// What is done.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Task {
    /// Instruction counts alone, compared with those that are recorded.
    Check,
    #[default]
    Measure,
    /// What is built already is measured.
    MeasureBuilt,
    /// Nothing is measured; the page is written of what is kept.
    WritePage,
}

/// The arguments of `cargo xtask bench`.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Options {
    /// Few short rounds; what takes long is left out.
    pub(super) quick: bool,
    pub(super) task: Task,
    /// These sections alone; none named means all.
    pub(super) only: Vec<String>,
    /// How long the soak is; without it there is none.
    pub(super) soak_minutes: Option<u32>,
    /// With so many rows growth ends; without it with ten million.
    pub(super) most_rows: Option<u64>,
    /// Where a checkout of Supabase Storage lies.
    pub(super) supabase: Option<PathBuf>,
}

impl Options {
    /// # Errors
    ///
    /// If an argument is not known.
    pub(super) fn parse(arguments: &[&str]) -> anyhow::Result<Self> {
        let mut options = Self::default();
        let mut arguments = arguments.iter().copied();
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().with_context(|| format!("usage: {USAGE}"));
            match argument {
                "--quick" => options.quick = true,
                "--check" => options.task = Task::Check,
                "--no-build" => options.task = Task::MeasureBuilt,
                "--page" => options.task = Task::WritePage,
                "--only" => options.only.extend(value()?.split(',').map(str::to_owned)),
                "--soak" => {
                    let minutes = value()?.parse().context("--soak takes minutes")?;
                    options.soak_minutes = Some(minutes);
                }
                "--rows" => {
                    let most = value()?.parse().context("--rows takes a number")?;
                    options.most_rows = Some(most);
                }
                "--supabase" => options.supabase = Some(value()?.into()),
                _ => bail!("usage: {USAGE}"),
            }
        }
        for name in &options.only {
            if !SECTIONS.iter().any(|section| section.name == name) {
                let known: Vec<&str> = SECTIONS.iter().map(|section| section.name).collect();
                bail!("there is no section {name}, but {}", known.join(", "));
            }
        }
        Ok(options)
    }

    /// Whether a section is to be measured.
    pub(super) fn takes(&self, section: &str) -> bool {
        if self.task == Task::WritePage {
            return false;
        }
        if !self.only.is_empty() {
            return self.only.iter().any(|name| name == section);
        }
        match section {
            "soak" => self.soak_minutes.is_some(),
            // They take longer than a quick look may.
            "growth" | "instructions" | "memory" | "others" => !self.quick,
            _ => true,
        }
    }

    pub(super) fn effort(&self) -> Effort {
        if self.quick {
            Effort { rounds: 2, seconds: 1, warms_up: false }
        } else {
            Effort { rounds: 5, seconds: 2, warms_up: true }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_read_or_refused() {
        let options =
            Options::parse(&["--quick", "--only", "hot,tls", "--soak", "3", "--rows", "9"]);
        let options = options.unwrap();
        assert!(options.quick && options.takes("tls") && !options.takes("cold"));
        assert_eq!((options.soak_minutes, options.most_rows), (Some(3), Some(9)));
        for wrong in [
            &["--fast"][..],
            &["--only"],
            &["--only", "hat"],
            &["--soak", "long"],
            &["--rows", "all"],
        ] {
            assert!(Options::parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn long_sections_are_measured_only_when_asked_for() {
        let all = Options::parse(&[]).unwrap();
        assert!(all.takes("growth") && !all.takes("soak"));
        let quick = Options::parse(&["--quick"]).unwrap();
        assert!(quick.takes("hot") && !quick.takes("growth") && !quick.takes("memory"));
        assert!(Options::parse(&["--only", "soak"]).unwrap().takes("soak"));
        assert!(!Options::parse(&["--page"]).unwrap().takes("hot"));
    }
}
