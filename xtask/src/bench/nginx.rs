//! nginx with `secure_link`, on core 0: what a user would pick instead.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use super::person::header;
use super::process_account::worker_of;
use crate::process::output;
use crate::workspace::Workspace;

const READY_WITHIN: Duration = Duration::from_secs(10);
const EXPIRES: &str = "2147483647";

/// One of the servers that the configuration has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Door {
    /// Debian's default: `tcp_nopush on`.
    Plain = 18_490,
    /// `tcp_nopush off`.
    WithoutNopush = 18_491,
    Tls = 18_492,
}

/// A running nginx. Ends when dropped.
pub(super) struct Nginx {
    child: Child,
    folder: PathBuf,
}

impl Nginx {
    /// Serves the files of a folder; over TLS with this certificate and key.
    pub(super) fn start(
        workspace: &Workspace,
        folder: &Path,
        tls: &(PathBuf, PathBuf),
    ) -> anyhow::Result<Self> {
        fs::create_dir_all(folder.join("files/put"))?;
        fs::write(folder.join("files/ready"), b"ready")?;
        let config = fs::read_to_string(workspace.path("bench/nginx.conf"))?
            .replace("{dir}", &folder.display().to_string())
            .replace("{certificate}", &tls.0.display().to_string())
            .replace("{key}", &tls.1.display().to_string());
        fs::write(folder.join("nginx.conf"), config)?;
        let child = Command::new("taskset")
            .args(["-c", "0", "nginx", "-c"])
            .arg(folder.join("nginx.conf"))
            .spawn()
            .context("nginx does not start")?;
        let mut nginx = Self { child, folder: folder.to_owned() };
        let (ready, began) = (Self::url(Door::Tls, "ready")?, Instant::now());
        while began.elapsed() < READY_WITHIN {
            let asked = Command::new("curl").args(["-skfo", "/dev/null", &ready]).status()?;
            if asked.success() {
                return Ok(nginx);
            }
            if nginx.child.try_wait()?.is_some() {
                break;
            }
            thread::sleep(Duration::from_millis(50));
        }
        bail!("nginx is not ready")
    }

    /// The process that does the work.
    pub(super) fn worker(&self) -> anyhow::Result<u32> {
        worker_of(self.child.id())
    }

    /// Where the files lie that it serves.
    pub(super) fn files(&self) -> PathBuf {
        self.folder.join("files")
    }

    /// The signed URL of a file.
    pub(super) fn url(door: Door, name: &str) -> anyhow::Result<String> {
        Self::signed(door, name, &format!("/{name}"))
    }

    /// A URL whose signature is over `path` instead of its own.
    pub(super) fn signed(door: Door, name: &str, path: &str) -> anyhow::Result<String> {
        let signed = format!("{EXPIRES}{path} bench");
        let script =
            "printf '%s' \"$0\" | openssl md5 -binary | openssl base64 | tr +/ -_ | tr -d '=\\n'";
        let md5 = output(Command::new("sh").args(["-c", script, &signed]))?;
        let scheme = if door == Door::Tls { "https" } else { "http" };
        let port = door as u16;
        Ok(format!("{scheme}://127.0.0.1:{port}/{name}?md5={md5}&expires={EXPIRES}"))
    }

    /// The `ETag` of a file.
    pub(super) fn etag(name: &str) -> anyhow::Result<String> {
        header(&output(Command::new("curl").args(["-sI", &Self::url(Door::Plain, name)?]))?, "etag")
    }

    /// The curl command that puts a file.
    pub(super) fn putting(file: &Path) -> Command {
        let mut curl = Command::new("curl");
        let url = format!("http://127.0.0.1:{}/put/{}", Door::Plain as u16, std::process::id());
        curl.args(["-sf", "-T"]).arg(file).arg(url);
        curl
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Asked, the master takes its worker along; killed, it leaves it behind.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}
