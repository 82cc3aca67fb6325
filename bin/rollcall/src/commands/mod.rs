//! The commands, one a file.

mod keeping;
mod openapi;
mod operator;
mod serve;
mod settings;
mod simulate;

use std::process::ExitCode;

use crate::cli::{BackupArguments, Cli, Command};
use crate::{demo, logging};

/// Runs what the command line asks for.
///
/// # Errors
/// Why it failed, for a person to read.
pub(crate) async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    match cli.command {
        Command::Serve(arguments) => {
            let config = arguments.load()?;
            logging::start(&config.log)?;
            serve::run(config).await
        }
        Command::Demo(arguments) => demo::run(arguments).await,
        Command::Setup(arguments) => operator::setup(arguments).await,
        Command::GrantOwner(arguments) => operator::grant_owner(arguments).await,
        Command::ResetPassword(arguments) => operator::reset_password(arguments).await,
        Command::Migrate(place) => operator::migrate(&place.load()?),
        Command::Backup(BackupArguments { place, file }) => keeping::backup(&place.load()?, &file),
        Command::Copy(arguments) => keeping::copy(&arguments),
        Command::Simulate { provider } => Ok(simulate::run(&provider)),
        Command::Openapi => Ok(openapi::print()),
        Command::Config => Ok(settings::print()),
    }
}
