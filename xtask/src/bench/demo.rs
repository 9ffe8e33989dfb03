//! The demo as the server under load, on core 0.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};

use crate::process::output;
use crate::workspace::Workspace;

const PORT_BASE: &str = "18480";
/// The most that an app can be set to.
const MOST_URLS: u32 = 1_000_000;

/// A running demo, and what is read from it. Ends when dropped.
pub(super) struct Demo {
    child: Child,
    api: String,
    key: String,
    pub(super) token: String,
    pub(super) fat: String,
    pub(super) picture: String,
    pub(super) presigned: String,
    pub(super) etag: String,
}

impl Demo {
    pub(super) fn start(workspace: &Workspace, data: &Path) -> anyhow::Result<Self> {
        let binary = workspace.path("target/release/cloakroom");
        let mut child = Command::new("taskset")
            .args(["-c", "0"])
            .arg(binary)
            .args(["demo", "--json", "--port-base", PORT_BASE, "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .spawn()
            .context("the demo does not start")?;
        let out = child.stdout.take().context("the demo says nothing")?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line)?;
        let ready: Value = serde_json::from_str(&line).context("the demo is not ready")?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mut demo = Self {
            child,
            api: text(&ready["apiUrl"]),
            key: format!("apikey: {}", text(&ready["apiKey"])),
            token: String::new(),
            fat: String::new(),
            picture: String::new(),
            presigned: String::new(),
            etag: String::new(),
        };
        // What is measured is the work, not the limit on it.
        let most = json!({ "presignedUrlsPerMinutePerSession": MOST_URLS }).to_string();
        demo.call("PUT", "/settings", &demo.key, &most)?;
        let made = demo.call("POST", "/users/alice/auth_tokens", &demo.key, "{}")?;
        demo.token = text(&made["authToken"]);
        let user = format!("authtoken: {}", demo.token);
        demo.fat = text(&demo.call("PUT", "/me", &user, "{}")?["fat"]);
        let messages = demo.call("GET", "/users/bob/messages?per_page=30", &user, "")?;
        demo.picture = messages
            .as_array()
            .into_iter()
            .flatten()
            .map(|message| &message["data"]["attachments"][0])
            .find(|file| file["name"] == "aurora.png")
            .map(|file| text(&file["url"]))
            .context("the demo has no picture")?;
        let body = demo.presign_body(1);
        demo.presigned =
            text(&demo.call("POST", "/media/presign", &user, &body)?[0]["presignedUrl"]);
        let head = output(Command::new("curl").args(["-sI", &demo.presigned]))?;
        demo.etag = header(&head, "etag")?;
        Ok(demo)
    }

    /// A body that asks for `urls` presigned URLs.
    pub(super) fn presign_body(&self, urls: usize) -> String {
        json!({ "urls": vec![&self.picture; urls] }).to_string()
    }

    pub(super) fn presign_url(&self) -> String {
        format!("{}/v3/media/presign", self.api)
    }

    /// Sends a file to bob; seconds until the answer.
    pub(super) fn send(&self, file: &Path, kind: &str) -> anyhow::Result<f64> {
        let mut curl = Command::new("taskset");
        curl.args(["-c", "1", "curl", "-sf", "-o", "/dev/null", "-w", "%{time_total}"]);
        curl.args(["-H", "appid: demoapp", "-H", &format!("authtoken: {}", self.token)]);
        curl.args(["-F", &format!("type={kind}"), "-F", "receiverType=user"]);
        curl.args(["-F", &format!("files[]=@{}", file.display()), "-F", "receiver=bob"]);
        let seconds = output(curl.arg(format!("{}/v3/messages", self.api)))?;
        seconds.trim().parse().context("curl told no time")
    }

    /// Takes back all that the app has out, so many times, and gives the milliseconds from each
    /// call to its receipt. Ends what was handed out before.
    pub(super) fn revocations(&self, times: usize) -> anyhow::Result<Vec<f64>> {
        let url = format!("{}/v3/revocations", self.api);
        let mut took = Vec::with_capacity(times);
        for _ in 0..times {
            let mut curl = Command::new("taskset");
            curl.args(["-c", "1", "curl", "-sf", "-o", "/dev/null", "-w", "%{time_total}"]);
            curl.args(["-H", "appid: demoapp", "-H", &self.key, "-d", r#"{"kind":"app"}"#]);
            curl.args(["-H", "content-type: application/json", &url]);
            let seconds: f64 = output(&mut curl)?.trim().parse()?;
            took.push(seconds * 1000.0);
        }
        took.sort_by(f64::total_cmp);
        let status = ["-s", "-o", "/dev/null", "-w", "%{http_code}", &self.presigned];
        let status = output(Command::new("curl").args(status))?;
        ensure!(status == "403", "what was taken back still opens: {status}");
        Ok(took)
    }

    pub(super) fn picture_bytes(&self) -> anyhow::Result<Vec<u8>> {
        let got = Command::new("curl").args(["-s", &self.presigned]).output()?;
        Ok(got.stdout)
    }

    pub(super) fn resident_kib(&self) -> anyhow::Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("no VmRSS")?;
        Ok(line.split_whitespace().nth(1).context("no VmRSS")?.parse()?)
    }

    fn call(&self, method: &str, path: &str, who: &str, body: &str) -> anyhow::Result<Value> {
        let url = format!("{}/v3{path}", self.api);
        let mut curl = Command::new("curl");
        curl.args(["-s", "-X", method, "-H", "appid: demoapp", "-H", who, &url]);
        if !body.is_empty() {
            curl.args(["-H", "content-type: application/json", "-d", body]);
        }
        let mut answer: Value = serde_json::from_str(&output(&mut curl)?)?;
        if answer.get("error").is_some() {
            bail!("{method} {path}: {}", answer["error"]);
        }
        Ok(answer["data"].take())
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The value of a header in what `curl -I` printed.
pub(super) fn header(head: &str, name: &str) -> anyhow::Result<String> {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim().to_owned())
        .with_context(|| format!("no {name} in the answer"))
}
