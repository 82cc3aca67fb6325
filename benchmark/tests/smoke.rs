//! The benchmark runs: every case, on each engine, for a moment. What it finds says nothing here.

use std::process::Command;

use rollcall_testkit::postgres::Cluster;
use rollcall_tests::binary;

fn tables(engine: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let page = folder.path().join("page.md");
    std::fs::write(&page, "Why.\n").expect("the page is written");
    let output = Command::new(env!("CARGO_BIN_EXE_rollcall-benchmark"))
        .args(["--engine", engine, "--people", "1000"])
        .args(["--rounds", "1", "--milliseconds", "20"])
        .arg("--binary")
        .arg(binary())
        .arg("--page")
        .arg(&page)
        .output()
        .expect("the benchmark starts");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    std::fs::read_to_string(&page).expect("the page is there")
}

fn expect_everything(page: &str, engine: &str) {
    assert!(page.starts_with("Why.\n"), "{page}");
    assert!(page.contains(&format!("\n## {engine}\n")), "{page}");
    for what in [
        "GET user, 1,000 users: rate",
        "create, durable, 32 clients: rate",
        "1,000 members of a team of 1,000: CPU",
        "last page of 100 by cursor, to the first: CPU",
        "members page of the panel, largest to smallest: CPU",
        "import of 1,000 users: growth of memory, MiB",
        "memory under all of the above, MiB",
        "initial sync of 1,000 users: rate at the end to the start",
    ] {
        let row = page.lines().find(|line| line.contains(what));
        let row = row.unwrap_or_else(|| panic!("{what} is missing: {page}"));
        let found = row.split('|').nth(3).unwrap_or_default().trim();
        assert!(found.parse::<f64>().is_ok_and(f64::is_finite), "{row}");
    }
}

#[test]
fn every_case_runs_on_sqlite() {
    expect_everything(&tables("sqlite"), "SQLite");
}

#[test]
fn every_case_runs_on_postgresql() {
    // Says so where no server is installed, and fails where one has to be.
    if Cluster::start("").is_some() {
        expect_everything(&tables("postgres"), "PostgreSQL");
    }
}
