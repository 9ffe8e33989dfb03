//! `cloakroom app`

use anyhow::Context;
use clap::Subcommand;
use cloakroom_storage::TokenBasedFileAccess;
use cloakroom_token::AppId;

use super::{ConfigFile, terminal};
use crate::app_defaults::app_settings;
use crate::clock::Clock;

/// What can be done with apps.
#[derive(Debug, Subcommand)]
pub(crate) enum AppCommand {
    /// Makes an app. Token Based File Access is off; switch it on in the dashboard.
    Create {
        /// 4 to 32 of a-z and 0-9, without "fat".
        id: AppId,
        /// The name operators see.
        #[arg(long)]
        name: Option<String>,
        /// Where it is hosted, such as us.
        #[arg(long, default_value = "us")]
        region: String,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Lists the apps.
    List {
        #[command(flatten)]
        config: ConfigFile,
    },
}

pub(crate) async fn run(command: AppCommand) -> anyhow::Result<()> {
    let now = Clock::system().now();
    match command {
        AppCommand::Create { id, name, region, config } => {
            let db = config.database().await?;
            let settings = app_settings(name.as_deref().unwrap_or(id.as_str()));
            db.apps()
                .create(&id, &region, TokenBasedFileAccess::Off, &settings, now)
                .await
                .with_context(|| format!("app {id} cannot be made"))?;
            terminal::line(&format!("app {id} is made; next: cloakroom key create {id}"));
        }
        AppCommand::List { config } => {
            for app in config.database().await?.apps().list().await? {
                let access = app.token_based_file_access;
                terminal::line(&format!(
                    "{}  {}  {access:?}  {}",
                    app.id, app.region, app.settings.name
                ));
            }
        }
    }
    Ok(())
}
