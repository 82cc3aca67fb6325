//! A small client of W3C WebDriver over chromedriver: what the browser tests need and no more
//! (ADR 8).

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;
use ureq::Agent;

/// How long an element may take to appear, in milliseconds.
const PATIENCE: u64 = 15_000;

/// How often an element is found anew whose page gave way to the next.
const RENEWALS: usize = 5;

/// The key under which WebDriver names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Chromedriver with one browser of its own, over an empty profile; both end with it.
pub(super) struct Driver {
    process: Child,
    agent: Agent,
    /// Where the session's commands go.
    session: String,
    _profile: TempDir,
}

/// An element of the page.
pub(super) struct Element(String);

/// Where chromedriver and Chromium are, if both are installed.
fn installed() -> Option<(PathBuf, PathBuf)> {
    let find = |names: &[&str]| {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path)
            .flat_map(|folder| names.iter().map(move |name| folder.join(name)))
            .find(|file| file.is_file())
    };
    let chromium = find(&["chromium", "chromium-browser", "google-chrome"])?;
    Some((find(&["chromedriver"])?, chromium))
}

/// Says it once, past what the test runner keeps to itself.
fn tell_skipped() {
    static TOLD: std::sync::Once = std::sync::Once::new();
    TOLD.call_once(|| {
        let line =
            "SKIPPED: the pages in a real browser: chromium and chromium-driver are not installed";
        // Where nobody can be told, nobody is.
        let _ = writeln!(std::io::stderr(), "{line}");
    });
}

impl Driver {
    /// Starts a browser; none where Chromium or chromedriver is not installed, which is said in
    /// one line, or fails where `TEST_REQUIRE_BROWSER` is set.
    pub(super) fn start() -> Option<Self> {
        let Some((chromedriver, chromium)) = installed() else {
            let required = std::env::var_os("TEST_REQUIRE_BROWSER").is_some();
            assert!(!required, "chromium and chromium-driver are not installed");
            tell_skipped();
            return None;
        };
        let mut process = Command::new(chromedriver)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts");
        let stdout = process.stdout.take().expect("stdout is piped");
        let port = BufReader::new(stdout)
            .lines()
            .map_while(Result::ok)
            .find_map(|line| {
                let (_, port) = line.split_once("started successfully on port ")?;
                port.trim_end_matches('.').parse::<u16>().ok()
            })
            .expect("chromedriver tells its port");
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .build()
            .new_agent();
        let profile = TempDir::new().expect("a temporary folder");
        let capabilities = capabilities(&chromium, &profile);
        let mut driver = Self {
            process,
            agent,
            session: format!("http://127.0.0.1:{port}/session"),
            _profile: profile,
        };
        let begun = driver.post(
            "",
            &json!({ "capabilities": { "alwaysMatch": capabilities } }),
        );
        let id = begun["sessionId"].as_str().expect("a session");
        driver.session = format!("{}/{id}", driver.session);
        driver.post("/timeouts", &json!({ "implicit": PATIENCE }));
        // As if its window were in front: until it is, nothing matches `:focus`.
        let front = json!({ "enabled": true });
        driver.devtools("Emulation.setFocusEmulationEnabled", &front);
        Some(driver)
    }

    /// A command with a body; its value.
    ///
    /// # Panics
    /// When the browser refuses it.
    pub(super) fn post(&self, path: &str, body: &Value) -> Value {
        self.try_post(path, body)
            .unwrap_or_else(|error| panic!("{path} {body}: {error}"))
    }

    /// The same where a refusal is an answer.
    pub(super) fn try_post(&self, path: &str, body: &Value) -> Result<Value, String> {
        let answer = self
            .agent
            .post(format!("{}{path}", self.session))
            .send_json(body)
            .expect("chromedriver answers");
        value(answer)
    }

    /// A command without a body; its value.
    pub(super) fn get(&self, path: &str) -> Value {
        self.try_get(path)
            .unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// The same where a refusal is an answer.
    fn try_get(&self, path: &str) -> Result<Value, String> {
        let answer = self.agent.get(format!("{}{path}", self.session)).call();
        value(answer.expect("chromedriver answers"))
    }

    /// What a script of the test returns.
    pub(super) fn script(&self, code: &str) -> Value {
        self.post("/execute/sync", &json!({ "script": code, "args": [] }))
    }

    /// A command of the DevTools protocol.
    pub(super) fn devtools(&self, command: &str, parameters: &Value) -> Value {
        let body = json!({ "cmd": command, "params": parameters });
        self.post("/goog/cdp/execute", &body)
    }

    /// The lines of a log since it was last read, each as the browser tells it.
    pub(super) fn log(&self, kind: &str) -> Vec<Value> {
        let lines = self.post("/se/log", &json!({ "type": kind }));
        lines.as_array().cloned().unwrap_or_default()
    }

    /// The first element that fits, once there is one.
    pub(super) fn find(&self, using: &str, what: &str) -> Result<Element, String> {
        let found = self.try_post("/element", &json!({ "using": using, "value": what }))?;
        let id = found[ELEMENT].as_str().expect("an element's id");
        Ok(Element(id.to_owned()))
    }

    /// The element that has focus.
    pub(super) fn focused(&self) -> Element {
        let found = self.get("/element/active");
        let id = found[ELEMENT].as_str().expect("an element's id");
        Element(id.to_owned())
    }

    /// A command of the element that is found.
    pub(super) fn of(&self, find: impl Fn() -> Element, command: &str) -> Value {
        fresh(find, |Element(id)| {
            self.try_get(&format!("/element/{id}/{command}"))
        })
    }

    /// An act on the element that is found.
    pub(super) fn on(&self, find: impl Fn() -> Element, act: &str, body: &Value) {
        fresh(find, |Element(id)| {
            self.try_post(&format!("/element/{id}/{act}"), body)
        });
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Ends the browser; a failure leaves nothing to do.
        let _ = self.agent.delete(&self.session).call();
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What is done with the element that is found: found anew where its page gave way to the next
/// between the two, so that nothing was done.
fn fresh(find: impl Fn() -> Element, act: impl Fn(&Element) -> Result<Value, String>) -> Value {
    let mut done = act(&find());
    for _ in 0..RENEWALS {
        match done {
            Err(error) if error.starts_with("stale element") => done = act(&find()),
            _ => break,
        }
    }
    done.unwrap_or_else(|error| panic!("{error}"))
}

fn capabilities(chromium: &std::path::Path, profile: &TempDir) -> Value {
    let mut arguments: Vec<String> = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        "--lang=en-US",
    ]
    .map(str::to_owned)
    .into();
    arguments.push(format!("--user-data-dir={}", profile.path().display()));
    json!({
        "browserName": "chrome",
        "goog:chromeOptions": { "binary": chromium, "args": arguments },
        "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
    })
}

fn value(mut answer: ureq::http::Response<ureq::Body>) -> Result<Value, String> {
    let status = answer.status();
    let body: Value = answer
        .body_mut()
        .with_config()
        .limit(64 * 1024 * 1024)
        .read_json()
        .expect("chromedriver speaks JSON");
    let value = body["value"].clone();
    if status.is_success() {
        return Ok(value);
    }
    let message = value["message"].as_str().unwrap_or_default();
    Err(message.lines().next().unwrap_or_default().to_owned())
}
