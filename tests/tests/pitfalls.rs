//! The failures that identity providers and their service providers are known for in the field,
//! P-01 to P-44: each is provoked by a step of a recorded journey or by a test that bears its id.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

/// How many are known.
const KNOWN: u32 = 44;

/// Every file below a folder with this extension, read.
fn texts(folder: &Path, extension: &str, found: &mut Vec<String>) {
    let entries = std::fs::read_dir(folder).expect("a readable folder");
    for entry in entries {
        let path = entry.expect("a readable entry").path();
        let name = path.file_name().unwrap_or_default();
        if path.is_dir() && name != "target" {
            texts(&path, extension, found);
        } else if path.extension().is_some_and(|its| its == extension) {
            found.push(std::fs::read_to_string(&path).expect("a readable file"));
        }
    }
}

fn numbers(text: &str, before: &str, separator: char) -> Vec<u32> {
    let number = |rest: &str| {
        let digits = rest.get(..2)?;
        let ends = rest.get(2..)?;
        // P-3.4.2 names a requirement of the RFCs.
        let whole = !ends.starts_with(|next: char| next.is_ascii_digit() || next == '.');
        let bounded = separator != '_' || ends.starts_with(separator);
        digits.parse().ok().filter(|_| whole && bounded)
    };
    text.split(before).skip(1).filter_map(number).collect()
}

/// The ids in the titles of the journeys.
fn in_journeys(root: &Path) -> BTreeSet<u32> {
    let mut found = Vec::new();
    texts(&root.join("tests/idp"), "json", &mut found);
    let journeys = found.iter().map(|text| {
        let steps: Vec<Value> = serde_json::from_str(text).expect("a journey is a list of steps");
        steps
    });
    let titles = journeys.flatten().map(|step| step["title"].to_string());
    titles
        .flat_map(|title| numbers(&title, "P-", '-'))
        .collect()
}

/// The ids in the names of tests: functions that an attribute marks as one.
fn in_tests(root: &Path) -> BTreeSet<u32> {
    let mut sources = Vec::new();
    for folder in ["crates", "bin", "tests/tests"] {
        texts(&root.join(folder), "rs", &mut sources);
    }
    let mut found = BTreeSet::new();
    for source in &sources {
        for test in source.split("test]\n").skip(1) {
            let name = test.lines().find(|line| line.contains("fn "));
            found.extend(numbers(name.unwrap_or_default(), "p_", '_'));
        }
    }
    found
}

#[test]
fn every_known_pitfall_is_provoked_by_a_journey_or_a_test_that_bears_its_id() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let (journeys, tests) = (in_journeys(&root), in_tests(&root));
    let missing: Vec<u32> = (1..=KNOWN)
        .filter(|id| !journeys.contains(id) && !tests.contains(id))
        .collect();
    assert!(missing.is_empty(), "nothing provokes P-{missing:02?}");
    let unknown: Vec<&u32> = journeys.iter().filter(|id| **id > KNOWN).collect();
    assert!(unknown.is_empty(), "no such pitfall: P-{unknown:02?}");
}

#[test]
fn an_id_is_not_mistaken_for_the_number_of_a_requirement() {
    assert_eq!(numbers("P-05 and (P-12)", "P-", '-'), [5, 12]);
    assert!(numbers("P-3.4.2.2-04 P-117", "P-", '-').is_empty());
    assert_eq!(numbers("fn p_36_a_plus", "p_", '_'), [36]);
    assert!(numbers("fn p_3_4_case", "p_", '_').is_empty());
}
