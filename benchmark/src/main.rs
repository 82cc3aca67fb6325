//! Measures the service over HTTP, beside what the machine can do at most.
//!
//! Every case runs in several rounds, one after the other in each round, so that what else the
//! machine does falls on all of them; the first round only warms up. What is told is the median of
//! the others, and ratios of medians. See docs/PERFORMANCE.md, which this program writes.

mod cases;
mod client;
mod load;
mod people;
mod process;
mod random;
mod raw_postgres;
mod raw_sqlite;
mod report;
mod server;
mod stage;
mod targets;
mod work;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Parser;
use rollcall_testkit::postgres::Cluster;

use crate::cases::Scale;
use crate::server::Engine;

/// How the server of the run is set: enough connections, and everything else as it comes.
const CLUSTER: &str = "-c max_connections=200";

/// With fewer people than this the smallest team is empty.
const FEWEST: usize = 1_000;

/// Measures the service and writes the table.
#[derive(Debug, Parser)]
struct Arguments {
    /// A twentieth of the size and short rounds: for the time between two changes
    #[arg(long)]
    quick: bool,
    /// How many people the largest server has; a second has a tenth, a third a hundredth
    /// [default: 100000, or 5000 when quick]
    #[arg(long, value_name = "NUMBER")]
    people: Option<usize>,
    /// The binary to measure [default: this workspace's, built as it is shipped]
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
    /// How many rounds count
    #[arg(long, value_name = "NUMBER", default_value_t = 5)]
    rounds: usize,
    /// How long each case runs in each round, in milliseconds
    #[arg(long, value_name = "NUMBER")]
    milliseconds: Option<u64>,
    /// Measures only what has this text in its name
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
    /// Measures this engine alone: sqlite or postgres
    #[arg(long, value_name = "ENGINE")]
    engine: Option<String>,
    /// Where the page goes [default: docs/PERFORMANCE.md, unless quick or partial]
    #[arg(long, value_name = "FILE")]
    page: Option<PathBuf>,
}

impl Arguments {
    fn scale(&self) -> Scale {
        let milliseconds = self
            .milliseconds
            .unwrap_or(if self.quick { 500 } else { 2_000 });
        let people = self
            .people
            .unwrap_or(if self.quick { 5_000 } else { 100_000 })
            .max(FEWEST);
        Scale {
            users: [people / 100, people / 10, people],
            entries: people * 10,
            rounds: self.rounds.max(1),
            time: Duration::from_millis(milliseconds),
            only: self.only.clone(),
        }
    }

    /// The engines that are asked for and there.
    fn engines(&self) -> Vec<Engine> {
        let is_asked = |name: &str| self.engine.as_deref().is_none_or(|asked| asked == name);
        let sqlite = is_asked("sqlite").then_some(Engine::Sqlite);
        let postgres = is_asked("postgres")
            .then(|| Cluster::start(CLUSTER))
            .flatten();
        sqlite
            .into_iter()
            .chain(postgres.map(Engine::Postgres))
            .collect()
    }

    fn page(&self) -> Option<PathBuf> {
        let is_whole =
            !self.quick && self.people.is_none() && self.only.is_empty() && self.engine.is_none();
        let usual = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/PERFORMANCE.md");
        self.page.clone().or_else(|| is_whole.then(usual))
    }
}

#[expect(clippy::print_stdout, reason = "the table is what this program is for")]
fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let binary = match &arguments.binary {
        Some(binary) => binary.clone(),
        None => server::build()?,
    };
    let scale = arguments.scale();
    let mut findings = Vec::new();
    for engine in arguments.engines() {
        findings.push(cases::run(&binary, &engine, &scale)?);
    }
    let tables = report::tables(&findings);
    println!("{tables}");
    if let Some(page) = arguments.page() {
        let present = std::fs::read_to_string(&page).unwrap_or_default();
        std::fs::write(page, report::page(&present, &tables))?;
    }
    Ok(())
}
