//! The command line: one file a command.

mod app;
mod demo;
pub mod doctor;
mod key;
mod ledger;
mod operator;
mod receipt;
mod rotate_master;
mod serve;
mod signing_keys;
pub mod terminal;

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use cloakroom_token::AppId;

use crate::clock::Clock;
use crate::config::{Config, file_from_environment};
use crate::ledger::act_record;
use crate::master_key::MasterKey;
use crate::start::Installation;

/// Private media for chat: files that only the people in the conversation can open.
#[derive(Debug, Parser)]
#[command(name = "cloakroom", version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Shows all of it in a browser: a chat with private pictures, video and audio.
    Demo(demo::DemoOptions),
    /// Serves an installation.
    Serve(ConfigFile),
    /// Prints the commented template of the configuration file.
    Config,
    /// Makes and lists apps.
    #[command(subcommand)]
    App(app::AppCommand),
    /// Makes API keys; lists, rotates and revokes signing keys.
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Checks the receipts of revocations.
    #[command(subcommand)]
    Receipt(receipt::ReceiptCommand),
    /// Checks the ledger.
    #[command(subcommand)]
    Ledger(ledger::LedgerCommand),
    /// Proves from outside, against any installation, that private is private. Ends with status 1 if
    /// a check failed, with 2 if it could not begin.
    Doctor(doctor::DoctorOptions),
    /// Makes operators, who use the dashboard.
    #[command(subcommand)]
    Operator(operator::OperatorCommand),
}

/// Which configuration a command uses.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct ConfigFile {
    /// The configuration file; without it, `CLOAKROOM_CONFIG` names one, or everything has its
    /// default.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl ConfigFile {
    fn load(&self) -> anyhow::Result<Config> {
        let file = self.config.clone().or_else(file_from_environment);
        Ok(Config::load(file.as_deref())?)
    }

    /// The metadata of the installation and the key that wraps its keys, also while it is served.
    async fn keys(&self) -> anyhow::Result<(cloakroom_storage::Db, MasterKey, Config)> {
        let config = self.load()?;
        let (db, master) = Installation::keys(&config).await?;
        Ok((db, master, config))
    }

    /// The metadata of the installation, also while it is served.
    async fn database(&self) -> anyhow::Result<cloakroom_storage::Db> {
        Ok(Installation::database(&self.load()?).await?)
    }

    /// Writes into the ledger what was done at the command line; of an app, or of the installation.
    async fn record(
        &self,
        app: Option<&AppId>,
        act: &str,
        target: Option<&str>,
    ) -> anyhow::Result<()> {
        let ledger = Installation::ledger(&self.load()?).await?;
        let record = act_record(act, target, Clock::system().now());
        ledger.append(app, &[record]).await?;
        ledger.close().await;
        Ok(())
    }
}

impl Cli {
    /// Runs the command until it is done, or for a server until it is told to stop.
    ///
    /// # Errors
    ///
    /// A message that says what to do.
    pub async fn run(self) -> anyhow::Result<()> {
        match self.command {
            Command::Demo(options) => demo::run(options, Clock::system()).await,
            Command::Serve(file) => serve::run(file.load()?).await,
            Command::Config => {
                terminal::print(&Config::template());
                Ok(())
            }
            Command::App(command) => app::run(command).await,
            Command::Doctor(options) => doctor::run(options).await,
            Command::Key(command) => key::run(command).await,
            Command::Receipt(command) => receipt::run(command),
            Command::Ledger(command) => ledger::run(command).await,
            Command::Operator(command) => operator::run(command).await,
        }
    }
}
