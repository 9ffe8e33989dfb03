//! The `cloakroom` command.

use std::process::ExitCode;

use clap::Parser;
use cloakroom_server::cli::doctor::CannotExamine;
use cloakroom_server::cli::{Cli, terminal};

/// A tenth less of the CPU of a small read than with the allocator of the system, as measured.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
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
