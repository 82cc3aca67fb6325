//! As much of HTTP/1.1 as a test needs: one request a connection.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

use serde_json::Value;

use crate::{Provider, endpoints};

/// A request.
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) body: String,
    headers: Vec<(String, String)>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// An answer.
pub(crate) struct Answer {
    status: u16,
    content_type: &'static str,
    location: Option<String>,
    body: String,
    silent: bool,
}

impl Answer {
    /// Nothing is sent until the client gives up.
    pub(crate) fn silence() -> Self {
        Self {
            silent: true,
            ..Self::text(200, "")
        }
    }

    pub(crate) fn json(status: u16, value: &Value) -> Self {
        Self {
            content_type: "application/json",
            ..Self::text(status, &value.to_string())
        }
    }

    pub(crate) fn text(status: u16, text: &str) -> Self {
        Self {
            status,
            content_type: "text/plain",
            location: None,
            body: text.to_owned(),
            silent: false,
        }
    }

    pub(crate) fn redirect(location: &str) -> Self {
        Self {
            location: Some(location.to_owned()),
            ..Self::text(302, "")
        }
    }
}

/// Answers until the process ends; each connection in a thread of its own, so that none waits for
/// another.
pub(crate) fn serve(listener: &TcpListener, provider: &Provider) {
    for stream in listener.incoming().flatten() {
        let provider = provider.clone();
        std::thread::spawn(move || {
            let Some(request) = read(&stream) else {
                return;
            };
            let answer = endpoints::answer(&provider, &request);
            // A client that is gone hears nothing.
            let _ = write(&stream, &answer);
        });
    }
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let (path, query) = (path.to_owned(), query.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length: u64 = length.map_or(Some(0), |(_, value)| value.parse().ok())?;
    let mut body = String::new();
    reader.take(length).read_to_string(&mut body).ok()?;
    Some(Request {
        method,
        path,
        query,
        body,
        headers,
    })
}

fn write(mut stream: &TcpStream, answer: &Answer) -> std::io::Result<()> {
    if answer.silent {
        // Returns when the client closes the connection.
        return stream.read(&mut [0]).map(|_| ());
    }
    let location = match &answer.location {
        Some(location) => format!("Location: {location}\r\n"),
        None => String::new(),
    };
    let head = format!(
        "HTTP/1.1 {} Answer\r\nContent-Type: {}\r\n{location}Content-Length: {}\r\nConnection: \
         close\r\n\r\n",
        answer.status,
        answer.content_type,
        answer.body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(answer.body.as_bytes())
}
