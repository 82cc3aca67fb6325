//! The real binary, started for a test and ended with it.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;

use serde_json::{Value, json};

use crate::home::{Engine, Home};
use crate::panel::Panel;

/// The password of every account that a test sets up.
pub const PASSWORD: &str = "correct horse battery staple";

/// The service binary, built once by the cargo that runs the tests: the same command over the whole
/// workspace, so that nothing is built a second time with other features.
///
/// # Panics
/// When it does not build.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let mut cargo = Command::new(env!("CARGO"));
        // What cargo tells a test of itself is not for a build: some build scripts look at it and
        // would run, and recompile, again.
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy();
            if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
                cargo.env_remove(&*name);
            }
        }
        let output = cargo
            .args(["test", "--workspace", "--no-run", "--test", "binary"])
            .args(["--message-format", "json-render-diagnostics", "--quiet"])
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
            .stderr(Stdio::inherit())
            .output()
            .expect("cargo runs");
        assert!(output.status.success(), "the binary does not build");
        String::from_utf8_lossy(&output.stdout)
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .filter(|message| message["target"]["kind"] == serde_json::json!(["bin"]))
            .find_map(|message| message["executable"].as_str().map(PathBuf::from))
            .expect("cargo names the executable")
    })
}

/// A running server over a data folder of its own.
pub struct Server {
    home: Arc<Home>,
    child: Child,
    url: String,
    output: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
}

impl Server {
    /// An organization `Acme` with the owner `owner@acme.test`, served from a file.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start() -> Self {
        Self::start_on(Engine::Sqlite)
    }

    /// The same, on an engine.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start_on(engine: Engine) -> Self {
        Self::over(Arc::new(Home::new(engine)), &[])
    }

    /// Without any organization: it prints a link that founds one.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn empty() -> Self {
        Self::over(Arc::new(Home::empty(Engine::Sqlite)), &[])
    }

    /// Serves what is already set up, with further arguments. A directory may ask as
    /// often as it likes there: tests ask faster than directories do.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn over(home: Arc<Home>, arguments: &[&str]) -> Self {
        let mut child = home
            .command(&["serve", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .env("ROLLCALL_SCIM_REQUESTS_PER_SECOND", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let output = Arc::new(Mutex::new(String::new()));
        let (sender, addresses) = std::sync::mpsc::channel();
        let stdout = child.stdout.take().expect("stdout is piped");
        let stderr = child.stderr.take().expect("stderr is piped");
        let readers = vec![
            follow(stdout, Arc::clone(&output), Some(sender)),
            follow(stderr, Arc::clone(&output), None),
        ];
        let url = addresses
            .recv_timeout(std::time::Duration::from_mins(1))
            .unwrap_or_else(|_| panic!("the server does not listen: {}", text(&output)));
        Self {
            home,
            child,
            url,
            output,
            readers,
        }
    }

    /// Serves what is already set up, with this text as its configuration file.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn configured(home: Arc<Home>, text: &str) -> Self {
        let file = home.path().join("configuration.toml");
        std::fs::write(&file, text).expect("the configuration is written");
        let path = file.to_str().expect("a temporary path is text").to_owned();
        Self::over(home, &["--config", &path])
    }

    /// Where it is reached.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its data folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.home.path()
    }

    /// Everything it has printed and logged so far.
    #[must_use]
    pub fn output(&self) -> String {
        text(&self.output)
    }

    /// The process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A panel client signed in as the owner.
    #[must_use]
    pub fn owner(&self) -> Panel {
        Panel::signed_in(self.url(), "owner@acme.test", PASSWORD)
    }

    /// Turns provisioning from Okta on.
    #[must_use]
    pub fn provision(&self) -> Provisioned {
        self.provision_from("okta")
    }

    /// Turns provisioning from a directory on.
    #[must_use]
    pub fn provision_from(&self, directory: &str) -> Provisioned {
        Provisioned::turned_on(&self.owner(), directory)
    }

    /// Ends it as `kill -9` does, and keeps what it stored.
    ///
    /// # Panics
    /// When it cannot be ended.
    #[must_use]
    pub fn kill(mut self) -> Arc<Home> {
        self.child.kill().expect("the server can be killed");
        self.child.wait().expect("the server ends");
        for reader in self.readers.drain(..) {
            reader.join().expect("its output ends with it");
        }
        Arc::clone(&self.home)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Already ended when `kill` was called; there is nothing to do about a failure here.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What an admin copies into the directory.
#[derive(Clone)]
pub struct Provisioned {
    /// Tenant URL.
    pub tenant_url: String,
    /// Secret Token.
    pub token: String,
}

impl Provisioned {
    /// Turns provisioning from a directory on.
    ///
    /// # Panics
    /// When it is refused.
    #[must_use]
    pub fn turned_on(panel: &Panel, directory: &str) -> Self {
        let answer = panel.post(
            &format!("/provisioning/{directory}/enable"),
            &json!({ "current_password": PASSWORD }),
        );
        assert_eq!(answer.status, 200, "{}", answer.body);
        Self::of(&answer.body)
    }

    /// The same connection, where another run of the server listens.
    ///
    /// # Panics
    /// When the Tenant URL is none.
    #[must_use]
    pub fn at(&self, url: &str) -> Self {
        let path = self
            .tenant_url
            .find("/scim/")
            .expect("a Tenant URL has a path");
        let tenant_url = format!("{url}{}", &self.tenant_url[path..]);
        Self {
            tenant_url,
            token: self.token.clone(),
        }
    }

    /// Reads the two values from the answer that shows them.
    ///
    /// # Panics
    /// When one is missing.
    #[must_use]
    pub fn of(body: &Value) -> Self {
        let text = |name: &str| body[name].as_str().expect("the answer shows it").to_owned();
        Self {
            tenant_url: text("tenant_url"),
            token: text("secret_token"),
        }
    }
}

/// Founds an organization with one owner.
///
/// # Panics
/// When the command fails.
pub(crate) fn setup(home: &Home, organization: &str, email: &str) {
    let named = ["--organization", organization, "--owner-email", email];
    let mut child = home
        .command(&["setup", "--password-stdin"])
        .args(named)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("setup starts");
    let mut input = child.stdin.take().expect("stdin is piped");
    input
        .write_all(PASSWORD.as_bytes())
        .expect("setup reads the password");
    drop(input);
    let output = child.wait_with_output().expect("setup ends");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Collects a stream, and sends on the address in the line that announces it.
fn follow(
    stream: impl Read + Send + 'static,
    output: Arc<Mutex<String>>,
    announce: Option<std::sync::mpsc::Sender<String>>,
) -> JoinHandle<()> {
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if let Some(sender) = &announce
                && let Some(start) = line.find("http://127.0.0.1:")
            {
                let address = line[start..].split([' ', '"', '/', ',']).take(3);
                let url: Vec<&str> = address.collect();
                // The test may have gone on already.
                let _ = sender.send(url.join("/"));
            }
            let mut output = output.lock().unwrap_or_else(PoisonError::into_inner);
            output.push_str(&line);
            output.push('\n');
        }
    })
}

fn text(output: &Mutex<String>) -> String {
    output
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone()
}
