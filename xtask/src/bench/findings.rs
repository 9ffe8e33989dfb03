//! What a section found, kept as `bench/results/<section>.json` so that the page can be written
//! anew without measuring anew.

use std::fs;
use std::path::PathBuf;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use super::rounds::Measured;
use super::statistics::Spread;
use crate::workspace::Workspace;

/// All that one section found.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(super) struct Findings {
    /// When, and of which commit.
    pub(super) when: String,
    /// How much was measured.
    pub(super) effort: String,
    /// What every number here is about.
    pub(super) words: String,
    pub(super) tables: Vec<Table>,
    pub(super) targets: Vec<Reached>,
    /// What was left out or made smaller, and why.
    pub(super) left_out: Vec<String>,
}

/// A table and its picture.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Table {
    /// The picture's file name, without its ending.
    pub(super) name: String,
    pub(super) title: String,
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
    pub(super) plot: Plot,
}

/// The picture of a table.
#[derive(Debug, Deserialize, Serialize)]
pub(super) enum Plot {
    Bars {
        /// What the length of a bar means.
        unit: String,
        /// Where a line stands across the bars.
        line_at: Option<f64>,
        bars: Vec<Bar>,
    },
    Lines {
        unit: String,
        x_unit: String,
        /// Whether each step of `x` is a factor of ten.
        x_in_decades: bool,
        lines: Vec<Line>,
    },
}

/// One bar, with the range that the rounds had.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Bar {
    pub(super) label: String,
    pub(super) value: f64,
    pub(super) least: f64,
    pub(super) most: f64,
    /// Whether it is ours.
    pub(super) ours: bool,
}

/// One line through its points.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Line {
    pub(super) label: String,
    pub(super) points: Vec<(f64, f64)>,
}

/// What was measured for one target.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Reached {
    /// Which target.
    pub(super) id: String,
    pub(super) value: f64,
    /// The value in words, with its range.
    pub(super) shown: String,
}

impl Findings {
    /// # Errors
    ///
    /// If it cannot be written.
    pub(super) fn keep(&self, workspace: &Workspace, section: &str) -> anyhow::Result<()> {
        let path = file(workspace, section);
        let folder = path.parent().context("a file lies in a folder")?;
        fs::create_dir_all(folder)?;
        let text = serde_json::to_string_pretty(self)? + "\n";
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    }

    /// What was found when the section was measured last; `None` if it never was.
    ///
    /// # Errors
    ///
    /// If what was kept cannot be read.
    pub(super) fn kept(workspace: &Workspace, section: &str) -> anyhow::Result<Option<Self>> {
        let path = file(workspace, section);
        if !path.exists() {
            return Ok(None);
        }
        let text = fs::read_to_string(&path)?;
        let found = serde_json::from_str(&text);
        Ok(Some(found.with_context(|| format!("{} is damaged; remove it", path.display()))?))
    }

    pub(super) fn reach(&mut self, id: &str, value: f64, shown: String) {
        self.targets.push(Reached { id: id.to_owned(), value, shown });
    }
}

fn file(workspace: &Workspace, section: &str) -> PathBuf {
    workspace.path("bench/results").join(section).with_extension("json")
}

impl Table {
    /// Files of several sizes, whose rows [`against`] makes and whose bars are ratios.
    pub(super) fn against_nginx(
        name: &str,
        title: &str,
        rows: Vec<Vec<String>>,
        bars: Vec<Bar>,
    ) -> Self {
        let columns =
            ["size", "", "requests a second", "µs", "of its core", "by time", "by requests"];
        let unit = "times what nginx does with the same processor time; the line is nginx";
        Self {
            name: name.to_owned(),
            title: title.to_owned(),
            columns: columns.map(str::to_owned).to_vec(),
            rows,
            plot: Plot::Bars { unit: unit.to_owned(), line_at: Some(1.0), bars },
        }
    }
}

impl Bar {
    pub(super) fn of(label: &str, spread: &Spread, ours: bool) -> Self {
        Self {
            label: label.to_owned(),
            value: spread.median(),
            least: spread.least(),
            most: spread.most(),
            ours,
        }
    }
}

/// A median with its range, such as `1.21 (1.18..1.25)`.
pub(super) fn ranged(spread: &Spread, decimals: usize) -> String {
    let show = |value: f64| grouped(value, decimals);
    format!("{} ({}..{})", show(spread.median()), show(spread.least()), show(spread.most()))
}

/// A number with its thousands apart.
pub(super) fn grouped(value: f64, decimals: usize) -> String {
    let plain = format!("{value:.decimals$}");
    let (sign, rest) = plain.strip_prefix('-').map_or(("", plain.as_str()), |rest| ("-", rest));
    let (whole, part) = rest.split_once('.').map_or((rest, None), |(w, p)| (w, Some(p)));
    let digits: Vec<&str> = whole
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|three| std::str::from_utf8(three).unwrap_or_default())
        .collect();
    let fraction = part.map(|part| format!(".{part}")).unwrap_or_default();
    format!("{sign}{}{fraction}", digits.join(" "))
}

/// A row of [`Table::against_nginx`]; the ratios are to `other`.
pub(super) fn against(size: &str, one: &Measured, other: &Measured) -> Vec<String> {
    let ratios = [one.gain_over(other), one.rate_over(other)].map(|ratio| ranged(&ratio, 2));
    let names = [size.to_owned(), one.name.clone()];
    [&names[..], &cells(one), &ratios].concat()
}

/// The cells that every measured candidate has: rate, processor time, how busy its core was.
pub(super) fn cells(measured: &Measured) -> [String; 3] {
    let micros = measured.micros();
    let decimals = if micros.median() < 10.0 { 2 } else { 1 };
    [
        ranged(&measured.per_second(), 0),
        ranged(&micros, decimals),
        format!("{:.0} %", measured.busy().median() * 100.0),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_easy_to_read() {
        let cases = [
            (0.0, 0, "0"),
            (999.4, 0, "999"),
            (1000.0, 0, "1 000"),
            (1_234_567.891, 2, "1 234 567.89"),
            (-12_345.6, 1, "-12 345.6"),
        ];
        for (value, decimals, expected) in cases {
            assert_eq!(grouped(value, decimals), expected);
        }
        let spread = Spread::of(vec![1.25, 1.0, 1.125]).unwrap();
        assert_eq!(ranged(&spread, 2), "1.12 (1.00..1.25)");
    }

    #[test]
    fn what_is_kept_is_read_back() {
        let mut findings = Findings { when: "today".to_owned(), ..Findings::default() };
        findings.reach("hot_1k", 1.5, "1.50".to_owned());
        let bar = Bar::of("we", &Spread::of(vec![1.0, 2.0]).unwrap(), true);
        findings.tables.push(Table {
            name: "hot".to_owned(),
            title: "Hot".to_owned(),
            columns: vec!["a".to_owned()],
            rows: vec![vec!["1".to_owned()]],
            plot: Plot::Bars { unit: "ratio".to_owned(), line_at: Some(1.0), bars: vec![bar] },
        });
        let text = serde_json::to_string(&findings).unwrap();
        let read: Findings = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
    }
}
