//! Opening a database file: only one that is ours, and none that is newer than the program.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::migration::MigrationSource;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer};
use diesel::sqlite::Sqlite;
use diesel::{ConnectionError, SqliteConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::options::{Migrations, Options, Synchronous};

/// What marks a SQLite file as ours (its header's application id): `ROLC` in ASCII.
pub const APPLICATION_ID: i32 = 0x524F_4C43;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
/// How every SQLite file begins.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Why a database was not opened. Each says what to do in one sentence.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A newer version of the program has changed it.
    #[error(
        "{path} was changed by a newer version of Rollcall (migration {migration}): run that \
         version, or restore a backup made before the upgrade"
    )]
    Newer {
        /// Which file.
        path: PathBuf,
        /// The first migration this program does not know.
        migration: String,
    },
    /// It lacks migrations, and the options say not to run them.
    #[error("{path} was made by an older version of Rollcall: migrate it first")]
    Older {
        /// Which file.
        path: PathBuf,
    },
    /// It is something else than a SQLite database.
    #[error("{path} is not a SQLite database: name another file, or a new one to create it")]
    NotSqlite {
        /// Which file.
        path: PathBuf,
    },
    /// It is a SQLite database of another program.
    #[error(
        "{path} is a database of another program: name another file, or a new one to create it"
    )]
    Foreign {
        /// Which file.
        path: PathBuf,
    },
    /// There is no such file.
    #[error("{path} is not there: name the database")]
    Missing {
        /// Which file.
        path: PathBuf,
    },
    /// There is a file already, which is not written over.
    #[error("{path} is there already: name a new file")]
    Exists {
        /// Which file.
        path: PathBuf,
    },
    /// The file cannot be created or read.
    #[error("{path} cannot be opened: check that its folder exists and may be written to")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The database answered with an error.
    #[error("{path} cannot be used as a database")]
    Database {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// A connection for a copy, to a file that is at this program's schema.
pub(crate) fn side(path: &Path, options: &Options) -> Result<SqliteConnection, OpenError> {
    prepare(path, options)?;
    establish(path, options)
}

/// Brings the schema of a database up to date, creating the file if there is none. Answers how
/// many migrations ran. Safe to run from several places at once: one of them does it.
///
/// # Errors
/// [`OpenError`], never [`OpenError::Older`].
pub fn migrate(path: &Path, options: &Options) -> Result<usize, OpenError> {
    prepare_file(path)?;
    let mut connection = establish(path, options)?;
    require_ours(&mut connection, path)?;
    log_ahead(&mut connection, path, options)?;
    run_migrations(&mut connection, path, Migrations::OnOpen)
}

/// Checks the file and its schema, creating and migrating it as the options say.
pub(crate) fn prepare(path: &Path, options: &Options) -> Result<(), OpenError> {
    prepare_file(path)?;
    let mut connection = establish(path, options)?;
    require_ours(&mut connection, path)?;
    log_ahead(&mut connection, path, options)?;
    run_migrations(&mut connection, path, options.migrations)?;
    Ok(())
}

/// What keeps a part of the file in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cache {
    /// The one that writes.
    Writer,
    /// Those that walk lists, page after page: what they have seen is seldom asked again.
    Readers,
    /// Those that look one object up, anywhere: they live on the upper pages of every index. What lies
    /// below costs the same from here as from the system's own cache.
    Glances,
    /// Those that look at one row, always the same.
    Least,
}

/// What a connection needs at least to be of use, in KiB.
const LEAST_CACHE_KIB: u32 = 512;

impl Cache {
    /// How much the connections of one kind keep together, in KiB: however many there are, they stay
    /// a part of what the whole service may take.
    const fn kib(self) -> u32 {
        match self {
            Self::Writer => 16 * 1024,
            Self::Readers | Self::Glances => 8 * 1024,
            Self::Least => LEAST_CACHE_KIB,
        }
    }

    /// The share of one connection of so many.
    fn share(self, connections: u32) -> u32 {
        (self.kib() / connections.max(1)).max(LEAST_CACHE_KIB)
    }
}

/// How long to let others go first when the file is locked.
const ASK_AGAIN: Duration = Duration::from_millis(5);

/// What is set on every connection.
fn pragmas(options: &Options, cache_kib: u32) -> String {
    let synchronous = match options.synchronous {
        Synchronous::Full => "FULL",
        Synchronous::Normal => "NORMAL",
    };
    format!(
        "PRAGMA busy_timeout = {};
         PRAGMA foreign_keys = ON;
         PRAGMA synchronous = {synchronous};
         PRAGMA trusted_schema = OFF;
         PRAGMA cache_size = -{cache_kib};",
        options.busy_timeout.as_millis()
    )
}

