//! A private PostgreSQL for the tests: in a temporary folder, on a socket that only its owner and
//! root can reach, gone with the value that stands for it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use crate::process::output;
use crate::setup::is_root;
use crate::terminal;

/// A running server. Dropping it stops the server and removes its folder.
pub(crate) struct Postgres {
    server: Child,
    folder: PathBuf,
}

const STARTS_WITHIN: Duration = Duration::from_secs(30);
const STOPS_WITHIN: Duration = Duration::from_secs(10);

/// Whether [`Postgres::start`] can find a server to start.
pub(crate) fn is_installed() -> bool {
    programs().is_some()
}

impl Postgres {
    /// Makes an empty cluster and starts a server on it.
    ///
    /// PostgreSQL refuses to run as root, who becomes the user `postgres` for this.
    pub(crate) fn start() -> anyhow::Result<Self> {
        let programs = programs().context("PostgreSQL is not installed")?;
        let owner = Owner { postgres: is_root() };
        let folder = PathBuf::from(output(owner.command("mktemp").args([
            "--directory",
            "--tmpdir",
            "cloakroom-postgres-XXXXXX",
        ]))?);
        let cluster = folder.join("cluster");
        output(
            owner
                .command(programs.join("initdb"))
                .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync"])
                .args(["--locale=C", "--pgdata"])
                .arg(&cluster),
        )?;
        // The data is thrown away at the end: speed over durability.
        let server = owner
            .command(programs.join("postgres"))
            .arg("-D")
            .arg(&cluster)
            .args(["-c", "listen_addresses=", "-c", "max_connections=200"])
            .args(["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "jit=off"])
            .arg("-c")
            .arg(format!("unix_socket_directories={}", folder.display()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(folder.join("log"))?)
            .spawn()
            .context("PostgreSQL did not start")?;
        let mut postgres = Self { server, folder };
        postgres.wait_until_ready(&programs)?;
        Ok(postgres)
    }

    /// Where clients connect, as a URL without the name of a database.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@localhost/?host={}", self.folder.display())
    }

    fn wait_until_ready(&mut self, programs: &Path) -> anyhow::Result<()> {
        let began = Instant::now();
        loop {
            let ready = Command::new(programs.join("pg_isready"))
                .arg("--quiet")
                .arg("--host")
                .arg(&self.folder)
                .status()?;
            if ready.success() {
                return Ok(());
            }
            if self.server.try_wait()?.is_some() || began.elapsed() > STARTS_WITHIN {
                let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                bail!("PostgreSQL did not come up:\n{log}");
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// A fast shutdown, which ends open connections.
    fn stop(&mut self) -> anyhow::Result<()> {
        output(Command::new("kill").args(["-INT", &self.server.id().to_string()]))?;
        let began = Instant::now();
        while self.server.try_wait()?.is_none() {
            if began.elapsed() > STOPS_WITHIN {
                self.server.kill()?;
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            terminal::error(&format!("PostgreSQL was not stopped: {error:#}"));
        }
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            terminal::error(&format!("{} was not removed: {error}", self.folder.display()));
        }
    }
}

/// Whose processes and files the server's are.
struct Owner {
    /// The user `postgres`, not the one who runs this.
    postgres: bool,
}

impl Owner {
    /// A command that runs as this owner and, where we had to change the user, ends with us.
    fn command(&self, program: impl AsRef<Path>) -> Command {
        let program = program.as_ref();
        // The working folder of the caller may be closed to the user postgres.
        let mut command = if self.postgres {
            let mut command = Command::new("setpriv");
            command
                .args(["--reuid=postgres", "--regid=postgres", "--clear-groups"])
                .args(["--pdeathsig=INT", "--"])
                .arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir("/");
        command
    }
}

/// The folder of PostgreSQL's programs: the newest of Debian's, or where `pg_config` says.
fn programs() -> Option<PathBuf> {
    let debian = fs::read_dir("/usr/lib/postgresql").ok().and_then(|versions| {
        versions
            .filter_map(Result::ok)
            .filter_map(|version| version.file_name().to_str()?.parse::<u32>().ok())
            .max()
            .map(|version| PathBuf::from(format!("/usr/lib/postgresql/{version}/bin")))
    });
    let asked = || output(Command::new("pg_config").arg("--bindir")).ok().map(PathBuf::from);
    debian.or_else(asked).filter(|folder| folder.join("initdb").exists())
}

#[cfg(test)]
mod tests {
    use super::{Postgres, is_installed};

    #[test]
    fn a_private_server_starts_and_leaves_nothing_behind() {
        if !is_installed() {
            return;
        }
        let postgres = Postgres::start().unwrap();
        let folder = postgres.folder.clone();
        assert!(folder.exists());
        drop(postgres);
        assert!(!folder.exists());
    }
}
