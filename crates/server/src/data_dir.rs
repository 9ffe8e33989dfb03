//! The data folder: what lies where, and who may use it.

use std::io;
use std::path::{Path, PathBuf};

/// A folder that holds everything a single machine needs.
#[derive(Clone, Debug)]
pub(crate) struct DataDir(PathBuf);

/// Why a data folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataDirError {
    /// It was made by `cloakroom demo`, whose passwords everybody knows.
    #[error("{0} was made by `cloakroom demo` and cannot be served; name another data_dir")]
    MadeByDemo(PathBuf),
    /// It holds a real installation.
    #[error("{0} holds an installation that no demo made; give --data another folder")]
    NotADemo(PathBuf),
    /// It cannot be made or written.
    #[error("cannot write to the data folder {path}: {source}")]
    NotWritable {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl DataDir {
    /// Makes the folder if it is missing, for its owner alone, and proves that it can be written.
    pub(crate) fn open(path: &Path) -> Result<Self, DataDirError> {
        let not_writable = |source| DataDirError::NotWritable { path: path.to_owned(), source };
        make_private(path).map_err(not_writable)?;
        let probe = path.join(".probe");
        std::fs::write(&probe, b"").map_err(not_writable)?;
        std::fs::remove_file(&probe).map_err(not_writable)?;
        Ok(Self(path.to_owned()))
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.0.join("cloakroom.db")
    }

    pub(crate) fn ledger(&self) -> PathBuf {
        self.0.join("ledger.db")
    }

    pub(crate) fn files(&self) -> PathBuf {
        self.0.join("files")
    }

    pub(crate) fn staging(&self) -> PathBuf {
        self.0.join("staging")
    }

    pub(crate) fn master_key(&self) -> PathBuf {
        self.0.join("master.key")
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// What the demo made, its secrets included; its presence marks the folder as a demo's.
    pub(crate) fn demo(&self) -> PathBuf {
        self.0.join("demo.json")
    }

    /// Refuses what a demo made.
    pub(crate) fn refuse_demo(&self) -> Result<(), DataDirError> {
        if self.demo().exists() { Err(DataDirError::MadeByDemo(self.0.clone())) } else { Ok(()) }
    }

    /// Refuses an installation that no demo made.
    pub(crate) fn refuse_installation(&self) -> Result<(), DataDirError> {
        if self.database().exists() && !self.demo().exists() {
            return Err(DataDirError::NotADemo(self.0.clone()));
        }
        Ok(())
    }
}

fn make_private(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(path)
}
