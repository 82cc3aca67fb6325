//! What people do in the panel: sign in, manage members, teams and provisioning.
//!
//! One file is one family of use cases. Each loads, asks a rule of `rollcall-domain` and saves
//! what it answers in one transaction; none of them decides anything itself. Passwords are hashed
//! and checked before the transaction begins.

pub mod access;
pub mod activity;
mod input;
pub mod login_methods;
mod mails;
pub mod members;
pub mod operator;
pub mod organization;
pub mod profile;
pub mod provisioning;
mod surroundings;
pub mod teams;
mod turns;

pub use input::{NameChanges, Patch};
pub(crate) use surroundings::owners_around;
