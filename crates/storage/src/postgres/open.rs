//! Reaching a server: only one that is recent enough, with a schema that is ours and none that is
//! newer than the program.

use diesel::connection::SimpleConnection;
use diesel::migration::MigrationSource;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Integer, Text};
use diesel::{ConnectionError, PgConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::address::Address;
use crate::options::Migrations;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/postgres");
/// The oldest server that is served, as `server_version_num` says it.
const OLDEST_SERVER: i32 = 150_000;
/// The lock that nodes migrate under: `ROLC` in ASCII.
const MIGRATION_LOCK: i64 = 0x524F_4C43;

/// What is set on every connection. Waiting for a lock and running a statement are bounded, an
/// acknowledged write is on disk, and statements as short as these are not compiled.
const SETTINGS: &str = "
    SET client_min_messages = warning;
    SET lock_timeout = '5s';
    SET statement_timeout = '30s';
    SET idle_in_transaction_session_timeout = '60s';
    SET jit = off;
    SELECT set_config('synchronous_commit', 'on', false)
        WHERE current_setting('synchronous_commit') = 'off'";

/// Why a database on a server was not opened. Each says what to do in one sentence, and none says
/// the password.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The address is not written as one.
    #[error(
        "the address of the database cannot be read: write postgres://USER:PASSWORD@HOST:5432/NAME, \
         with the special characters of the password percent-encoded"
    )]
    Address,
    /// Nobody answers there.
    #[error("{0} cannot be reached: check that PostgreSQL runs there and lets this machine in")]
    Unreachable(Address),
    /// The server refuses the user or the password.
    #[error("{0} refuses the user or the password: check both, and the server's pg_hba.conf")]
    Refused(Address),
    /// There is no such database.
    #[error("{0} does not exist: create the database and name it in `database`")]
    Missing(Address),
    /// The server takes no further connection.
    #[error(
        "{0} takes no more connections: raise its max_connections, or lower postgres.readers and \
         postgres.writers"
    )]
    Crowded(Address),
    /// The server wants or is to use TLS, and this program is built without.
    #[error("{0} asks for TLS: use a Rollcall that is built with the feature postgres-tls")]
    Tls(Address),
    /// The server is a standby.
    #[error("{0} is read-only: name the server that takes writes")]
    ReadOnly(Address),
    /// The server is older than what is served.
    #[error("{address} is PostgreSQL {version}: Rollcall needs version 15 or later")]
    TooOld {
        /// Which database.
        address: Address,
        /// The version it says it has.
        version: String,
    },
    /// The database keeps its text in another encoding than UTF-8.
    #[error("{address} is encoded in {encoding}: create the database with ENCODING 'UTF8'")]
    Encoding {
        /// Which database.
        address: Address,
        /// Its encoding.
        encoding: String,
    },
    /// The user may not do what is needed.
    #[error(
        "the user of {0} may not use or change its tables: make it the owner of the database, or \
         GRANT CREATE, USAGE ON SCHEMA public to it"
    )]
    Rights(Address),
    /// A newer version of the program has changed it.
    #[error(
        "{address} was changed by a newer version of Rollcall (migration {migration}): run that \
         version, or restore a backup made before the upgrade"
    )]
    Newer {
        /// Which database.
        address: Address,
        /// The first migration this program does not know.
        migration: String,
    },
    /// It lacks migrations, and the options say not to run them.
    #[error("{0} was made by an older version of Rollcall: migrate it first")]
    Older(Address),
    /// It holds tables of another program under the same names.
    #[error("{0} holds tables of another program: name a database of its own for Rollcall")]
    Foreign(Address),
    /// The server answered with an error.
    #[error("{address} cannot be used as a database")]
    Database {
        /// Which database.
        address: Address,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The threads that serve it cannot be started.
    #[error("the threads of the database cannot be started")]
    Threads(#[source] std::io::Error),
}

/// Brings the schema of a database up to date. Answers how many migrations ran. Safe to run from
/// several nodes at once: one of them does it, the others wait.
///
/// # Errors
/// [`ServerError`], never [`ServerError::Older`].
pub fn migrate(address: &Address) -> Result<usize, ServerError> {
    let mut connection = establish(address)?;
    require_server(&mut connection, address)?;
    run_migrations(&mut connection, address, Migrations::OnOpen)
}

/// A connection for a copy, to a database that is at this program's schema.
pub(crate) fn side(address: &Address) -> Result<PgConnection, ServerError> {
    prepare(address, Migrations::OnOpen)?;
    establish(address)
}

/// Checks the server and the schema, migrating it as the options say.
pub(crate) fn prepare(address: &Address, migrations: Migrations) -> Result<(), ServerError> {
    let mut connection = establish(address)?;
    require_server(&mut connection, address)?;
    run_migrations(&mut connection, address, migrations)?;
    Ok(())
}

/// Opens a connection that serves jobs.
pub(crate) fn connect(address: &Address) -> Result<PgConnection, ServerError> {
    let mut connection = establish(address)?;
    connection
        .batch_execute(SETTINGS)
        .map_err(|error| failed(address, error))?;
    Ok(connection)
}

fn establish(address: &Address) -> Result<PgConnection, ServerError> {
    PgConnection::establish(address.expose()).map_err(|error| not_connected(address, &error))
}

/// What libpq says, in a sentence of ours: its own may quote pieces of the address.
fn not_connected(address: &Address, error: &ConnectionError) -> ServerError {
    let said = error.to_string();
    let says = |pieces: &[&str]| pieces.iter().any(|piece| said.contains(piece));
    let address = address.clone();
    if says(&[
        "SSL support",
        "sslmode",
        "SSL off",
        "no encryption",
        "SSL connection",
    ]) {
        ServerError::Tls(address)
    } else if says(&["password", "authentication", "pg_hba.conf", "role \""]) {
        ServerError::Refused(address)
    } else if says(&["does not exist"]) {
        ServerError::Missing(address)
    } else if says(&["too many", "remaining connection slots"]) {
        ServerError::Crowded(address)
    } else if says(&["read-only"]) {
        ServerError::ReadOnly(address)
    } else if says(&[
        "invalid",
        "missing",
        "unexpected",
        "forbidden value",
        "extra key",
    ]) {
        ServerError::Address
    } else {
        ServerError::Unreachable(address)
    }
}

#[derive(QueryableByName)]
struct Server {
    #[diesel(sql_type = Integer)]
    number: i32,
    #[diesel(sql_type = Text)]
    version: String,
    #[diesel(sql_type = Text)]
    encoding: String,
}

fn require_server(connection: &mut PgConnection, address: &Address) -> Result<(), ServerError> {
    let server: Server = diesel::sql_query(
        "SELECT current_setting('server_version_num')::integer AS number,
            current_setting('server_version') AS version,
            current_setting('server_encoding') AS encoding",
    )
    .get_result(connection)
    .map_err(|error| failed(address, error))?;
    let address = address.clone();
    if server.number < OLDEST_SERVER {
        let version = server.version;
        return Err(ServerError::TooOld { address, version });
    }
    if server.encoding != "UTF8" {
        let encoding = server.encoding;
        return Err(ServerError::Encoding { address, encoding });
    }
    Ok(())
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Bool)]
    migrated: bool,
    #[diesel(sql_type = Bool)]
    taken: bool,
}

