//! From a configuration to listening surfaces, and back down in order.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware;
use cloakroom_ingest::BadClamdAddress;
use cloakroom_storage::{
    Blobs, Db, FolderLock, Ledger, PostgresOptions, S3Settings, SqliteOptions, Staging,
    StorageError,
};
use cloakroom_token::{MediaOrigin, MediaUrlError};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::access::{Access, AccessOptions, KeysError, follow};
use crate::api::{self, ApiState};
use crate::clock::Clock;
use crate::config::Config;
use crate::dashboard::{self, DashboardState};
use crate::data_dir::{DataDir, DataDirError};
use crate::hosts::Hosts;
use crate::intake::{self, Intake, Tools};
use crate::janitor::{self, Janitor};
use crate::ledger::{self, Keeper, KeeperOptions, Recorder};
use crate::limits::{FailureLimit, Meter};
use crate::listener::{self, BindError, Listener, Surface};
use crate::master_key::{MasterKey, MasterKeyError};
use crate::media::MediaSurface;
use crate::metrics::{self, Metrics};
use crate::objects::Objects;
use crate::observe::{self, Observer};
use crate::request_log;
use crate::retention::{self, Retainer};
use crate::tls::{self, TlsError};
use crate::views::Views;
use crate::webhooks::{self, Courier, Sender, SenderOptions, Targets};

/// Forged tokens of one address in a minute, and what is verified of it beyond them.
const FORGED_TOKENS_PER_MINUTE: u64 = 600;

