//! The store over one SQLite file.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use crossbeam_channel::Receiver;
use rollcall_application::Failure;
use rollcall_application::ports::{ReadJob, Store, StoreError, Supplies, WriteJob};

use super::jobs::{read, write};
use super::open::{Cache, OpenError, prepare, reader_pragmas, writer_pragmas};
use super::pool::{Connections, Glances};
use crate::options::Options;
use crate::workers::{Request, Workers, caught};

/// The database in one SQLite file. Dropping it finishes what is queued and closes the file.
pub struct SqliteStore {
    writer: Workers<WriteJob>,
    readers: Workers<ReadJob>,
    /// For what is read where it is asked.
    glances: Glances,
    /// Apart from the readers, so that readiness answers while they are busy (REL-12).
    health: Workers<ReadJob>,
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SqliteStore")
    }
}

impl SqliteStore {
    /// Opens a database, creating the file if there is none.
    ///
    /// # Errors
    /// [`OpenError`] says why not, in a sentence for the operator.
    pub fn open(path: &Path, options: &Options, supplies: Supplies) -> Result<Self, OpenError> {
        prepare(path, options)?;
        let count = u32::try_from(options.readers.max(1)).unwrap_or(u32::MAX);
        // All of them now: one that is opened beside the work might be closing its file, which locks
        // it, when the store is gone.
        let writer = Connections::open(path, writer_pragmas(options), 1, supplies.clone())?;
        let pragmas = reader_pragmas(options, Cache::Glances, count);
        let glances = Glances::open(path, &pragmas, count, &supplies)?;
        let open = move |cache, count| {
            let pragmas = reader_pragmas(options, cache, count);
            Connections::open(path, pragmas, count, supplies.clone())
        };
        let readers = open(Cache::Readers, count)?;
        let health = open(Cache::Least, 1)?;
        let keeper = Arc::new(open(Cache::Least, 1)?);
        let failed = |source| OpenError::File {
            path: path.to_owned(),
            source,
        };
        let bound = options.queue;
        let write = move |connections: &Connections, requests: &Receiver<_>| {
            write(connections, &keeper, requests);
        };
        Ok(Self {
            writer: threads("database-writer", bound, writer, write).map_err(failed)?,
            readers: threads("database-reader", bound, readers, read).map_err(failed)?,
            glances,
            health: threads("database-health", bound, health, read).map_err(failed)?,
        })
    }
}

/// One thread for each connection.
fn threads<J, W>(
    name: &str,
    bound: usize,
    connections: Connections,
    work: W,
) -> std::io::Result<Workers<J>>
where
    J: Send + 'static,
    W: Fn(&Connections, &Receiver<Request<J>>) + Clone + Send + 'static,
{
    let connections = Arc::new(connections);
    let threads = (0..connections.count())
        .map(|_| {
            let connections = Arc::clone(&connections);
            let work = work.clone();
            move |requests: &Receiver<Request<J>>| work(&connections, requests)
        })
        .collect();
    Workers::start(name, bound, threads)
}

#[async_trait]
impl Store for SqliteStore {
    async fn run_read(&self, job: ReadJob) -> Result<(), Failure> {
        self.readers.run(job).await
    }

    async fn run_glance(&self, mut job: ReadJob) -> Result<(), Failure> {
        match self.glances.lease_at_once() {
            Some(mut tx) => caught(|| job(&mut tx)),
            None => self.readers.run(job).await,
        }
    }

    async fn run_write(&self, job: WriteJob) -> Result<(), Failure> {
        self.writer.run(job).await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        let probe: ReadJob = Box::new(|tx| {
            tx.organizations(1)?;
            Ok(())
        });
        self.health
            .run(probe)
            .await
            .map_err(|_| StoreError::Unavailable)
    }
}