#[derive(QueryableByName)]
struct Applied {
    #[diesel(sql_type = Text)]
    version: String,
}

/// Compares the schema with the migrations this program knows and runs what is missing, under a
/// lock of the database's, so that one of several nodes that start at once does it.
fn run_migrations(
    connection: &mut PgConnection,
    address: &Address,
    mode: Migrations,
) -> Result<usize, ServerError> {
    let known: Vec<String> = MigrationSource::<Pg>::migrations(&MIGRATIONS)
        .map_err(|error| broken(address, error))?
        .iter()
        .map(|migration| migration.name().version().to_string())
        .collect();
    connection
        .transaction(|connection| {
            diesel::sql_query("SELECT pg_advisory_xact_lock($1)")
                .bind::<BigInt, _>(MIGRATION_LOCK)
                .execute(connection)?;
            let applied = applied_migrations(connection, address)?;
            let unknown = applied.iter().find(|version| !known.contains(version));
            if let Some(migration) = unknown {
                return Err(ServerError::Newer {
                    address: address.clone(),
                    migration: migration.clone(),
                }
                .into());
            }
            if applied.len() == known.len() {
                return Ok(0);
            }
            if mode == Migrations::Require {
                return Err(ServerError::Older(address.clone()).into());
            }
            let run = connection
                .run_pending_migrations(MIGRATIONS)
                .map_err(|error| broken(address, error))?
                .len();
            Ok(run)
        })
        .map_err(|refused: Refused| match refused {
            Refused::Open(error) => error,
            Refused::Database(error) => failed(address, error),
        })
}

