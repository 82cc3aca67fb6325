//! The client: what goes over the wire, byte for byte as Okta's own client sends it.

use std::fmt;
use std::time::{Duration, Instant};

use serde_json::Value;
use ureq::Agent;
use ureq::http;

/// The media type of SCIM (RFC 7644 section 3.1).
pub const SCIM_JSON: &str = "application/scim+json";

/// Okta closes a connection on which nothing came for this long.
pub const OKTA_DEADLINE: Duration = Duration::from_mins(1);

/// The largest answer that is read, in bytes: far above any page of 100 resources.
const BODY_LIMIT: u64 = 64 * 1024 * 1024;

/// A bearer token. It has no `Display`, and `Debug` prints its name alone, so that no log and no
/// report can show it.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// Takes the text that an administrator pastes.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the `Authorization` header.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// Nothing came back at all: no connection, no answer in time, or an answer that is not HTTP.
#[derive(Debug, thiserror::Error)]
#[error("{method} {path}: no answer: {reason}")]
pub struct Unreachable {
    /// The method of the request.
    pub method: String,
    /// The path below the tenant URL, with its query.
    pub path: String,
    /// What the transport says.
    pub reason: String,
}

/// Which headers a request starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeaderSet {
    /// The headers of Okta's client; those of the request replace or, with no value, remove them.
    Okta,
    /// The headers of Microsoft Entra ID's client, likewise.
    Entra,
    /// Only those of the request.
    Exact,
}

/// One request, before it is sent.
#[derive(Clone)]
pub struct Request {
    /// The method, upper case.
    pub method: String,
    /// The path below the tenant URL, with its query; it begins with a slash, or is empty.
    pub path: String,
    /// Extra headers; `None` removes the header of that name.
    pub headers: Vec<(String, Option<String>)>,
    /// What `headers` are laid over.
    pub header_set: HeaderSet,
    /// The body; JSON always.
    pub body: Option<Value>,
}

impl Request {
    /// A request with Okta's headers.
    #[must_use]
    pub fn new(method: &str, path: impl Into<String>, body: Option<Value>) -> Self {
        Self {
            method: method.to_owned(),
            path: path.into(),
            headers: Vec::new(),
            header_set: HeaderSet::Okta,
            body,
        }
    }

    /// A `GET`.
    #[must_use]
    pub fn get(path: impl Into<String>) -> Self {
        Self::new("GET", path, None)
    }
}

impl fmt::Debug for Request {
    // Headers stay out: one of them may carry the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

/// One request and its answer. Request headers are left out, because the token is among them.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The method that was sent.
    pub method: String,
    /// The path below the tenant URL, with its query.
    pub path: String,
    /// The JSON that was sent.
    pub request: Option<Value>,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The headers of the answer; names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, when it is JSON.
    pub body: Option<Value>,
    /// The body as text, whatever it is.
    pub raw: String,
    /// From the first byte sent to the last byte read. Told, never judged.
    pub duration: Duration,
}

impl Exchange {
    /// The first header of that name, in any letter case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Method, path and status in a line.
    #[must_use]
    pub fn summary(&self) -> String {
        format!("{} {} -> {}", self.method, self.path, self.status)
    }
}

/// A client of one tenant. Answers of every status are answers, never errors, and redirects are not
/// followed: an identity provider does not follow them with a token either.
#[derive(Debug, Clone)]
pub struct ScimClient {
    agent: Agent,
    base: String,
    token: Token,
}

impl ScimClient {
    /// A client of the tenant URL `base`, such as `https://panel.example/scim/v2/acme`.
    #[must_use]
    pub fn new(base: &str, token: Token) -> Self {
        Self::with_deadline(base, token, OKTA_DEADLINE)
    }

