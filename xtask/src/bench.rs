//! `cargo xtask bench`: measures, and writes `docs/performance.md`.

use anyhow::bail;

use crate::workspace::Workspace;

/// Runs every measurement and writes what they showed.
pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<()> {
    bail!(
        "no measurement is there yet; {} stays as it is",
        workspace.path("docs/performance.md").display()
    )
}
