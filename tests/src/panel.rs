//! A client of the panel's JSON API.

use serde_json::{Value, json};
use ureq::Agent;
use ureq::http::Request;

/// An answer of the API.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The JSON body; null when there is none.
    pub body: Value,
    /// The ETag header.
    pub etag: Option<String>,
    /// The cookie it sets.
    pub cookie: Option<String>,
}

/// A signed-in person.
pub struct Panel {
    agent: Agent,
    base: String,
    cookie: String,
}

impl Panel {
    /// Signs in.
    ///
    /// # Panics
    /// When it is refused.
    #[must_use]
    pub fn signed_in(url: &str, email: &str, password: &str) -> Self {
        let mut panel = Self::anonymous(url);
        let answer = panel.post("/session", &json!({ "email": email, "password": password }));
        assert!(
            (200..300).contains(&answer.status),
            "{} {}",
            answer.status,
            answer.body
        );
        let cookie = answer.cookie.expect("signing in sets a cookie");
        cookie
            .split(';')
            .next()
            .unwrap_or_default()
            .clone_into(&mut panel.cookie);
        panel
    }

    /// Nobody yet.
    #[must_use]
    pub fn anonymous(url: &str) -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .build()
            .new_agent();
        Self {
            agent,
            base: format!("{url}/api/v1"),
            cookie: String::new(),
        }
    }

    /// The same session, through another node.
    #[must_use]
    pub fn at(&self, url: &str) -> Self {
        Self {
            cookie: self.cookie.clone(),
            ..Self::anonymous(url)
        }
    }

    /// GET.
    #[must_use]
    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None)
    }

    /// POST.
    #[must_use]
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, Some(body))
    }

    /// PATCH.
    #[must_use]
    pub fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send("PATCH", path, Some(body))
    }

    /// PUT.
    #[must_use]
    pub fn put(&self, path: &str, body: &Value) -> Answer {
        self.send("PUT", path, Some(body))
    }

    /// DELETE.
    #[must_use]
    pub fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, Some(&json!({})))
    }

    /// Any request.
    ///
    /// # Panics
    /// When there is no answer, or a body that is not JSON.
    #[must_use]
    pub fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base));
        if !self.cookie.is_empty() {
            request = request.header("cookie", &self.cookie);
        }
        let answer = match body {
            Some(body) => {
                let request = request
                    .header("content-type", "application/json")
                    .body(body.to_string())
                    .expect("a valid request");
                let agent = self.agent.configure_request(request);
                self.agent
                    .run(agent.allow_non_standard_methods(true).build())
            }
            None => self.agent.run(request.body(()).expect("a valid request")),
        };
        let mut answer = answer.expect("the server answers");
        let header = |name: &str| {
            answer
                .headers()
                .get(name)
                .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let (etag, cookie) = (header("etag"), header("set-cookie"));
        let text = answer.body_mut().read_to_string().expect("a readable body");
        let body = if text.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&text).unwrap_or(Value::String(text))
        };
        Answer {
            status: answer.status().as_u16(),
            body,
            etag,
            cookie,
        }
    }
}
