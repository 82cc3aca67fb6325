//! REL-1: whatever was acknowledged is there after the program was killed at any moment.
//!
//! The test starts itself as the program to be killed, told by its arguments.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use diesel::prelude::*;
use diesel::sql_types::Text;
use rollcall_application::ports::{ActivityQuery, MemberQuery, Store, StoreExt};
use rollcall_storage::{Options, SqliteStore};
use rollcall_testkit::{Tenant, supplies};

/// How often the program is killed.
const ROUNDS: u64 = 6;
/// How many acknowledgements are waited for in each round, and a few more each time.
const ACKNOWLEDGED: u64 = 40;
/// The writer's part of this file.
const WRITER: &str = "writes_until_it_is_killed";
/// How the writer is told where and which round; libtest passes over what follows `--skip`.
const TOLD: &str = "database=";

fn open(path: &Path, first_id: u64) -> Arc<dyn Store> {
    let opened = SqliteStore::open(path, &Options::default(), supplies(first_id));
    Arc::new(opened.expect("the database opens"))
}

/// Not a test of its own: the program that is killed. Without being told where, it does nothing.
#[test]
fn writes_until_it_is_killed() {
    let told = std::env::args().find_map(|arg| arg.strip_prefix(TOLD).map(str::to_owned));
    let Some((round, path)) = told.as_deref().and_then(|told| told.split_once(':')) else {
        return;
    };
    let round: u64 = round.parse().expect("a number");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let store = open(Path::new(path), round << 48);
        let tenant = Tenant::found(&store, &format!("Round{round}"), round).await;
        let team = tenant.pushed_team("Everybody").await;
        let mut out = std::io::stdout();
        for number in 0_u64.. {
            let member = tenant
                .pushed_member(&format!("m{number}@example.com"))
                .await;
            tenant.put_in(&team, &member).await;
            // One line, written only now: the acknowledgement. (Straight to the pipe: the test
            // harness captures what is printed otherwise.)
            writeln!(out, "stored {}", member.login_key).expect("somebody listens");
            out.flush().expect("somebody listens");
        }
    });
}

/// Starts the writer, listens until enough was acknowledged, kills it, and answers what was.
fn killed_round(path: &Path, round: u64) -> BTreeSet<String> {
    let program = std::env::current_exe().expect("this test");
    let mut writer = Command::new(program)
        .args(["--exact", WRITER, "--nocapture", "--skip"])
        .arg(format!("{TOLD}{round}:{}", path.display()))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the writer starts");
    let mut lines = BufReader::new(writer.stdout.take().expect("a pipe")).lines();
    let mut acknowledged = BTreeSet::new();
    let mut take = |line: String| {
        if let Some(key) = line.strip_prefix("stored ") {
            acknowledged.insert(key.to_owned());
        }
        acknowledged.len() as u64
    };
    for line in lines.by_ref() {
        if take(line.expect("a line")) >= ACKNOWLEDGED + round * 7 {
            break;
        }
    }
    // SIGKILL: nothing of the program runs any more.
    writer.kill().expect("the writer runs");
    writer.wait().expect("the writer ends");
    // What it said before it died is acknowledged too; its last line may be torn.
    for line in lines.map_while(Result::ok) {
        if line.ends_with("@example.com") {
            take(line);
        }
    }
    acknowledged
}

#[derive(QueryableByName)]
struct Verdict {
    #[diesel(sql_type = Text)]
    integrity_check: String,
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_when_the_program_is_killed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("rollcall.db");
    let mut ledger = Vec::new();
    for round in 1..=ROUNDS {
        ledger.push(killed_round(&path, round));
        let mut connection = SqliteConnection::establish(path.to_str().expect("UTF-8")).unwrap();
        let verdict: Verdict = diesel::sql_query("PRAGMA integrity_check")
            .get_result(&mut connection)
            .unwrap();
        assert_eq!(verdict.integrity_check, "ok");
    }
    let store = open(&path, 1 << 60);
    let tenants = store.read(|tx| Ok(tx.organizations(100)?)).await.unwrap();
    assert_eq!(tenants.len() as u64, ROUNDS);
    for (tenant, acknowledged) in tenants.into_iter().zip(ledger) {
        let id = tenant.id;
        let (stored, in_team, entries) = store
            .read(move |tx| {
                let query = MemberQuery {
                    limit: 100_000,
                    ..MemberQuery::default()
                };
                let activity = ActivityQuery {
                    limit: 1,
                    ..ActivityQuery::default()
                };
                let page = tx.member_page(id, &query)?;
                let in_team = page
                    .items
                    .iter()
                    .filter(|item| item.team_count == 1)
                    .count();
                let keys: BTreeSet<String> = page
                    .items
                    .iter()
                    .map(|item| item.member.login_key.to_string())
                    .collect();
                Ok((keys, in_team, tx.activity_page(id, &activity)?.total))
            })
            .await
            .unwrap();
        assert!(acknowledged.len() as u64 >= ACKNOWLEDGED);
        let missing: Vec<_> = acknowledged.difference(&stored).collect();
        assert!(missing.is_empty(), "acknowledged and lost: {missing:?}");
        assert!(in_team >= acknowledged.len());
        // REL-4: organization, owner, connection twice and team; each member and membership.
        assert_eq!(entries, 5 + (stored.len() as u64 - 1) + in_team as u64);
    }
}
