//! Where things lie in the repository.

use std::path::{Path, PathBuf};

use crate::process::{command, run};

/// How cargo builds what is released.
const RELEASED: &str = "release-lto";

/// The root folder of the repository.
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// The repository that this program was built in.
    pub(crate) fn of_this_build() -> Self {
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        Self { root: package.parent().unwrap_or(package).to_owned() }
    }

    /// The root folder.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A file or folder below the root.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Builds the server as it is released.
    pub(crate) fn build_server(&self) -> anyhow::Result<()> {
        let build = ["build", "--profile", RELEASED, "--locked", "--package", "cloakroom-server"];
        run(&mut command(&self.root, "cargo", &build))
    }

    /// The server as [`Workspace::build_server`] makes it.
    pub(crate) fn server(&self) -> PathBuf {
        self.root.join("target").join(RELEASED).join("cloakroom")
    }

    /// Folders with a `package.json` of their own.
    pub(crate) fn npm_packages(&self) -> [PathBuf; 2] {
        [self.path("sdk/js"), self.path("browser")]
    }
}
