//! Backups, and moving from one database to another.

#![expect(clippy::unwrap_used, reason = "what cannot be is a failing test")]
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use rollcall_application::ports::Store;
use rollcall_domain::Member;
use rollcall_storage::{
    Address, CopiedTable, CopyError, Location, OpenError, Options, PostgresStore, ServerOptions,
    SqliteStore, backup, copy,
};
use rollcall_testkit::{Tenant, postgres, supplies};

fn open(path: &Path) -> Arc<dyn Store> {
    Arc::new(SqliteStore::open(path, &Options::default(), supplies(1)).unwrap())
}

/// A file in which an organization lives, with somebody in a team and a link to a directory.
async fn inhabited(path: &Path) -> (Tenant, Member) {
    let store = open(path);
    let acme = Tenant::found(&store, "Acme", 1).await;
    let jane = acme.pushed_member("jane@acme.example").await;
    let team = acme.pushed_team("Ops, \"quoted\" \\ and ünïcödé").await;
    acme.put_in(&team, &jane).await;
    (acme, jane)
}

/// A row, at least, of everything else that is kept, with texts and bytes of every kind.
const OF_EVERYTHING: &str = r#"
    CREATE TEMP TABLE who AS SELECT org_id, id FROM members ORDER BY id LIMIT 1;
    CREATE TEMP TABLE team AS SELECT org_id, id FROM teams LIMIT 1;
    CREATE TEMP TABLE door AS SELECT org_id, id FROM connections LIMIT 1;
    UPDATE members SET attributes = '{"title":"a \" b \\ c \u0001 日本 🎉","n":1.50,"list":[true,null]}',
        label = 'tab	and
line, ''quoted'' "twice" \ ünïcödé 🎉';
    INSERT INTO login_providers SELECT org_id, 'okta', 1, 'client', 'https://a', 'https://b', '',
        x'00ff10', 9223372036854775807, 'malformed' FROM who;
    INSERT INTO login_domains SELECT org_id, 'okta', 'acme.example' FROM who;
    INSERT INTO login_policies SELECT org_id, 0 FROM who;
    INSERT INTO identities SELECT org_id, 'https://b', '00u''"', 'okta', id, 1, NULL FROM who;
    INSERT INTO pending_logins SELECT org_id, zeroblob(32), randomblob(32), 'okta', 'https://b', id,
        '/next?a=b', 1 FROM who;
    INSERT INTO sessions (digest, org_id, id, member_id, created_at, last_seen_at, expires_at)
        SELECT randomblob(32), org_id, randomblob(16), id, 1, 2, 3 FROM who;
    INSERT INTO provider_sessions SELECT org_id, id, 'okta' FROM sessions;
    INSERT INTO tokens SELECT randomblob(32), org_id, id, 1 FROM door;
    INSERT OR REPLACE INTO passwords SELECT org_id, id, '$argon2id$' FROM who;
    INSERT INTO resets SELECT org_id, id, randomblob(32), 1 FROM who;
    INSERT INTO invitations SELECT org_id, id, randomblob(32), 1, 2 FROM who;
    INSERT INTO invitation_teams SELECT who.org_id, who.id, 0, team.id FROM who, team;
    INSERT INTO link_requests SELECT who.org_id, door.id, who.id, 1, NULL FROM who, door;
    INSERT INTO further_emails SELECT org_id, id, 'ünï@acme.example' FROM who;
    INSERT INTO outbox SELECT randomblob(16), org_id, 'a@acme.example', 'subject', '', 0, 0, -1 FROM who;
    INSERT INTO attempts VALUES (x'', 0, 0), (x'01', 9007199254740993, -9223372036854775807);
"#;

#[tokio::test]
async fn every_kind_of_row_arrives_and_comes_back() {
    let Some(url) = postgres::new_database() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (first, last) = (folder.path().join("a.db"), folder.path().join("b.db"));
    let _ = inhabited(&first).await;
    SqliteConnection::establish(first.to_str().unwrap())
        .unwrap()
        .batch_execute(OF_EVERYTHING)
        .unwrap();
    let there = Location::Server(Address::parse(&url).unwrap());
    let sent = copy(&Location::File(first.clone()), &there).unwrap();
    for table in &sent {
        assert!(table.rows > 0, "nothing of {} was copied", table.name);
    }
    copy(&there, &Location::File(last.clone())).unwrap();
    // Byte by byte, by SQLite alone: nothing here leans on the copy's own sums.
    let mut compared = SqliteConnection::establish(first.to_str().unwrap()).unwrap();
    let attach = format!("ATTACH '{}' AS last", last.display());
    compared.batch_execute(&attach).unwrap();
    for CopiedTable { name, .. } in sent {
        let differing: Differing = diesel::sql_query(format!(
            "SELECT (SELECT count(*) FROM (SELECT * FROM main.{name} EXCEPT SELECT * FROM last.{name}))
                + (SELECT count(*) FROM (SELECT * FROM last.{name} EXCEPT SELECT * FROM main.{name}))
                AS rows"
        ))
        .get_result(&mut compared)
        .unwrap();
        assert_eq!(differing.rows, 0, "{name}");
    }
}

