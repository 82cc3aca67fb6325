//! The one set of queries. It is compiled once for each engine, from the same files: `super` is the
//! engine's module and says what a connection is, how its SQL is spelled and what its errors mean
//! (ADR 0006). What is written here has to hold for each of them.

mod activity;
mod connections;
mod counting;
mod credentials;
mod links;
mod members;
mod memberships;
mod organizations;
mod outbox;
mod relinking;
mod sign_on;
mod teams;
mod unscoped;

use super::{Backend, Connection, Tx, dialect, errors, statements};
