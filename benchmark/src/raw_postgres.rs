//! What PostgreSQL does at most: the statements of a look-up and the rows of a create, without HTTP,
//! SCIM or rules, over as many connections as the service keeps.
//!
//! The rows are copies of those that the service wrote for one person, so they are the same rows
//! whatever the schema has become. Every statement is prepared once.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl};

use crate::load::{Sample, count, micros};
use crate::random::Random;
use crate::raw_sqlite::COUNTS;

/// The tables that a create writes, a row that is copied, and which columns of it are another
/// person's own.
const TABLES: [(&str, &str, &[&str]); 3] = [
    (
        "members",
        "origin <> 'manual'",
        &["id", "login_key", "email", "email_key"],
    ),
    (
        "links",
        "member_id IS NOT NULL",
        &["member_id", "external_id", "name", "key", "email_key"],
    ),
    (
        "activity",
        "action = 'member.created'",
        &["id", "target_id", "request_id"],
    ),
];

/// Reads one member's document by `userName`, with the member's teams, and whose token it is, as a
/// look-up does.
const READS: &str = "
    PREPARE look_up (text) AS SELECT links.*, teams.* FROM links
        LEFT JOIN memberships ON memberships.org_id = links.org_id
            AND memberships.member_id = links.member_id
        LEFT JOIN links AS team_links ON team_links.org_id = memberships.org_id
            AND team_links.team_id = memberships.team_id
            AND team_links.connection_id = links.connection_id AND team_links.state = 'live'
        LEFT JOIN teams ON teams.org_id = memberships.org_id AND teams.id = team_links.team_id
        WHERE links.org_id = (SELECT org_id FROM tokens)
        AND links.connection_id = (SELECT connection_id FROM tokens) AND links.key = $1
        AND links.state = 'live' AND NOT links.moved AND links.member_id IS NOT NULL;
    PREPARE token AS SELECT connections.* FROM tokens JOIN connections
        ON connections.org_id = tokens.org_id AND connections.id = tokens.connection_id;";

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Bytes that a database takes on the disk.
///
/// # Errors
/// When the server refuses.
pub(crate) fn size(address: &str) -> io::Result<u64> {
    let mut connection = PgConnection::establish(address).map_err(io::Error::other)?;
    let query = "SELECT pg_database_size(current_database())::text AS line";
    let row: Line = diesel::sql_query(query)
        .get_result(&mut connection)
        .map_err(io::Error::other)?;
    row.line.parse().map_err(io::Error::other)
}

/// Looks people up for some time over so many connections.
///
/// # Errors
/// When the server refuses.
pub(crate) fn look_up(
    address: &str,
    names: &[String],
    connections: usize,
    time: Duration,
) -> io::Result<Sample> {
    timed(address, connections, time, |connection, random| {
        let name = &names[random.below(names.len())];
        connection
            .batch_execute("EXECUTE token")
            .map_err(io::Error::other)?;
        let look_up = format!("EXECUTE look_up ('{name}')");
        connection.batch_execute(&look_up).map_err(io::Error::other)
    })
}

/// Creates people for some time, a commit each, with numbers from `first` on.
///
/// # Errors
/// When the server refuses.
pub(crate) fn create(
    address: &str,
    first: usize,
    connections: usize,
    time: Duration,
) -> io::Result<Sample> {
    let number = AtomicUsize::new(first);
    timed(address, connections, time, |connection, _| {
        let n = number.fetch_add(1, Ordering::Relaxed);
        // Behind every id of version 7 there is.
        let id = format!("ffff0000-0000-0000-0000-{n:012x}");
        let name = format!("raw{n}@acme.test");
        let mut run = |statement: &str| {
            connection
                .batch_execute(statement)
                .map_err(io::Error::other)
        };
        run("BEGIN")?;
        for (table, _, _) in TABLES {
            run(&format!("EXECUTE copy_{table} ('{id}', '{name}')"))?;
        }
        for count in COUNTS {
            run(count)?;
        }
        run("COMMIT")
    })
}

fn timed(
    address: &str,
    connections: usize,
    time: Duration,
    work: impl Fn(&mut PgConnection, &mut Random) -> io::Result<()> + Sync,
) -> io::Result<Sample> {
    let mut opened = (0..connections)
        .map(|_| prepared(address))
        .collect::<io::Result<Vec<_>>>()?;
    let began = Instant::now();
    let waits = thread::scope(|scope| {
        let threads: Vec<_> = opened
            .iter_mut()
            .enumerate()
            .map(|(seed, connection)| {
                let work = &work;
                scope.spawn(move || {
                    let mut random = Random(seed as u64);
                    let mut waits = Vec::new();
                    while began.elapsed() < time {
                        let asked = Instant::now();
                        work(connection, &mut random)?;
                        waits.push(asked.elapsed());
                    }
                    Ok(waits)
                })
            })
            .collect();
        let joined = threads.into_iter().map(|thread| {
            let outcome = thread.join();
            outcome.unwrap_or_else(|_| Err(io::Error::other("a client panicked")))
        });
        joined.collect::<io::Result<Vec<_>>>()
    })?;
    let elapsed = began.elapsed();
    let mut waits: Vec<Duration> = waits.concat();
    waits.sort_unstable();
    let wait = |percent: usize| {
        waits
            .get(waits.len() * percent / 100)
            .copied()
            .map_or(0.0, micros)
    };
    Ok(Sample {
        rate: count(waits.len()) / elapsed.as_secs_f64(),
        // The work is the server's, which is another program.
        cpu: 0.0,
        waits: [wait(50), wait(95), wait(99)],
    })
}

/// A connection with everything prepared.
fn prepared(address: &str) -> io::Result<PgConnection> {
    let mut connection = PgConnection::establish(address).map_err(io::Error::other)?;
    connection.batch_execute(READS).map_err(io::Error::other)?;
    for (table, which, own) in TABLES {
        let statement = copier(&mut connection, table, which, own)?;
        connection
            .batch_execute(&statement)
            .map_err(io::Error::other)?;
    }
    Ok(connection)
}

/// The statement that copies a row: own columns are the id or the name, by their type.
fn copier(
    connection: &mut PgConnection,
    table: &str,
    which: &str,
    own: &[&str],
) -> io::Result<String> {
    let own: Vec<String> = own.iter().map(|name| format!("'{name}'")).collect();
    let own = own.join(",");
    let columns = format!(
        "SELECT string_agg(quote_ident(column_name), ',' ORDER BY ordinal_position) AS line
         FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '{table}'"
    );
    let values = format!(
        "SELECT string_agg(CASE WHEN column_name NOT IN ({own}) THEN 'copied.' || quote_ident(column_name)
             WHEN data_type = 'uuid' THEN '$1' ELSE '$2' END, ',' ORDER BY ordinal_position) AS line
         FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '{table}'"
    );
    let mut line = |query: &str| {
        let found: Result<Line, _> = diesel::sql_query(query).get_result(connection);
        found.map(|row| row.line).map_err(io::Error::other)
    };
    let (columns, values) = (line(&columns)?, line(&values)?);
    Ok(format!(
        "PREPARE copy_{table} (uuid, text) AS INSERT INTO {table} ({columns})
         SELECT {values} FROM (SELECT * FROM {table} WHERE {which} LIMIT 1) AS copied"
    ))
}