/// How many pages the log holds before they are taken over into the file: the more there are, the more
/// often one copy stands for several changes of the same page.
const CHECKPOINT_PAGES: u32 = 4_000;

/// What is set on a connection that writes. What one statement may have to take back is remembered in
/// memory: otherwise each that changes many pages, such as a thousand who join a team, writes them
/// into a file of its own first.
pub(crate) fn writer_pragmas(options: &Options) -> String {
    let pragmas = format!(
        "{} PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}; PRAGMA temp_store = MEMORY;",
        pragmas(options, Cache::Writer.share(1))
    );
    match options.max_pages {
        Some(pages) => format!("{pragmas} PRAGMA max_page_count = {pages};"),
        None => pragmas,
    }
}

/// What is set on each of so many connections that cannot write.
pub(crate) fn reader_pragmas(options: &Options, cache: Cache, connections: u32) -> String {
    pragmas(options, cache.share(connections)) + "PRAGMA query_only = ON;"
}

/// Creates the file where there is none, for its owner alone: it holds personal data and password
/// hashes, and SQLite gives its companions (-wal, -shm) the same mode.
pub(super) fn prepare_file(path: &Path) -> Result<(), OpenError> {
    let failed = |source| OpenError::File {
        path: path.to_owned(),
        source,
    };
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    match options.open(path) {
        Ok(_) => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(failed(error)),
    }
    let mut beginning = Vec::with_capacity(MAGIC.len());
    File::open(path)
        .and_then(|file| file.take(MAGIC.len() as u64).read_to_end(&mut beginning))
        .map_err(failed)?;
    if beginning.is_empty() || beginning == MAGIC {
        Ok(())
    } else {
        Err(OpenError::NotSqlite {
            path: path.to_owned(),
        })
    }
}

pub(super) fn establish(path: &Path, options: &Options) -> Result<SqliteConnection, OpenError> {
    let name = path.to_str().ok_or_else(|| {
        let source = ConnectionError::BadConnection("the path is not UTF-8".to_owned());
        failed(path, source)
    })?;
    let mut connection = SqliteConnection::establish(name).map_err(|error| failed(path, error))?;
    execute(
        &mut connection,
        path,
        &pragmas(options, Cache::Writer.share(1)),
    )?;
    Ok(connection)
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = Integer)]
    application_id: i32,
}

#[derive(QueryableByName)]
struct Tables {
    #[diesel(sql_type = BigInt)]
    tables: i64,
}

pub(super) fn require_ours(
    connection: &mut SqliteConnection,
    path: &Path,
) -> Result<(), OpenError> {
    let read = |error: diesel::result::Error| {
        if error.to_string().contains("file is not a database") {
            return OpenError::NotSqlite {
                path: path.to_owned(),
            };
        }
        failed(path, error)
    };
    // One snapshot: another start may run the migrations between the two questions.
    let (id, schema) = connection
        .transaction(|connection| {
            let id = diesel::sql_query("PRAGMA application_id").get_result::<Number>(connection)?;
            let schema = diesel::sql_query("SELECT count(*) AS tables FROM sqlite_schema")
                .get_result::<Tables>(connection)?;
            Ok((id, schema))
        })
        .map_err(read)?;
    if id.application_id != APPLICATION_ID && schema.tables > 0 {
        return Err(OpenError::Foreign {
            path: path.to_owned(),
        });
    }
    Ok(())
}

/// Turns write-ahead logging on. SQLite wants the file for itself while it does, and does not wait
/// for its busy timeout, as two that wait for each other would never end: whoever is refused lets
/// go and asks again.
fn log_ahead(
    connection: &mut SqliteConnection,
    path: &Path,
    options: &Options,
) -> Result<(), OpenError> {
    let end = Instant::now() + options.busy_timeout;
    loop {
        match connection.batch_execute("PRAGMA journal_mode = WAL") {
            Ok(()) => return Ok(()),
            Err(error) if error.to_string().contains("locked") && Instant::now() < end => {
                thread::park_timeout(ASK_AGAIN);
            }
            Err(error) => return Err(failed(path, error)),
        }
    }
}

