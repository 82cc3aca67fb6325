//! What must be reached, as ratios of what was measured.

use crate::cases::{Findings, ratio, thousands};
use crate::load::Sample;

/// A line of the table of targets.
pub(crate) struct Line {
    pub(crate) what: String,
    pub(crate) wanted: &'static str,
    pub(crate) found: String,
    /// Nothing where it stands beside another line, as its limit.
    pub(crate) is_met: Option<bool>,
}

fn at_most(what: impl Into<String>, wanted: &'static str, limit: f64, found: f64) -> Line {
    Line {
        what: what.into(),
        wanted,
        found: format!("{found:.2}"),
        is_met: Some(found <= limit),
    }
}

fn at_least(what: impl Into<String>, wanted: &'static str, limit: f64, found: f64) -> Line {
    Line {
        what: what.into(),
        wanted,
        found: format!("{found:.2}"),
        is_met: Some(found >= limit),
    }
}

/// Every target for which there are measurements.
pub(crate) fn lines(findings: &Findings) -> Vec<Line> {
    let mut lines = Vec::new();
    lines.extend(reads(findings).unwrap_or_default());
    lines.extend(writes(findings).unwrap_or_default());
    lines.extend(flat(findings).unwrap_or_default());
    lines.extend(teams(findings).unwrap_or_default());
    lines.extend(lists(findings).unwrap_or_default());
    lines.extend(pages(findings).unwrap_or_default());
    lines.extend(whole(findings));
    lines
}

fn sample<'a>(findings: &'a Findings, name: &str) -> Option<&'a Sample> {
    findings.samples.get(name)
}

fn reads(findings: &Findings) -> Option<Vec<Line>> {
    let size = findings.scale.users[2];
    let constant = sample(findings, "constant")?;
    let raw = sample(findings, &format!("raw look-up {size}"))?;
    let mut lines = Vec::new();
    for (what, name) in [
        ("GET user", "get"),
        ("look-up, hit", "hit"),
        ("look-up, miss", "miss"),
    ] {
        let found = sample(findings, &format!("{name} {size}"))?;
        let what = format!("{what}, {} users", thousands(size));
        if findings.engine != "SQLite" {
            let rate = ratio(found.rate, raw.rate);
            lines.push(at_least(format!("{what}: rate"), "≥ 0.3 × raw", 0.3, rate));
            continue;
        }
        lines.push(at_most(format!("{what}: CPU"), "≤ 60 µs", 60.0, found.cpu));
        let rate = ratio(found.rate, constant.rate);
        lines.push(at_least(
            format!("{what}: rate"),
            "≥ 0.4 × constant JSON",
            0.4,
            rate,
        ));
    }
    Some(lines)
}

fn writes(findings: &Findings) -> Option<Vec<Line>> {
    let size = findings.scale.users[2];
    let raw = sample(findings, "raw create")?;
    let mut lines = Vec::new();
    for (what, name) in [
        ("create", "create"),
        ("PUT", "put"),
        ("deactivate", "deactivate"),
    ] {
        let found = sample(findings, &format!("{name} {size}"))?;
        let what = format!("{what}, durable, 32 clients: rate");
        lines.push(at_least(
            what,
            "≥ 0.5 × raw",
            0.5,
            ratio(found.rate, raw.rate),
        ));
    }
    Some(lines)
}

fn flat(findings: &Findings) -> Option<Vec<Line>> {
    let names = ["get", "hit", "miss", "create", "put", "deactivate"];
    let mut lines = Vec::new();
    for name in names {
        let sizes = findings.scale.users.map(|size| format!("{name} {size}"));
        let what = format!("{name} with 1, 10 and 100 times as many users: CPU");
        lines.push(at_most(what, "≤ 1.3 ×", 1.3, spread(findings, &sizes)?));
        if name == "hit" && findings.engine == "SQLite" {
            let sizes = findings
                .scale
                .users
                .map(|size| format!("raw look-up {size}"));
            lines.push(Line {
                what: "the reads of a hit alone, by a raw client: CPU".to_owned(),
                wanted: "beside it",
                found: format!("{:.2}", spread(findings, &sizes)?),
                is_met: None,
            });
        }
    }
    Some(lines)
}

