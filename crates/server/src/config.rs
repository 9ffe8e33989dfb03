//! The configuration file: typed, with bounds, unknown keys refused by name.
//!
//! With the clock, the only reader of the environment, and of that only `CLOAKROOM_CONFIG`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use confique::Config as _;
use confique::toml::FormatOptions;

use crate::ledger::AddressDetail;
use crate::webhooks::AddressRange;

/// All of the configuration file. `cloakroom config` prints it with comments.
#[derive(Clone, Debug, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct Config {
    /// The folder that holds everything a single machine needs: database, files, keys. One server
    /// a folder.
    #[config(default = "cloakroom-data")]
    pub data_dir: PathBuf,

    /// Say true if a proxy in front ends TLS. Without TLS here or there, only loopback addresses
    /// are served.
    #[config(default = false)]
    pub behind_tls_proxy: bool,

    /// How many proxies in front add to X-Forwarded-For. The client's address for limits is taken
    /// that many entries from its right end; 0 takes the connection's.
    #[config(default = 0)]
    pub trusted_proxy_hops: usize,

    /// Where the metadata lives.
    #[config(nested)]
    pub database: DatabaseConfig,

    /// Where the bytes of files live.
    #[config(nested)]
    pub store: StoreConfig,

    /// The dashboard for operators.
    #[config(nested)]
    pub dashboard: DashboardConfig,

    /// The REST API.
    #[config(nested)]
    pub api: ApiConfig,

    /// The secure media host.
    #[config(nested)]
    pub media: MediaConfig,

    /// Webhooks: what may be reached, and how long a reply may take.
    #[config(nested)]
    pub webhooks: WebhooksConfig,

    /// What is done with files between upload and first read.
    #[config(nested)]
    pub ingest: IngestConfig,

    /// The ledger: who read what and who changed what.
    #[config(nested)]
    pub ledger: LedgerConfig,

    /// TLS for all listeners. Both files or neither.
    #[config(nested)]
    pub tls: TlsConfig,

    /// The key that wraps all other keys in the database.
    #[config(nested)]
    pub keys: KeysConfig,

    /// Logs.
    #[config(nested)]
    pub log: LogConfig,

    /// Metrics for Prometheus.
    #[config(nested)]
    pub metrics: MetricsConfig,
}

/// `[database]`
#[derive(Clone, Debug, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct DatabaseConfig {
    /// A file whose one line is a PostgreSQL URL, `postgres://user:password@host/database`. A
    /// path, so that the password never stands in this file or in a process list. Without it,
    /// SQLite in the data folder.
    pub postgres_url_file: Option<PathBuf>,

    /// How long a write waits for another one, in milliseconds.
    #[config(default = 5000)]
    pub busy_timeout_ms: u32,
}

/// `[store]`
#[derive(Clone, Debug, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct StoreConfig {
    /// An S3-compatible bucket. Without it, files lie in the data folder.
    pub s3_bucket: Option<String>,

    /// The address of the S3-compatible service, such as `https://s3.example.com`.
    pub s3_endpoint: Option<String>,

    /// The region that requests to it are signed for.
    #[config(default = "us-east-1")]
    pub s3_region: String,

    /// A file of two lines: access key id and secret access key.
    pub s3_credentials_file: Option<PathBuf>,

    /// How long the bytes stay of a file that was deleted or left its last message, in seconds.
    /// Nobody can read them meanwhile; they can be put back by hand.
    #[config(default = 86_400)]
    pub deleted_seconds: u32,
}

/// `[dashboard]`
#[derive(Clone, Debug, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct DashboardConfig {
    /// The address to listen on.
    #[config(default = "127.0.0.1:8080")]
    pub listen: SocketAddr,

    /// The origin under which browsers reach it.
    #[config(default = "http://127.0.0.1:8080")]
    pub public_origin: String,
}

/// `[api]`
#[derive(Clone, Debug, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct ApiConfig {
    /// The address to listen on.
    #[config(default = "127.0.0.1:8081")]
    pub listen: SocketAddr,

    /// The origin under which clients reach it.
    #[config(default = "http://127.0.0.1:8081")]
    pub public_origin: String,

    /// The most bytes of one JSON body.
    #[config(default = 1_048_576)]
    pub json_max_bytes: usize,
}

/// `[media]`
#[derive(Clone, Debug, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct MediaConfig {
    /// The address to listen on.
    #[config(default = "127.0.0.1:8082")]
    pub listen: SocketAddr,

    /// The origin of every media URL, such as `https://files-us.example.com`. Give it a domain of
    /// its own, apart from the dashboard's. It must not contain the letters "fat".
    #[config(default = "http://127.0.0.1:8082")]
    pub public_origin: String,

    /// How many bytes of small, hot files are kept in memory.
    #[config(default = 134_217_728)]
    pub cache_bytes: u64,

    /// After how many seconds without news from the database all media answers 503.
    #[config(default = 10)]
    pub fail_closed_after_seconds: u64,
}

