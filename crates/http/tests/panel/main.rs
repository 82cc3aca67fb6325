//! The panel's API over a SQLite store, through the whole application: what people can do, what
//! they cannot, and what is left in *Activity > Actions*. A directory takes part through its own
//! door, over SCIM.

#![expect(clippy::unwrap_used, reason = "a broken expectation is a failing test")]

mod access;
mod activity;
mod document;
mod doors;
mod harness;
mod members;
mod operator;
mod passwords;
mod permissions;
mod provisioning;
mod reconnecting;
mod teams;
mod two_directories;
