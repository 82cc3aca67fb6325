//! Every statement that the contract provokes is explained by the server afterwards, as it would
//! plan it for an organization of some size: none may look through a whole table.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, OnceLock};

use async_trait::async_trait;
use diesel::connection::{Instrumentation, InstrumentationEvent, SimpleConnection};
use diesel::prelude::*;
use diesel::sql_types::Text;
use rollcall_application::Failure;
use rollcall_application::ports::{ReadJob, Store, StoreError, WriteJob};
use rollcall_testkit::{postgres, supplies};

use super::Tx;
use super::address::Address;
use super::errors::take_trouble;
use super::open::{connect, prepare};
use super::tx::Kind;
use crate::options::Migrations;

/// Tables that grow with an organization.
const LARGE: [&str; 6] = [
    "members",
    "links",
    "memberships",
    "teams",
    "activity",
    "sessions",
];

/// Which statements look at everything there is of what they count or list.
const MAY_SCAN: [&str; 5] = [
    "SELECT COUNT(*) FROM",
    "SELECT count(*) FROM (SELECT",
    "SELECT count(*) AS count FROM links AS linked_teams",
    "SELECT memberships.team_id, memberships.member_id FROM links AS linked_teams",
    "DELETE FROM memberships WHERE org_id = $1 AND team_id IN (",
];

/// An organization of some size, so that the planner has something to choose by.
const INHABITED: &str = "
    INSERT INTO organizations (id, name, roles_in_panel, version, created_at)
    SELECT md5('org' || n)::uuid, 'org', false, 1, n FROM generate_series(1, 3) n;
    INSERT INTO connections (org_id, id, directory, profile, is_on, version, created_at)
    SELECT id, id, 'okta', 'okta', true, 1, 1 FROM organizations;
    INSERT INTO members (org_id, id, origin, status, role, login_key, email, email_key,
        fold_version, label, label_key, search_text, attributes, has_password, version,
        created_at, updated_at)
    SELECT md5('org' || n % 3 + 1)::uuid, md5('member' || n)::uuid, 'okta', 'active', 'member',
        'u' || n, 'u' || n, 'u' || n, 1, 'u' || n, 'u' || n, 'u' || n, '{}', false, 1, n, n
    FROM generate_series(1, 12000) n;
    INSERT INTO teams (org_id, id, origin, name, name_key, fold_version, namespace, member_count,
        version, created_at, updated_at)
    SELECT md5('org' || n % 3 + 1)::uuid, md5('team' || n)::uuid, 'okta', 't' || n, 't' || n, 1,
        md5('org' || n % 3 + 1)::uuid, 0, 1, n, n
    FROM generate_series(1, 3000) n;
    INSERT INTO links (org_id, member_id, connection_id, state, external_id, name, key,
        fold_version, active, moved)
    SELECT org_id, id, org_id, 'live', login_key, login_key, login_key, 1, true, false FROM members;
    INSERT INTO links (org_id, team_id, connection_id, state, external_id, name, key,
        fold_version, active, moved)
    SELECT org_id, id, org_id, 'live', name_key, name_key, name_key, 1, true, false FROM teams;
    INSERT INTO memberships (org_id, team_id, member_id)
    SELECT md5('org' || n % 3 + 1)::uuid, md5('team' || (n % 300 + 300))::uuid,
        md5('member' || n)::uuid FROM generate_series(1, 12000) n ON CONFLICT DO NOTHING;
    INSERT INTO sessions (digest, org_id, id, member_id, created_at, last_seen_at, expires_at)
    SELECT sha256(n::text::bytea), md5('org' || n % 3 + 1)::uuid, md5('session' || n)::uuid,
        md5('member' || n)::uuid, n, n, n FROM generate_series(1, 9000) n;
    INSERT INTO activity (org_id, id, at, actor_kind, actor_id, actor_label, action, kind,
        target_kind, target_id, target_label, changes, request_id)
    SELECT md5('org' || n % 3 + 1)::uuid, md5('entry' || n)::uuid, n, 'member', n::text, 'a',
        'member.created', 'change', 'member', n::text, 'a', '[]', md5('request' || n)::uuid
    FROM generate_series(1, 24000) n;
    ANALYZE";

/// A store on one connection that remembers what it was asked.
struct Watched(Mutex<Tx>);

