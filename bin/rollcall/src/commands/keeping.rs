//! `rollcall backup` and `rollcall copy`: keeping what is stored, and moving it.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use rollcall_storage::Location;

use crate::cli::CopyArguments;
use crate::config::{Config, Database};
use crate::output::say;

/// Writes a backup of the `SQLite` file.
///
/// # Errors
/// When the new file is there already or cannot be written, or the database is on a server.
pub(crate) fn backup(config: &Config, file: &Path) -> anyhow::Result<ExitCode> {
    let database = match &config.database {
        Database::File(path, _) => path,
        Database::Server(address, _) => bail!(
            "{address} is a PostgreSQL database: back it up with pg_dump or with base backups, as \
             docs/OPERATIONS.md says"
        ),
    };
    rollcall_storage::backup(database, file)?;
    say!(
        "The backup {} is whole: everything that was stored in {} when it began.",
        file.display(),
        database.display()
    );
    Ok(ExitCode::SUCCESS)
}

/// Copies a database to another.
///
/// # Errors
/// When one of them cannot be used, the target is not empty, or the copy differs.
pub(crate) fn copy(arguments: &CopyArguments) -> anyhow::Result<ExitCode> {
    let place = |text: &str, name| {
        Location::parse(text.trim()).with_context(|| {
            format!("{name} must be sqlite:// and a file, or postgres://USER:PASSWORD@HOST/NAME")
        })
    };
    let (from, to) = (
        place(&arguments.from, "--from")?,
        place(&arguments.to, "--to")?,
    );
    let copied = rollcall_storage::copy(&from, &to)?;
    let mut rows = 0;
    for table in copied {
        rows += table.rows;
        say!(
            "{:<20} {:>12} rows  {:016x}",
            table.name,
            table.rows,
            table.checksum
        );
    }
    say!("Copied {rows} rows from {from} to {to}; every table was compared by count and checksum.");
    Ok(ExitCode::SUCCESS)
}
