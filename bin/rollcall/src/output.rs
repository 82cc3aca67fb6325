//! What a person at the terminal reads. Logs are another matter (`logging`): they go to standard
//! error, and this to standard output.

use std::fmt::Arguments;
use std::io::{self, Write as _};
use std::process::ExitCode;

use crate::config::ConfigError;

/// Says one line. A reader that went away (`| head`) is no error of ours.
pub(crate) fn write_line(line: Arguments<'_>) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// Says one line on standard output, with formatting.
macro_rules! say {
    () => { $crate::output::write_line(format_args!("")) };
    ($($line:tt)+) => { $crate::output::write_line(format_args!($($line)+)) };
}
pub(crate) use say;

/// Says why the command failed, on standard error, in one line.
pub(crate) fn complain(error: &anyhow::Error) {
    let _ = writeln!(io::stderr().lock(), "rollcall: {error:#}");
}

/// 2 for what was written wrongly, 1 for what went wrong.
pub(crate) fn exit_code(error: &anyhow::Error) -> ExitCode {
    if error.is::<ConfigError>() {
        ExitCode::from(2)
    } else {
        ExitCode::FAILURE
    }
}
