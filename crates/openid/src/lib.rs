//! The relying party of `OpenID` Connect 1.0: the authorization code flow with PKCE (RFC 7636).
//!
//! [`OpenIdRelyingParty`] fills the port of `rollcall-application`. What an identity provider
//! answers is judged by pure functions: its document ([`discovery`]), its keys ([`keys`]), and the
//! ID token ([`id_token`]). Only [`fetch`] speaks to the network, and it speaks to the hosts that
//! were configured alone.
//!
//! ```
//! use rollcall_openid::{FetchSettings, OpenIdRelyingParty};
//!
//! let relying_party = OpenIdRelyingParty::new(FetchSettings::default());
//! # drop(relying_party);
//! ```
//!
//! Nothing here decides who somebody is in an organization, and nothing here keeps a token: what
//! is left of one is the subject, the user name and a verified e-mail.

pub mod address;
mod cache;
pub mod discovery;
pub mod fetch;
pub mod id_token;
pub mod keys;
mod relying_party;
mod signature;
mod token_endpoint;

pub use fetch::{FetchSettings, PrivateAddresses};
pub use relying_party::OpenIdRelyingParty;
