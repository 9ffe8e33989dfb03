//! What the machine allows: a program that decides nothing and answers all with the same bytes.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};

use super::DRIVER;
use crate::workspace::Workspace;

const PORT: u16 = 18_489;
const READY_WITHIN: Duration = Duration::from_secs(10);

/// It, on the server's core.
pub(super) struct Limit {
    child: Child,
}

impl Limit {
    /// Starts it with what a URL is answered with, head and all, by a server of ours.
    pub(super) fn start(
        workspace: &Workspace,
        folder: &Path,
        url: &str,
        headers: &[String],
    ) -> anyhow::Result<Self> {
        let answer = folder.join("answer");
        let mut curl = Command::new("curl");
        curl.args(["-si", url]);
        for header in headers {
            curl.args(["-H", header]);
        }
        let told = curl.output()?.stdout;
        ensure!(told.starts_with(b"HTTP/1.1 "), "there is nothing to answer with");
        fs::write(&answer, told)?;
        let child = Command::new("taskset")
            .args(["-c", "0"])
            .arg(workspace.path("target/release").join(DRIVER))
            .args(["limit", &PORT.to_string()])
            .arg(&answer)
            .spawn()
            .context("the limit does not start")?;
        let (limit, began) = (Self { child }, Instant::now());
        while began.elapsed() < READY_WITHIN {
            if TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, PORT))).is_ok() {
                return Ok(limit);
            }
            thread::sleep(Duration::from_millis(20));
        }
        bail!("the limit is not ready")
    }

    /// The process.
    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Where it answers.
    pub(super) fn url() -> String {
        format!("http://127.0.0.1:{PORT}/")
    }
}

impl Drop for Limit {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
