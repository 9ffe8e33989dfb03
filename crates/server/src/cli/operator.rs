//! `cloakroom operator`

use std::io::BufRead;

use anyhow::{Context, ensure};
use clap::Subcommand;
use cloakroom_storage::Db;
use cloakroom_token::UnixSeconds;

use super::{ConfigFile, terminal};
use crate::clock::Clock;
use crate::password;
use crate::secret::random;

const SHORTEST_PASSWORD: usize = 12;

/// What can be done with operators.
#[derive(Debug, Subcommand)]
pub(crate) enum OperatorCommand {
    /// Makes an operator. The password is the first line of standard input.
    Add {
        /// The address the operator signs in with.
        email: String,
        #[command(flatten)]
        config: ConfigFile,
    },
}

pub(crate) async fn run(command: OperatorCommand) -> anyhow::Result<()> {
    let OperatorCommand::Add { email, config } = command;
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
    terminal::line(&format!("{email} may sign in to the dashboard"));
    Ok(())
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
