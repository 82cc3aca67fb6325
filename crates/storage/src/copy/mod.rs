//! Moving everything from one database to another, of whichever engines.
//!
//! Rows travel as JSON arrays of hexadecimal texts, numbers and texts, which each engine writes and
//! reads by itself. The copy is one transaction of the target: it is there as a whole, checked by
//! counts and checksums, or not at all, so that it can be begun again at any time. Meanwhile the
//! source takes no writes.

mod postgres;
mod sqlite;

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

use diesel::QueryableByName;
use diesel::sql_types::Text;

use crate::options::Options;
use crate::postgres::{Address, ServerError};
use crate::sqlite::OpenError;

/// How many rows one statement inserts.
const BATCH: usize = 500;

/// Where a database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A SQLite file.
    File(PathBuf),
    /// A database on a PostgreSQL server.
    Server(Address),
}

impl Location {
    /// Takes `sqlite://` and a file, or the address of a PostgreSQL database.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(address) = Address::parse(text) {
            return Some(Self::Server(address));
        }
        let path = text.strip_prefix("sqlite://")?;
        (!path.is_empty()).then(|| Self::File(PathBuf::from(path)))
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Server(address) => write!(f, "{address}"),
        }
    }
}

/// What was copied of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopiedTable {
    /// Its name.
    pub name: String,
    /// How many rows.
    pub rows: u64,
    /// A sum over the content of all rows, the same on both sides.
    pub checksum: u64,
}

/// Why nothing was copied; the target is as it was.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// A file cannot be opened.
    #[error(transparent)]
    File(#[from] OpenError),
    /// A server cannot be used.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// There is nothing to copy from.
    #[error("{0} is not there: name the database to copy from")]
    NoSource(Location),
    /// Somebody lives in the target already.
    #[error("{0} holds data already: name a new, empty database to copy to")]
    NotEmpty(Location),
    /// Both names mean the same database.
    #[error("{0} cannot be copied to itself: name another database to copy to")]
    Same(Location),
    /// Somebody else is at work there.
    #[error("{0} is in use: stop the service, name two different databases, and run it again")]
    InUse(Location),
    /// What arrived is not what was sent.
    #[error("the copy of table {0} is not what it was copied from; nothing was kept")]
    Differs(String),
    /// A database answered with an error.
    #[error("the copy broke off, and nothing of it was kept: run it again")]
    Database(#[from] diesel::result::Error),
}

impl CopyError {
    /// Says of an error of beginning that somebody else does not let go, where it means that.
    fn in_use(self, location: &Location) -> Self {
        match &self {
            Self::Database(error)
                if ["lock timeout", "database is locked"]
                    .iter()
                    .any(|piece| error.to_string().contains(piece)) =>
            {
                Self::InUse(location.clone())
            }
            _ => self,
        }
    }
}

/// A table, and which others it refers to, with commas between.
#[derive(Debug, Clone, QueryableByName)]
pub(crate) struct Table {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    refers: String,
}

/// One side of a copy.
pub(crate) trait Side {
    /// Every table of ours, and which others it refers to.
    fn tables(&mut self) -> Result<Vec<Table>, CopyError>;

    /// Begins a transaction in which nobody else writes.
    fn begin(&mut self) -> Result<(), CopyError>;

    /// Keeps what was written.
    fn commit(&mut self) -> Result<(), CopyError>;

    /// The statement that reads a table, a row as one JSON array.
    fn reading(&mut self, table: &str) -> Result<String, CopyError>;

    /// The statement that inserts a JSON array of such rows.
    fn writing(&mut self, table: &str) -> Result<String, CopyError>;

    /// Runs a statement of [`Self::reading`], a row at a time.
    fn each_row(
        &mut self,
        statement: &str,
        take: &mut dyn FnMut(String) -> Result<(), CopyError>,
    ) -> Result<(), CopyError>;

    /// Runs a statement of [`Self::writing`].
    fn insert(&mut self, statement: &str, rows: &str) -> Result<(), CopyError>;
}

/// Copies everything, after bringing the schemas of both to this program's. Answers what was
/// copied, table by table.
///
/// # Errors
/// [`CopyError`]; nothing was copied then.
pub fn copy(from: &Location, to: &Location) -> Result<Vec<CopiedTable>, CopyError> {
    if is_same(from, to) {
        return Err(CopyError::Same(from.clone()));
    }
    if matches!(from, Location::File(path) if !path.exists()) {
        return Err(CopyError::NoSource(from.clone()));
    }
    let mut source = open(from)?;
    let mut target = open(to)?;
    source.begin().map_err(|error| error.in_use(from))?;
    target.begin().map_err(|error| error.in_use(to))?;
    let mut occupied = false;
    let first = target.reading("organizations")?;
    target.each_row(&first, &mut |_| {
        occupied = true;
        Ok(())
    })?;
    if occupied {
        return Err(CopyError::NotEmpty(to.clone()));
    }
    let mut copied = Vec::new();
    for name in in_order(target.tables()?) {
        copied.push(copy_table(&mut *source, &mut *target, name)?);
    }
    target.commit()?;
    Ok(copied)
}

/// Whether two names mean one database, as far as they tell: a server has many names.
fn is_same(from: &Location, to: &Location) -> bool {
    match (from, to) {
        (Location::File(from), Location::File(to)) => {
            let canonical = |path: &PathBuf| path.canonicalize().unwrap_or_else(|_| path.clone());
            canonical(from) == canonical(to)
        }
        (from, to) => from == to,
    }
}

fn open(location: &Location) -> Result<Box<dyn Side>, CopyError> {
    Ok(match location {
        Location::File(path) => Box::new(crate::sqlite::side(path, &Options::default())?),
        Location::Server(address) => Box::new(crate::postgres::side(address)?),
    })
}

/// The names of the tables, those that others refer to first.
fn in_order(mut tables: Vec<Table>) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(tables.len());
    while !tables.is_empty() {
        let waiting: Vec<Table> = tables
            .iter()
            .filter(|table| {
                let mut refers = table.refers.split(',').filter(|other| !other.is_empty());
                !refers.all(|other| other == table.name || names.iter().any(|name| name == other))
            })
            .cloned()
            .collect();
        let ready = tables
            .iter()
            .filter(|table| waiting.iter().all(|w| w.name != table.name));
        names.extend(ready.map(|table| table.name.clone()).collect::<Vec<_>>());
        if waiting.len() == tables.len() {
            // Two that refer to each other: in any order, and the database says so.
            names.extend(waiting.into_iter().map(|table| table.name));
            break;
        }
        tables = waiting;
    }
    names
}

