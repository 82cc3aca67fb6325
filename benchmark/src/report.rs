//! The page: targets and measurements as tables.

use std::fmt::Write as _;

use crate::cases::{Findings, thousands};
use crate::targets;

/// Renders everything as Markdown.
pub(crate) fn page(findings: &[Findings]) -> String {
    let parts: String = findings.iter().map(of_engine).collect();
    format!("{HEAD}{parts}")
}

fn of_engine(findings: &Findings) -> String {
    let mut text = format!("\n## {}\n\n", findings.engine);
    let scale = &findings.scale;
    let [small, middle, large] = scale.users.map(thousands);
    // Writing to a text does not fail.
    let _ = writeln!(
        text,
        "This run: {small}, {middle} and {large} users on three servers, {} rounds of {} ms after one \
         to warm up.\n",
        scale.rounds,
        scale.time.as_millis()
    );
    text.push_str("### Targets\n\n| what | must reach | found | |\n|---|---|---:|---|\n");
    for line in targets::lines(findings) {
        let verdict = if line.is_met { "met" } else { "**not met**" };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {verdict} |",
            line.what, line.wanted, line.found
        );
    }
    text.push_str("\n### Measurements\n\n| case | operations/s | CPU µs each | p50 µs | p95 µs | p99 µs |\n|---|---:|---:|---:|---:|---:|\n");
    for (name, sample) in &findings.samples {
        let [half, most, nearly] = sample.waits;
        let _ = writeln!(
            text,
            "| {name} | {:.0} | {:.1} | {half:.0} | {most:.0} | {nearly:.0} |",
            sample.rate, sample.cpu
        );
    }
    let _ = writeln!(
        text,
        "\nInitial sync: {:.0} users a second, looked up and created. Disk: {:.0} bytes a user, with \
         the entry of the creation and all indexes.",
        findings.sync.rate, findings.bytes_per_user
    );
    text
}

const HEAD: &str = "\
# Performance

Written by `cargo run --release -p rollcall-benchmark`, which measures the real binary over HTTP and,
in the same run on the same machine, what the machine can do at most: the same server answering a
constant JSON (`/health/live`), and raw SQLite doing the same reads and durable writes. Ratios are
what counts: clients and server share the machine, and whatever else it does falls on both.

Limits on rates and seats are off. The access log is on and goes to `/dev/null`. Writes are durable
when they are answered (`synchronous = FULL`, `fsync` and `synchronous_commit` on). A raw client of
SQLite writes 20 creates a commit on one connection; one of PostgreSQL commits each, on 32. CPU is that of the server process, from the
scheduler's own count. 16 clients read, 32 write, each on a connection of its own.
";
