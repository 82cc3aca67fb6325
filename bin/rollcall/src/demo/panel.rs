//! The panel's JSON API as a client sees it: over real HTTP, with the owner's session.

use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use ureq::Agent;
use ureq::http;

use super::Stage;

/// A signed-in client.
pub(super) struct Panel {
    agent: Agent,
    base: String,
    cookie: String,
    password: String,
}

/// What came back.
pub(super) struct Answer {
    /// The status.
    pub(super) status: u16,
    /// The document; null where there is none.
    pub(super) body: Value,
}

impl Answer {
    /// Whether a rule said no, with this code (RFC 9457, `code`).
    pub(super) fn is_refusal(&self, code: &str) -> bool {
        self.status == 409 && text(&self.body, "/code") == code
    }
}

impl Panel {
    /// Signs in.
    ///
    /// # Errors
    /// When the service does not answer, or does not let the owner in.
    pub(super) fn sign_in(stage: &Stage) -> anyhow::Result<Self> {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_mins(1)))
            .build()
            .new_agent();
        let mut panel = Self {
            agent,
            base: format!("{}/api/v1", stage.url),
            cookie: String::new(),
            password: stage.password.expose().to_owned(),
        };
        let body = json!({"email": stage.email, "password": panel.password});
        let mut response = panel.send("POST", "/session", Some(&body))?;
        if response.status() != 200 {
            let status = response.status();
            bail!(
                "sign-in was answered {status}: {}",
                response.body_mut().read_to_string()?
            );
        }
        let cookie = response
            .headers()
            .get("set-cookie")
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .context("sign-in set no cookie")?;
        cookie.clone_into(&mut panel.cookie);
        Ok(panel)
    }

    /// Reads; anything but 200 is an error.
    ///
    /// # Errors
    /// When there is no such thing.
    pub(super) fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.expect("GET", path, None)
    }

    /// Changes something; anything but success is an error.
    ///
    /// # Errors
    /// When the panel refuses.
    pub(super) fn change(&self, method: &str, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.expect(method, path, Some(body))
    }

    /// Turns provisioning on, off, or issues credentials; the panel asks for the password again.
    ///
    /// # Errors
    /// When the panel refuses.
    pub(super) fn provisioning(&self, command: &str) -> anyhow::Result<Value> {
        let confirmation = json!({"current_password": self.password});
        self.change(
            "POST",
            &format!("/provisioning/okta/{command}"),
            &confirmation,
        )
    }

    /// Tries something, whatever the answer.
    ///
    /// # Errors
    /// When there is no answer.
    pub(super) fn attempt(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> anyhow::Result<Answer> {
        let mut response = self.send(method, path, body)?;
        let status = response.status().as_u16();
        let text = response.body_mut().read_to_string()?;
        Ok(Answer {
            status,
            body: serde_json::from_str(&text).unwrap_or_default(),
        })
    }

    fn expect(&self, method: &str, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let answer = self.attempt(method, path, body)?;
        if !(200..300).contains(&answer.status) {
            bail!(
                "{method} {path} was answered {}: {}",
                answer.status,
                answer.body
            );
        }
        Ok(answer.body)
    }

    fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> anyhow::Result<http::Response<ureq::Body>> {
        let mut request = http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("Accept", "application/json")
            .header("User-Agent", "rollcall-demo");
        if !self.cookie.is_empty() {
            request = request.header("Cookie", &self.cookie);
        }
        let sent = match body {
            Some(body) => {
                let request = request.header("Content-Type", "application/json");
                self.agent.run(request.body(body.to_string())?)
            }
            None => self.agent.run(request.body(())?),
        };
        sent.with_context(|| format!("{method} {path} got no answer"))
    }
}

/// The text at a JSON pointer (RFC 6901); empty where there is none.
pub(super) fn text<'a>(document: &'a Value, pointer: &str) -> &'a str {
    document
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// The items of a page.
pub(super) fn items(page: &Value) -> &[Value] {
    page.pointer("/items")
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}
