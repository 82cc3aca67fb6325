//! What the simulator did, told step by step, and the sum of it.

use std::fmt;
use std::time::Duration;

use crate::check::Finding;
use crate::http::Exchange;

/// One thing that somebody does at the identity provider, with all requests it leads to.
#[derive(Debug, Clone)]
pub struct Step {
    /// What happens, in words that a newcomer understands.
    pub title: String,
    /// Requests and answers, in order. Some acts send nothing.
    pub exchanges: Vec<Exchange>,
    /// What was wrong with the answers.
    pub findings: Vec<Finding>,
    /// Requests whose answer never came, and that were sent again.
    pub lost: usize,
}

impl Step {
    /// An act that has not sent anything yet.
    #[must_use]
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            exchanges: Vec::new(),
            findings: Vec::new(),
            lost: 0,
        }
    }

    /// Whether every answer was as expected.
    #[must_use]
    pub fn ok(&self) -> bool {
        self.findings.is_empty()
    }

    /// Notes something that no single answer shows, such as a duplicate on two pages.
    pub(crate) fn find(&mut self, what: &str, expected: &str, got: impl Into<String>, why: &str) {
        self.findings.push(Finding {
            what: what.to_owned(),
            expected: expected.to_owned(),
            got: got.into(),
            why: why.to_owned(),
        });
    }
}

/// Somebody who watches: a demonstration prints each step, a test may look into it.
pub trait Observer {
    /// A step has ended.
    fn step(&mut self, step: &Step);
}

impl<F: FnMut(&Step)> Observer for F {
    fn step(&mut self, step: &Step) {
        self(step);
    }
}

/// Watches nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Observer for Silent {
    fn step(&mut self, _: &Step) {}
}

/// Who waits when the server asks for it (429, RFC 6585 section 4).
pub trait Pause {
    /// Waits that long, or notes that it was asked to.
    fn pause(&mut self, duration: Duration);
}

impl<F: FnMut(Duration)> Pause for F {
    fn pause(&mut self, duration: Duration) {
        self(duration);
    }
}

/// Blocks the thread: for use against a real server.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sleep;

impl Pause for Sleep {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that waits for real"
    )]
    fn pause(&mut self, duration: Duration) {
        std::thread::sleep(duration);
    }
}

/// The sum of a run.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Acts.
    pub steps: usize,
    /// Requests that got an answer.
    pub exchanges: usize,
    /// What was wrong, each with the title of its step.
    pub findings: Vec<(String, Finding)>,
    /// Requests whose answer never came, and that were sent again.
    pub lost: usize,
}

impl Report {
    /// Adds a step.
    pub fn add(&mut self, step: &Step) {
        self.steps += 1;
        self.exchanges += step.exchanges.len();
        self.lost += step.lost;
        let found = step.findings.iter().cloned();
        self.findings
            .extend(found.map(|finding| (step.title.clone(), finding)));
    }

    /// Whether every answer was as expected.
    #[must_use]
    pub fn ok(&self) -> bool {
        self.findings.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (steps, exchanges, findings) = (self.steps, self.exchanges, self.findings.len());
        write!(
            f,
            "{steps} steps, {exchanges} requests, {findings} findings"
        )?;
        if self.lost > 0 {
            write!(f, ", {} unanswered", self.lost)?;
        }
        for (title, finding) in &self.findings {
            write!(f, "\n- {title}: {finding}")?;
        }
        Ok(())
    }
}
