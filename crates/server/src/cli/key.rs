//! `cloakroom key`

use anyhow::Context;
use clap::{Subcommand, ValueEnum};
use cloakroom_storage::{ApiKeyScope, Db};
use cloakroom_token::{AppId, KeyId, UnixSeconds};

use super::{ConfigFile, rotate_master, signing_keys, terminal};
use crate::clock::Clock;
use crate::secret::{key_id, mint};

/// What can be done with API keys, and with the keys that sign tokens and URLs.
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
    /// Lists the signing keys: which signs, which only verify, which were revoked.
    List {
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Makes a new signing key. What the old one signed stays good until it expires, or until the
    /// old key is revoked.
    Rotate {
        /// What the key signs.
        #[arg(long, value_enum, default_value_t = Purpose::All)]
        purpose: Purpose,
        /// Changes nothing, and says what would be.
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Takes the next step in rotating the master key, which wraps all other keys; says what comes
    /// after it. Servers may run meanwhile.
    RotateMaster {
        /// Changes nothing, and says what would be.
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Revokes a signing key and all that it signed.
    Revoke {
        /// Its id, from `key list`.
        id: KeyId,
        /// Changes nothing, and says how many live sessions would need a new token.
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        config: ConfigFile,
    },
}

/// What a signing key signs.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Purpose {
    /// All three.
    All,
    /// File Access Tokens.
    Fat,
    /// Presigned URLs.
    Presign,
    /// Receipts.
    Statement,
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
    let (app, scope, name, config) = match command {
        KeyCommand::Create { app, scope, name, config } => (app, scope, name, config),
        KeyCommand::List { config } => return signing_keys::list(&config).await,
        KeyCommand::Rotate { purpose, dry_run, config } => {
            return signing_keys::rotate(&config, purpose, dry_run).await;
        }
        KeyCommand::RotateMaster { dry_run, config } => {
            return rotate_master::run(&config, dry_run).await;
        }
        KeyCommand::Revoke { id, dry_run, config } => {
            return signing_keys::revoke(&config, &id, dry_run).await;
        }
    };
    let db = config.database().await?;
    let scope = match scope {
        Scope::FullAccess => ApiKeyScope::FullAccess,
        Scope::AuthOnly => ApiKeyScope::AuthOnly,
    };
    let key = create(&db, &app, &name, scope, Clock::system().now()).await?;
    config.record(Some(&app), "key create", None).await?;
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
    let id = key_id();
    db.api_keys().create(app, &id, name, scope, hash, now).await?;
    Ok(secret)
}
