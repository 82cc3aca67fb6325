//! What is written wrongly is said in one sentence, with exit code 2.

use crate::program::{Finished, Place};

fn refused(finished: &Finished) -> &str {
    assert_eq!(finished.code, Some(2), "{finished:?}");
    assert!(finished.stdout.is_empty(), "{finished:?}");
    let mut lines = finished.stderr.lines();
    let sentence = lines.next().expect("a sentence");
    assert_eq!(lines.next(), None, "one line alone: {finished:?}");
    assert!(sentence.starts_with("rollcall: "), "{sentence}");
    sentence
}

#[test]
fn a_bad_value_is_one_sentence_with_the_key_and_what_to_write() {
    let place = Place::new();
    let finished = place.run(&["serve", "--listen", "here"]);
    assert_eq!(
        refused(&finished),
        "rollcall: `listen` (given as --listen) must be an IP address and a port, such as \
         127.0.0.1:8080"
    );
}

#[test]
fn an_unknown_key_of_the_file_is_refused_by_every_command() {
    let place = Place::new();
    std::fs::write(place.path().join("rollcall.toml"), "[smtp]\nhots = \"x\"\n").expect("written");
    let setup = [
        "setup",
        "--organization",
        "Acme",
        "--owner-email",
        "o@example.com",
    ];
    for arguments in [&["serve"][..], &["migrate"], &setup] {
        let finished = place.run(arguments);
        let sentence = refused(&finished);
        assert!(
            sentence.contains("`smtp.hots` (in rollcall.toml)"),
            "{sentence}"
        );
    }
    assert!(!place.path().join("data").exists(), "nothing was begun");
}

#[test]
fn an_unknown_variable_is_refused_and_a_foreign_one_is_not() {
    let place = Place::new();
    let mut command = place.command(&["migrate"]);
    let finished = command
        .env("ROLLCALL_LISEN", "127.0.0.1:1")
        .output()
        .expect("it runs");
    assert!(refused(&Finished::from(finished)).contains("ROLLCALL_LISEN"));
    let mut command = place.command(&["migrate"]);
    let finished = command.env("LISTEN", "nonsense").output().expect("it runs");
    assert_eq!(finished.status.code(), Some(0));
}

#[test]
fn a_named_file_that_is_missing_is_refused() {
    let place = Place::new();
    let finished = place.run(&["serve", "--config", "elsewhere.toml"]);
    assert!(refused(&finished).contains("elsewhere.toml"));
}

#[test]
fn a_server_that_cannot_be_reached_is_said_without_its_password() {
    let place = Place::new();
    let nowhere = "postgres://panel:hunter2@127.0.0.1:1/rollcall";
    let finished = place.run(&["migrate", "--database", nowhere]);
    assert_eq!(finished.code, Some(1), "{finished:?}");
    assert_eq!(finished.stderr.lines().count(), 1, "{finished:?}");
    assert!(
        finished.stderr.contains("cannot be reached"),
        "{finished:?}"
    );
    assert!(!finished.stderr.contains("hunter2"), "{finished:?}");
}

#[test]
fn a_refused_secret_is_not_repeated() {
    let place = Place::new();
    let mut command = place.command(&["serve"]);
    let finished = command
        .env("ROLLCALL_SECRET_KEY", "hunter2")
        .output()
        .expect("it runs");
    let finished = Finished::from(finished);
    assert!(refused(&finished).contains("`secret_key`"));
    assert!(!finished.stderr.contains("hunter2"));
}

#[test]
fn the_list_of_settings_is_a_file_that_is_taken_line_by_line() {
    let place = Place::new();
    let list = place.run(&["config"]);
    assert_eq!(list.code, Some(0));
    let examples: Vec<&str> = list
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix("# "))
        .filter(|line| {
            line.split_once(" = ")
                .is_some_and(|(key, _)| !key.contains(' '))
        })
        .filter(|line| !line.starts_with("database"))
        .collect();
    assert!(examples.len() > 30, "{examples:?}");
    std::fs::write(place.path().join("rollcall.toml"), examples.join("\n")).expect("written");
    let finished = place.run(&["migrate"]);
    assert_eq!(finished.code, Some(0), "{finished:?}");
}