/// `[webhooks]`
#[derive(Clone, Debug, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct WebhooksConfig {
    /// Ranges of addresses that webhooks may reach though they are not public, each such as
    /// "10.0.0.0/8". To these alone plain http is allowed.
    #[config(default = [])]
    pub private_ranges: Vec<AddressRange>,

    /// Certificates of authorities (PEM) to trust beside the system's.
    pub ca_file: Option<PathBuf>,

    /// How long a receiver may take from the connection to the end of its reply, in milliseconds.
    #[config(default = 10_000)]
    pub time_limit_ms: u64,
}

/// `[ingest]`
#[derive(Clone, Debug, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct IngestConfig {
    /// How long it may take to remove the metadata of a file and to make its thumbnails, in
    /// milliseconds. What takes longer is refused.
    #[config(default = 60_000)]
    pub file_time_limit_ms: u64,

    /// Where a clamd listens: `unix:/run/clamav/clamd.ctl` or `tcp://127.0.0.1:3310`. With it, every
    /// file is held until nothing was found in it; without it, none is looked at.
    pub clamd: Option<String>,

    /// Larger files are refused as unscannable and not sent to it. Set it to the smallest of
    /// `StreamMaxLength`, `MaxFileSize` and `MaxScanSize` of clamd: beyond the latter two it may call
    /// clean what it did not look into.
    #[config(default = 104_857_600)]
    pub scan_max_bytes: u64,

    /// How long each step of a scan may take, in milliseconds.
    #[config(default = 60_000)]
    pub scan_time_limit_ms: u64,

    /// Say false if videos are to have no poster. They have one only where ffmpeg, bwrap, prlimit
    /// and setsid are installed and a sandbox can be made; the log says at start if not.
    #[config(default = true)]
    pub posters: bool,

    /// How long a poster may take, in milliseconds.
    #[config(default = 20_000)]
    pub poster_time_limit_ms: u64,
}

/// `[ledger]`
#[derive(Clone, Debug, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct LedgerConfig {
    /// How much of a client's address is kept: `full`, `truncated` (the /24 network, /48 of IPv6)
    /// or `none`.
    #[config(default = "truncated")]
    pub address: String,
}

impl LedgerConfig {
    pub(crate) fn detail(&self) -> AddressDetail {
        match self.address.as_str() {
            "full" => AddressDetail::Full,
            "none" => AddressDetail::None,
            _ => AddressDetail::Truncated,
        }
    }
}

/// `[tls]`
#[derive(Clone, Debug, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct TlsConfig {
    /// The certificate chain, PEM.
    pub certificate_file: Option<PathBuf>,

    /// Its private key, PEM.
    pub key_file: Option<PathBuf>,
}

/// `[keys]`
#[derive(Clone, Debug, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct KeysConfig {
    /// The file that holds the 32 bytes of the master key in hexadecimal. Made in the data folder
    /// at the first start if it is not named. Keep a copy apart from the database's.
    pub master_key_file: Option<PathBuf>,
}

/// `[metrics]`
#[derive(Clone, Debug, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct MetricsConfig {
    /// The address at which `GET /metrics` is answered, such as `127.0.0.1:9464`. Whoever reaches it
    /// may read it; it names no app, user or file. Without it, nobody can.
    pub listen: Option<SocketAddr>,
}

/// `[log]`
#[derive(Clone, Debug, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct LogConfig {
    /// `text` or `json`.
    #[config(default = "text")]
    pub format: String,

    /// What is logged, such as `info` or `warn,cloakroom_server=debug`.
    #[config(default = "info")]
    pub filter: String,
}

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file is missing, is not TOML, or has an unknown or ill-typed key.
    #[error("{0}")]
    File(#[from] confique::Error),
    /// A listener is open to other machines, and nothing ends TLS.
    #[error(
        "the {surface} would be served without TLS to other machines: give [tls] files, or say \
         behind_tls_proxy = true"
    )]
    NoTls {
        /// Which listener.
        surface: &'static str,
    },
    /// Two settings that need each other.
    #[error("{both} must be given together")]
    NotTogether {
        /// The two keys.
        both: &'static str,
    },
    /// A value outside its bounds.
    #[error("{key} {rule}")]
    OutOfBounds {
        /// The key.
        key: &'static str,
        /// What it must be.
        rule: &'static str,
    },
}

