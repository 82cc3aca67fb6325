//! What SQLite does at most: the statements of a look-up and the rows of a create, without HTTP,
//! SCIM or rules.
//!
//! The rows are copies of those that the service wrote for one person, so they are the same rows
//! whatever the schema has become.

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use crate::load::{Sample, count, micros};
use crate::process::Process;
use crate::random::Random;

/// How many creates share a commit.
const CREATES_PER_COMMIT: usize = 20;

/// The tables that a create writes, and which columns of theirs are another person's own.
const TABLES: [(&str, &[&str]); 3] = [
    ("members", &["id", "login_key", "email", "email_key"]),
    (
        "links",
        &["member_id", "external_id", "name", "key", "email_key"],
    ),
    ("activity", &["id", "target_id", "request_id"]),
];

/// The counts that a create keeps: there is one organization, and one connection in it.
pub(crate) const COUNTS: [&str; 2] = [
    "UPDATE organizations SET member_count = member_count + 1, seats_used = seats_used + 1",
    "UPDATE connections SET live_members = live_members + 1",
];

/// Reads one member's document by `userName`, with the member's teams, and whose token it is, as a
/// look-up does.
const LOOK_UP: &str = "
    SELECT links.*, teams.* FROM links
    LEFT JOIN memberships ON memberships.org_id = links.org_id
        AND memberships.member_id = links.member_id
    LEFT JOIN links AS team_links ON team_links.org_id = memberships.org_id
        AND team_links.team_id = memberships.team_id
        AND team_links.connection_id = ?2 AND team_links.state = 'live'
    LEFT JOIN teams ON teams.org_id = memberships.org_id AND teams.id = team_links.team_id
    WHERE links.org_id = ?1 AND links.connection_id = ?2 AND links.key = ?3
        AND links.state = 'live' AND links.moved = 0 AND links.member_id IS NOT NULL";
const TOKEN: &str = "
    SELECT connections.* FROM tokens
    JOIN connections ON connections.org_id = tokens.org_id AND connections.id = tokens.connection_id
    WHERE tokens.digest = ?1";

/// What a connection keeps of the file in memory, in KiB: as much as one of the service's that looks up,
/// and as its one that writes.
pub(crate) const LOOKING_UP: u32 = 32 * 1024;
pub(crate) const WRITING: u32 = 16 * 1024;

/// A database file, opened as the service opens it.
pub(crate) struct Raw(Connection);

impl Raw {
    /// Opens a file of the service's.
    ///
    /// # Errors
    /// When it is none.
    pub(crate) fn open(folder: &Path, cache_kib: u32) -> io::Result<Self> {
        let file = std::fs::read_dir(folder)?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .find(|path| path.extension().is_some_and(|ending| ending == "db"))
            .ok_or_else(|| io::Error::other("there is no database file"))?;
        let connection = Connection::open(file).map_err(failed)?;
        let pragmas = format!(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
            PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 10000; PRAGMA cache_size = -{cache_kib};"
        );
        connection.execute_batch(&pragmas).map_err(failed)?;
        Ok(Self(connection))
    }

