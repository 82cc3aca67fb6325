//! A client that costs as little as possible: one connection, kept alive, one request at a time.
//! It shares the machine with the server, so every library on this side would be measured too.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use memchr::memmem;

/// How long an answer may take before the run is given up.
const PATIENCE: Duration = Duration::from_mins(2);

/// How many bytes of an answer there is room for at first.
const ROOM: usize = 4 * 1024;

/// Where the head of an answer ends.
const END_OF_HEAD: &[u8] = b"\r\n\r\n";
/// What stands before the length of a body.
const LENGTH: &[u8] = b"content-length:";

/// One connection to a server.
pub(crate) struct Client {
    stream: TcpStream,
    head: String,
    request: Vec<u8>,
    /// Room for an answer, and how much of one has arrived.
    answer: Vec<u8>,
    arrived: usize,
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
            stream,
            head: format!("Host: {address}\r\n{headers}"),
            request: Vec::new(),
            answer: vec![0; ROOM],
            arrived: 0,
        })
    }

    /// Sends one request and reads its answer.
    ///
    /// # Errors
    /// When the connection breaks or the answer cannot be read.
    pub(crate) fn send(&mut self, method: &str, path: &str, body: &str) -> io::Result<Answer<'_>> {
        self.request.clear();
        for part in [method, " ", path, " HTTP/1.1\r\n", &self.head] {
            self.request.extend_from_slice(part.as_bytes());
        }
        if !body.is_empty() {
            let length = body.len();
            write!(
                self.request,
                "Content-Type: application/scim+json\r\nContent-Length: {length}\r\n"
            )?;
        }
        self.request.extend_from_slice(b"\r\n");
        self.request.extend_from_slice(body.as_bytes());
        self.stream.write_all(&self.request)?;
        self.receive()
    }

    fn receive(&mut self) -> io::Result<Answer<'_>> {
        self.arrived = 0;
        let start = loop {
            self.read_more()?;
            let end = memmem::find(&self.answer[..self.arrived], END_OF_HEAD);
            if let Some(end) = end {
                break end + END_OF_HEAD.len();
            }
        };
        let head = &self.answer[..start];
        let status = head.get(9..12).and_then(number);
        let status = status.ok_or_else(|| io::Error::other("this is no HTTP answer"))?;
        let length = length(head)?;
        while self.arrived < start + length {
            self.read_more()?;
        }
        Ok(Answer {
            status,
            body: &self.answer[start..start + length],
        })
    }

    /// Takes what has arrived.
    fn read_more(&mut self) -> io::Result<()> {
        if self.arrived == self.answer.len() {
            self.answer.resize(self.arrived * 2, 0);
        }
        match self.stream.read(&mut self.answer[self.arrived..])? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            count => {
                self.arrived += count;
                Ok(())
            }
        }
    }
}

/// How long the body behind this head is.
fn length(head: &[u8]) -> io::Result<usize> {
    for line in head.split(|byte| *byte == b'\n') {
        let named = line.split_at_checked(LENGTH.len());
        if let Some((name, value)) = named
            && name.eq_ignore_ascii_case(LENGTH)
        {
            let length = number(value.trim_ascii());
            return length.ok_or_else(|| io::Error::other("the length of a body is no number"));
        }
    }
    // 204 and 304 have none.
    Ok(0)
}

fn number<N: std::str::FromStr>(digits: &[u8]) -> Option<N> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}
