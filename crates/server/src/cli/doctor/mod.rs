//! `cloakroom doctor`: proves from outside, against any installation, that private is private.
//!
//! It is a client like any other: with an API key it makes three users, lets one send a file to
//! another, and tries to get at it in every way that must not work. Whatever it made, it deletes.

mod checks;
mod patients;
mod report;
mod surroundings;

use std::path::PathBuf;

use anyhow::Context;
use cloakroom_token::AppId;

pub use patients::CannotExamine;
pub use report::{Check, Outcome, Report};

use self::patients::Patients;
use super::terminal;

/// What is examined, and where the findings go.
#[derive(Clone, Debug, clap::Args)]
pub struct DoctorOptions {
    /// The origin of the REST API, such as `https://api.example.com`.
    #[arg(long, value_name = "ORIGIN")]
    pub api: String,
    /// The app to examine.
    #[arg(long)]
    pub app: AppId,
    /// The file that holds a `fullAccess` API key of the app.
    #[arg(long, value_name = "FILE")]
    pub api_key_file: PathBuf,
    /// Another app of the same installation, whose tokens must not open anything here.
    #[arg(long, requires = "other_api_key_file")]
    pub other_app: Option<AppId>,
    /// The file that holds a `fullAccess` API key of the other app.
    #[arg(long, value_name = "FILE", requires = "other_app")]
    pub other_api_key_file: Option<PathBuf>,
    /// The origin of the dashboard, to compare its domain with the secure media host's.
    #[arg(long, value_name = "ORIGIN")]
    pub dashboard: Option<String>,
    /// A log file of the server, in which no secret of this examination may stand. Twice or more if
    /// you like.
    #[arg(long, value_name = "FILE")]
    pub log: Vec<PathBuf>,
    /// Says that plain HTTP ends at a proxy that speaks TLS to clients.
    #[arg(long)]
    pub behind_tls_proxy: bool,
    /// Where to write the findings as JSON; `-` is standard output, and then nothing else is there.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Where to write the findings as a page.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
}

/// Examines, prints and writes; ends with an error if a check failed.
pub(crate) async fn run(options: DoctorOptions) -> anyhow::Result<()> {
    let report = examine(&options).await?;
    let json = serde_json::to_string_pretty(&report).context("the findings cannot be written")?;
    let is_piped = options.json.as_ref().is_some_and(|path| path.as_os_str() == "-");
    match &options.json {
        Some(_) if is_piped => terminal::line(&json),
        Some(path) => std::fs::write(path, json + "\n")
            .with_context(|| format!("cannot write {}", path.display()))?,
        None => {}
    }
    if let Some(path) = &options.html {
        std::fs::write(path, report.html()?)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    if !is_piped {
        report.lines().iter().for_each(|line| terminal::line(line));
    }
    anyhow::ensure!(report.failed == 0, "{} checks failed", report.failed);
    Ok(())
}

/// Examines an installation, and deletes whatever it made for that.
///
/// # Errors
///
/// [`CannotExamine`], if it could not even begin: nobody answers, or the key is not good.
pub async fn examine(options: &DoctorOptions) -> Result<Report, CannotExamine> {
    let mut patients = Patients::admit(options).await?;
    let mut report = Report::new(options, &patients.media_host());
    let examined = tokio::select! {
        examined = all(options, &mut patients, &mut report) => examined,
        _ = tokio::signal::ctrl_c() => Err(CannotExamine::Interrupted),
    };
    let left = patients.discharge().await;
    examined?;
    report.add(left);
    Ok(report.counted())
}

async fn all(
    options: &DoctorOptions,
    patients: &mut Patients,
    report: &mut Report,
) -> Result<(), CannotExamine> {
    surroundings::settings(options, patients, report).await?;
    checks::readers(patients, report).await?;
    checks::strangers(patients, report).await?;
    checks::nothing_is_told(patients, report).await?;
    surroundings::headers(patients, report).await?;
    surroundings::api(options, patients, report).await?;
    checks::endings(patients, report).await?;
    surroundings::logs(options, patients, report);
    Ok(())
}
