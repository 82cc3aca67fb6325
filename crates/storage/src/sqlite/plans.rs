//! Every statement that the contract provokes is explained by the database afterwards: none may
//! look through a whole table where an index could serve.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use diesel::connection::{Instrumentation, InstrumentationEvent, SimpleConnection};
use diesel::prelude::*;
use diesel::sql_types::Text;
use rollcall_application::Failure;
use rollcall_application::ports::{ReadJob, Store, StoreError, WriteJob};
use rollcall_testkit::supplies;
use tempfile::TempDir;

use super::open::{prepare, writer_pragmas};
use super::pool::Connections;
use super::tx::Tx;
use crate::Options;

/// What may be looked through: lists that came with the statement, results of its own, and the
/// list of organizations, which nothing narrows.
const MAY_SCAN: [&str; 8] = [
    "SCAN named",
    "SCAN entry",
    "SCAN counts",
    "SCAN json_each",
    "SCAN CONSTANT ROW",
    "SCAN (subquery",
    "SCAN counted",
    "SCAN organizations USING",
];

/// Tables that grow with an organization.
const LARGE: [&str; 6] = [
    "members",
    "links",
    "memberships",
    "teams",
    "activity",
    "sessions",
];

/// How a plan says that it walks all of an organization, or of a connection.
const WALKS: [&str; 2] = ["(org_id=?)", "(org_id=? AND connection_id=?)"];

/// Which statements may walk: pages in the order of their index, which stop where the page is full,
/// and the counts and lists of everything that is asked for.
const MAY_WALK: [&str; 9] = [
    "SELECT COUNT(*) FROM `members`",
    "SELECT COUNT(*) FROM `teams`",
    "SELECT COUNT(*) FROM `links`",
    "SELECT count(*) FROM (SELECT `activity`",
    "SELECT `members`.`id`, `members`.`",
    "SELECT `teams`.`id`, `teams`.`",
    "SELECT `links`.`",
    "SELECT `activity`.`",
    "SELECT EXISTS (SELECT `links`",
];

/// What would be found if a count that is kept were wrong.
const WRONG_COUNTS: [&str; 2] = [
    "SELECT name || ' counts ' || member_count AS detail FROM organizations WHERE member_count <>
        (SELECT count(*) FROM members WHERE members.org_id = organizations.id)",
    "SELECT directory || ' counts ' || live_members || ', ' || live_teams || ', ' || lost_members
            || ', ' || lost_teams AS detail FROM connections
        WHERE live_members <> (SELECT count(*) FROM links WHERE links.org_id = connections.org_id
            AND links.connection_id = connections.id AND state = 'live' AND member_id IS NOT NULL)
        OR live_teams <> (SELECT count(*) FROM links WHERE links.org_id = connections.org_id
            AND links.connection_id = connections.id AND state = 'live' AND team_id IS NOT NULL)
        OR lost_members <> (SELECT count(*) FROM links WHERE links.org_id = connections.org_id
            AND links.connection_id = connections.id AND state = 'lost' AND member_id IS NOT NULL)
        OR lost_teams <> (SELECT count(*) FROM links WHERE links.org_id = connections.org_id
            AND links.connection_id = connections.id AND state = 'lost' AND team_id IS NOT NULL)",
];

/// A store on one connection that remembers what it was asked.
struct Watched(Mutex<Tx>);

#[async_trait]
impl Store for Watched {
    async fn run_read(&self, mut job: ReadJob) -> Result<(), Failure> {
        job(&mut *self.0.lock().unwrap())
    }

    async fn run_write(&self, mut job: WriteJob) -> Result<(), Failure> {
        let mut tx = self.0.lock().unwrap();
        let tx = &mut *tx;
        tx.connection.batch_execute("SAVEPOINT job").unwrap();
        let unwound = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job(tx)));
        let outcome = unwound.unwrap_or_else(|_| Err(Failure::Internal("panicked".into())));
        if outcome.is_err() {
            tx.connection.batch_execute("ROLLBACK TO job").unwrap();
        }
        tx.connection.batch_execute("RELEASE job").unwrap();
        outcome
    }

    async fn ready(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

#[derive(Clone, Default)]
struct Statements(Arc<Mutex<BTreeSet<String>>>);

impl Instrumentation for Statements {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            let text = query.to_string();
            let statement = text.split(" -- binds: ").next().unwrap_or_default();
            self.0.lock().unwrap().insert(statement.to_owned());
        }
    }
}

/// Explains what was asked once the promise has been kept.
struct Explained {
    statements: Statements,
    folder: TempDir,
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

impl Drop for Explained {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let path = self.folder.path().join("rollcall.db");
        let mut tx = lease(&path);
        let connection = &mut *tx.connection;
        require_true_counts(connection);
        let statements = self.statements.0.lock().unwrap();
        assert!(!statements.is_empty());
        for statement in statements.iter() {
            let verb = statement.split_whitespace().next().unwrap_or_default();
            if !["SELECT", "INSERT", "UPDATE", "DELETE"].contains(&verb) {
                continue;
            }
            let plan: Vec<Step> = diesel::sql_query(format!("EXPLAIN QUERY PLAN {statement}"))
                .load(connection)
                .unwrap();
            for Step { detail } in plan {
                let scans = detail.starts_with("SCAN");
                let allowed = MAY_SCAN.iter().any(|may| detail.starts_with(may))
                    || detail.ends_with("VALUES CLAUSE");
                assert!(!scans || allowed, "{detail}\n{statement}");
                let walked = LARGE.iter().find(|large| {
                    detail.starts_with(&format!("SEARCH {large} "))
                        && WALKS.iter().any(|walk| detail.ends_with(walk))
                });
                // A page walks its own table, and none that is joined to it.
                let allowed = walked.is_none_or(|walked| {
                    let may = MAY_WALK
                        .iter()
                        .find(|may| statement.trim_start().starts_with(**may));
                    may.is_some_and(|may| may.contains(&format!("`{walked}`")))
                });
                assert!(allowed, "{detail}\n{statement}");
            }
        }
    }
}

/// Counts that are kept with every change say what counting would.
fn require_true_counts(connection: &mut diesel::SqliteConnection) {
    for wrong in WRONG_COUNTS {
        let rows: Vec<Step> = diesel::sql_query(wrong).load(connection).unwrap();
        let said: Vec<&str> = rows.iter().map(|row| row.detail.as_str()).collect();
        assert!(said.is_empty(), "{said:?}");
    }
}

fn lease(path: &std::path::Path) -> Tx {
    let options = Options::default();
    prepare(path, &options).unwrap();
    let connections = Connections::open(path, writer_pragmas(&options), 1, supplies(1)).unwrap();
    connections.lease().unwrap()
}

fn watched_store() -> (Arc<dyn Store>, Explained) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rollcall.db");
    let mut tx = lease(&path);
    let statements = Statements::default();
    tx.connection.set_instrumentation(statements.clone());
    let store = Arc::new(Watched(Mutex::new(tx)));
    (store, Explained { statements, folder })
}

rollcall_testkit::store_contract!(watched_store);
