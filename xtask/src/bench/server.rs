//! Our server under load, on core 0: an installation as `cloakroom serve` serves it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use serde_json::{Value, json};

use super::answer::Target;
use super::scratch::Scratch;
use crate::process::output;
use crate::workspace::Workspace;

/// The app whose files are protected.
pub(super) const APP: &str = "bench";
/// The app whose files open to everybody.
pub(super) const OPEN_APP: &str = "benchopen";

const READY_WITHIN: Duration = Duration::from_mins(1);

/// How a server is set up.
#[derive(Clone, Debug)]
pub(super) struct Setup {
    /// The first of three ports: dashboard, API, media.
    pub(super) ports_from: u16,
    /// `media.cache_bytes`; `None` leaves it as it is by default.
    pub(super) cache_bytes: Option<u64>,
    /// The files of certificate and key.
    pub(super) tls: Option<(PathBuf, PathBuf)>,
    /// The URL of a PostgreSQL database; `None` is `SQLite`.
    pub(super) postgres: Option<String>,
    /// The address of the scanner that files are held for.
    pub(super) clamd: Option<String>,
    /// The data folder of the node beside which this one joins the same installation.
    pub(super) beside: Option<PathBuf>,
}

/// A running server. Ends when dropped.
pub(super) struct Server {
    child: Child,
    pub(super) data: PathBuf,
    /// The origin of the REST API.
    pub(super) api: String,
    /// The origin of the secure media host.
    pub(super) media: String,
    /// The header of a key of each app.
    keys: Vec<(&'static str, String)>,
}

impl Setup {
    pub(super) fn plain(ports_from: u16) -> Self {
        Self { ports_from, cache_bytes: None, tls: None, postgres: None, clamd: None, beside: None }
    }
}

impl Server {
    /// Makes the installation in a folder of that name, with both apps, and serves it.
    pub(super) fn start(
        workspace: &Workspace,
        scratch: &Scratch,
        name: &str,
        setup: &Setup,
    ) -> anyhow::Result<Self> {
        Self::start_prepared(workspace, scratch, name, setup, |_| Ok(()))
    }

    /// As [`Server::start`]; `prepare` may write to the data folder before anything is served.
    pub(super) fn start_prepared(
        workspace: &Workspace,
        scratch: &Scratch,
        name: &str,
        setup: &Setup,
        prepare: impl FnOnce(&Path) -> anyhow::Result<()>,
    ) -> anyhow::Result<Self> {
        let binary = workspace.server();
        let folder = scratch.fresh_folder(name)?;
        let data = folder.join("data");
        let config = folder.join("cloakroom.toml");
        fs::write(&config, config_of(&folder, &data, setup)?)?;
        let cloakroom = |arguments: &[&str]| {
            output(Command::new(&binary).args(arguments).env("CLOAKROOM_CONFIG", &config))
        };
        let mut keys = Vec::new();
        if setup.beside.is_none() {
            for app in [APP, OPEN_APP] {
                cloakroom(&["app", "create", app])?;
                keys.push((app, format!("apikey: {}", cloakroom(&["key", "create", app])?)));
            }
            protect(&data, setup)?;
        }
        prepare(&data)?;
        let child = Command::new("taskset")
            .args(["-c", "0"])
            .arg(&binary)
            .arg("serve")
            .env("CLOAKROOM_CONFIG", &config)
            .stdout(Stdio::null())
            .stderr(fs::File::create(folder.join("log"))?)
            .spawn()
            .context("the server does not start")?;
        let [api, media] = [1, 2].map(|place| origin(setup, place));
        let mut server = Self { child, data, api, media, keys };
        server.wait_until_ready(&folder)?;
        for (app, _) in server.keys.clone() {
            // What is measured is the work, not the limit on it.
            let most = json!({
                "presignTtlSeconds": 86_400,
                "presignedUrlsPerMinutePerSession": 1_000_000,
                "coldBytesPerMinutePerSession": null,
                "fileSizeMax": 1_u64 << 34,
            });
            server.call_key(app, "PUT", "/settings", &most)?;
        }
        Ok(server)
    }

