//! Secrets that people give at the command line: never as arguments, which any user of the
//! machine can list.

use std::io::BufRead as _;

use anyhow::{Context as _, bail};
use rollcall_application::ports::SecretText;
use rollcall_secrets::generated_password;

use crate::cli::PasswordArguments;

/// A password, and whether the person has yet to be told it.
pub(crate) enum GivenPassword {
    /// Written by a person.
    Known(SecretText),
    /// Made here.
    Generated(SecretText),
}

impl GivenPassword {
    /// The password, wherever it came from.
    pub(crate) fn secret(&self) -> SecretText {
        match self {
            Self::Known(secret) | Self::Generated(secret) => secret.clone(),
        }
    }
}

/// Reads a password from where the arguments say, or makes one.
///
/// # Errors
/// When standard input ends before a password came.
pub(crate) fn password(arguments: &PasswordArguments) -> anyhow::Result<GivenPassword> {
    if arguments.password_stdin {
        let mut line = String::new();
        std::io::stdin()
            .lock()
            .read_line(&mut line)
            .context("cannot read the password from standard input")?;
        let password = line.trim_end_matches(['\r', '\n']);
        if password.is_empty() {
            bail!("standard input holds no password");
        }
        return Ok(GivenPassword::Known(SecretText::new(password.to_owned())));
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the binary, which reads configuration"
    )]
    if let Ok(password) = std::env::var("ROLLCALL_OWNER_PASSWORD") {
        return Ok(GivenPassword::Known(SecretText::new(password)));
    }
    Ok(GivenPassword::Generated(generated_password()))
}