    /// As [`ScimClient::new`], with another limit for a whole exchange.
    #[must_use]
    pub fn with_deadline(base: &str, token: Token, deadline: Duration) -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(deadline))
            .timeout_connect(Some(deadline.min(Duration::from_secs(10))))
            .allow_non_standard_methods(true)
            .build()
            .new_agent();
        Self {
            agent,
            base: base.trim_end_matches('/').to_owned(),
            token,
        }
    }

    /// The same tenant with another token: what an administrator does after new credentials.
    #[must_use]
    pub fn with_token(&self, token: Token) -> Self {
        Self {
            agent: self.agent.clone(),
            base: self.base.clone(),
            token,
        }
    }

    /// The tenant URL, without a slash at the end.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Sends one request and reads the whole answer.
    ///
    /// # Errors
    /// [`Unreachable`] when there is no HTTP answer.
    pub fn send(&self, request: &Request) -> Result<Exchange, Unreachable> {
        let unreachable = |reason: String| Unreachable {
            method: request.method.clone(),
            path: request.path.clone(),
            reason,
        };
        let begun = Instant::now();
        let mut answer = self
            .run(request)
            .map_err(|error| unreachable(error.to_string()))?;
        let status = answer.status().as_u16();
        let headers = answer
            .headers()
            .iter()
            .map(|(name, value)| {
                (
                    name.as_str().to_owned(),
                    String::from_utf8_lossy(value.as_bytes()).into_owned(),
                )
            })
            .collect();
        let bytes = if request.method == "HEAD" || status == 204 {
            Vec::new()
        } else {
            let reader = answer.body_mut().with_config().limit(BODY_LIMIT);
            reader
                .read_to_vec()
                .map_err(|error| unreachable(error.to_string()))?
        };
        Ok(Exchange {
            method: request.method.clone(),
            path: request.path.clone(),
            request: request.body.clone(),
            status,
            headers,
            body: serde_json::from_slice(&bytes).ok(),
            raw: String::from_utf8_lossy(&bytes).into_owned(),
            duration: begun.elapsed(),
        })
    }

    fn run(&self, request: &Request) -> Result<http::Response<ureq::Body>, ureq::Error> {
        let uri = format!("{}{}", self.base, encode_unsafe(&request.path));
        let mut builder = http::Request::builder()
            .method(request.method.as_str())
            .uri(uri);
        for (name, value) in self.headers(request) {
            builder = builder.header(name, value);
        }
        match &request.body {
            Some(body) => self.agent.run(builder.body(body.to_string())?),
            None => self.agent.run(builder.body(())?),
        }
    }

    /// Okta's headers: a content type also on DELETE, although there is no body, and not on GET.
    fn headers(&self, request: &Request) -> Vec<(String, String)> {
        let mut headers = Vec::new();
        if request.header_set == HeaderSet::Okta {
            headers.push(("Accept".to_owned(), SCIM_JSON.to_owned()));
            headers.push(("Accept-Charset".to_owned(), "utf-8".to_owned()));
            headers.push(("User-Agent".to_owned(), "Okta SCIM Client 1.0.0".to_owned()));
            headers.push((
                "Authorization".to_owned(),
                format!("Bearer {}", self.token.text()),
            ));
            if !matches!(request.method.as_str(), "GET" | "HEAD") {
                let value = format!("{SCIM_JSON}; charset=utf-8");
                headers.push(("Content-Type".to_owned(), value));
            }
        }
        if request.header_set == HeaderSet::Entra {
            headers.push(("Accept".to_owned(), SCIM_JSON.to_owned()));
            let token = format!("Bearer {}", self.token.text());
            headers.push(("Authorization".to_owned(), token));
            if request.body.is_some() {
                let value = format!("{SCIM_JSON}; charset=utf-8");
                headers.push(("Content-Type".to_owned(), value));
            }
        }
        for (name, value) in &request.headers {
            headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
            if let Some(value) = value {
                headers.push((name.clone(), self.with_credentials(value)));
            }
        }
        headers
    }

    /// Recorded headers name the token by a placeholder; only here does it become text.
    fn with_credentials(&self, value: &str) -> String {
        value
            .replace("{{TOKEN}}", self.token.text())
            .replace("{{auth}}", &format!("Bearer {}", self.token.text()))
    }
}

/// Percent-encodes what may not stand in a URI (spaces, quotes, non-ASCII) and nothing else, as a
/// tool does with a URL that somebody typed.
fn encode_unsafe(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len());
    for byte in path.bytes() {
        let unsafe_byte = !byte.is_ascii_graphic() || b"\"<>\\^`{|}".contains(&byte);
        if unsafe_byte {
            push_percent(&mut encoded, byte);
        } else {
            encoded.push(char::from(byte));
        }
    }
    encoded
}

/// How a space is written inside a query: both are seen from Okta.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Space {
    /// `+`, as in a form.
    Plus,
    /// `%20`.
    Percent,
}

/// Percent-encodes a query value.
#[must_use]
pub fn encode_query(text: &str, space: Space) -> String {
    let mut encoded = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        match byte {
            b' ' if space == Space::Plus => encoded.push('+'),
            b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => encoded.push(char::from(byte)),
            byte => push_percent(&mut encoded, byte),
        }
    }
    encoded
}

fn push_percent(text: &mut String, byte: u8) {
    text.push('%');
    for nibble in [byte >> 4, byte & 0x0f] {
        let digit = char::from_digit(u32::from(nibble), 16).expect("a nibble is below 16");
        text.push(digit.to_ascii_uppercase());
    }
}