    fn wait_until_ready(&mut self, folder: &Path) -> anyhow::Result<()> {
        let began = Instant::now();
        while began.elapsed() < READY_WITHIN {
            let asked = Command::new("curl")
                .args(["-sk", "-o", "/dev/null", &format!("{}/v3/me", self.api)])
                .status()?;
            if asked.success() {
                return Ok(());
            }
            if self.child.try_wait()?.is_some() {
                break;
            }
            thread::sleep(Duration::from_millis(50));
        }
        let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
        bail!("the server is not ready:\n{log}")
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Calls the API with the app's key.
    pub(super) fn call_key(
        &self,
        app: &str,
        method: &str,
        path: &str,
        body: &Value,
    ) -> anyhow::Result<Value> {
        self.call(app, self.key(app)?, method, path, body)
    }

    /// The header with the app's key.
    pub(super) fn key(&self, app: &str) -> anyhow::Result<&str> {
        let key = self.keys.iter().find(|(known, _)| *known == app);
        Ok(&key.context("no key of this app")?.1)
    }

    /// Where the API takes a call, and the whole request that makes it; `who` is a whole header.
    pub(super) fn posting(
        &self,
        app: &str,
        who: &str,
        path: &str,
        what: &Value,
    ) -> anyhow::Result<(Target, Vec<u8>)> {
        let target = Target::parse(&format!("{}/v3{path}", self.api))?;
        let json = "content-type: application/json".to_owned();
        let headers = [who.to_owned(), format!("appid: {app}"), json];
        let request = target.request("POST", &headers, what.to_string());
        Ok((target, request))
    }

    /// Where the app's back end takes something back, and the whole request that does.
    pub(super) fn revoking(&self, what: &Value) -> anyhow::Result<(Target, Vec<u8>)> {
        self.posting(APP, self.key(APP)?, "/revocations", what)
    }

    /// Calls the API; `who` is a whole header. Gives `data`.
    pub(super) fn call(
        &self,
        app: &str,
        who: &str,
        method: &str,
        path: &str,
        body: &Value,
    ) -> anyhow::Result<Value> {
        let url = format!("{}/v3{path}", self.api);
        let mut curl = Command::new("curl");
        curl.args(["-sk", "-X", method, "-H", who, "-H", &format!("appid: {app}"), &url]);
        if !body.is_null() {
            curl.args(["-H", "content-type: application/json", "-d", &body.to_string()]);
        }
        let told = output(&mut curl)?;
        let mut answer: Value = serde_json::from_str(&told)
            .with_context(|| format!("{method} {path} answered {told}"))?;
        ensure!(answer.get("error").is_none(), "{method} {path}: {}", answer["error"]);
        Ok(answer["data"].take())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Asked to stop, it leaves its database whole; but nothing here is needed again.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn origin(setup: &Setup, place: u16) -> String {
    let scheme = if setup.tls.is_some() { "https" } else { "http" };
    format!("{scheme}://127.0.0.1:{}", setup.ports_from + place)
}

fn config_of(folder: &Path, data: &Path, setup: &Setup) -> anyhow::Result<String> {
    use std::fmt::Write as _;
    let mut text =
        format!("data_dir = {:?}\n[log]\nfilter = \"warn\"\n", data.display().to_string());
    for (place, surface) in (0..).zip(["dashboard", "api", "media"]) {
        let public = match (&setup.beside, surface) {
            // Another node of the same installation is known under the same names.
            (Some(_), "api" | "media") => origin(&Setup::plain(setup.ports_from - 10), place),
            _ => origin(setup, place),
        };
        let port = setup.ports_from + place;
        write!(text, "[{surface}]\nlisten = \"127.0.0.1:{port}\"\npublic_origin = \"{public}\"\n")?;
        if let ("media", Some(bytes)) = (surface, setup.cache_bytes) {
            writeln!(text, "cache_bytes = {bytes}")?;
        }
    }
    if let Some((certificate, key)) = &setup.tls {
        let [certificate, key] = [certificate, key].map(|path| path.display().to_string());
        write!(text, "[tls]\ncertificate_file = {certificate:?}\nkey_file = {key:?}\n")?;
    }
    if let Some(url) = &setup.postgres {
        let file = folder.join("postgres-url");
        fs::write(&file, url)?;
        write!(text, "[database]\npostgres_url_file = {:?}\n", file.display().to_string())?;
    }
    if let Some(clamd) = &setup.clamd {
        write!(text, "[ingest]\nclamd = {clamd:?}\n")?;
    }
    if let Some(first) = &setup.beside {
        let key = first.join("master.key").display().to_string();
        write!(text, "[keys]\nmaster_key_file = {key:?}\n")?;
        fs::create_dir_all(data)?;
        std::os::unix::fs::symlink(first.join("files"), data.join("files"))?;
    }
    Ok(text)
}

/// Switches Token Based File Access of [`APP`] on, which otherwise an operator does by hand.
fn protect(data: &Path, setup: &Setup) -> anyhow::Result<()> {
    let statement = format!("UPDATE app SET token_based_file_access = 2 WHERE id = '{APP}'");
    match &setup.postgres {
        Some(url) => output(Command::new("psql").args([url, "-qc", &statement]))?,
        None => output(Command::new("sqlite3").arg(data.join("cloakroom.db")).arg(&statement))?,
    };
    Ok(())
}
