//! `rollcall config`: every setting, as comments of a TOML file that can be kept and edited.

use std::process::ExitCode;

use crate::config::KEYS;
use crate::output::say;

/// Prints every setting.
pub(crate) fn print() -> ExitCode {
    say!("# Settings of Rollcall. Each may stand here or in its environment variable, which wins.");
    for key in KEYS {
        say!();
        say!("# {}", key.about);
        say!("# Write {}.", key.write);
        say!(
            "# Environment: {}; default: {}",
            key.variable(),
            key.default
        );
        say!("# {} = {}", key.name, key.example);
    }
    ExitCode::SUCCESS
}
