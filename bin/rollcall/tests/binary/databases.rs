//! A database that cannot be used is said in one sentence with its remedy, by every command that
//! would use it, and no password is ever repeated.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use rollcall_testkit::postgres::{self, Cluster};
use tempfile::NamedTempFile;

use crate::program::{Finished, Place};

/// What every address here has as its password.
const PASSWORD: &str = "hunter2";

/// The sentence that each command ends with that is given this database.
fn sentences(address: &str) -> Vec<String> {
    let place = Place::new();
    let organization = ["--organization", "Acme", "--owner-email", "o@example.com"];
    let log = ["serve", "--listen", "127.0.0.1:0", "--log-level", "trace"];
    let setup = [&["setup"][..], &organization].concat();
    let grant = ["grant-owner", "--email", "o@example.com"];
    let reset = ["reset-password", "--email", "o@example.com"];
    let commands = [&log[..], &["migrate"], &setup, &grant, &reset];
    let mut finished: Vec<Finished> = commands
        .iter()
        .map(|command| {
            let mut command = place.command(command);
            command.env("ROLLCALL_DATABASE", address);
            Finished::from(command.output().expect("it runs"))
        })
        .collect();
    let file = format!("sqlite://{}", place.path().join("new.db").display());
    assert_eq!(place.run(&["migrate", "--database", &file]).code, Some(0));
    for (from, to) in [(address, &*file), (&file, address)] {
        finished.push(place.run(&["copy", "--from", from, "--to", to]));
    }
    finished.iter().map(refused).collect()
}

fn refused(finished: &Finished) -> String {
    assert_ne!(finished.code, Some(0), "{finished:?}");
    assert!(finished.stdout.is_empty(), "{finished:?}");
    let lines: Vec<&str> = finished.stderr.lines().collect();
    assert_eq!(lines.len(), 1, "one sentence: {finished:?}");
    assert!(lines[0].starts_with("rollcall: "), "{finished:?}");
    assert!(!lines[0].contains(PASSWORD), "{finished:?}");
    lines[0].to_owned()
}

fn every_sentence_says(address: &str, remedy: &str) {
    for sentence in sentences(address) {
        assert!(sentence.contains(remedy), "{address}: {sentence}");
    }
}

#[test]
fn an_address_that_leads_nowhere_is_told_with_what_to_write() {
    for (address, remedy) in [
        (
            "mysql://panel:hunter2@db/rollcall",
            "postgres://USER:PASSWORD@HOST",
        ),
        ("rollcall.db", "must be sqlite:// and a file"),
        ("sqlite://", "must be sqlite:// and a file"),
        (
            "postgres://panel:hunter2@127.0.0.1:port/r",
            "the address of the database cannot be read",
        ),
        (
            "postgres://panel:hunter2@127.0.0.1/r?ssl=on",
            "a parameter after its `?`",
        ),
        (
            "postgres://panel:hunter2@127.0.0.1:1/r",
            "check that PostgreSQL runs there",
        ),
        (
            "postgres://panel:hunter2@missing.invalid/r",
            "check that PostgreSQL runs there",
        ),
    ] {
        every_sentence_says(address, remedy);
    }
}

/// What PostgreSQL keeps its people apart by: everybody but the test itself by a password.
fn with_passwords() -> Option<(Cluster, NamedTempFile)> {
    let rules = NamedTempFile::new_in("/tmp").expect("a file");
    fs::write(
        &rules,
        "local all rollcall trust\nlocal all all scram-sha-256\n",
    )
    .expect("written");
    let readable = fs::Permissions::from_mode(0o644);
    fs::set_permissions(&rules, readable).expect("the server may read it");
    let cluster = Cluster::start(&format!("-c hba_file={}", rules.path().display()))?;
    Some((cluster, rules))
}

#[test]
fn a_server_that_refuses_is_told_with_what_to_do_there() {
    let Some((cluster, _rules)) = with_passwords() else {
        return;
    };
    let admin = cluster.url("postgres");
    postgres::run_on(&admin, "CREATE ROLE weak LOGIN PASSWORD 'hunter2'");
    for database in ["empty", "theirs"] {
        postgres::run_on(&admin, &format!("CREATE DATABASE {database}"));
    }
    postgres::run_on(
        &admin,
        "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0",
    );
    postgres::run_on(
        &cluster.url("theirs"),
        "CREATE TABLE members (theirs integer)",
    );
    let weak = |database: &str| {
        let url = cluster.url(database).replace("user=rollcall", "user=weak");
        format!("{url}&password={PASSWORD}")
    };
    let wrong = weak("empty").replace(PASSWORD, "hunter2wrong");
    every_sentence_says(&wrong, "refuses the user or the password");
    every_sentence_says(&weak("nowhere"), "create the database");
    every_sentence_says(&weak("empty"), "GRANT CREATE, USAGE ON SCHEMA public");
    every_sentence_says(&cluster.url("theirs"), "tables of another program");
    every_sentence_says(&cluster.url("latin"), "ENCODING 'UTF8'");
    let without_tls = format!("{}&sslmode=require&host=127.0.0.1", cluster.url("empty"));
    every_sentence_says(&without_tls, "the feature postgres-tls");

    let place = Place::new();
    let url = cluster.url("empty");
    assert_eq!(place.run(&["migrate", "--database", &url]).code, Some(0));
    let backup = place.run(&["backup", "kept.db", "--database", &weak("empty")]);
    assert!(refused(&backup).contains("pg_dump"), "{backup:?}");
    postgres::run_on(
        &url,
        "INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')",
    );
    every_sentence_says(&url, "run that version, or restore a backup");
}
