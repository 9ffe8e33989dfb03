//! `cargo xtask test`: what CI runs.

use std::path::Path;
use std::process::Command;

use crate::book;
use crate::postgres::{self, Postgres};
use crate::process::{command, run, run_tests, succeeds};
use crate::python;
use crate::setup;
use crate::stage::{Outcome, Stage, run_in_order};
use crate::workspace::Workspace;

/// Every check, after installing what they need.
pub(crate) fn run_all(workspace: &Workspace) -> anyhow::Result<()> {
    let root = workspace.root();
    let [sdk, browser] = &workspace.npm_packages();
    run_in_order(vec![
        Stage::check("setup", || setup::run(workspace)),
        format(root),
        clippy(root),
        Stage::check("rustdoc", || {
            run(cargo(root, &["doc", "--workspace", "--no-deps", "--document-private-items"])
                .env("RUSTDOCFLAGS", "-D warnings"))
        }),
        Stage::tests("Rust tests", || rust_tests(root)),
        Stage::tests("HTTP tests without a cache", || http_tests_with_cache(root, "0")),
        Stage::tests("HTTP tests with a tiny cache", || http_tests_with_cache(root, "65536")),
        Stage::tests("Rust doc tests", || {
            run_tests(&mut cargo(root, &["test", "--doc", "--workspace"]))
        }),
        Stage::check("JavaScript SDK: types and package", || {
            run(&mut command(sdk, "npm", &["run", "check"]))
        }),
        Stage::tests("JavaScript SDK: tests", || run_tests(&mut command(sdk, "npm", &["test"]))),
        Stage::new("Python SDK", || python::test(workspace)),
        Stage::new("browser tests", || browser_tests(root, browser)),
        Stage::new("the book by mdBook", || book::build(workspace)),
        Stage::new("cargo deny", || {
            where_installed(root, "deny", &["check", "bans", "licenses", "sources"])
        }),
        Stage::new("cargo machete", || where_installed(root, "machete", &[])),
    ])
}

/// What a commit has to pass: format, lints, unit tests.
pub(crate) fn run_quick(workspace: &Workspace) -> anyhow::Result<()> {
    let root = workspace.root();
    run_in_order(vec![
        format(root),
        clippy(root),
        Stage::tests("Rust unit tests", || {
            run_tests(&mut cargo(root, &["nextest", "run", "--workspace", "--lib", "--bins"]))
        }),
    ])
}

fn format(root: &Path) -> Stage<'_> {
    Stage::check("format", || run(&mut cargo(root, &["fmt", "--all", "--check"])))
}

fn clippy(root: &Path) -> Stage<'_> {
    Stage::check("clippy", || {
        run(&mut cargo(root, &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
    })
}

/// On SQLite always; on PostgreSQL too, where one is installed.
fn rust_tests(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut nextest = cargo(root, &["nextest", "run", "--workspace"]);
    if !postgres::is_installed() {
        let mut closing = run_tests(&mut nextest)?;
        closing.push("without PostgreSQL, which is not installed".to_owned());
        return Ok(closing);
    }
    let server = Postgres::start()?;
    run_tests(nextest.env("CLOAKROOM_TEST_POSTGRES", server.url()))
}

/// What is served must not depend on how much is kept in memory. The first run has the default.
fn http_tests_with_cache(root: &Path, bytes: &str) -> anyhow::Result<Vec<String>> {
    // Nothing of a file so large is kept whatever the size of the cache.
    let those = "binary(http) - test(file_of_two_gigabytes)";
    let package = ["--package", "cloakroom-server", "--filterset", those];
    let mut nextest = cargo(root, &["nextest", "run"]);
    run_tests(nextest.args(package).env("CLOAKROOM_TEST_CACHE_BYTES", bytes))
}

fn browser_tests(root: &Path, browser: &Path) -> anyhow::Result<Outcome> {
    if !setup::chromium_is_there() {
        return Ok(Outcome::Skipped("chromium is not installed".to_owned()));
    }
    run(&mut command(browser, "npm", &["run", "check"]))?;
    run(&mut cargo(root, &["build", "--package", "cloakroom-server"]))?;
    run_tests(&mut command(browser, "npm", &["test"])).map(Outcome::Passed)
}

/// Runs a cargo command that not everybody has.
fn where_installed(root: &Path, name: &str, arguments: &[&str]) -> anyhow::Result<Outcome> {
    if !succeeds("cargo", &[name, "--version"]) {
        return Ok(Outcome::Skipped(format!("cargo-{name} is not installed")));
    }
    run(cargo(root, &[name]).args(arguments))?;
    Ok(Outcome::Passed(Vec::new()))
}

fn cargo(root: &Path, arguments: &[&str]) -> Command {
    command(root, "cargo", arguments)
}
