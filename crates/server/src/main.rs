//! The `cloakroom` command.

use std::process::ExitCode;

use clap::Parser;
use cloakroom_server::cli::{Cli, terminal};

#[tokio::main]
async fn main() -> ExitCode {
    match Cli::parse().run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            terminal::failure(&error);
            ExitCode::FAILURE
        }
    }
}
