//! A client that costs as little as possible: one connection, kept alive, one request at a time.
//! It shares the machine with the server, so every library on this side would be measured too.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// How long an answer may take before the run is given up.
const PATIENCE: Duration = Duration::from_mins(2);

/// One connection to a server.
pub(crate) struct Client {
    reader: BufReader<TcpStream>,
    head: String,
    request: Vec<u8>,
    line: String,
    body: Vec<u8>,
}

/// An answer; its body lives until the next request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    pub(crate) body: &'a [u8],
}

impl Answer<'_> {
    /// Demands one of these statuses.
    ///
    /// # Errors
    /// With the answer in the text.
    pub(crate) fn expect(&self, statuses: &[u16]) -> io::Result<()> {
        if statuses.contains(&self.status) {
            return Ok(());
        }
        let body = String::from_utf8_lossy(self.body);
        Err(io::Error::other(format!(
            "answered {}: {body}",
            self.status
        )))
    }

    /// The text behind the first `"name":"` in the body.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let body = std::str::from_utf8(self.body).ok()?;
        let (_, rest) = body.split_once(&format!("\"{name}\":\""))?;
        rest.split('"').next().map(str::to_owned)
    }

    /// The first number of this name.
    pub(crate) fn number(&self, name: &str) -> Option<usize> {
        let body = std::str::from_utf8(self.body).ok()?;
        let (_, rest) = body.split_once(&format!("\"{name}\":"))?;
        rest.split([',', '}']).next()?.parse().ok()
    }
}

impl Client {
    /// Connects; `headers` go with every request, each line ended.
    ///
    /// # Errors
    /// When the server does not listen.
    pub(crate) fn connect(address: &str, headers: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self {
            reader: BufReader::with_capacity(64 * 1024, stream),
            head: format!("Host: {address}\r\n{headers}"),
            request: Vec::new(),
            line: String::new(),
            body: Vec::new(),
        })
    }

    /// Sends one request and reads its answer.
    ///
    /// # Errors
    /// When the connection breaks or the answer cannot be read.
    pub(crate) fn send(&mut self, method: &str, path: &str, body: &str) -> io::Result<Answer<'_>> {
        self.request.clear();
        write!(self.request, "{method} {path} HTTP/1.1\r\n{}", self.head)?;
        if !body.is_empty() {
            let length = body.len();
            write!(
                self.request,
                "Content-Type: application/scim+json\r\nContent-Length: {length}\r\n"
            )?;
        }
        self.request.extend_from_slice(b"\r\n");
        self.request.extend_from_slice(body.as_bytes());
        self.reader.get_mut().write_all(&self.request)?;
        let status = self.read_status()?;
        let length = self.read_headers()?;
        self.body.resize(length, 0);
        self.reader.read_exact(&mut self.body)?;
        Ok(Answer {
            status,
            body: &self.body,
        })
    }

    fn read_status(&mut self) -> io::Result<u16> {
        self.read_line()?;
        let status = self
            .line
            .split(' ')
            .nth(1)
            .and_then(|text| text.parse().ok());
        status.ok_or_else(|| io::Error::other("this is no HTTP answer"))
    }

    /// Reads the headers; answers how long the body is.
    fn read_headers(&mut self) -> io::Result<usize> {
        let mut length = 0;
        loop {
            self.read_line()?;
            let line = self.line.trim_end();
            if line.is_empty() {
                return Ok(length);
            }
            let Some((name, value)) = line.split_once(':') else {
                continue;
            };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().map_err(io::Error::other)?;
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                return Err(io::Error::other("a body of known length was expected"));
            }
        }
    }

    fn read_line(&mut self) -> io::Result<()> {
        self.line.clear();
        match self.reader.read_line(&mut self.line)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}
