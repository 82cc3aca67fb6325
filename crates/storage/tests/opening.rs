//! Which files are opened, and which are left alone.

#![expect(clippy::unwrap_used, reason = "what cannot be is a failing test")]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use rollcall_application::ports::Store;
use rollcall_storage::{Migrations, OpenError, Options, SqliteStore, migrate};
use rollcall_testkit::{Tenant, supplies};

fn open_with(path: &Path, options: &Options) -> Result<SqliteStore, OpenError> {
    SqliteStore::open(path, options, supplies(1))
}

fn open(path: &Path) -> Result<SqliteStore, OpenError> {
    open_with(path, &Options::default())
}

/// Runs statements on a file as another program would.
fn elsewhere(path: &Path, statements: &str) {
    let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    connection.batch_execute(statements).unwrap();
}

#[tokio::test]
async fn what_was_stored_is_there_after_opening_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rollcall.db");
    let store: Arc<dyn Store> = Arc::new(open(&path).unwrap());
    let mut acme = Tenant::found(&store, "Acme", 1).await;
    let jane = acme.pushed_member("jane@acme.example").await;
    acme.store = Arc::new(open(&path).unwrap());
    drop(store);
    assert_eq!(acme.stored_member(jane.id).await, Some(jane));
    assert!(acme.store.ready().await.is_ok());
}

#[cfg(unix)]
#[test]
fn a_new_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rollcall.db");
    let store = open(&path).unwrap();
    for entry in fs::read_dir(folder.path()).unwrap() {
        let mode = entry.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    drop(store);
}

#[test]
fn a_database_of_a_newer_program_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rollcall.db");
    drop(open(&path).unwrap());
    elsewhere(
        &path,
        "INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')",
    );
    let refused = open(&path).unwrap_err();
    assert!(matches!(&refused, OpenError::Newer { migration, .. } if migration == "9999"));
    assert!(refused.to_string().contains("newer version of Rollcall"));
}

#[test]
fn a_database_without_its_migrations_is_refused_where_they_are_not_to_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rollcall.db");
    let options = Options {
        migrations: Migrations::Require,
        ..Options::default()
    };
    assert!(matches!(
        open_with(&path, &options),
        Err(OpenError::Older { .. })
    ));
    migrate(&path, &options).unwrap();
    open_with(&path, &options).unwrap();
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letter.txt");
    fs::write(&path, "Dear reader, this is a letter.").unwrap();
    assert!(matches!(open(&path), Err(OpenError::NotSqlite { .. })));
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        "Dear reader, this is a letter."
    );
}

#[test]
fn a_database_of_another_program_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.db");
    elsewhere(&path, "CREATE TABLE theirs (id INTEGER)");
    let before = fs::read(&path).unwrap();
    assert!(matches!(open(&path), Err(OpenError::Foreign { .. })));
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let refused = open(&folder.path().join("nowhere/rollcall.db")).unwrap_err();
    assert!(matches!(refused, OpenError::File { .. }));
    assert!(refused.to_string().contains("nowhere"));
}

#[test]
fn several_that_open_at_once_migrate_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rollcall.db");
    let run: usize = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| migrate(&path, &Options::default()).unwrap()))
            .collect();
        starts.into_iter().map(|start| start.join().unwrap()).sum()
    });
    let alone = migrate(&folder.path().join("alone.db"), &Options::default()).unwrap();
    assert_eq!(run, alone);
}
