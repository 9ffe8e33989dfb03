//! `cloakroom app`

use std::io::BufRead;

use anyhow::{Context, ensure};
use clap::Subcommand;
use cloakroom_storage::TokenBasedFileAccess;
use cloakroom_token::AppId;

use super::{ConfigFile, terminal};
use crate::app_defaults::app_settings;
use crate::clock::Clock;
use crate::log;

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
    /// Breaks the glass: opens every file of an app to everybody who has its URL, until Token Based
    /// File Access is switched on again. Asks twice, on standard input.
    Unprotect {
        /// The app.
        id: AppId,
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
            config.record(Some(&id), "app create", None).await?;
            terminal::line(&format!("app {id} is made; next: cloakroom key create {id}"));
        }
        AppCommand::Unprotect { id, config } => {
            log::start(&config.load()?.log)?;
            let db = config.database().await?;
            let app = db.apps().by_id(&id).await?;
            let app = app.with_context(|| format!("there is no app {id}"))?;
            ensure!(
                app.token_based_file_access != TokenBasedFileAccess::Off,
                "Token Based File Access of {id} is off already"
            );
            ask(&id, &mut std::io::stdin().lock())?;
            let off = TokenBasedFileAccess::Off;
            db.apps().retreat_token_based_file_access(&id, off, now).await?;
            config.record(Some(&id), "app unprotect", None).await?;
            tracing::warn!(app = %id, "Token Based File Access was switched off on the command line");
            terminal::line(&format!("files of {id} open to everybody who has their URL"));
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

/// Asks twice: for the app, and for what is done to it.
fn ask(id: &AppId, answers: &mut impl BufRead) -> anyhow::Result<()> {
    terminal::line(&format!(
        "Every file of {id} will open to everybody who has its URL, without any token. What was \
         deleted or taken back stays so."
    ));
    for (question, expected) in [
        ("Type the id of the app, then Enter:", id.as_str()),
        ("Type unprotect, then Enter:", "unprotect"),
    ] {
        terminal::line(question);
        let mut answer = String::new();
        answers.read_line(&mut answer).context("cannot read the answer")?;
        ensure!(answer.trim() == expected, "not confirmed; nothing was changed");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protection_goes_only_after_two_right_answers() {
        let id = AppId::parse("demoapp").unwrap();
        let cases = [
            ("demoapp\nunprotect\n", true),
            ("demoapp\nunprotect", true),
            ("", false),
            ("demoapp\n", false),
            ("otherapp\nunprotect\n", false),
            ("unprotect\ndemoapp\n", false),
            ("demoapp\nyes\n", false),
        ];
        for (answers, confirmed) in cases {
            assert_eq!(ask(&id, &mut answers.as_bytes()).is_ok(), confirmed, "{answers:?}");
        }
    }
}
