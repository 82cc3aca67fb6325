//! Passwords, tokens, sealed secrets, time and ids: the adapters of those ports.
//!
//! Nothing here decides what a secret may do. A password goes in and a verdict comes out; a token
//! goes out once and only its digest stays. No secret is ever printed by `Debug`.
//!
//! ```
//! use rollcall_application::ports::{TokenKind, Tokens};
//! use rollcall_secrets::{RandomTokens, checksum_holds};
//!
//! let token = RandomTokens.mint(TokenKind::ScimSecret);
//! assert!(token.expose().starts_with("rcs_"));
//! assert!(checksum_holds(token.expose()));
//! ```

mod clock;
mod hashing;
mod ids;
mod key;
mod passwords;
mod sealing;
mod tokens;

pub use clock::SystemClock;
pub use ids::TimeOrderedIds;
pub use key::{KeyError, SealingKey};
pub use passwords::{Argon2Passwords, PasswordPool, PasswordSettings, SettingsError};
pub use sealing::AeadSealer;
pub use tokens::{RandomTokens, checksum_holds, digests_match, generated_password};
