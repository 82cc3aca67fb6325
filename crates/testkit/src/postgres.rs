//! Throw-away PostgreSQL: a cluster for each test program, a database for each test.
//!
//! The server comes from `TEST_DATABASE_URL` (an address whose user may create databases) or is
//! started from the installed binaries. Where neither is there, the test says so and passes; with
//! `TEST_REQUIRE_POSTGRES` set, as in CI, it fails instead.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl};

/// Where Debian keeps the servers, which are not on the path.
const INSTALLED: &str = "/usr/lib/postgresql";
/// Keeps the cluster until the test program ends, however it ends: then nobody holds the other end
/// of standard input any more. Arguments: binaries, folder.
const KEEPER: &str = r#"
    cat >/dev/null
    "$1/pg_ctl" stop -m immediate -D "$2/data" >/dev/null 2>&1
    rm -rf "$2""#;

/// A database server with nothing in it. It stops when this is dropped, or when the program ends.
#[derive(Debug)]
pub struct Cluster {
    folder: PathBuf,
    binaries: PathBuf,
    owner: u32,
    settings: String,
    keeper: Child,
}

impl Cluster {
    /// Starts a server of its own for a test that stops it. `None` where none is installed.
    ///
    /// # Panics
    /// When there is one and it does not start.
    #[must_use]
    pub fn start(settings: &str) -> Option<Self> {
        let Some(binaries) = binaries() else {
            skipped();
            return None;
        };
        let folder = tempfile::Builder::new()
            .prefix("rollcall-pg")
            .tempdir_in("/tmp")
            .expect("a folder for the cluster")
            .keep();
        let me = fs::metadata(&folder).expect("the folder").uid();
        // The server refuses to run as root.
        let owner = if me == 0 { unprivileged() } else { me };
        if me == 0 {
            chown(&folder, Some(owner), None).expect("root may give a folder away");
        }
        let cluster = Self {
            keeper: keeper(&binaries, &folder, owner),
            folder,
            binaries,
            owner,
            settings: settings.to_owned(),
        };
        cluster.run(
            "initdb",
            &[
                "-N",
                "-A",
                "trust",
                "-U",
                "rollcall",
                "-E",
                "UTF8",
                "--locale=C",
            ],
        );
        cluster.begin();
        Some(cluster)
    }

    /// Starts the server on what it has stored.
    ///
    /// # Panics
    /// When it does not start.
    pub fn begin(&self) {
        let folder = self.folder.display();
        let options = format!("-k {folder} -c listen_addresses= {}", self.settings);
        let log = format!("{folder}/log");
        self.run(
            "pg_ctl",
            &["start", "-w", "-t", "60", "-l", &log, "-o", &options],
        );
    }

    /// Stops the server at once, as if it had crashed.
    ///
    /// # Panics
    /// When it does not stop.
    pub fn stop_at_once(&self) {
        self.run("pg_ctl", &["stop", "-w", "-m", "immediate"]);
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let ended = as_owner(Command::new(self.binaries.join(program)), self.owner)
            .current_dir(&self.folder)
            .args(arguments)
            .arg("-D")
            .arg(self.folder.join("data"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .expect("the program runs");
        let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        assert!(ended.success(), "{program} {arguments:?}: {ended}\n{log}");
    }

    /// The address of one of its databases.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!(
            "postgres:///{database}?host={}&user=rollcall",
            self.folder.display()
        )
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

fn keeper(binaries: &Path, folder: &Path, owner: u32) -> Child {
    as_owner(Command::new("/bin/sh"), owner)
        .arg("-c")
        .arg(KEEPER)
        .arg("keeper")
        .args([binaries, folder])
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("there is a shell")
}

/// Lets root start a program as somebody else.
fn as_owner(mut command: Command, owner: u32) -> Command {
    command.env("LC_ALL", "C");
    if fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0) {
        command.uid(owner).gid(owner);
    }
    command
}

/// An address that ends in the name of a new, empty database; `None` where there is no server.
///
/// # Panics
/// When there is a server and it makes no database.
#[must_use]
pub fn new_database() -> Option<String> {
    static NUMBER: AtomicU32 = AtomicU32::new(1);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("rollcall_test_{}_{number}", std::process::id());
    let of = |database: &str| match given() {
        Some(address) => Some(with_database(&address, database)),
        None => shared().map(|cluster| cluster.url(database)),
    };
    run_on(
        &of("postgres")?,
        &format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"),
    );
    of(&name)
}

/// Every row of every table, as text.
///
/// # Panics
/// When the database cannot be read.
#[must_use]
pub fn every_row(address: &str) -> String {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = diesel::sql_types::Text)]
        line: String,
    }
    let mut connection = PgConnection::establish(address).expect("the server takes connections");
    let tables: Vec<Line> = diesel::sql_query(
        "SELECT table_name::text AS line FROM information_schema.tables
         WHERE table_schema = 'public' ORDER BY table_name",
    )
    .load(&mut connection)
    .expect("the tables");
    let mut text = String::new();
    for table in tables {
        let rows = format!("SELECT told::text AS line FROM \"{}\" AS told", table.line);
        let rows: Vec<Line> = diesel::sql_query(rows).load(&mut connection).expect("rows");
        for row in rows {
            text.push_str(&row.line);
            text.push('\n');
        }
    }
    text
}

