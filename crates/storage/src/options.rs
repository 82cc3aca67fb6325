//! How a database is opened and served.

use std::thread::available_parallelism;
use std::time::Duration;

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

/// How a database on a PostgreSQL server is served by this node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerOptions {
    /// How many connections read; at least one. One more answers for readiness.
    pub readers: usize,
    /// How many connections write; at least one. What they write at the same time, the server
    /// commits together.
    pub writers: usize,
    /// How many jobs wait at most, reads and writes each; more are refused as unavailable.
    pub queue: usize,
    /// How long a job waits for its turn at most, before it is refused as unavailable.
    pub patience: Duration,
    /// What opening does about missing migrations.
    pub migrations: Migrations,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            readers: 8,
            writers: 16,
            queue: 1024,
            patience: Duration::from_secs(5),
            migrations: Migrations::OnOpen,
        }
    }
}