/// Compares the schema with the migrations this program knows and runs what is missing, under the
/// database's write lock, so that one of several that start at once does it.
fn run_migrations(
    connection: &mut SqliteConnection,
    path: &Path,
    mode: Migrations,
) -> Result<usize, OpenError> {
    let known: Vec<String> = MigrationSource::<Sqlite>::migrations(&MIGRATIONS)
        .map_err(|error| broken(path, error))?
        .iter()
        .map(|migration| migration.name().version().to_string())
        .collect();
    connection
        .immediate_transaction(|connection| {
            let applied = connection
                .applied_migrations()
                .map_err(|e| broken(path, e))?;
            let unknown = applied
                .iter()
                .map(ToString::to_string)
                .find(|version| !known.contains(version));
            if let Some(migration) = unknown {
                return Err(OpenError::Newer {
                    path: path.to_owned(),
                    migration,
                }
                .into());
            }
            if mode == Migrations::Require && applied.len() < known.len() {
                return Err(OpenError::Older {
                    path: path.to_owned(),
                }
                .into());
            }
            let run = connection
                .run_pending_migrations(MIGRATIONS)
                .map_err(|error| broken(path, error))?
                .len();
            connection.batch_execute(&format!("PRAGMA application_id = {APPLICATION_ID}"))?;
            Ok(run)
        })
        .map_err(|refused: Refused| match refused {
            Refused::Open(error) => error,
            Refused::Database(error) => failed(path, error),
        })
}

/// Carries either error through the transaction.
enum Refused {
    Open(OpenError),
    Database(diesel::result::Error),
}

impl From<OpenError> for Refused {
    fn from(error: OpenError) -> Self {
        Self::Open(error)
    }
}

impl From<diesel::result::Error> for Refused {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error)
    }
}

fn execute(
    connection: &mut SqliteConnection,
    path: &Path,
    statements: &str,
) -> Result<(), OpenError> {
    connection
        .batch_execute(statements)
        .map_err(|error| failed(path, error))
}

pub(super) fn failed(
    path: &Path,
    source: impl std::error::Error + Send + Sync + 'static,
) -> OpenError {
    broken(path, Box::new(source))
}

pub(super) fn broken(path: &Path, source: Box<dyn std::error::Error + Send + Sync>) -> OpenError {
    OpenError::Database {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_migrations_run_up_and_down_and_up_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rollcall.db");
        let options = Options::default();
        let known = MigrationSource::<Sqlite>::migrations(&MIGRATIONS).unwrap();
        assert_eq!(migrate(&path, &options).unwrap(), known.len());
        assert_eq!(migrate(&path, &options).unwrap(), 0);
        let mut connection = establish(&path, &options).unwrap();
        let before = schema(&mut connection);
        connection.revert_all_migrations(MIGRATIONS).unwrap();
        assert_eq!(
            schema(&mut connection).len(),
            1,
            "only the list of migrations is left"
        );
        connection.run_pending_migrations(MIGRATIONS).unwrap();
        assert_eq!(schema(&mut connection), before);
    }

    /// However SQLite was built: what is remembered to take a change back goes to a file at some
    /// size, and SQLite can write it there.
    #[test]
    fn a_change_of_many_pages_is_done_and_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("many.db");
        let mut connection = establish(&path, &Options::default()).unwrap();
        connection
            .batch_execute(
                "PRAGMA journal_mode = WAL;
                 CREATE TABLE many (id INTEGER PRIMARY KEY, sql TEXT NOT NULL) STRICT;
                 WITH RECURSIVE numbers (n) AS
                    (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 6000)
                 INSERT INTO many SELECT n, hex(zeroblob(500)) FROM numbers;
                 BEGIN IMMEDIATE;
                 SAVEPOINT job;
                 UPDATE many SET sql = 'changed' || sql;
                 ROLLBACK TO job;
                 UPDATE many SET sql = 'again' || sql WHERE id % 2 = 0;
                 COMMIT",
            )
            .unwrap();
        let found: Vec<Object> = diesel::sql_query(
            "SELECT count(*) || ' ' || substr(sql, 1, 5) AS sql FROM many
             GROUP BY substr(sql, 1, 5) ORDER BY 1",
        )
        .load(&mut connection)
        .unwrap();
        let found: Vec<&str> = found.iter().map(|object| object.sql.as_str()).collect();
        assert_eq!(found, ["3000 00000", "3000 again"]);
    }

    #[derive(QueryableByName, Debug, PartialEq, Eq)]
    struct Object {
        #[diesel(sql_type = diesel::sql_types::Text)]
        sql: String,
    }

    fn schema(connection: &mut SqliteConnection) -> Vec<Object> {
        diesel::sql_query("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name")
            .load(connection)
            .unwrap()
    }
}
