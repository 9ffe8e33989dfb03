//! `cargo xtask dist`: the archive that is released, in `target/dist/`.
//!
//! ```text
//! cloakroom-0.1.0-x86_64-linux.tar.gz    cloakroom  README.md  CHANGELOG.md  LICENSE-*  operations.md
//! cloakroom-0.1.0-x86_64-linux.tar.gz.sha256
//! ```

use std::env::consts::{ARCH, OS};
use std::fs;

use anyhow::Context as _;

use crate::process::{command, output, run as run_to_end};
use crate::terminal;
use crate::workspace::Workspace;

const DOCUMENTS: [&str; 5] =
    ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE", "docs/operations.md"];

/// Builds the release binary and packs it with what a user reads first.
pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<()> {
    workspace.build_server()?;

    let name = format!("cloakroom-{}-{ARCH}-{OS}", env!("CARGO_PKG_VERSION"));
    let folder = workspace.path("target/dist").join(&name);
    fs::create_dir_all(&folder)?;
    fs::copy(workspace.server(), folder.join("cloakroom"))?;
    for document in DOCUMENTS {
        let source = workspace.path(document);
        let file_name = source.file_name().context("a document has a file name")?;
        fs::copy(&source, folder.join(file_name)).with_context(|| document.to_owned())?;
    }

    let archive = format!("{name}.tar.gz");
    let dist = workspace.path("target/dist");
    run_to_end(&mut command(
        &dist,
        "tar",
        &["--create", "--gzip", "--owner=0", "--group=0", "--sort=name", "--file", &archive, &name],
    ))?;
    let checksum = output(&mut command(&dist, "sha256sum", &[&archive]))?;
    fs::write(dist.join(format!("{archive}.sha256")), format!("{checksum}\n"))?;
    terminal::line(&dist.join(archive).display().to_string());
    Ok(())
}
