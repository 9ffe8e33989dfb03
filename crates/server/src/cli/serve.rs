//! `cloakroom serve`

use anyhow::Context;

use crate::clock::Clock;
use crate::config::Config;
use crate::data_dir::DataDir;
use crate::log;
use crate::start::Installation;

/// Serves until SIGINT or SIGTERM.
pub(crate) async fn run(config: Config) -> anyhow::Result<()> {
    log::start(&config.log)?;
    let data = DataDir::open(&config.data_dir)?;
    data.refuse_demo()?;
    let running = Installation::open_in(data, config, Clock::system()).await?.serve().await?;
    tracing::info!("ready");
    stop_signal().await?;
    tracing::info!("stopping");
    running.shut_down().await;
    Ok(())
}

/// Returns when the process is asked to stop.
pub(crate) async fn stop_signal() -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate()).context("cannot wait for SIGTERM")?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted.context("cannot wait for ^C")?,
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await.context("cannot wait for ^C")?;
    Ok(())
}