fn copy_table(
    source: &mut dyn Side,
    target: &mut dyn Side,
    name: String,
) -> Result<CopiedTable, CopyError> {
    let (reading, writing) = (source.reading(&name)?, target.writing(&name)?);
    let (mut sent, mut batch) = (Sum::default(), Vec::with_capacity(BATCH));
    source.each_row(&reading, &mut |row| {
        sent.add(&row);
        batch.push(row);
        if batch.len() == BATCH {
            target.insert(&writing, &format!("[{}]", batch.join(",")))?;
            batch.clear();
        }
        Ok(())
    })?;
    if !batch.is_empty() {
        target.insert(&writing, &format!("[{}]", batch.join(",")))?;
    }
    let (check, mut arrived) = (target.reading(&name)?, Sum::default());
    target.each_row(&check, &mut |row| {
        arrived.add(&row);
        Ok(())
    })?;
    if sent != arrived {
        return Err(CopyError::Differs(name));
    }
    Ok(CopiedTable {
        name,
        rows: sent.rows,
        checksum: sent.content,
    })
}

/// Sums rows up, in whatever order they come.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sum {
    rows: u64,
    content: u64,
}

impl Sum {
    fn add(&mut self, row: &str) {
        let mut hasher = DefaultHasher::new();
        // Engines differ in white space and escapes: what counts is what the text says.
        match serde_json::from_str::<serde_json::Value>(row) {
            Ok(values) => values.to_string().hash(&mut hasher),
            Err(_) => row.hash(&mut hasher),
        }
        self.rows += 1;
        self.content = self.content.wrapping_add(hasher.finish());
    }
}
