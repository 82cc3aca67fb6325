//! SQLite and PostgreSQL behind the storage ports: the only room with SQL.
//!
//! [`PostgresStore`] runs the jobs of `rollcall-application` over a database that any number of
//! nodes share. [`SqliteStore`] runs them over one file. Reads run on as many
//! threads as there are reader connections, each job on one snapshot. Writes go through one thread
//! that gathers what is waiting, runs the jobs in one transaction, commits once for all of
//! them and then answers: a store that waits for the disk waits once for many.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # #[derive(Debug)] struct Numbers(std::sync::atomic::AtomicU64);
//! # impl rollcall_application::ports::Ids for Numbers {
//! #     fn next(&self) -> uuid::Uuid {
//! #         let n = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
//! #         uuid::Uuid::from_u128(u128::from(n))
//! #     }
//! # }
//! # let folder = tempfile::tempdir()?;
//! # let ids = std::sync::Arc::new(Numbers(std::sync::atomic::AtomicU64::new(1)));
//! use rollcall_application::ports::{Documents, Supplies};
//! use rollcall_storage::{Options, SqliteStore};
//!
//! let supplies = Supplies {
//!     ids,
//!     documents: Documents {
//!         form: 1,
//!         write: |member| format!(r#"{{"label":"{}"}}"#, member.label()),
//!     },
//! };
//! let file = folder.path().join("rollcall.db");
//! let store = SqliteStore::open(&file, &Options::default(), supplies)?;
//! # drop(store);
//! # Ok(())
//! # }
//! ```
//!
//! No rules here: what may change is decided by `rollcall-domain`, inside the job. What the
//! database itself refuses is a reference across organizations, two members of one login key, two
//! teams of one name, two objects of one `externalId`.
//!
//! The queries are written once, in `queries`, and compiled for each engine; what an engine has to
//! be told in its own words stands in its folder (ADR 0006). Migrations lie in a folder for each
//! engine.

#![expect(
    clippy::duplicate_mod,
    reason = "queries are written once and compiled for each engine (ADR 0006)"
)]

mod copy;
mod kept;
mod listing;
mod literal;
mod options;
mod postgres;
mod schema;
mod settling;
mod sqlite;
mod values;
mod workers;

pub use copy::{CopiedTable, CopyError, Location, copy};
pub use options::{Migrations, Options, ServerOptions, Synchronous};
pub use postgres::{Address, PostgresStore, ServerError, migrate as migrate_server};
pub use sqlite::{APPLICATION_ID, OpenError, SqliteStore, backup, migrate};