/// Whether there is a server; says that a test is skipped where there is none.
#[must_use]
pub fn is_there() -> bool {
    given().is_some() || shared().is_some()
}

/// Runs statements on a database as another program would.
///
/// # Panics
/// When they fail.
pub fn run_on(address: &str, statements: &str) {
    PgConnection::establish(address)
        .expect("the server takes connections")
        .batch_execute(statements)
        .expect("the statements are right");
}

/// The server of this test program, started by whoever asks first.
fn shared() -> Option<&'static Cluster> {
    static SHARED: OnceLock<Option<Cluster>> = OnceLock::new();
    SHARED
        .get_or_init(|| Cluster::start("-c fsync=off -c max_connections=400"))
        .as_ref()
}

fn given() -> Option<String> {
    std::env::var_os("TEST_DATABASE_URL").and_then(|address| address.into_string().ok())
}

/// The same server, another database.
fn with_database(address: &str, database: &str) -> String {
    let (place, parameters) = match address.split_once('?') {
        Some((place, parameters)) => (place, format!("?{parameters}")),
        None => (address, String::new()),
    };
    // The name of the server may be empty: `postgres:///a?host=/folder` is a socket in a folder.
    let (scheme, rest) = place.split_once("://").unwrap_or(("postgres", place));
    let server = rest.split_once('/').map_or(rest, |(server, _)| server);
    format!("{scheme}://{server}/{database}{parameters}")
}

/// The newest installed server's binaries: on the path, or where Debian keeps them.
fn binaries() -> Option<PathBuf> {
    let on_path = std::env::var_os("PATH")?;
    let versions = fs::read_dir(INSTALLED).into_iter().flatten().flatten();
    let mut installed: Vec<PathBuf> = versions.map(|entry| entry.path().join("bin")).collect();
    installed.sort();
    std::env::split_paths(&on_path)
        .chain(installed.into_iter().rev())
        .find(|folder| {
            ["initdb", "postgres", "pg_ctl"]
                .iter()
                .all(|p| folder.join(p).exists())
        })
}

/// Somebody who is not root.
fn unprivileged() -> u32 {
    let people = fs::read_to_string(Path::new("/etc/passwd")).unwrap_or_default();
    let id_of = |name: &str| {
        let line = people
            .lines()
            .find(|line| line.starts_with(&format!("{name}:")))?;
        line.split(':').nth(2)?.parse().ok()
    };
    id_of("postgres")
        .or_else(|| id_of("nobody"))
        .unwrap_or(65_534)
}

fn skipped() {
    static SAID: OnceLock<()> = OnceLock::new();
    assert!(
        std::env::var_os("TEST_REQUIRE_POSTGRES").is_none(),
        "no PostgreSQL is installed and TEST_DATABASE_URL is not set"
    );
    SAID.get_or_init(|| {
        eprintln!("SKIPPED: no PostgreSQL is installed and TEST_DATABASE_URL is not set");
    });
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn another_database_is_named_on_the_same_server() {
        for (given, made) in [
            ("postgres://u:p@db:1/a?x=y", "postgres://u:p@db:1/b?x=y"),
            ("postgres://db", "postgres://db/b"),
            ("postgres:///a?host=/tmp", "postgres:///b?host=/tmp"),
        ] {
            assert_eq!(with_database(given, "b"), made);
        }
    }
}
