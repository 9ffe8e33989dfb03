//! Where log lines go, and in which form.

use tracing_subscriber::EnvFilter;

use crate::config::LogConfig;

/// Starts logging to standard error, once a process.
///
/// # Errors
///
/// The filter cannot be read.
pub(crate) fn start(config: &LogConfig) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.filter)
        .map_err(|error| anyhow::anyhow!("log.filter: {error}"))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = if config.format == "json" {
        lines.json().try_init()
    } else {
        lines.with_target(false).try_init()
    };
    started.map_err(|error| anyhow::anyhow!("logging cannot start: {error}"))
}