impl Watched {
    fn run(
        &self,
        kind: Kind,
        mut job: impl FnMut(&mut Tx) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut tx = self.0.lock().unwrap();
        for kind in [kind, Kind::WritingAlone] {
            let _ = take_trouble();
            tx.begin(kind);
            tx.connection.batch_execute("BEGIN").unwrap();
            let tx = &mut *tx;
            let unwound = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job(tx)));
            let outcome = unwound.unwrap_or_else(|_| Err(Failure::Internal("panicked".into())));
            let ended = if outcome.is_ok() {
                "COMMIT"
            } else {
                "ROLLBACK"
            };
            tx.connection.batch_execute(ended).unwrap();
            if !tx.wants_to_be_alone {
                return outcome;
            }
        }
        Err(Failure::Unavailable { retry_after: 1 })
    }
}

#[async_trait]
impl Store for Watched {
    async fn run_read(&self, mut job: ReadJob) -> Result<(), Failure> {
        self.run(Kind::Reading, |tx| job(tx))
    }

    async fn run_write(&self, mut job: WriteJob) -> Result<(), Failure> {
        self.run(Kind::Writing, |tx| job(tx))
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
            let statement = statement.split_whitespace().collect::<Vec<_>>().join(" ");
            self.0.lock().unwrap().insert(statement);
        }
    }
}

/// Explains what was asked once the promise has been kept.
struct Explained(Statements);

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    #[diesel(column_name = "QUERY PLAN")]
    step: String,
}

impl Drop for Explained {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let Some(url) = inhabited() else {
            return;
        };
        let mut connection = PgConnection::establish(url).unwrap();
        // A plan for any values, as a statement gets that was run a few times; and a table is
        // looked through where no index serves alone.
        connection
            .batch_execute("SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off")
            .unwrap();
        let statements = self.0.0.lock().unwrap();
        assert!(!statements.is_empty());
        for statement in statements.iter() {
            let verb = statement.split(' ').next().unwrap_or_default();
            if !["SELECT", "UPDATE", "DELETE"].contains(&verb)
                && !statement.starts_with("INSERT INTO memberships")
            {
                continue;
            }
            let plan = plan(&mut connection, statement);
            let allowed = MAY_SCAN.iter().any(|may| {
                let unquoted = statement.replace('"', "");
                unquoted.starts_with(may)
            });
            let scans = LARGE.iter().any(|large| {
                plan.lines()
                    .any(|line| line.contains(&format!("Seq Scan on {large} ")))
            });
            assert!(!scans || allowed, "{statement}\n{plan}");
        }
    }
}

/// How the server would run a statement.
fn plan(connection: &mut PgConnection, statement: &str) -> String {
    let binds = (1..100)
        .take_while(|number| statement.contains(&format!("${number}")))
        .count();
    connection
        .batch_execute(&format!("PREPARE asked AS {statement}"))
        .unwrap_or_else(|error| panic!("{error}: {statement}"));
    let nulls = vec!["NULL"; binds].join(", ");
    let arguments = if binds == 0 {
        String::new()
    } else {
        format!("({nulls})")
    };
    let steps: Vec<Step> = diesel::sql_query(format!("EXPLAIN EXECUTE asked{arguments}"))
        .load(connection)
        .unwrap_or_else(|error| panic!("{error}: {statement}"));
    connection.batch_execute("DEALLOCATE asked").unwrap();
    let steps: Vec<String> = steps.into_iter().map(|step| step.step).collect();
    steps.join("\n")
}

/// A database with an organization of some size in it.
fn inhabited() -> Option<&'static str> {
    static INHABITED_DATABASE: OnceLock<Option<String>> = OnceLock::new();
    INHABITED_DATABASE
        .get_or_init(|| {
            let url = postgres::new_database()?;
            prepare(&Address::parse(&url)?, Migrations::OnOpen).unwrap();
            postgres::run_on(&url, INHABITED);
            Some(url)
        })
        .as_deref()
}

fn watched_store() -> Option<(Arc<dyn Store>, Explained)> {
    let address = Address::parse(&postgres::new_database()?)?;
    prepare(&address, Migrations::OnOpen).unwrap();
    let mut tx = Tx::new(connect(&address).unwrap(), supplies(1));
    let statements = Statements::default();
    tx.connection.set_instrumentation(statements.clone());
    let store: Arc<dyn Store> = Arc::new(Watched(Mutex::new(tx)));
    Some((store, Explained(statements)))
}

rollcall_testkit::store_contract!(watched_store);
