//! The store over a database on a PostgreSQL server.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use rollcall_application::Failure;
use rollcall_application::ports::{ReadJob, Store, StoreError, Supplies, WriteJob};

use super::address::Address;
use super::jobs::{Reach, Reading, Worker};
use super::open::prepare;
use super::server_error::ServerError;
use crate::options::ServerOptions;
use crate::workers::Workers;

/// The database on a PostgreSQL server, shared with any number of other nodes. Dropping it
/// finishes what is queued and closes the connections. A job has so long to wait for its turn, so
/// the runtime that asks must have its timers enabled.
pub struct PostgresStore {
    writers: Workers<WriteJob>,
    readers: Workers<Reading>,
    /// Apart from the readers, so that readiness answers while they are busy (REL-12).
    health: Workers<Reading>,
    /// How long a job waits for its turn.
    patience: Duration,
}

impl std::fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PostgresStore")
    }
}

impl PostgresStore {
    /// Opens a database and brings its schema up to date as the options say.
    ///
    /// # Errors
    /// [`ServerError`] says why not, in a sentence for the operator.
    pub fn open(
        address: &Address,
        options: &ServerOptions,
        supplies: Supplies,
    ) -> Result<Self, ServerError> {
        prepare(address, options.migrations)?;
        let address = Arc::new(address.clone());
        let reach = Arc::new(Reach::default());
        let worker =
            move || Worker::new(Arc::clone(&address), supplies.clone(), Arc::clone(&reach));
        let readers = |count: usize| {
            (0..count.max(1))
                .map(|_| worker())
                .map(|worker| move |requests: &_| worker.read(requests))
                .collect()
        };
        let writers = (0..options.writers.max(1))
            .map(|_| worker())
            .map(|worker| move |requests: &_| worker.write(requests))
            .collect();
        let (bound, failed) = (options.queue, ServerError::Threads);
        Ok(Self {
            writers: Workers::start("database-writer", bound, writers).map_err(failed)?,
            readers: Workers::start("database-reader", bound, readers(options.readers))
                .map_err(failed)?,
            health: Workers::start("database-health", bound, readers(1)).map_err(failed)?,
            patience: options.patience,
        })
    }
}

#[async_trait]
impl Store for PostgresStore {
    async fn run_read(&self, job: ReadJob) -> Result<(), Failure> {
        let job = Reading::Snapshot(job);
        self.readers.run_within(self.patience, job).await
    }

    async fn run_glance(&self, job: ReadJob) -> Result<(), Failure> {
        let job = Reading::Glance(job);
        self.readers.run_within(self.patience, job).await
    }

    async fn run_write(&self, job: WriteJob) -> Result<(), Failure> {
        self.writers.run_within(self.patience, job).await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        let probe: ReadJob = Box::new(|tx| {
            tx.organizations(1)?;
            Ok(())
        });
        self.health
            .run_within(self.patience, Reading::Glance(probe))
            .await
            .map_err(|_| StoreError::Unavailable)
    }
}