    /// Looks people up for some time.
    ///
    /// # Errors
    /// When nobody is found.
    pub(crate) fn look_up(&self, names: &[String], time: Duration) -> io::Result<Sample> {
        let connection = &self.0;
        let (organization, directory, digest): (Vec<u8>, Vec<u8>, Vec<u8>) = connection
            .query_row(
                "SELECT org_id, connection_id, digest FROM tokens",
                [],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .map_err(failed)?;
        let mut token = connection.prepare(TOKEN).map_err(failed)?;
        let mut person = connection.prepare(LOOK_UP).map_err(failed)?;
        let mut random = Random(7);
        timed(time, || {
            connection.execute_batch("BEGIN").map_err(failed)?;
            token.query_row([&digest], |_| Ok(())).map_err(failed)?;
            let name = &names[random.below(names.len())];
            let mut found = person
                .query((&organization, &directory, name))
                .map_err(failed)?;
            let mut rows = 0;
            while let Some(row) = found.next().map_err(failed)? {
                (0..row.as_ref().column_count())
                    .try_for_each(|place| row.get::<_, Value>(place).map(drop))
                    .map_err(failed)?;
                rows += 1;
            }
            if rows == 0 {
                return Err(io::Error::other("nobody is found"));
            }
            drop(found);
            connection.execute_batch("COMMIT").map_err(failed)
        })
    }

    /// Creates people for some time, twenty a commit, with numbers from `first` on.
    ///
    /// # Errors
    /// When a row is refused.
    pub(crate) fn create(&self, first: usize, time: Duration) -> io::Result<Sample> {
        let connection = &self.0;
        let mut tables = TABLES
            .iter()
            .map(|(table, own)| Copier::of(connection, table, own))
            .collect::<io::Result<Vec<_>>>()?;
        let mut counts = COUNTS
            .iter()
            .map(|count| connection.prepare(count).map_err(failed))
            .collect::<io::Result<Vec<_>>>()?;
        let mut made = first;
        let sample = timed(time, || {
            connection
                .execute_batch("BEGIN IMMEDIATE")
                .map_err(failed)?;
            for _ in 0..CREATES_PER_COMMIT {
                made += 1;
                let name = format!("raw{made}@acme.test");
                for table in &mut tables {
                    table.copy(&name)?;
                }
                for count in &mut counts {
                    count.execute([]).map_err(failed)?;
                }
            }
            connection.execute_batch("COMMIT").map_err(failed)
        })?;
        let creates = count(CREATES_PER_COMMIT);
        Ok(Sample {
            rate: sample.rate * creates,
            cpu: sample.cpu / creates,
            ..sample
        })
    }
}

/// Repeats something for some time.
fn timed(time: Duration, mut work: impl FnMut() -> io::Result<()>) -> io::Result<Sample> {
    let process = Process(std::process::id());
    let (before, began) = (process.cpu_time()?, Instant::now());
    let mut waits = Vec::new();
    while began.elapsed() < time {
        let asked = Instant::now();
        work()?;
        waits.push(asked.elapsed());
    }
    let (elapsed, cpu) = (began.elapsed(), process.cpu_time()?.saturating_sub(before));
    waits.sort_unstable();
    let wait = |percent: usize| {
        waits
            .get(waits.len() * percent / 100)
            .copied()
            .map_or(0.0, micros)
    };
    Ok(Sample {
        rate: count(waits.len()) / elapsed.as_secs_f64(),
        cpu: micros(cpu) / count(waits.len()),
        waits: [wait(50), wait(95), wait(99)],
    })
}

/// Copies one row of a table again and again.
struct Copier<'c> {
    insert: rusqlite::Statement<'c>,
    row: Vec<Value>,
    /// Places of the columns that are another person's own.
    own: Vec<usize>,
}

impl<'c> Copier<'c> {
    fn of(connection: &'c Connection, table: &str, own: &[&str]) -> io::Result<Self> {
        let which = match table {
            "members" => "WHERE origin <> 'manual'",
            "links" => "WHERE member_id IS NOT NULL",
            _ => "WHERE action = 'member.created'",
        };
        let query = format!("SELECT * FROM {table} {which} LIMIT 1");
        let mut select = connection.prepare(&query).map_err(failed)?;
        let names: Vec<String> = select
            .column_names()
            .into_iter()
            .map(str::to_owned)
            .collect();
        let row = select
            .query_row([], |row| {
                (0..names.len()).map(|place| row.get(place)).collect()
            })
            .map_err(failed)?;
        let places = vec!["?"; names.len()].join(",");
        let insert = format!(
            "INSERT INTO {table} ({}) VALUES ({places})",
            names.join(",")
        );
        let is_own =
            |(place, name): (usize, &String)| own.contains(&name.as_str()).then_some(place);
        Ok(Self {
            insert: connection.prepare(&insert).map_err(failed)?,
            row,
            own: names.iter().enumerate().filter_map(is_own).collect(),
        })
    }

    fn copy(&mut self, name: &str) -> io::Result<()> {
        for place in &self.own {
            self.row[*place] = match &self.row[*place] {
                Value::Blob(_) => Value::Blob(id(name)),
                Value::Null => Value::Null,
                _ => Value::Text(name.to_owned()),
            };
        }
        self.insert
            .execute(params_from_iter(&self.row))
            .map_err(failed)?;
        Ok(())
    }
}

/// An id that grows with the number in the name, as the service's ids grow with time.
fn id(name: &str) -> Vec<u8> {
    let digits: String = name.chars().filter(char::is_ascii_digit).collect();
    let number: u128 = digits.parse().unwrap_or_default();
    // Behind every id of version 7 there is.
    (number | (0xffff << 112)).to_be_bytes().to_vec()
}

fn failed(error: rusqlite::Error) -> io::Error {
    io::Error::other(error)
}
