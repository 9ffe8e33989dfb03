//! The `cloakroom` command.

mod memory;

use std::process::ExitCode;

use clap::Parser;
use cloakroom_server::cli::doctor::CannotExamine;
use cloakroom_server::cli::{Cli, terminal};

#[tokio::main]
async fn main() -> ExitCode {
    memory::give_back_now_and_again();
    match Cli::parse().run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            terminal::failure(&error);
            match error.downcast_ref::<CannotExamine>() {
                Some(_) => ExitCode::from(2),
                None => ExitCode::FAILURE,
            }
        }
    }
}
