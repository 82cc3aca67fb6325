//! The program under test: run to its end, or running in the background.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::thread::JoinHandle;

use serde_json::Value;
use tempfile::TempDir;
use ureq::http;

/// A folder of its own, in which the program runs without any configuration of this machine.
pub(crate) struct Place(TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rollcall"));
        command.args(arguments).current_dir(self.path()).env_clear();
        command
    }

    /// Runs it to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Finished {
        Finished::from(self.command(arguments).output().expect("it runs"))
    }

    /// Runs it to its end, with a line on its standard input.
    pub(crate) fn run_with_input(&self, arguments: &[&str], line: &str) -> Finished {
        let mut command = self.command(arguments);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        let mut input = child.stdin.take().expect("it has an input");
        input.write_all(line.as_bytes()).expect("written");
        drop(input);
        Finished::from(child.wait_with_output().expect("it ends"))
    }

    /// Founds an organization with the given owner.
    pub(crate) fn set_up(&self, email: &str, password: &str) {
        let arguments = [
            "setup",
            "--organization",
            "Acme",
            "--owner-email",
            email,
            "--password-stdin",
        ];
        let done = self.run_with_input(&arguments, &format!("{password}\n"));
        assert_eq!(done.code, Some(0), "{done:?}");
    }

    /// Starts `serve` on a port of its own.
    pub(crate) fn serve(&self) -> Running {
        Running::of(&mut self.command(&["serve", "--listen", "127.0.0.1:0"]))
    }
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Finished {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// A service that runs; it ends with the test.
pub(crate) struct Running {
    child: Option<Child>,
    /// Kept open: a closed pipe would be felt by the program.
    _stdout: BufReader<ChildStdout>,
    log: Option<JoinHandle<String>>,
    url: String,
    agent: ureq::Agent,
}

impl Running {
    /// Starts a command that serves, and waits until it says where.
    pub(crate) fn of(command: &mut Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("it has an output"));
        let mut first = String::new();
        stdout
            .read_line(&mut first)
            .expect("it says where it listens");
        let url = first.split_whitespace().last().expect("a URL").to_owned();
        // Read all along: a full pipe would hold up the program.
        let mut stderr = child.stderr.take().expect("it has a log");
        let log = std::thread::spawn(move || {
            let mut text = String::new();
            stderr.read_to_string(&mut text).expect("text");
            text
        });
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build()
            .new_agent();
        Self {
            child: Some(child),
            _stdout: stdout,
            log: Some(log),
            url,
            agent,
        }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn get(&self, path: &str, cookie: &str) -> (u16, Value) {
        let request = http::Request::get(format!("{}{path}", self.url))
            .header("Cookie", cookie)
            .body(())
            .expect("a request");
        let mut response = self.agent.run(request).expect("an answer");
        let text = response.body_mut().read_to_string().expect("text");
        (
            response.status().as_u16(),
            serde_json::from_str(&text).unwrap_or_default(),
        )
    }

    pub(crate) fn post(
        &self,
        path: &str,
        cookie: &str,
        body: &Value,
    ) -> http::Response<ureq::Body> {
        self.send("POST", path, cookie, body)
    }

    /// Sends JSON by any method.
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        cookie: &str,
        body: &Value,
    ) -> http::Response<ureq::Body> {
        let request = http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("Content-Type", "application/json")
            .header("Cookie", cookie)
            .body(body.to_string())
            .expect("a request");
        self.agent.run(request).expect("an answer")
    }

    /// Signs in; the cookie to send from now on.
    pub(crate) fn sign_in(&self, email: &str, password: &str) -> Option<String> {
        let body = serde_json::json!({"email": email, "password": password});
        let response = self.post("/api/v1/session", "", &body);
        let cookie = response
            .headers()
            .get("set-cookie")?
            .to_str()
            .expect("text");
        Some(cookie.split(';').next().expect("a pair").to_owned())
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: &str) {
        let child = self.child.as_ref().expect("it runs");
        let pid = child.id().to_string();
        let sent = Command::new("kill")
            .args([signal, &pid])
            .status()
            .expect("kill runs");
        assert!(sent.success());
    }

    /// Sends SIGTERM and waits for the end; the exit code and what stood in the log.
    pub(crate) fn terminate(self) -> Finished {
        self.signal("-TERM");
        self.end()
    }

    /// Waits for the end.
    pub(crate) fn end(mut self) -> Finished {
        let mut child = self.child.take().expect("it runs");
        let log = self.log.take().expect("it is read once");
        Finished {
            code: child.wait().expect("it ends").code(),
            stdout: String::new(),
            stderr: log.join().expect("it is text"),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
