//! Somebody who logged in, and the files that were sent.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use serde_json::{Value, json};

use super::answer::Target;
use super::exchange::form;
use super::server::Server;
use crate::process::output;

/// A login of an app.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) app: &'static str,
    /// The auth token.
    pub(super) token: String,
    /// The File Access Token; empty where the app is open.
    pub(super) fat: String,
}

/// A file that alice sent to bob.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) url: String,
    pub(super) etag: String,
}

impl Person {
    /// Makes alice and bob, and logs alice in.
    pub(super) fn join(server: &Server, app: &'static str) -> anyhow::Result<Self> {
        for uid in ["alice", "bob"] {
            server.call_key(app, "POST", "/users", &json!({ "uid": uid, "name": uid }))?;
        }
        Self::log_in(server, app)
    }

    /// Logs alice in once more.
    pub(super) fn log_in(server: &Server, app: &'static str) -> anyhow::Result<Self> {
        let made = server.call_key(app, "POST", "/users/alice/auth_tokens", &json!({}))?;
        let token = made["authToken"].as_str().context("no auth token")?.to_owned();
        let who = format!("authtoken: {token}");
        let me = server.call(app, &who, "PUT", "/me", &json!({}))?;
        let fat = me["fat"].as_str().unwrap_or_default().to_owned();
        Ok(Self { app, token, fat })
    }

    pub(super) fn header(&self) -> String {
        format!("authtoken: {}", self.token)
    }

    /// The curl command that sends a file to bob.
    pub(super) fn sending(&self, server: &Server, file: &Path, kind: &str) -> Command {
        let mut curl = Command::new("curl");
        curl.args(["-skf", "-H", &format!("appid: {}", self.app), "-H", &self.header()]);
        curl.args(["-F", &format!("type={kind}"), "-F", "receiverType=user"]);
        curl.args(["-F", &format!("files[]=@{}", file.display()), "-F", "receiver=bob"]);
        curl.arg(format!("{}/v3/messages", server.api));
        curl
    }

    /// Where files are sent, and the whole request that sends one to bob.
    pub(super) fn to_send(
        &self,
        server: &Server,
        file: &Path,
        kind: &str,
    ) -> anyhow::Result<(Target, Vec<u8>)> {
        let fields = [("type", kind), ("receiverType", "user"), ("receiver", "bob")];
        let (media_type, body) = form(&fields, file)?;
        let target = Target::parse(&format!("{}/v3/messages", server.api))?;
        let app = format!("appid: {}", self.app);
        let headers = [app, self.header(), format!("content-type: {media_type}")];
        let request = target.request("POST", &headers, body);
        Ok((target, request))
    }

    /// Sends a file to bob.
    pub(super) fn send(&self, server: &Server, file: &Path) -> anyhow::Result<Sent> {
        let told = output(&mut self.sending(server, file, "file"))?;
        let mut answer: Value = serde_json::from_str(&told)?;
        let (url, _) = sent(&answer["data"].take())?;
        let head = output(Command::new("curl").args(["-skI", &self.with_fat(&url)]))?;
        Ok(Sent { url, etag: header(&head, "etag")? })
    }

    /// The URL with the File Access Token, if there is one.
    pub(super) fn with_fat(&self, url: &str) -> String {
        if self.fat.is_empty() { url.to_owned() } else { format!("{url}?fat={}", self.fat) }
    }

    /// Presigns a URL.
    pub(super) fn presign(&self, server: &Server, url: &str) -> anyhow::Result<String> {
        let asked = json!({ "urls": [url] });
        let got = server.call(self.app, &self.header(), "POST", "/media/presign", &asked)?;
        let url = got[0]["presignedUrl"].as_str();
        Ok(url.with_context(|| format!("not presigned: {got}"))?.to_owned())
    }

    /// A whole request that presigns so many URLs at once.
    pub(super) fn presigning(
        &self,
        server: &Server,
        urls: &[&str],
    ) -> anyhow::Result<(Target, Vec<u8>)> {
        server.posting(self.app, &self.header(), "/media/presign", &json!({ "urls": urls }))
    }
}

/// URL and id of the file that a message carries.
pub(super) fn sent(message: &Value) -> anyhow::Result<(String, String)> {
    let url = message["data"]["attachments"][0]["url"].as_str();
    let url = url.with_context(|| format!("no attachment in {message}"))?;
    let name = url.rsplit('/').next().unwrap_or_default();
    Ok((url.to_owned(), name.split('.').next().unwrap_or_default().to_owned()))
}

/// A file of noise, so that nothing can be guessed about its type or be compressed.
pub(super) fn noise_file(folder: &Path, bytes: usize) -> anyhow::Result<PathBuf> {
    let path = folder.join(format!("noise-{bytes}.bin"));
    fs::write(&path, noise(bytes))?;
    Ok(path)
}

/// So many bytes that look like chance and are the same each time.
pub(super) fn noise(bytes: usize) -> Vec<u8> {
    (1_u64..).flat_map(scatter).take(bytes).collect()
}

fn scatter(place: u64) -> [u8; 8] {
    place.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23).to_le_bytes()
}

/// The value of a header in what `curl -I` printed.
pub(super) fn header(head: &str, name: &str) -> anyhow::Result<String> {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim().to_owned())
        .with_context(|| format!("no {name} in the answer"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_found_whatever_their_case() {
        let head = "HTTP/1.1 200 OK\r\nETag: \"a:b\"\r\nServer: x\r\n";
        assert_eq!(header(head, "etag").unwrap(), "\"a:b\"");
        assert!(header(head, "age").is_err());
    }

    #[test]
    fn noise_has_its_size_and_does_not_repeat() {
        let noise = noise(10_001);
        assert_eq!(noise.len(), 10_001);
        assert_ne!(noise[..8], noise[8..16]);
    }
}
