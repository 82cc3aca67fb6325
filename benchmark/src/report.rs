//! The page: targets and measurements as tables.

use std::fmt::Write as _;

use crate::cases::{Findings, thousands};
use crate::targets;

/// What divides the page: above it people write, below it this program does.
const MEASURED: &str = "<!-- measured: everything below is written by the benchmark -->\n";

/// Renders everything as Markdown.
pub(crate) fn tables(findings: &[Findings]) -> String {
    findings.iter().map(of_engine).collect()
}

/// The page with other tables; what stands above them stays.
pub(crate) fn page(present: &str, tables: &str) -> String {
    let above = present.split(MEASURED).next().unwrap_or_default();
    format!("{above}{MEASURED}{tables}")
}

fn of_engine(findings: &Findings) -> String {
    let mut text = format!("\n## {}\n\n", findings.engine);
    let scale = &findings.scale;
    let [small, middle, large] = scale.users.map(thousands);
    // Writing to a text does not fail.
    let _ = writeln!(
        text,
        "This run: {small}, {middle} and {large} users on three servers, {} rounds of {} ms after one \
         to warm up, and what is done with people half as long before each.\n",
        scale.rounds,
        scale.time.as_millis()
    );
    text.push_str("### Targets\n\n| what | must reach | found | |\n|---|---|---:|---|\n");
    for line in targets::lines(findings) {
        let verdict = match line.is_met {
            Some(true) => "met",
            Some(false) => "**not met**",
            None => "",
        };
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