/// Why the server does not start. Each says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// `ingest.clamd` is no address of a clamd.
    #[error("ingest.clamd: {0}")]
    Clamd(#[from] BadClamdAddress),
    /// A port is taken.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The data folder cannot be used.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The key ring cannot be loaded.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// A file named in the configuration cannot be read.
    #[error("cannot read {path}: {source}")]
    File {
        /// The file.
        path: std::path::PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The master key cannot be used.
    #[error(transparent)]
    MasterKey(#[from] MasterKeyError),
    /// `media.public_origin` cannot be the origin of media URLs.
    #[error("media.public_origin: {0}")]
    MediaOrigin(#[from] MediaUrlError),
    /// `store.s3_credentials_file` does not hold two lines.
    #[error("store.s3_credentials_file must hold two lines: access key id and secret access key")]
    S3Credentials,
    /// Database or store cannot be opened.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// `webhooks.ca_file` holds no certificates.
    #[error("webhooks.ca_file must hold certificates in PEM")]
    WebhookAuthorities,
    /// TLS cannot start.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// How TLS is ended here.
pub(crate) enum Tls {
    /// By the files of the configuration, if any.
    AsConfigured,
    /// By a certificate made on the spot.
    SelfSigned,
}

/// An opened installation: everything but the listeners.
pub struct Installation {
    /// The metadata.
    pub db: Db,
    pub(crate) config: Config,
    pub(crate) clock: Clock,
    pub(crate) access: Access,
    pub(crate) blobs: Blobs,
    objects: Objects,
    metrics: Metrics,
    intake: Intake,
    views: Views,
    targets: Targets,
    courier: Courier,
    keeper: Keeper,
    observer: Observer,
    _lock: FolderLock,
}

impl Installation {
    /// Opens only the metadata, also beside a running server.
    pub(crate) async fn database(config: &Config) -> Result<Db, StartError> {
        open_database(config, &DataDir::open(&config.data_dir)?).await
    }

    /// Opens the metadata and the master key, also beside a running server.
    pub(crate) async fn keys(config: &Config) -> Result<(Db, MasterKey), StartError> {
        let data = DataDir::open(&config.data_dir)?;
        let master = MasterKey::load_or_make(&master_file(config, &data))?;
        Ok((open_database(config, &data).await?, master))
    }

    /// Opens data folder, database, store and key ring; makes what is missing.
    ///
    /// # Errors
    ///
    /// [`StartError`], naming what cannot be used.
    pub async fn open(config: Config, clock: Clock) -> Result<Self, StartError> {
        let data = DataDir::open(&config.data_dir)?;
        Self::open_in(data, config, clock).await
    }

    pub(crate) async fn open_in(
        data: DataDir,
        config: Config,
        clock: Clock,
    ) -> Result<Self, StartError> {
        let lock = FolderLock::acquire(data.path())?;
        have_more_files_open();
        let origin = MediaOrigin::parse(&config.media.public_origin)?;
        let master = MasterKey::load_or_make(&master_file(&config, &data))?;
        let db = open_database(&config, &data).await?;
        if !db.is_shared() {
            // The folder is locked: who had taken work did not survive.
            db.jobs().free_all().await?;
        }
        let blobs = open_blobs(&config, &data)?;
        let staging = Staging::open(&data.staging())?;
        let objects = Objects::new(config.media.cache_bytes);
        let access = Access::new(AccessOptions {
            db: db.clone(),
            clock: clock.clone(),
            origin,
            issuer: config.api.public_origin.clone(),
            master,
            fail_closed_after: Duration::from_secs(config.media.fail_closed_after_seconds),
            objects: objects.clone(),
        })
        .await?;
        let intake = Intake::new(
            access.clone(),
            db.clone(),
            blobs.clone(),
            staging,
            Tools::of(&config.ingest)?,
        );
        let keeper = Keeper::begin(KeeperOptions {
            access: access.clone(),
            db: db.clone(),
            ledger: open_ledger(&config, &data).await?,
            recorder: Recorder::new(clock.clone(), config.ledger.detail()),
        })
        .await?;
        let observer = Observer::new(db.clone(), clock.clone());
        let targets = Targets::new(&config.webhooks.private_ranges);
        let sender = open_sender(&config, targets.clone())?;
        let courier = Courier::new(db.webhooks(), access.clone(), sender);
        Ok(Self {
            db,
            config,
            clock,
            access,
            blobs,
            objects,
            metrics: Metrics::new(),
            intake,
            views: Views::default(),
            targets,
            courier,
            keeper,
            observer,
            _lock: lock,
        })
    }

    /// Applies what other processes wrote, at once instead of at the next poll.
    ///
    /// # Errors
    ///
    /// The database failed.
    pub async fn catch_up(&self) -> Result<(), StorageError> {
        self.access.catch_up().await
    }

    /// Opens only the ledger, also beside a running server.
    pub(crate) async fn ledger(config: &Config) -> Result<Ledger, StartError> {
        open_ledger(config, &DataDir::open(&config.data_dir)?).await
    }

    /// Writes what the ledger has noted, and closes and removes days that are due by the clock.
    ///
    /// # Errors
    ///
    /// The database failed.
    pub async fn keep_ledger(&self) -> Result<(), StorageError> {
        self.keeper.keep().await
    }

    /// Does all work on files that is due by the clock: what a crash left, scans, posters.
    ///
    /// # Errors
    ///
    /// The database failed.
    pub async fn work_on_files(&self) -> Result<(), StorageError> {
        self.intake.work_off().await
    }

    /// Clears away what is due by the clock, and looks through the whole store.
    pub async fn clear_away(&self) {
        self.janitor().clear(self.clock.now(), 0..=u8::MAX).await;
    }

    /// Removes what goes by itself and is due by the clock.
    ///
    /// # Errors
    ///
    /// The database failed.
    pub async fn keep_retention(&self) -> Result<(), StorageError> {
        self.retainer().keep().await
    }

    fn retainer(&self) -> Retainer {
        Retainer {
            db: self.db.clone(),
            access: self.access.clone(),
            recorder: self.keeper.recorder().clone(),
            views: self.views.clone(),
        }
    }

    fn janitor(&self) -> Janitor {
        let (db, blobs) = (self.db.clone(), self.blobs.clone());
        let deleted_seconds = self.config.store.deleted_seconds;
        Janitor { db, blobs, intake: self.intake.clone(), deleted_seconds }
    }

    /// Sends webhooks what is due by the clock, and returns once each try has ended.
    ///
    /// # Errors
    ///
    /// The database failed; a receiver that fails is no error.
    pub async fn deliver_webhooks(&self) -> Result<(), StorageError> {
        self.courier.round().await
    }

    /// Listens on the configured addresses.
    ///
    /// # Errors
    ///
    /// [`StartError::Bind`] names surface and address of a port that is taken.
    pub async fn serve(self) -> Result<Running, StartError> {
        let sockets = Sockets::bind(&self.config).await?;
        self.serve_on(sockets)
    }

    /// Serves on sockets that are bound already, whatever addresses are configured.
    ///
    /// # Errors
    ///
    /// [`StartError::Tls`] if the configured certificate cannot be used.
    pub fn serve_on(self, sockets: Sockets) -> Result<Running, StartError> {
        self.serve_with(sockets, &Tls::AsConfigured, None)
    }

    pub(crate) fn serve_with(
        self,
        sockets: Sockets,
        tls: &Tls,
        demo: Option<(TcpListener, Router)>,
    ) -> Result<Running, StartError> {
        let tls = match tls {
            Tls::SelfSigned => Some(tls::self_signed()?),
            Tls::AsConfigured => {
                match (&self.config.tls.certificate_file, &self.config.tls.key_file) {
                    (Some(certificate), Some(key)) => Some(tls::from_files(certificate, key)?),
                    _ => None,
                }
            }
        };
        let (api, courier) = api::router(self.api_state());
        let routes = |surface, router: Router| {
            let log = move |request, next| request_log::log(surface, request, next);
            Surface::Routes(router.layer(middleware::from_fn(log)))
        };
        let mut surfaces = vec![
            (sockets.dashboard, routes("dashboard", dashboard::router(self.dashboard_state()))),
            (sockets.api, routes("api", api)),
            (sockets.media, Surface::Media(Arc::new(self.media_surface()))),
        ];
        if let Some((socket, router)) = demo {
            surfaces.push((socket, routes("demo", router)));
        }
        if let Some(socket) = sockets.metrics {
            let (access, objects) = (self.access.clone(), self.objects.clone());
            let page = metrics::router(self.metrics.clone(), access, objects);
            surfaces.push((socket, Surface::Routes(page)));
        }
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        for (socket, surface) in surfaces {
            tasks.spawn(Listener::new(socket, tls.clone(), surface).run(stopped.clone()));
        }
        tasks.spawn(courier.run(stopped.clone()));
        tasks.spawn(follow(self.access.clone(), stopped.clone()));
        tasks.spawn(intake::run(self.intake.clone(), stopped.clone()));
        tasks.spawn(retention::run(self.retainer(), stopped.clone()));
        tasks.spawn(observe::run(self.observer.clone(), stopped.clone()));
        tasks.spawn(ledger::run(self.keeper.clone(), stopped.clone()));
        tasks.spawn(webhooks::run(self.courier.clone(), stopped.clone()));
        tasks.spawn(janitor::run(self.janitor(), self.clock.clone(), stopped));
        Ok(Running { stop, tasks, installation: self })
    }

    fn dashboard_state(&self) -> DashboardState {
        DashboardState::new(
            self.db.clone(),
            self.clock.clone(),
            self.access.clone(),
            &self.config.dashboard.public_origin,
            self.config.trusted_proxy_hops,
            self.keeper.recorder().clone(),
            self.observer.clone(),
        )
    }

    pub(crate) fn api_state(&self) -> ApiState {
        ApiState {
            access: self.access.clone(),
            db: self.db.clone(),
            intake: self.intake.clone(),
            public_origin: self.config.api.public_origin.clone(),
            json_max_bytes: self.config.api.json_max_bytes,
            clock: self.clock.clone(),
            proxy_hops: self.config.trusted_proxy_hops,
            targets: self.targets.clone(),
            keeper: self.keeper.clone(),
            observer: self.observer.clone(),
            metrics: self.metrics.clone(),
        }
    }

    fn media_surface(&self) -> MediaSurface {
        MediaSurface {
            access: self.access.clone(),
            blobs: self.blobs.clone(),
            objects: self.objects.clone(),
            failures: FailureLimit::new(
                &self.clock,
                FORGED_TOKENS_PER_MINUTE,
                FORGED_TOKENS_PER_MINUTE,
            ),
            cold_bytes: Meter::new(self.clock.clone()),
            delegated: Meter::new(self.clock.clone()),
            hosts: Hosts::of_origin(self.access.origin().as_str()),
            proxy_hops: self.config.trusted_proxy_hops,
            recorder: self.keeper.recorder().clone(),
            views: self.views.clone(),
            observer: self.observer.clone(),
            metrics: self.metrics.clone(),
        }
    }
}

/// Bound sockets, one for each surface.
#[derive(Debug)]
pub struct Sockets {
    /// For the dashboard.
    pub dashboard: TcpListener,
    /// For the REST API.
    pub api: TcpListener,
    /// For the secure media host.
    pub media: TcpListener,
    /// For metrics, if they are wanted.
    pub metrics: Option<TcpListener>,
}

impl Sockets {
    /// Takes the configured addresses.
    ///
    /// # Errors
    ///
    /// [`BindError`] names surface and address of the first port that is taken.
    pub(crate) async fn bind(config: &Config) -> Result<Self, BindError> {
        Ok(Self {
            dashboard: listener::bind("dashboard", config.dashboard.listen).await?,
            api: listener::bind("api", config.api.listen).await?,
            media: listener::bind("media", config.media.listen).await?,
            metrics: match config.metrics.listen {
                Some(listen) => Some(listener::bind("metrics", listen).await?),
                None => None,
            },
        })
    }
}

/// A server that listens.
pub struct Running {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
    installation: Installation,
}

impl Running {
    /// The installation that is served.
    #[must_use]
    pub fn installation(&self) -> &Installation {
        &self.installation
    }

    /// Takes no more connections, lets open requests end for a while, then closes the database.
    pub async fn shut_down(mut self) {
        self.installation.access.end_streams();
        self.stop.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
        self.installation.access.leave().await;
        self.installation.keeper.finish().await;
        self.installation.db.close().await;
    }
}

/// Raises how many files this process may have open to what it may be raised to: each connection is
/// one, and files of the folder stay open.
#[cfg(unix)]
fn have_more_files_open() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "the number of open files stays as it is");
    }
}

#[cfg(not(unix))]
fn have_more_files_open() {}

fn master_file(config: &Config, data: &DataDir) -> std::path::PathBuf {
    config.keys.master_key_file.clone().unwrap_or_else(|| data.master_key())
}

async fn open_database(config: &Config, data: &DataDir) -> Result<Db, StartError> {
    match &config.database.postgres_url_file {
        None => {
            let busy_timeout = Duration::from_millis(config.database.busy_timeout_ms.into());
            let options = SqliteOptions { busy_timeout, ..SqliteOptions::default() };
            Ok(Db::open_sqlite(&data.database(), options).await?)
        }
        Some(file) => {
            let url = read(file)?;
            Ok(Db::open_postgres(url.trim(), PostgresOptions::default()).await?)
        }
    }
}

async fn open_ledger(config: &Config, data: &DataDir) -> Result<Ledger, StartError> {
    match &config.database.postgres_url_file {
        None => {
            let busy_timeout = Duration::from_millis(config.database.busy_timeout_ms.into());
            let options = SqliteOptions { busy_timeout, readers: 2 };
            Ok(Ledger::open_sqlite(&data.ledger(), options).await?)
        }
        Some(file) => {
            let url = read(file)?;
            Ok(Ledger::open_postgres(url.trim(), PostgresOptions::default()).await?)
        }
    }
}

fn open_blobs(config: &Config, data: &DataDir) -> Result<Blobs, StartError> {
    let store = &config.store;
    let (Some(bucket), Some(file)) = (&store.s3_bucket, &store.s3_credentials_file) else {
        return Ok(Blobs::folder(&data.files())?);
    };
    let credentials = read(file)?;
    let mut lines = credentials.lines().map(str::trim);
    let (Some(access_key_id), Some(secret_access_key)) = (lines.next(), lines.next()) else {
        return Err(StartError::S3Credentials);
    };
    Ok(Blobs::s3(&S3Settings {
        bucket: bucket.clone(),
        endpoint: store.s3_endpoint.clone(),
        region: store.s3_region.clone(),
        access_key_id: access_key_id.to_owned(),
        secret_access_key: secret_access_key.to_owned(),
        allow_http: store.s3_endpoint.as_deref().is_some_and(|url| url.starts_with("http:")),
    })?)
}

fn open_sender(config: &Config, targets: Targets) -> Result<Sender, StartError> {
    let authorities = match &config.webhooks.ca_file {
        None => Vec::new(),
        Some(file) => reqwest::Certificate::from_pem_bundle(read(file)?.as_bytes())
            .ok()
            .filter(|authorities| !authorities.is_empty())
            .ok_or(StartError::WebhookAuthorities)?,
    };
    let time_limit = Duration::from_millis(config.webhooks.time_limit_ms);
    Ok(Sender::new(SenderOptions { targets, time_limit, authorities }))
}

fn read(path: &std::path::Path) -> Result<zeroize::Zeroizing<String>, StartError> {
    std::fs::read_to_string(path)
        .map(zeroize::Zeroizing::new)
        .map_err(|source| StartError::File { path: path.to_owned(), source })
}
