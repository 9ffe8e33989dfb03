//! `cloakroom operator`

use std::io::BufRead;

use anyhow::{Context, ensure};
use clap::Subcommand;
use cloakroom_storage::Db;
use cloakroom_token::UnixSeconds;

use super::{ConfigFile, terminal};
use crate::clock::Clock;
use crate::password;
use crate::secret::{OPERATOR_PREFIX, mint, random};

const SHORTEST_PASSWORD: usize = 12;

/// What can be done with operators.
#[derive(Debug, Subcommand)]
pub(crate) enum OperatorCommand {
    /// Makes a token with which an operator calls the REST API. Shown once; a new password ends it.
    Token {
        /// The operator's address.
        email: String,
        /// For how many days it is good, 1 to 365.
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(i64).range(1..=365))]
        days: i64,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Makes an operator. The password is the first line of standard input.
    Add {
        /// The address the operator signs in with.
        email: String,
        #[command(flatten)]
        config: ConfigFile,
    },
}

pub(crate) async fn run(command: OperatorCommand) -> anyhow::Result<()> {
    let (email, config) = match command {
        OperatorCommand::Add { email, config } => (email, config),
        OperatorCommand::Token { email, days, config } => {
            let db = config.database().await?;
            let token = token(&db, &email, days, Clock::system().now()).await?;
            config.record(None, "operator token", None).await?;
            terminal::line(&token);
            return Ok(());
        }
    };
    let db = config.database().await?;
    terminal::line("Password, at least 12 characters, then Enter:");
    let mut password = zeroize::Zeroizing::new(String::new());
    std::io::stdin().lock().read_line(&mut password).context("cannot read the password")?;
    let password = password.trim_end_matches(['\r', '\n']);
    ensure!(
        password.chars().count() >= SHORTEST_PASSWORD,
        "the password needs at least {SHORTEST_PASSWORD} characters"
    );
    add(&db, &email, password, Clock::system().now()).await?;
    config.record(None, "operator add", None).await?;
    terminal::line(&format!("{email} may sign in to the dashboard"));
    Ok(())
}

/// Makes a token for the REST API.
async fn token(db: &Db, email: &str, days: i64, now: UnixSeconds) -> anyhow::Result<String> {
    let operator = db.operators().by_email(email).await?;
    let operator = operator.with_context(|| format!("there is no operator {email}"))?;
    let (token, hash) = mint(OPERATOR_PREFIX);
    let expires_at = now.plus(days * 24 * 60 * 60);
    db.operators().begin_session(&operator.id, hash, expires_at, now).await?;
    Ok(token)
}

/// Makes an operator.
pub(crate) async fn add(
    db: &Db,
    email: &str,
    password: &str,
    now: UnixSeconds,
) -> anyhow::Result<()> {
    ensure!(email.contains('@'), "{email} is no e-mail address");
    let hash = password::hash(password).context("the password cannot be hashed")?;
    db.operators()
        .create(&hex::encode(random::<16>()), email, &hash, now)
        .await
        .with_context(|| format!("{email} cannot be made an operator"))
}
