//! What an operator does at the command line.

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};

use crate::program::Place;

const OWNER: &str = "olivia@example.com";
const PASSWORD: &str = "correct horse battery staple";

/// The password that a command made and printed once.
fn printed(stdout: &str) -> &str {
    let line = stdout
        .lines()
        .find(|line| line.starts_with("Password"))
        .expect("a password");
    line.split_whitespace().last().expect("its text")
}

#[test]
fn setup_founds_one_organization_and_prints_a_generated_password_once() {
    let place = Place::new();
    let arguments = ["setup", "--organization", "Acme", "--owner-email", OWNER];
    let finished = place.run(&arguments);
    assert_eq!(finished.code, Some(0), "{finished:?}");
    let password = printed(&finished.stdout).to_owned();

    let again = place.run(&arguments);
    assert_eq!(again.code, Some(1), "{again:?}");
    assert!(again.stderr.contains("--another"), "{again:?}");
    let another = place.run(&[&arguments[..], &["--another"]].concat());
    assert_eq!(another.code, Some(0), "{another:?}");

    let service = place.serve();
    assert!(service.sign_in(OWNER, "something else").is_none());
    assert!(service.sign_in(OWNER, &password).is_some());
}

#[test]
fn a_weak_password_is_refused_and_founds_nothing() {
    let place = Place::new();
    let arguments = [
        "setup",
        "--organization",
        "Acme",
        "--owner-email",
        OWNER,
        "--password-stdin",
    ];
    let finished = place.run_with_input(&arguments, "password\n");
    assert_eq!(finished.code, Some(1), "{finished:?}");
    let finished = place.run_with_input(&arguments, "\n");
    assert_eq!(finished.code, Some(1), "{finished:?}");
    place.set_up(OWNER, PASSWORD);
}

#[test]
fn grant_owner_and_reset_password_are_the_way_back_in() {
    let place = Place::new();
    place.set_up(OWNER, PASSWORD);
    let granted = place.run(&[
        "grant-owner",
        "--email",
        "second@example.com",
        "--name",
        "Second",
    ]);
    assert_eq!(granted.code, Some(0), "{granted:?}");
    let reset = place.run(&["reset-password", "--email", OWNER]);
    assert_eq!(reset.code, Some(0), "{reset:?}");

    let service = place.serve();
    assert!(
        service.sign_in(OWNER, PASSWORD).is_none(),
        "the old password is gone"
    );
    assert!(service.sign_in(OWNER, printed(&reset.stdout)).is_some());
    let second = service.sign_in("second@example.com", printed(&granted.stdout));
    let (_, session) = service.get("/api/v1/session", &second.expect("signed in"));
    assert_eq!(session["role"], "owner", "{session}");

    let nobody = place.run(&["reset-password", "--email", "nobody@example.com"]);
    assert_eq!(nobody.code, Some(1), "{nobody:?}");
}

/// Nobody is made anew by a new password, and nobody is an owner of nothing.
#[test]
fn the_ways_back_in_say_what_they_cannot_do() {
    let place = Place::new();
    for command in ["grant-owner", "reset-password"] {
        let early = place.run(&[command, "--email", OWNER]);
        assert_eq!(early.code, Some(1), "{early:?}");
        assert!(early.stderr.contains("rollcall setup"), "{early:?}");
    }
    place.set_up(OWNER, PASSWORD);
    let named = place.run(&["reset-password", "--email", OWNER, "--name", "Ignored"]);
    assert_eq!(named.code, Some(2), "{named:?}");
    let unknown = place.run(&["reset-password", "--email", "nobody@example.com"]);
    assert_eq!(unknown.code, Some(1), "{unknown:?}");
    assert!(unknown.stderr.contains("no such member"), "{unknown:?}");
}

#[test]
fn a_database_newer_than_the_program_is_refused_and_left_alone() {
    let place = Place::new();
    assert_eq!(place.run(&["migrate"]).code, Some(0));
    let path = place.path().join("data/rollcall.db");
    let mut connection = SqliteConnection::establish(path.to_str().expect("text")).expect("opened");
    connection
        .batch_execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('99999999')")
        .expect("written");
    for arguments in [&["serve", "--listen", "127.0.0.1:0"][..], &["migrate"]] {
        let finished = place.run(arguments);
        assert_eq!(finished.code, Some(1), "{finished:?}");
        assert!(finished.stderr.contains("newer version"), "{finished:?}");
        assert_eq!(finished.stderr.lines().count(), 1, "{finished:?}");
    }
}

#[cfg(unix)]
#[test]
fn nobody_else_on_the_machine_reads_the_database() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    place.set_up(OWNER, PASSWORD);
    let mode = |name: &str| {
        let metadata = std::fs::metadata(place.path().join(name)).expect("it is there");
        metadata.permissions().mode() & 0o077
    };
    for name in ["data", "data/rollcall.db"] {
        assert_eq!(mode(name), 0, "{name}");
    }
}
