//! `rollcall openapi`.

use std::process::ExitCode;

use crate::output::say;

/// Prints the OpenAPI document of the panel's JSON API.
pub(crate) fn print() -> ExitCode {
    say!("{}", rollcall_http::panel::openapi_json());
    ExitCode::SUCCESS
}
