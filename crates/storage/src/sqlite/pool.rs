//! The connections, in r2d2 pools: one that writes, some that read, one that answers for health.
//! A connection that broke, or that a job left inside a transaction, is replaced by a new one.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use diesel::SqliteConnection;
use diesel::connection::SimpleConnection;
use diesel::r2d2::{Builder, ConnectionManager, CustomizeConnection, Error, HandleError, Pool};
use rollcall_application::ports::{StoreError, Supplies};
use scheduled_thread_pool::ScheduledThreadPool;

use super::open::OpenError;
use super::tx::Tx;

/// How long a thread waits for a connection to be replaced.
const PATIENCE: Duration = Duration::from_secs(1);

/// The connections of one kind, and what they write with.
pub(crate) struct Connections {
    pool: Pool<ConnectionManager<SqliteConnection>>,
    supplies: Supplies,
}

impl Connections {
    /// Opens `count` connections to a file, each prepared by these pragmas.
    pub(crate) fn open(
        path: &Path,
        pragmas: String,
        count: u32,
        supplies: Supplies,
    ) -> Result<Self, OpenError> {
        let pool = pooled(pragmas, count)
            .build(manager(path)?)
            .map_err(|source| OpenError::Database {
                path: path.to_owned(),
                source: Box::new(source),
            })?;
        Ok(Self { pool, supplies })
    }

    /// How many there are.
    pub(crate) fn count(&self) -> u32 {
        self.pool.max_size()
    }

    /// A connection for one piece of work.
    pub(crate) fn lease(&self) -> Result<Tx, StoreError> {
        let connection = self.pool.get().map_err(|_| StoreError::Unavailable)?;
        Ok(Tx::new(connection, self.supplies.clone()))
    }

    /// A connection for one piece of work, if one is free.
    fn lease_at_once(&self) -> Option<Tx> {
        let connection = self.pool.try_get()?;
        Some(Tx::new(connection, self.supplies.clone()))
    }
}

/// Connections for what is read where it is asked. Each thread has one that it tries first: what a
/// connection keeps in memory then stays in the caches of one processor, and does not move to another
/// one's with every request.
pub(crate) struct Glances(Vec<Connections>);

/// How many threads have a place.
static PLACES: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// Which connection is tried first.
    static PLACE: usize = PLACES.fetch_add(1, Ordering::Relaxed);
}

impl Glances {
    /// Opens `count` connections to a file, each prepared by these pragmas.
    pub(crate) fn open(
        path: &Path,
        pragmas: &str,
        count: u32,
        supplies: &Supplies,
    ) -> Result<Self, OpenError> {
        let one = |_| Connections::open(path, pragmas.to_owned(), 1, supplies.clone());
        (0..count).map(one).collect::<Result<_, _>>().map(Self)
    }

    /// A connection for one piece of work, if one is free.
    pub(crate) fn lease_at_once(&self) -> Option<Tx> {
        let (before, after) = self
            .0
            .split_at(PLACE.with(|place| place % self.0.len().max(1)));
        after
            .iter()
            .chain(before)
            .find_map(Connections::lease_at_once)
    }
}

fn manager(path: &Path) -> Result<ConnectionManager<SqliteConnection>, OpenError> {
    let name = path.to_str().ok_or_else(|| OpenError::File {
        path: path.to_owned(),
        source: std::io::Error::other("the path is not UTF-8"),
    })?;
    Ok(ConnectionManager::new(name))
}

/// Opens anew what broke, for every pool: each would have three threads of its own.
static REPLACING: LazyLock<Arc<ScheduledThreadPool>> = LazyLock::new(|| {
    let threads = ScheduledThreadPool::builder().num_threads(1);
    Arc::new(threads.thread_name_pattern("database-opener").build())
});

fn pooled(pragmas: String, count: u32) -> Builder<ConnectionManager<SqliteConnection>> {
    Pool::builder()
        .max_size(count)
        .thread_pool(Arc::clone(&REPLACING))
        // A connection to a file does not age, and a test before each use would double the cost of
        // the smallest reads.
        .test_on_check_out(false)
        .max_lifetime(None)
        .idle_timeout(None)
        .connection_timeout(PATIENCE)
        .connection_customizer(Box::new(Prepared(pragmas)))
        .error_handler(Box::new(Logged))
}

/// Prepares each connection as it is opened.
#[derive(Debug)]
struct Prepared(String);

impl CustomizeConnection<SqliteConnection, Error> for Prepared {
    fn on_acquire(&self, connection: &mut SqliteConnection) -> Result<(), Error> {
        connection.batch_execute(&self.0).map_err(Error::QueryError)
    }
}

#[derive(Debug)]
struct Logged;

impl HandleError<Error> for Logged {
    fn handle_error(&self, error: Error) {
        tracing::error!(%error, "a database connection could not be opened");
    }
}

#[cfg(test)]
mod tests {
    use rollcall_testkit::supplies;

    use super::*;

    #[test]
    fn a_glance_takes_its_own_connection_or_whichever_is_free() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.db");
        let glances = Glances::open(&file, "", 2, &supplies(1)).unwrap();
        let mine = |tx: &mut Tx| tx.connection.batch_execute("SELECT 1 FROM mine").is_ok();
        let mut own = glances.lease_at_once().unwrap();
        own.connection
            .batch_execute("CREATE TEMP TABLE mine (a)")
            .unwrap();
        let mut other = glances.lease_at_once().unwrap();
        assert!(mine(&mut own) && !mine(&mut other));
        assert!(glances.lease_at_once().is_none());
        // The other one is let go last, and still the thread's own is taken.
        drop(own);
        drop(other);
        assert!(mine(&mut glances.lease_at_once().unwrap()));
    }
}
