//! Caddy's file server on core 0, without any check.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

const ORIGIN: &str = "http://127.0.0.1:18494";
const READY_WITHIN: Duration = Duration::from_secs(20);

/// A running Caddy. Ends when dropped.
pub(super) struct Caddy(Child);

impl Caddy {
    /// Serves the files of `root`; `ready` is one of them.
    pub(super) fn start(folder: &Path, root: &Path, ready: &str) -> anyhow::Result<Self> {
        let config = folder.join("Caddyfile");
        let root = root.display();
        let text = format!(
            "{{\n\tadmin off\n\tauto_https off\n}}\n\
             {ORIGIN} {{\n\troot * {root}\n\tfile_server\n}}\n"
        );
        fs::write(&config, text)?;
        let child = Command::new("taskset")
            .args(["-c", "0", "caddy", "run", "--adapter", "caddyfile", "--config"])
            .arg(&config)
            .env("HOME", folder)
            .stdout(Stdio::null())
            .stderr(fs::File::create(folder.join("log"))?)
            .spawn()
            .context("caddy does not start")?;
        let (mut caddy, began) = (Self(child), Instant::now());
        while began.elapsed() < READY_WITHIN {
            let url = Self::url(ready);
            if Command::new("curl").args(["-sfo", "/dev/null", &url]).status()?.success() {
                return Ok(caddy);
            }
            if caddy.0.try_wait()?.is_some() {
                break;
            }
            thread::sleep(Duration::from_millis(50));
        }
        bail!("caddy is not ready: {}", fs::read_to_string(folder.join("log"))?)
    }

    pub(super) fn url(name: &str) -> String {
        format!("{ORIGIN}/{name}")
    }

    pub(super) fn pid(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Caddy {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
