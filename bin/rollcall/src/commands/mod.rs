//! The commands, one a file.

mod keeping;
mod openapi;
mod operator;
mod serve;
mod settings;
mod simulate;

use std::process::ExitCode;

use crate::cli::{Cli, Command};
use crate::{demo, logging};

/// Runs what the command line asks for.
///
/// # Errors
/// Why it failed, for a person to read.
pub(crate) async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let Cli { settings, command } = cli;
    match command {
        Command::Serve(arguments) => {
            let config = settings.load(Some(&arguments))?;
            logging::start(&config.log)?;
            serve::run(config).await
        }
        Command::Demo(arguments) => demo::run(settings, arguments).await,
        Command::Setup(arguments) => operator::setup(settings.load(None)?, arguments).await,
        Command::GrantOwner(arguments) => {
            operator::grant_owner(settings.load(None)?, arguments).await
        }
        Command::ResetPassword(arguments) => {
            operator::reset_password(settings.load(None)?, arguments).await
        }
        Command::Migrate => operator::migrate(&settings.load(None)?),
        Command::Backup { file } => keeping::backup(&settings.load(None)?, &file),
        Command::Copy(arguments) => keeping::copy(&arguments),
        Command::Simulate { provider } => Ok(simulate::run(&provider)),
        Command::Openapi => Ok(openapi::print()),
        Command::Config => Ok(settings::print()),
    }
}
