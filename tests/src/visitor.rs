//! A browser without a window: follows nothing by itself, keeps cookies, sends forms.

use std::collections::BTreeMap;

use ureq::Agent;
use ureq::http::Request;

/// What a page answered.
#[derive(Debug, Clone)]
pub struct Page {
    /// HTTP status.
    pub status: u16,
    /// Where it leads.
    pub location: String,
    /// The cookies it sets, as they were sent.
    pub cookies: Vec<String>,
    /// The body.
    pub body: String,
}

/// A browser.
pub struct Visitor {
    agent: Agent,
    cookies: BTreeMap<String, String>,
}

impl Default for Visitor {
    fn default() -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .build()
            .new_agent();
        Self {
            agent,
            cookies: BTreeMap::new(),
        }
    }
}

impl Visitor {
    /// Opens an address.
    pub fn get(&mut self, url: &str) -> Page {
        self.send(url, None)
    }

    /// Sends a form.
    pub fn post(&mut self, url: &str, form: &[(&str, &str)]) -> Page {
        self.send(url, Some(form))
    }

    /// Opens addresses as long as they lead on, to any host; the last page and every address.
    ///
    /// # Panics
    /// When they lead in a circle.
    pub fn follow(&mut self, url: &str) -> (Page, Vec<String>) {
        let base = url.split('/').take(3).collect::<Vec<_>>().join("/");
        let mut seen = vec![url.to_owned()];
        let mut page = self.get(url);
        while !page.location.is_empty() {
            assert!(seen.len() < 10, "in a circle: {seen:?}");
            let next = match page.location.strip_prefix('/') {
                Some(path) => format!("{base}/{path}"),
                None => page.location.clone(),
            };
            seen.push(next.clone());
            page = self.get(&next);
        }
        (page, seen)
    }

    /// The value of a cookie it keeps.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    /// Puts a cookie there, as an attacker would.
    pub fn put_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    fn send(&mut self, url: &str, form: Option<&[(&str, &str)]>) -> Page {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut request = Request::builder().uri(url);
        if !cookies.is_empty() {
            request = request.header("cookie", cookies.join("; "));
        }
        let answer = match form {
            Some(form) => {
                let body = serde_urlencoded::to_string(form).expect("pairs of text");
                let form_type = "application/x-www-form-urlencoded";
                let request = request.method("POST").header("content-type", form_type);
                self.agent.run(request.body(body).expect("a request"))
            }
            None => self.agent.run(request.body(()).expect("a request")),
        };
        let mut answer = answer.expect("the server answers");
        let text = |value: &ureq::http::HeaderValue| {
            String::from_utf8_lossy(value.as_bytes()).into_owned()
        };
        let location = answer
            .headers()
            .get("location")
            .map(text)
            .unwrap_or_default();
        let cookies: Vec<String> = answer
            .headers()
            .get_all("set-cookie")
            .iter()
            .map(text)
            .collect();
        for cookie in &cookies {
            self.keep(cookie);
        }
        Page {
            status: answer.status().as_u16(),
            location,
            cookies,
            body: answer.body_mut().read_to_string().expect("a readable body"),
        }
    }

    fn keep(&mut self, cookie: &str) {
        let pair = cookie.split(';').next().unwrap_or_default();
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if cookie.contains("Max-Age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}
