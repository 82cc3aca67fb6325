//! The store over one SQLite file.

use std::path::Path;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use async_trait::async_trait;
use rollcall_application::Failure;
use rollcall_application::ports::{Ids, ReadJob, Store, StoreError, WriteJob};

use crate::open::{OpenError, prepare, reader_pragmas, writer_pragmas};
use crate::pool::Connections;
use crate::workers::{Workers, read, write};

/// What an acknowledged write survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Synchronous {
    /// A power cut (REL-2).
    #[default]
    Full,
    /// A crash of the program. A power cut may take the last writes back; the file stays whole.
    Normal,
}

/// What opening does about missing migrations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Migrations {
    /// Runs them.
    #[default]
    OnOpen,
    /// Refuses the database.
    Require,
}

/// How a database is opened and served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// How many reads run at once; at least one.
    pub readers: usize,
    /// How many jobs wait at most, reads and writes each; more are refused as unavailable.
    pub queue: usize,
    /// What an acknowledged write survives.
    pub synchronous: Synchronous,
    /// How long a write waits for another program that holds the file's write lock.
    pub busy_timeout: Duration,
    /// What opening does about missing migrations.
    pub migrations: Migrations,
    /// How large the file may grow, in pages of 4 KiB; no limit but the disk when absent.
    pub max_pages: Option<u32>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            readers: available_parallelism().map_or(1, usize::from),
            queue: 1024,
            synchronous: Synchronous::Full,
            busy_timeout: Duration::from_secs(5),
            migrations: Migrations::OnOpen,
            max_pages: None,
        }
    }
}

/// The database in one SQLite file. Dropping it finishes what is queued and closes the file.
pub struct SqliteStore {
    writer: Workers<WriteJob>,
    readers: Workers<ReadJob>,
    /// Apart from the readers, so that readiness answers while they are busy (REL-12).
    health: Workers<ReadJob>,
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SqliteStore")
    }
}

impl SqliteStore {
    /// Opens a database, creating the file if there is none. `ids` names activity entries and
    /// mails.
    ///
    /// # Errors
    /// [`OpenError`] says why not, in a sentence for the operator.
    pub fn open(path: &Path, options: &Options, ids: Arc<dyn Ids>) -> Result<Self, OpenError> {
        prepare(path, options)?;
        let count = u32::try_from(options.readers.max(1)).unwrap_or(u32::MAX);
        let reading = reader_pragmas(options);
        let writer = Connections::open(path, writer_pragmas(options), 1, Arc::clone(&ids))?;
        let readers = Connections::open(path, reading.clone(), count, Arc::clone(&ids))?;
        let health = Connections::open(path, reading, 1, ids)?;
        let failed = |source| OpenError::File {
            path: path.to_owned(),
            source,
        };
        let bound = options.queue;
        Ok(Self {
            writer: Workers::start("database-writer", bound, writer, write).map_err(failed)?,
            readers: Workers::start("database-reader", bound, readers, read).map_err(failed)?,
            health: Workers::start("database-health", bound, health, read).map_err(failed)?,
        })
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn run_read(&self, job: ReadJob) -> Result<(), Failure> {
        self.readers.run(job).await
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
