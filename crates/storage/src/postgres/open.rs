//! Reaching a server: only one that is recent enough, with a schema that is ours and none that is
//! newer than the program.

use diesel::PgConnection;
use diesel::connection::SimpleConnection;
use diesel::migration::MigrationSource;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Integer, Text};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::address::Address;
use super::server_error::ServerError;
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

/// What is set on a connection that copies: somebody who is at work there does not end, while a
/// statement may take as long as there is to copy.
const COPY_SETTINGS: &str = "SET client_min_messages = warning; SET lock_timeout = '5s'";

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
    let mut connection = establish(address)?;
    connection
        .batch_execute(COPY_SETTINGS)
        .map_err(|error| ServerError::failed(address, error))?;
    Ok(connection)
}

/// Checks the server and the schema, migrating it as the options say.
pub(crate) fn prepare(address: &Address, migrations: Migrations) -> Result<(), ServerError> {
    let mut connection = establish(address)?;
    require_server(&mut connection, address)?;
    run_migrations(&mut connection, address, migrations)?;
    require_table_rights(&mut connection, address)
}

/// Opens a connection that serves jobs.
pub(crate) fn connect(address: &Address) -> Result<PgConnection, ServerError> {
    let mut connection = establish(address)?;
    connection
        .batch_execute(SETTINGS)
        .map_err(|error| ServerError::failed(address, error))?;
    Ok(connection)
}

fn establish(address: &Address) -> Result<PgConnection, ServerError> {
    PgConnection::establish(address.expose())
        .map_err(|error| ServerError::not_connected(address, &error))
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
    .map_err(|error| ServerError::failed(address, error))?;
    require_suitable(server, address)
}

fn require_suitable(server: Server, address: &Address) -> Result<(), ServerError> {
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
struct Rights {
    #[diesel(sql_type = Bool)]
    sufficient: bool,
}

/// Whether the user may do to the tables what jobs do: better said now than by each of them.
fn require_table_rights(
    connection: &mut PgConnection,
    address: &Address,
) -> Result<(), ServerError> {
    let rights: Rights = diesel::sql_query(
        "SELECT coalesce(bool_and(has_table_privilege(oid, 'SELECT')
                AND has_table_privilege(oid, 'INSERT') AND has_table_privilege(oid, 'UPDATE')
                AND has_table_privilege(oid, 'DELETE')), true) AS sufficient
         FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
            AND relname <> '__diesel_schema_migrations'",
    )
    .get_result(connection)
    .map_err(|error| ServerError::failed(address, error))?;
    if rights.sufficient {
        Ok(())
    } else {
        Err(ServerError::TableRights(address.clone()))
    }
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
        .map_err(|error| ServerError::broken(address, error))?
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
                .map_err(|error| ServerError::broken(address, error))?
                .len();
            Ok(run)
        })
        .map_err(|refused: Refused| match refused {
            Refused::Open(error) => error,
            Refused::Database(error) => ServerError::failed(address, error),
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

#[cfg(test)]
mod tests {
    use rollcall_testkit::postgres::new_database;

    use super::*;

    #[test]
    fn a_server_before_version_15_or_of_another_encoding_is_refused() {
        let address = Address::parse("postgres://u:hunter2@db/r").unwrap();
        let judged = |number, version: &str, encoding: &str| {
            let server = Server {
                number,
                version: version.to_owned(),
                encoding: encoding.to_owned(),
            };
            require_suitable(server, &address).map_err(|error| error.to_string())
        };
        assert_eq!(
            judged(140_019, "14.19 (Debian 14.19-1)", "UTF8"),
            Err("postgres://u@db/r is PostgreSQL 14.19 (Debian 14.19-1): Rollcall needs version 15 \
                 or later"
                .to_owned())
        );
        assert_eq!(judged(150_000, "15.0", "UTF8"), Ok(()));
        assert_eq!(judged(180_001, "18.1", "UTF8"), Ok(()));
        let latin = judged(150_000, "15.0", "LATIN1").unwrap_err();
        assert!(latin.contains("ENCODING 'UTF8'"), "{latin}");
    }

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
