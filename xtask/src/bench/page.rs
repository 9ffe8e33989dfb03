//! `docs/performance.md` and its pictures, made of what the sections found.

use std::fmt::Write as _;
use std::fs;

use super::SECTIONS;
use super::findings::{Findings, Table};
use super::plot::svg;
use super::targets::TARGETS;
use crate::workspace::Workspace;

const PAGE: &str = "docs/performance.md";
const PICTURES: &str = "docs/performance";
/// Written by hand, and taken in as it is.
const SHORTFALLS: &str = "docs/performance/shortfalls.md";

/// Writes the page and the pictures anew.
///
/// # Errors
///
/// If something that was kept cannot be read, or the page cannot be written.
pub(super) fn write(workspace: &Workspace, machine: &[String]) -> anyhow::Result<()> {
    let mut found = Vec::new();
    for section in SECTIONS {
        found.push(Findings::kept(workspace, section.name)?);
    }
    let pictures = workspace.path(PICTURES);
    fs::create_dir_all(&pictures)?;
    for table in found.iter().flatten().flat_map(|findings| &findings.tables) {
        let path = pictures.join(&table.name).with_extension("svg");
        fs::write(path, svg(&table.title, &table.plot))?;
    }
    let shortfalls = fs::read_to_string(workspace.path(SHORTFALLS)).unwrap_or_default();
    fs::write(workspace.path(PAGE), page(&found, machine, &shortfalls)?)?;
    Ok(())
}

fn page(
    found: &[Option<Findings>],
    machine: &[String],
    shortfalls: &str,
) -> Result<String, std::fmt::Error> {
    let mut page = String::from(
        "# Performance\n\n\
         Written by `cargo xtask bench`; measure on your own machine before you rely on a number. \
         Server and generator have a core each: the server core 0, the generator core 1. Every \
         round measures each candidate once, in turn; a cell is the median of the rounds, least and \
         most in brackets. *µs* is the processor time of the server for each request (user and \
         system, all threads), by the kernel's account. Ratios are taken round by round: *by time* is \
         of that time, so 1.20 means that nginx needs 1.2 times as much for the same request, and \
         that is what the targets count; *by requests* is of requests a second, which the generator \
         may limit. Our server does \
         the complete live check at every request; nginx checks a signature (`secure_link_md5`, \
         `open_file_cache`, `sendfile`; [bench/nginx.conf](../bench/nginx.conf)).\n\n\
         With each section stands TCP's congestion control. BBR paces what it sends also to the \
         machine itself, which has no rate to be found out: from 96 KB on what a read costs, ours, \
         nginx's and the limit's, doubles and triples from one size to the next and from one moment to \
         the next. Where the machine has BBR, measure in a network of its own without: \
         `unshare --net sh -c 'ip link set lo up; echo reno > \
         /proc/sys/net/ipv4/tcp_congestion_control; cargo xtask bench'`, as root.\n\n",
    );
    for line in machine {
        writeln!(page, "- {line}")?;
    }
    write_targets(&mut page, found)?;
    if !shortfalls.trim().is_empty() {
        // Links of a file one folder further down.
        write!(page, "\n{}\n", shortfalls.trim().replace("](../", "]("))?;
    }
    for (section, findings) in SECTIONS.iter().zip(found) {
        writeln!(page, "\n## {}\n", section.title)?;
        let Some(findings) = findings else {
            writeln!(page, "Not measured: {}", section.otherwise)?;
            continue;
        };
        writeln!(page, "{}\n", findings.words)?;
        writeln!(
            page,
            "`cargo xtask bench --only {}`; {}; {}.",
            section.name, findings.effort, findings.when
        )?;
        for table in &findings.tables {
            write_table(&mut page, table)?;
        }
        for left_out in &findings.left_out {
            write!(page, "\n{left_out}\n")?;
        }
    }
    Ok(page)
}

fn write_targets(page: &mut String, found: &[Option<Findings>]) -> std::fmt::Result {
    page.push_str("\n## Targets\n\n| | target | measured | verdict |\n|---|---|---|---|\n");
    for target in &TARGETS {
        let reached = found
            .iter()
            .flatten()
            .flat_map(|findings| &findings.targets)
            .find(|reached| reached.id == target.id);
        let (shown, verdict) = target.verdict(reached);
        writeln!(
            page,
            "| [{}](#{}) | {} | {shown} | {verdict} |",
            target.what,
            anchor(target.section),
            target.bound()
        )?;
    }
    Ok(())
}

fn write_table(page: &mut String, table: &Table) -> std::fmt::Result {
    write!(page, "\n### {}\n\n|", table.title)?;
    for column in &table.columns {
        write!(page, " {column} |")?;
    }
    write!(page, "\n|{}\n", "---|".repeat(table.columns.len()))?;
    for row in &table.rows {
        writeln!(page, "| {} |", row.join(" | "))?;
    }
    write!(page, "\n![{}](performance/{}.svg)\n", table.title, table.name)
}

/// Where the heading of a section is found on the page.
fn anchor(section: &str) -> String {
    let title = SECTIONS.iter().find(|known| known.name == section).map_or("", |s| s.title);
    title
        .chars()
        .filter_map(|c| match c {
            ' ' => Some('-'),
            c if c.is_alphanumeric() || c == '-' => Some(c.to_ascii_lowercase()),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::findings::Plot;
    use super::*;

    fn findings() -> Findings {
        let plot = Plot::Bars { unit: String::new(), line_at: None, bars: Vec::new() };
        Findings {
            when: "2026-11-26, commit abc".to_owned(),
            effort: "5 rounds of 2 s".to_owned(),
            words: "What it is.".to_owned(),
            tables: vec![Table {
                name: "hot".to_owned(),
                title: "One hot file".to_owned(),
                columns: vec!["a".to_owned(), "b".to_owned()],
                rows: vec![vec!["1".to_owned(), "2".to_owned()]],
                plot,
            }],
            left_out: vec!["Scaled down.".to_owned()],
            ..Findings::default()
        }
    }

    #[test]
    fn what_was_not_measured_says_so_and_what_was_is_told() {
        let mut found: Vec<Option<Findings>> = SECTIONS.iter().map(|_| None).collect();
        let mut hot = findings();
        hot.reach("hot_1k", 1.1, "1.10".to_owned());
        found[0] = Some(hot);
        let page =
            page(&found, &["a machine".to_owned()], "## Why\n\n[ADR](../adr/1.md).").unwrap();
        assert!(page.contains("| 1 | 2 |") && page.contains("Scaled down."), "{page}");
        assert!(page.contains("≥ 1.15× | 1.10 | **missed** |"), "{page}");
        assert_eq!(page.matches("\nNot measured: ").count(), SECTIONS.len() - 1);
        assert!(page.contains("## Why\n\n[ADR](adr/1.md)."), "links go from the page");
        assert_eq!(page.matches("| not measured | – |").count(), TARGETS.len() - 1);
    }

    #[test]
    fn every_target_belongs_to_a_section() {
        for target in &TARGETS {
            assert!(!anchor(target.section).is_empty(), "{}", target.id);
        }
    }
}
