//! `cloakroom key`

use anyhow::Context;
use clap::{Subcommand, ValueEnum};
use cloakroom_storage::{ApiKeyScope, Db};
use cloakroom_token::{AppId, KeyId, UnixSeconds};

use super::{ConfigFile, terminal};
use crate::clock::Clock;
use crate::secret::{mint, random};

/// What can be done with API keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Makes an API key and shows it, once.
    Create {
        /// The app it opens.
        app: AppId,
        /// What it may do.
        #[arg(long, value_enum, default_value_t = Scope::FullAccess)]
        scope: Scope,
        /// What you call it.
        #[arg(long, default_value = "made on the command line")]
        name: String,
        #[command(flatten)]
        config: ConfigFile,
    },
}

/// What an API key may do.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Scope {
    /// Everything in the app; for its back end alone.
    FullAccess,
    /// Log users in.
    AuthOnly,
}

pub(crate) async fn run(command: KeyCommand) -> anyhow::Result<()> {
    let KeyCommand::Create { app, scope, name, config } = command;
    let db = config.database().await?;
    let scope = match scope {
        Scope::FullAccess => ApiKeyScope::FullAccess,
        Scope::AuthOnly => ApiKeyScope::AuthOnly,
    };
    let key = create(&db, &app, &name, scope, Clock::system().now()).await?;
    terminal::line(&key);
    Ok(())
}

/// Makes an API key and gives its secret, which nothing can show again.
pub(crate) async fn create(
    db: &Db,
    app: &AppId,
    name: &str,
    scope: ApiKeyScope,
    now: UnixSeconds,
) -> anyhow::Result<String> {
    db.apps().by_id(app).await?.with_context(|| format!("there is no app {app}"))?;
    let (secret, hash) = mint("ckr_key_");
    let id = KeyId::parse(&hex::encode(random::<8>()))?;
    db.api_keys().create(app, &id, name, scope, hash, now).await?;
    Ok(secret)
}
