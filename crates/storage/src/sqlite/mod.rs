//! SQLite: one file, one writer with group commit, as many readers as there are connections.

mod backup;
mod dialect;
mod effects;
mod errors;
mod jobs;
mod open;
#[cfg(test)]
mod plans;
mod pool;
#[path = "../queries/mod.rs"]
mod queries;
mod statements;
mod store;
mod tx;

use diesel::SqliteConnection as Connection;
use diesel::sqlite::Sqlite as Backend;

pub use backup::backup;
pub(crate) use open::side;
pub use open::{APPLICATION_ID, OpenError, migrate};
pub use store::SqliteStore;
use tx::Tx;