impl Config {
    /// Reads a configuration file; without one, everything has its default.
    ///
    /// # Errors
    ///
    /// [`ConfigError`], naming the key and what to do.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let mut builder = Self::builder();
        if let Some(file) = file {
            builder = builder.preloaded(confique::File::new(file)?.required().load()?);
        }
        let config = builder.load()?;
        config.check()?;
        Ok(config)
    }

    /// The commented template of the file.
    #[must_use]
    pub fn template() -> String {
        confique::toml::template::<Self>(FormatOptions::default())
    }

    fn check(&self) -> Result<(), ConfigError> {
        if self.tls.certificate_file.is_some() != self.tls.key_file.is_some() {
            return Err(ConfigError::NotTogether { both: "tls.certificate_file and tls.key_file" });
        }
        if self.store.s3_bucket.is_some() != self.store.s3_credentials_file.is_some() {
            return Err(ConfigError::NotTogether {
                both: "store.s3_bucket and store.s3_credentials_file",
            });
        }
        if !matches!(self.log.format.as_str(), "text" | "json") {
            return Err(ConfigError::OutOfBounds {
                key: "log.format",
                rule: "must be text or json",
            });
        }
        if self.media.fail_closed_after_seconds == 0 {
            return Err(ConfigError::OutOfBounds {
                key: "media.fail_closed_after_seconds",
                rule: "must be at least 1",
            });
        }
        if !(1..=60_000).contains(&self.webhooks.time_limit_ms) {
            return Err(ConfigError::OutOfBounds {
                key: "webhooks.time_limit_ms",
                rule: "must be 1 to 60000",
            });
        }
        if !["full", "truncated", "none"].contains(&self.ledger.address.as_str()) {
            let rule = "must be full, truncated or none";
            return Err(ConfigError::OutOfBounds { key: "ledger.address", rule });
        }
        let surfaces = [
            ("dashboard", self.dashboard.listen),
            ("api", self.api.listen),
            ("media", self.media.listen),
        ];
        let surfaces = surfaces.into_iter().chain(self.metrics.listen.map(|at| ("metrics", at)));
        if self.tls.certificate_file.is_none() && !self.behind_tls_proxy {
            for (surface, listen) in surfaces {
                if !listen.ip().is_loopback() {
                    return Err(ConfigError::NoTls { surface });
                }
            }
        }
        Ok(())
    }
}

/// The configuration file named by the environment, if any.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub fn file_from_environment() -> Option<PathBuf> {
    std::env::var("CLOAKROOM_CONFIG").ok().filter(|path| !path.is_empty()).map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<Config, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("cloakroom.toml");
        std::fs::write(&file, text).unwrap();
        Config::load(Some(&file))
    }

    #[test]
    fn the_template_is_read_back_and_changes_nothing() {
        let uncommented: String = Config::template()
            .lines()
            .map(|line| line.strip_prefix('#').filter(|l| l.contains(" = ")).unwrap_or(line))
            .filter(|line| !line.ends_with(" ="))
            .fold(String::new(), |text, line| text + line + "\n");
        let config = load(&uncommented).unwrap();
        assert_eq!(format!("{config:?}"), format!("{:?}", Config::load(None).unwrap()));
    }

    #[test]
    fn an_unknown_key_is_refused_by_name() {
        let error = load("[media]\ncache_byts = 1\n").unwrap_err();
        let mut text = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            text += &cause.to_string();
            source = cause.source();
        }
        assert!(text.contains("cache_byts"), "{text}");
    }

    #[test]
    fn ranges_for_webhooks_are_read_at_the_start_or_refused() {
        let read = load("[webhooks]\nprivate_ranges = [\"10.0.0.0/8\", \"::1/128\"]\n").unwrap();
        assert_eq!(read.webhooks.private_ranges.len(), 2);
        for ranges in ["[\"10.0.0.1/8\"]", "[\"intranet\"]", "\"10.0.0.0/8\""] {
            let text = format!("[webhooks]\nprivate_ranges = {ranges}\n");
            assert!(matches!(load(&text), Err(ConfigError::File(_))), "{ranges}");
        }
        let slow = load("[webhooks]\ntime_limit_ms = 60001\n");
        assert!(matches!(slow, Err(ConfigError::OutOfBounds { .. })));
    }

    #[test]
    fn plain_http_is_for_loopback_or_behind_a_proxy() {
        let open = "[media]\nlisten = \"0.0.0.0:8082\"\n";
        assert!(matches!(load(open), Err(ConfigError::NoTls { surface: "media" })));
        assert!(load(&format!("behind_tls_proxy = true\n{open}")).is_ok());
    }

    #[test]
    fn settings_that_need_each_other_are_asked_for_together() {
        for text in ["[tls]\nkey_file = \"k\"\n", "[store]\ns3_bucket = \"b\"\n"] {
            assert!(matches!(load(text), Err(ConfigError::NotTogether { .. })), "{text}");
        }
        assert!(matches!(load("[log]\nformat = \"xml\"\n"), Err(ConfigError::OutOfBounds { .. })));
    }
}