/// The dearest in parts of the cheapest.
fn spread(findings: &Findings, names: &[String]) -> Option<f64> {
    let costs: Option<Vec<f64>> = names
        .iter()
        .map(|name| Some(sample(findings, name)?.cpu))
        .collect();
    let costs = costs?;
    let dearest = costs.iter().copied().fold(f64::MIN, f64::max);
    let cheapest = costs.iter().copied().fold(f64::MAX, f64::min);
    Some(ratio(dearest, cheapest))
}

fn teams(findings: &Findings) -> Option<Vec<Line>> {
    let all = findings.scale.users[2];
    let sizes = [all / 1_000, all / 10, all];
    let toggles = sizes.map(|size| format!("one member of {size}"));
    let plain = [sizes[0], sizes[2]].map(|size| format!("plain team of {size}"));
    let created = sample(findings, &format!("create {all}"))?;
    let spread_out = sample(findings, "one member, 32 teams")?;
    let (one, many) = (
        sample(findings, "one member alone")?,
        sample(findings, "1,000 members")?,
    );
    Some(vec![
        at_most(
            format!(
                "one member of a team of {}, {} and {}: CPU",
                thousands(sizes[0]),
                thousands(sizes[1]),
                thousands(sizes[2])
            ),
            "≤ 1.3 ×",
            1.3,
            spread(findings, &toggles)?,
        ),
        at_least(
            "one member, over 32 teams: rate",
            "≥ 0.5 × create",
            0.5,
            ratio(spread_out.rate, created.rate),
        ),
        at_most(
            format!("1,000 members of a team of {}: CPU", thousands(all)),
            "< 100 × one member",
            100.0,
            ratio(many.cpu, one.cpu),
        ),
        at_most(
            "GET a team without its members, largest to smallest: CPU",
            "≤ 1.3 ×",
            1.3,
            spread(findings, &plain)?,
        ),
    ])
}

fn lists(findings: &Findings) -> Option<Vec<Line>> {
    let first = sample(findings, "first page by index")?;
    let last = sample(findings, "last page by index")?;
    let mut lines = vec![
        at_most(
            "last page of 100 by index, to the first: CPU",
            "≤ 10 ×",
            10.0,
            ratio(last.cpu, first.cpu),
        ),
        at_most(
            "page of 100 without groups: CPU for each user",
            "≤ 5 µs",
            5.0,
            first.cpu / 100.0,
        ),
    ];
    if findings.cursors {
        let first = sample(findings, "first page by cursor")?;
        let last = sample(findings, "last page by cursor")?;
        let found = ratio(last.cpu.max(first.cpu), last.cpu.min(first.cpu));
        lines.push(at_most(
            "last page of 100 by cursor, to the first: CPU",
            "≤ 1.3 ×",
            1.3,
            found,
        ));
    }
    Some(lines)
}

fn pages(findings: &Findings) -> Option<Vec<Line>> {
    let mut lines = Vec::new();
    for page in ["members", "activity"] {
        let small = sample(findings, &format!("{page} page, small"))?;
        let large = sample(findings, &format!("{page} page, large"))?;
        let what = format!("{page} page of the panel, largest to smallest: CPU");
        lines.push(at_most(what, "≤ 1.3 ×", 1.3, ratio(large.cpu, small.cpu)));
    }
    Some(lines)
}

fn whole(findings: &Findings) -> Vec<Line> {
    let size = thousands(findings.scale.users[2]);
    vec![
        at_most(
            format!("import of {size} users: CPU of the last tenth to the first"),
            "linear (≤ 1.3 ×)",
            1.3,
            findings.import.end_to_start,
        ),
        at_most(
            format!("import of {size} users: growth of memory, MiB"),
            "flat (≤ 16)",
            16.0,
            findings.import.growth,
        ),
        at_most("memory idle, MiB", "≤ 60", 60.0, findings.idle_memory),
        at_most(
            "memory under all of the above, MiB",
            "≤ 128",
            128.0,
            findings.peak_memory,
        ),
        at_least(
            format!("initial sync of {size} users: rate at the end to the start"),
            "≥ 0.8 ×",
            0.8,
            findings.sync.end_to_start,
        ),
    ]
}
