//! `cloakroom demo`: all of it in a browser, in one command.

mod client;
mod clock_control;
mod made;
mod page;
mod seed;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use anyhow::{Context, bail, ensure};
use serde_json::json;

use super::serve::stop_signal;
use super::terminal;
use crate::clock::Clock;
use crate::config::Config;
use crate::data_dir::DataDir;
use crate::listener;
use crate::log;
use crate::start::{Installation, Sockets, Tls};
use made::Made;

/// How the demo is started.
#[derive(Debug, clap::Args)]
pub(crate) struct DemoOptions {
    /// The first of four ports: dashboard, API, media and the demo page.
    #[arg(long, default_value_t = 8080)]
    port_base: u16,
    /// The folder for everything the demo makes.
    #[arg(long, value_name = "DIR", default_value = "cloakroom-data")]
    data: PathBuf,
    /// The address to listen on; a loopback one, since everybody knows how a demo is made.
    #[arg(long, default_value = "127.0.0.1")]
    address: IpAddr,
    /// Serves over TLS, with a self-signed certificate made on the spot.
    #[arg(long)]
    https: bool,
    /// Prints one line of JSON instead of words, for scripts.
    #[arg(long)]
    json: bool,
    /// Lets tests move the server's clock by POST /test/clock on the demo page's origin.
    #[arg(long, hide = true)]
    clock_control: bool,
}

/// Where the four surfaces are.
pub(crate) struct Origins {
    dashboard: String,
    api: String,
    media: String,
    demo: String,
}

/// Runs the demo until SIGINT or SIGTERM.
pub(crate) async fn run(options: DemoOptions, clock: Clock) -> anyhow::Result<()> {
    ensure!(
        options.address.is_loopback(),
        "the demo is for this machine alone: --address must be a loopback address, not {}",
        options.address
    );
    let Some(last) = options.port_base.checked_add(3).filter(|_| options.port_base > 0) else {
        bail!("--port-base must be between 1 and 65532: four ports are used");
    };
    let data = DataDir::open(&options.data)?;
    data.refuse_installation()?;
    let config = config(&options)?;
    log::start(&config.log)?;
    let origins = Origins {
        dashboard: config.dashboard.public_origin.clone(),
        api: config.api.public_origin.clone(),
        media: config.media.public_origin.clone(),
        demo: origin(&options, last),
    };
    let sockets = Sockets::bind(&config).await?;
    let socket = listener::bind("demo", SocketAddr::new(options.address, last)).await?;
    let installation = Installation::open_in(data.clone(), config, clock.clone()).await?;
    let made = Made::load_or_make(&data, &installation.db, clock.now()).await?;
    seed::seed(&installation, &made).await.context("the demo's messages cannot be made")?;
    let router = page::router(&installation, &made, &origins)?;
    let router =
        if options.clock_control { router.merge(clock_control::router(clock)) } else { router };
    let tls = if options.https { Tls::SelfSigned } else { Tls::AsConfigured };
    let running = installation.serve_with(sockets, &tls, Some((socket, router)))?;
    announce(&options, &origins, &made);
    stop_signal().await?;
    running.shut_down().await;
    Ok(())
}

fn config(options: &DemoOptions) -> anyhow::Result<Config> {
    let mut config = Config::load(None)?;
    config.data_dir.clone_from(&options.data);
    "warn".clone_into(&mut config.log.filter);
    let surfaces = [
        (&mut config.dashboard.listen, &mut config.dashboard.public_origin),
        (&mut config.api.listen, &mut config.api.public_origin),
        (&mut config.media.listen, &mut config.media.public_origin),
    ];
    for (port, (listen, public_origin)) in (options.port_base..).zip(surfaces) {
        *listen = SocketAddr::new(options.address, port);
        *public_origin = origin(options, port);
    }
    Ok(config)
}

fn origin(options: &DemoOptions, port: u16) -> String {
    let scheme = if options.https { "https" } else { "http" };
    format!("{scheme}://{}", SocketAddr::new(options.address, port))
}

fn announce(options: &DemoOptions, origins: &Origins, made: &Made) {
    if options.json {
        let ready = json!({
            "ready": true,
            "demoUrl": origins.demo,
            "dashboardUrl": origins.dashboard,
            "apiUrl": origins.api,
            "mediaUrl": origins.media,
            "appId": made.app_id,
            "region": made::REGION,
            "authKey": made.auth_key,
            "apiKey": made.api_key,
            "operator": { "email": made::OPERATOR, "password": made.operator_password },
            "users": seed::USERS.map(|(uid, _)| uid),
            "outsider": seed::OUTSIDER,
            "group": seed::GROUP,
        });
        terminal::line(&ready.to_string());
        return;
    }
    terminal::print(&format!(
        "\n  Cloakroom is open: private media for chat.\n\n\
         \x20   The chat      {}\n\
         \x20   Dashboard     {}   {}  {}\n\
         \x20   API           {}\n\
         \x20   Media         {}\n\n\
         \x20 Try in the chat: open a picture without a token, be the outsider, log out.\n\
         \x20 Everything lies in {}. Stop with Ctrl-C.\n\n",
        origins.demo,
        origins.dashboard,
        made::OPERATOR,
        made.operator_password,
        origins.api,
        origins.media,
        options.data.display(),
    ));
    if options.https {
        terminal::line(
            "  The certificate is self-signed: let the browser accept it on all four.\n",
        );
    }
}
