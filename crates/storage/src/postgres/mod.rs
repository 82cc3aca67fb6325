//! PostgreSQL: a server that any number of nodes share. A thread and its connection run one job at
//! a time; the server commits together what it can.
//!
//! Transactions run at *read committed*, and what a decision rests on is held still from the
//! moment it is read: the object that is about to change by a lock of its row, matters of the
//! organization by a lock of their own ([`Matter`](crate::settling::Matter)), uniqueness and
//! references by constraints, and everything else by the compare-and-set of versions. Whoever
//! comes second waits or is run again on what the first one left (ADR 0016).

mod address;
mod dialect;
mod errors;
mod jobs;
mod open;
#[cfg(test)]
mod plans;
#[path = "../queries/mod.rs"]
mod queries;
mod server_error;
mod statements;
mod store;
mod tx;

use diesel::PgConnection as Connection;
use diesel::pg::Pg as Backend;

pub use address::Address;
pub use open::migrate;
pub(crate) use open::side;
pub use server_error::ServerError;
pub use store::PostgresStore;
use tx::Tx;
