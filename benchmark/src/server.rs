//! The real binary, optimized, started for the run and ended with it.

use std::io::{self, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use rollcall_testkit::postgres::{Cluster, run_on};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::Client;
use crate::process::Process;
use crate::raw_postgres;

const PASSWORD: &str = "correct horse battery staple";
const OWNER: &str = "owner@acme.test";

/// How often a starting server is asked whether it is ready, and how long in between.
const ATTEMPTS: usize = 600;
const PAUSE: Duration = Duration::from_millis(50);

/// Builds the service binary as it is shipped.
///
/// # Errors
/// When it does not build.
pub(crate) fn build() -> io::Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let output = Command::new(env!("CARGO"))
        .args(["build", "--release", "--package", "rollcall", "--quiet"])
        .args(["--message-format", "json-render-diagnostics"])
        .current_dir(root)
        .stderr(Stdio::inherit())
        .output()?;
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["target"]["kind"] == json!(["bin"]))
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .ok_or_else(|| io::Error::other("the binary does not build"))
}

/// Which engine is measured.
#[derive(Debug)]
pub(crate) enum Engine {
    /// SQLite.
    Sqlite,
    /// PostgreSQL, on a server of the run's own that waits for the disk as it is delivered to.
    Postgres(Cluster),
}

impl Engine {
    /// Its name.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    /// A database with nothing in it.
    pub(crate) fn database(&self) -> Database {
        static NUMBER: AtomicUsize = AtomicUsize::new(1);
        let Self::Postgres(cluster) = self else {
            return Database::Sqlite;
        };
        let name = format!("bench{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        run_on(&cluster.url("postgres"), &format!("CREATE DATABASE {name}"));
        Database::Postgres(cluster.url(&name))
    }
}

/// Which database a server keeps its data in.
#[derive(Debug, Clone)]
pub(crate) enum Database {
    /// One file in the server's data folder.
    Sqlite,
    /// A PostgreSQL database of this address.
    Postgres(String),
}

/// A running server with one organization that Okta provisions.
pub(crate) struct Server {
    folder: TempDir,
    pub(crate) database: Database,
    child: Child,
    address: String,
    /// The path of the Tenant URL.
    pub(crate) base: String,
    /// Headers of a directory's request.
    pub(crate) directory: String,
    /// Headers of the owner's request to the panel.
    pub(crate) owner: String,
}

impl Server {
    /// Founds an organization, serves it and turns provisioning on. No limits on rates or seats.
    ///
    /// # Errors
    /// When any of that fails.
    pub(crate) fn start(binary: &Path, engine: &Engine) -> io::Result<Self> {
        let database = engine.database();
        let folder = TempDir::new()?;
        set_up(binary, &database, folder.path())?;
        let (child, address) = serve(binary, &database, folder.path())?;
        let mut server = Self {
            folder,
            database,
            child,
            address,
            base: String::new(),
            directory: String::new(),
            owner: String::new(),
        };
        server.sign_in()?;
        let turned_on = server.panel(
            "/provisioning/okta/enable",
            &json!({ "current_password": PASSWORD }),
        )?;
        let url = turned_on["tenant_url"].as_str().unwrap_or_default();
        let token = turned_on["secret_token"].as_str().unwrap_or_default();
        let path = url.find("/scim/").and_then(|place| url.get(place..));
        path.ok_or_else(|| io::Error::other(turned_on.to_string()))?
            .clone_into(&mut server.base);
        server.directory =
            format!("Authorization: Bearer {token}\r\nAccept: application/scim+json\r\n");
        Ok(server)
    }

    /// Ends the process and starts another one over the same data.
    ///
    /// # Errors
    /// When it does not start.
    pub(crate) fn restart(&mut self, binary: &Path) -> io::Result<()> {
        self.end();
        (self.child, self.address) = serve(binary, &self.database, self.folder.path())?;
        self.sign_in()
    }

    /// Host and port.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Its data folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The server's process.
    pub(crate) fn process(&self) -> Process {
        Process(self.child.id())
    }

    /// Bytes that the database takes on the disk.
    ///
    /// # Errors
    /// When the data folder cannot be read.
    pub(crate) fn disk(&self) -> io::Result<u64> {
        if let Database::Postgres(address) = &self.database {
            return raw_postgres::size(address);
        }
        std::fs::read_dir(self.folder.path())?
            .map(|entry| entry?.metadata().map(|about| about.len()))
            .sum()
    }

    fn sign_in(&mut self) -> io::Result<()> {
        let url = format!("http://{}/api/v1/session", self.address);
        let body = json!({ "email": OWNER, "password": PASSWORD });
        let answer = ureq::post(url).send_json(body).map_err(io::Error::other)?;
        let cookie = answer.headers().get("set-cookie");
        let cookie = cookie
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let cookie = cookie.split(';').next().unwrap_or_default();
        self.owner = format!("Cookie: {cookie}\r\nAccept: application/json\r\n");
        Ok(())
    }

    fn panel(&self, path: &str, body: &Value) -> io::Result<Value> {
        let url = format!("http://{}/api/v1{path}", self.address);
        let mut request = ureq::post(url);
        for line in self.owner.lines() {
            if let Some((name, value)) = line.split_once(": ") {
                request = request.header(name, value);
            }
        }
        let mut answer = request.send_json(body).map_err(io::Error::other)?;
        answer.body_mut().read_json().map_err(io::Error::other)
    }

    fn end(&mut self) {
        // It may have ended by itself; there is nothing to do about a failure here.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

fn command(binary: &Path, name: &str, database: &Database, folder: &Path) -> Command {
    let mut command = Command::new(binary);
    command.arg(name).arg("--data-dir").arg(folder);
    if let Database::Postgres(url) = database {
        command.args(["--database", url]);
    }
    command
}

fn set_up(binary: &Path, database: &Database, folder: &Path) -> io::Result<()> {
    let mut child = command(binary, "setup", database, folder)
        .args(["--organization", "Acme", "--owner-email", OWNER])
        .arg("--password-stdin")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(PASSWORD.as_bytes())?;
    }
    if child.wait()?.success() {
        Ok(())
    } else {
        Err(io::Error::other("the organization could not be founded"))
    }
}

/// Starts the service and waits until it is ready. Its log goes nowhere, but line by line.
fn serve(binary: &Path, database: &Database, folder: &Path) -> io::Result<(Child, String)> {
    let free = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let address = free.to_string();
    let mut child = command(binary, "serve", database, folder)
        .args(["--listen", &address])
        .env("ROLLCALL_SCIM_REQUESTS_PER_SECOND", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    for _ in 0..ATTEMPTS {
        if is_ready(&address) {
            return Ok((child, address));
        }
        thread::park_timeout(PAUSE);
    }
    child.kill()?;
    child.wait()?;
    Err(io::Error::other("the server does not become ready"))
}

fn is_ready(address: &str) -> bool {
    let Ok(mut client) = Client::connect(address, "") else {
        return false;
    };
    let answer = client.send("GET", "/health/ready", "");
    answer.is_ok_and(|answer| answer.status == 200)
}