/// Which migrations were applied. Reading them needs no right to create anything.
fn applied_migrations(
    connection: &mut PgConnection,
    address: &Address,
) -> Result<Vec<String>, Refused> {
    let found: Found = diesel::sql_query(
        "SELECT to_regclass('__diesel_schema_migrations') IS NOT NULL AS migrated,
            to_regclass('organizations') IS NOT NULL OR to_regclass('members') IS NOT NULL AS taken",
    )
    .get_result(connection)?;
    if !found.migrated {
        return if found.taken {
            Err(ServerError::Foreign(address.clone()).into())
        } else {
            Ok(Vec::new())
        };
    }
    let applied: Vec<Applied> =
        diesel::sql_query("SELECT version FROM __diesel_schema_migrations ORDER BY version")
            .load(connection)?;
    Ok(applied.into_iter().map(|row| row.version).collect())
}

/// Carries either error through the transaction.
enum Refused {
    Open(ServerError),
    Database(diesel::result::Error),
}

impl From<ServerError> for Refused {
    fn from(error: ServerError) -> Self {
        Self::Open(error)
    }
}

impl From<diesel::result::Error> for Refused {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error)
    }
}

fn failed(address: &Address, source: diesel::result::Error) -> ServerError {
    broken(address, Box::new(source))
}

fn broken(address: &Address, source: Box<dyn std::error::Error + Send + Sync>) -> ServerError {
    let said = source.to_string();
    let address = address.clone();
    let rights = [
        "permission denied",
        "must be owner",
        "no schema has been selected",
    ];
    if rights.iter().any(|piece| said.contains(piece)) {
        ServerError::Rights(address)
    } else {
        ServerError::Database { address, source }
    }
}

#[cfg(test)]
mod tests {
    use rollcall_testkit::postgres::new_database;

    use super::*;

    #[derive(QueryableByName, Debug, PartialEq, Eq)]
    struct Object {
        #[diesel(sql_type = Text)]
        definition: String,
    }

    fn schema(connection: &mut PgConnection) -> Vec<Object> {
        diesel::sql_query(
            "SELECT relname || ' ' || coalesce(pg_get_indexdef(oid), (
                SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', '
                    ORDER BY attname)
                FROM pg_attribute WHERE attrelid = pg_class.oid AND attnum > 0
                    AND NOT attisdropped)) AS definition
             FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY relname",
        )
        .load(connection)
        .unwrap()
    }

    #[test]
    fn the_migrations_run_up_and_down_and_up_again() {
        let Some(url) = new_database() else {
            return;
        };
        let address = Address::parse(&url).unwrap();
        assert!(migrate(&address).unwrap() > 0);
        assert_eq!(migrate(&address).unwrap(), 0);
        let mut connection = establish(&address).unwrap();
        let before = schema(&mut connection);
        connection.revert_all_migrations(MIGRATIONS).unwrap();
        let left = schema(&mut connection);
        assert!(
            left.iter().all(|it| it.definition.starts_with("__diesel")),
            "{left:?}"
        );
        connection.run_pending_migrations(MIGRATIONS).unwrap();
        assert_eq!(schema(&mut connection), before);
    }
}
