//! The server of Supabase Storage, from a checkout that is built: one process on core 0, files in a
//! folder, its rows in a PostgreSQL of ours.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use serde_json::{Value, json};

use super::answer::Target;
use crate::postgres::Postgres;
use crate::process::output;

const PORT: &str = "18495";
const ORIGIN: &str = "http://127.0.0.1:18495";
const SECRET: &str = "a-secret-of-at-least-32-characters-for-this-run";
const READY_WITHIN: Duration = Duration::from_secs(90);

/// The running server. Ends when dropped.
pub(super) struct Supabase {
    child: Child,
    key: String,
    _postgres: Postgres,
}

impl Supabase {
    pub(super) fn start(checkout: &Path, folder: &Path) -> anyhow::Result<Self> {
        let main = checkout.join("dist/start/server.js");
        ensure!(
            main.exists(),
            "{} is not built: `npm ci && npm run build` there",
            checkout.display()
        );
        let postgres = Postgres::start()?;
        let key = token("service_role")?;
        let files = folder.join("files").display().to_string();
        let settings = [
            ("ANON_KEY", token("anon")?),
            ("SERVICE_KEY", key.clone()),
            ("TENANT_ID", "bench".to_owned()),
            ("REGION", "local".to_owned()),
            ("PGRST_JWT_SECRET", SECRET.to_owned()),
            ("AUTH_JWT_SECRET", SECRET.to_owned()),
            ("DATABASE_URL", postgres.url().replace("localhost/?", "localhost/postgres?")),
            ("DB_INSTALL_ROLES", "true".to_owned()),
            ("STORAGE_BACKEND", "file".to_owned()),
            ("FILE_STORAGE_BACKEND_PATH", files.clone()),
            ("STORAGE_FILE_BACKEND_PATH", files),
            ("GLOBAL_S3_BUCKET", "bench".to_owned()),
            ("STORAGE_S3_BUCKET", "bench".to_owned()),
            ("FILE_SIZE_LIMIT", "52428800".to_owned()),
            ("SERVER_PORT", PORT.to_owned()),
            ("PORT", PORT.to_owned()),
            ("LOG_LEVEL", "error".to_owned()),
            ("NODE_ENV", "production".to_owned()),
        ];
        let child = Command::new("taskset")
            .args(["-c", "0", "node"])
            .arg(main)
            .current_dir(checkout)
            .envs(settings)
            .stdout(Stdio::null())
            .stderr(fs::File::create(folder.join("log"))?)
            .spawn()
            .context("node does not start")?;
        let mut server = Self { child, key, _postgres: postgres };
        let began = Instant::now();
        while began.elapsed() < READY_WITHIN {
            let status = format!("{ORIGIN}/status");
            if Command::new("curl").args(["-sfo", "/dev/null", &status]).status()?.success() {
                return Ok(server);
            }
            if server.child.try_wait()?.is_some() {
                break;
            }
            thread::sleep(Duration::from_millis(200));
        }
        bail!("it is not ready: {}", fs::read_to_string(folder.join("log"))?)
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Puts a file into a private bucket; gives its signed URL.
    pub(super) fn put(&self, file: &Path) -> anyhow::Result<String> {
        self.call("/bucket", &["-d", &json!({ "name": "bench" }).to_string()])?;
        let name = format!("@{}", file.display());
        self.call("/object/bench/file.bin", &["--data-binary", &name])?;
        let body = json!({ "expiresIn": 3600 }).to_string();
        let signed = self.call("/object/sign/bench/file.bin", &["-d", &body])?;
        let url = signed["signedURL"].as_str().with_context(|| format!("not signed: {signed}"))?;
        Ok(format!("{ORIGIN}{url}"))
    }

    /// A whole request that signs the file so many times.
    pub(super) fn signing(&self, urls: usize) -> anyhow::Result<(Target, Vec<u8>)> {
        let target = Target::parse(&format!("{ORIGIN}/object/sign/bench"))?;
        let headers = ["content-type: application/json".to_owned(), self.authorization()];
        let body = json!({ "expiresIn": 3600, "paths": vec!["file.bin"; urls] }).to_string();
        let request = target.request("POST", &headers, &body);
        Ok((target, request))
    }

    fn authorization(&self) -> String {
        format!("authorization: Bearer {}", self.key)
    }

    fn call(&self, path: &str, body: &[&str]) -> anyhow::Result<Value> {
        let kind = if body[0] == "-d" { "application/json" } else { "application/octet-stream" };
        let mut curl = Command::new("curl");
        curl.args(["-sS", "-H", &self.authorization(), "-H", &format!("content-type: {kind}")]);
        let told = output(curl.args(body).arg(format!("{ORIGIN}{path}")))?;
        serde_json::from_str(&told).with_context(|| format!("{path} answered {told}"))
    }
}

impl Drop for Supabase {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A JWT of this role, signed with the secret of the run.
fn token(role: &str) -> anyhow::Result<String> {
    let script = "b() { openssl base64 -A | tr +/ -_ | tr -d '='; }; \
                  t=$(printf '%s' \"$0\" | b).$(printf '%s' \"$1\" | b); \
                  printf '%s.%s' \"$t\" \
                  \"$(printf '%s' \"$t\" | openssl dgst -sha256 -hmac \"$2\" -binary | b)\"";
    let header = json!({ "alg": "HS256", "typ": "JWT" }).to_string();
    let claims =
        json!({ "role": role, "iat": 1_700_000_000, "exp": 4_000_000_000_u64 }).to_string();
    output(Command::new("sh").args(["-c", script, &header, &claims, SECRET]))
}

#[cfg(test)]
mod tests {
    use super::token;

    #[test]
    fn a_token_has_three_parts_of_base64url() {
        let token = token("anon").unwrap();
        assert_eq!(token.split('.').count(), 3, "{token}");
        let is_url_safe = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
        assert!(token.chars().all(is_url_safe), "{token}");
    }
}
