//! nginx with `secure_link`, on core 0: what a user would pick instead.

use std::path::Path;
use std::process::{Child, Command};

use anyhow::{Context, bail};

use super::demo::header;
use crate::process::output;
use crate::workspace::Workspace;

const PORT: &str = "18490";
const TRIES: u32 = 200;

/// A running nginx and the signed URL of the same picture. Ends when dropped.
pub(super) struct Nginx {
    child: Child,
    pub(super) url: String,
    pub(super) etag: String,
}

impl Nginx {
    pub(super) fn start(workspace: &Workspace, dir: &Path, picture: &[u8]) -> anyhow::Result<Self> {
        std::fs::create_dir_all(dir.join("files"))?;
        std::fs::write(dir.join("files/picture.png"), picture)?;
        let config = std::fs::read_to_string(workspace.path("bench/nginx.conf"))?
            .replace("{dir}", &dir.display().to_string())
            .replace("{port}", PORT);
        std::fs::write(dir.join("nginx.conf"), config)?;
        let sign = "printf '%s' '2147483647/picture.png bench' | openssl md5 -binary | \
                    openssl base64 | tr +/ -_ | tr -d '=\\n'";
        let md5 = output(Command::new("sh").args(["-c", sign]))?;
        let url =
            format!("http://127.0.0.1:{PORT}/picture.png?md5={}&expires=2147483647", md5.trim());
        let child = Command::new("taskset")
            .args(["-c", "0", "nginx", "-c"])
            .arg(dir.join("nginx.conf"))
            .spawn()
            .context("nginx does not start")?;
        let mut nginx = Self { child, url, etag: String::new() };
        for _ in 0..TRIES {
            let head = Command::new("curl")
                .args(["-sI", "--retry-connrefused", "--retry", "5", &nginx.url])
                .output()?;
            let head = String::from_utf8_lossy(&head.stdout).into_owned();
            if head.starts_with("HTTP/1.1 200") {
                nginx.etag = header(&head, "etag")?;
                return Ok(nginx);
            }
        }
        bail!("nginx does not serve the picture")
    }
}

impl Nginx {
    /// Puts a file by dav; seconds until the answer.
    pub(super) fn put(file: &Path) -> anyhow::Result<f64> {
        let mut curl = Command::new("taskset");
        curl.args(["-c", "1", "curl", "-sf", "-o", "/dev/null", "-w", "%{time_total}", "-T"]);
        let url = format!("http://127.0.0.1:{PORT}/put/{}", std::process::id());
        let seconds = output(curl.arg(file).arg(url))?;
        seconds.trim().parse().context("curl told no time")
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Asked, the master takes its worker along; killed, it leaves it behind.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}
