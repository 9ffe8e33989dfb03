//! The book: its page of errors, made from the code, and the book itself where mdBook is installed.

use std::fs;

use anyhow::Context as _;

use crate::process::{command, run, succeeds};
use crate::stage::Outcome;
use crate::terminal;
use crate::workspace::Workspace;

/// Writes the page of errors as the code has it now, and builds the book.
pub(crate) fn make(workspace: &Workspace) -> anyhow::Result<()> {
    let test = ["test", "--quiet", "--package", "cloakroom-wire", "--test", "error_page"];
    // It fails while the page is stale, and leaves the right one behind either way.
    drop(run(&mut command(workspace.root(), "cargo", &test)));
    let made = workspace.path("target/tmp/errors.md");
    fs::copy(&made, workspace.path("docs/book/src/errors.md"))
        .with_context(|| format!("{} was not made", made.display()))?;
    if let Outcome::Skipped(reason) = build(workspace)? {
        terminal::line(&format!("the book was not built: {reason}"));
    }
    Ok(())
}

/// Builds the book into `target/book`, where mdBook is installed.
pub(crate) fn build(workspace: &Workspace) -> anyhow::Result<Outcome> {
    if !succeeds("mdbook", &["--version"]) {
        return Ok(Outcome::Skipped("mdbook is not installed".to_owned()));
    }
    let output = workspace.path("target/book");
    let arguments = ["build".as_ref(), "--dest-dir".as_ref(), output.as_os_str()];
    run(&mut command(&workspace.path("docs/book"), "mdbook", &arguments))?;
    Ok(Outcome::Passed(Vec::new()))
}
