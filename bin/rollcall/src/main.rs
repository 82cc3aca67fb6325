//! The service binary: reads configuration, wires every room to the next and runs them. Nothing
//! is decided here but what runs.

mod cli;
mod commands;
mod config;
mod demo;
mod logging;
mod output;
mod secret_input;
mod service;
mod stop;
mod wiring;

use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::Cli;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match actix_web::rt::System::new().block_on(commands::run(cli)) {
        Ok(code) => code,
        Err(error) => {
            output::complain(&error);
            output::exit_code(&error)
        }
    }
}