#[derive(QueryableByName)]
struct Differing {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

#[tokio::test]
async fn everything_arrives_on_the_other_engine_and_comes_back() {
    let Some(url) = postgres::new_database() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (first, last) = (folder.path().join("a.db"), folder.path().join("b.db"));
    let (mut acme, jane) = inhabited(&first).await;
    let server = Address::parse(&url).unwrap();
    let there = Location::Server(server.clone());
    let sent = copy(&Location::File(first), &there).unwrap();
    let back = copy(&there, &Location::File(last.clone())).unwrap();
    let sorted = |mut tables: Vec<CopiedTable>| {
        tables.sort_by(|a, b| a.name.cmp(&b.name));
        tables
    };
    assert_eq!(sorted(sent.clone()), sorted(back));
    let rows = |name: &str| sent.iter().find(|table| table.name == name).unwrap().rows;
    assert_eq!((rows("organizations"), rows("memberships")), (1, 1));
    assert!(rows("activity") >= 5 && rows("links") == 2, "{sent:?}");
    // Each side serves what it was given.
    let options = ServerOptions::default();
    acme.store = Arc::new(PostgresStore::open(&server, &options, supplies(1 << 40)).unwrap());
    assert_eq!(acme.stored_member(jane.id).await.as_ref(), Some(&jane));
    acme.pushed_member("new@acme.example").await;
    acme.store = open(&last);
    assert_eq!(acme.stored_member(jane.id).await, Some(jane));
}

#[tokio::test]
async fn a_copy_is_made_into_an_empty_database_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("a.db"), folder.path().join("b.db"));
    inhabited(&from).await;
    inhabited(&to).await;
    let at = |path: &Path| Location::File(path.to_owned());
    let refused = copy(&at(&from), &at(&to)).unwrap_err();
    assert!(matches!(refused, CopyError::NotEmpty(_)), "{refused}");
    let refused = copy(&at(&from), &at(&from)).unwrap_err();
    assert!(matches!(refused, CopyError::Same(_)), "{refused}");
    let other_name = folder.path().join(".").join("a.db");
    let refused = copy(&at(&from), &at(&other_name)).unwrap_err();
    assert!(matches!(refused, CopyError::Same(_)), "{refused}");
    let nowhere = folder.path().join("nowhere.db");
    let refused = copy(&at(&nowhere), &at(&to)).unwrap_err();
    assert!(matches!(refused, CopyError::NoSource(_)), "{refused}");
    assert!(!nowhere.exists(), "nothing was made");
    // A copy that was refused or broke off leaves the target as it was, to begin again.
    let empty = folder.path().join("c.db");
    assert!(copy(&at(&from), &at(&empty)).is_ok());
}

#[tokio::test]
async fn a_backup_of_a_database_in_use_opens_with_what_was_committed() {
    let folder = tempfile::tempdir().unwrap();
    let (path, kept) = (folder.path().join("a.db"), folder.path().join("kept.db"));
    let (mut acme, jane) = inhabited(&path).await;
    // The store is open, and goes on writing after the backup.
    backup(&path, &kept).unwrap();
    let later = acme.pushed_member("later@acme.example").await;
    let mode = std::fs::metadata(&kept).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "its owner's alone");
    let refused = backup(&path, &kept).unwrap_err();
    assert!(matches!(refused, OpenError::Exists { .. }), "{refused}");
    let refused = backup(&folder.path().join("no.db"), &folder.path().join("x.db")).unwrap_err();
    assert!(matches!(refused, OpenError::Missing { .. }), "{refused}");
    acme.store = open(&kept);
    assert_eq!(acme.stored_member(jane.id).await, Some(jane));
    assert_eq!(acme.stored_member(later.id).await, None);
}

/// The same database under another name is one in use, and so is one whose service still writes:
/// nobody waits for them without end.
#[tokio::test]
async fn a_database_in_use_is_not_copied_to() {
    let Some(url) = postgres::new_database() else {
        return;
    };
    let at = |url: &str| Location::Server(Address::parse(url).unwrap());
    let other_name = format!("{url}&application_name=other");
    let refused = copy(&at(&url), &at(&other_name)).unwrap_err();
    assert!(matches!(refused, CopyError::InUse(_)), "{refused}");
    assert!(copy(&at(&url), &at(&postgres::new_database().unwrap())).is_ok());
}

#[test]
fn what_is_no_database_of_ours_is_not_backed_up() {
    let folder = tempfile::tempdir().unwrap();
    let (letter, kept) = (
        folder.path().join("letter.txt"),
        folder.path().join("kept.db"),
    );
    std::fs::write(&letter, "Dear reader, this is a letter.").unwrap();
    let refused = backup(&letter, &kept).unwrap_err();
    assert!(matches!(refused, OpenError::NotSqlite { .. }), "{refused}");
    assert!(!kept.exists());
}
