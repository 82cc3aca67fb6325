//! Time, ids, randomness and people's passwords.

use std::fmt;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::Failure;

/// The time.
pub trait Clock: Send + Sync + 'static {
    /// Now, in microseconds' precision.
    fn now(&self) -> DateTime<Utc>;
}

/// New ids, time-ordered (UUID version 7), each later than the one before.
pub trait Ids: Send + Sync + 'static {
    /// The next id.
    fn next(&self) -> Uuid;
}

/// A secret in clear: shown by [`SecretText::expose`] alone, never by Debug or Display.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(String);

impl SecretText {
    /// Wraps a secret.
    #[must_use]
    pub fn new(secret: String) -> Self {
        Self(secret)
    }

    /// The secret, where it must be said.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText")
    }
}

/// The SHA-256 of a random token: all that is ever stored of it (SEC-7).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest(pub [u8; 32]);

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest")
    }
}

/// What a random token is for; each kind has its own prefix, so that a scanner can tell them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// The Secret Token of a connection (R01).
    ScimSecret,
    /// A panel session.
    Session,
    /// The link of an invitation.
    Invitation,
    /// The link of a password reset.
    PasswordReset,
    /// The state of a sign-in through a provider, and the key its browser keeps.
    SignIn,
}

/// Random tokens.
pub trait Tokens: Send + Sync + 'static {
    /// A new token of at least 256 random bits, with a fixed prefix and a checksum (SEC-6).
    fn mint(&self, kind: TokenKind) -> SecretText;

    /// The digest a token is looked up by.
    fn digest(&self, token: &str) -> Digest;
}

/// What checking a password found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordCheck {
    /// It is right.
    Right,
    /// It is right, and its hash was made with older settings: hash it anew.
    RightButOutdated,
    /// It is wrong.
    Wrong,
}

/// Passwords of people: argon2id, in a bounded pool of its own, off the async workers (SEC-11,
/// SEC-13).
#[async_trait]
pub trait PasswordHasher: Send + Sync + 'static {
    /// Hashes a password, after Unicode normalization.
    async fn hash(&self, password: SecretText) -> Result<String, Failure>;

    /// Checks a password against a stored hash; `None` costs the same and is never right, so
    /// that time does not tell whether an account exists (SEC-14).
    async fn check(
        &self,
        password: SecretText,
        stored: Option<String>,
    ) -> Result<PasswordCheck, Failure>;
}

/// No key was configured that a secret could be sealed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "cannot be kept, because no key is configured to seal it with: the operator has to set \
     secret_key to the output of `openssl rand -base64 32` and start the service again"
)]
pub struct KeyMissing;

/// Keeps secrets that must be readable again, such as the client secret of a login method.
pub trait Sealer: Send + Sync + 'static {
    /// Encrypts; `context` must be given again to open.
    fn seal(&self, context: &str, secret: &SecretText) -> Vec<u8>;

    /// Demands a key that outlives this process, before something is sealed to be kept.
    ///
    /// # Errors
    /// [`KeyMissing`] where none was configured.
    fn require_lasting(&self) -> Result<(), KeyMissing>;

    /// Decrypts; `None` when the text was not sealed here, or for another context.
    fn open(&self, context: &str, sealed: &[u8]) -> Option<SecretText>;
}
