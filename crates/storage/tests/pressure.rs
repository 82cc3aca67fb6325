//! Busy, full, and going away.

#![expect(clippy::unwrap_used, reason = "what cannot be is a failing test")]

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Integer;
use rollcall_application::Failure;
use rollcall_application::ports::{Store, StoreExt};
use rollcall_domain::MemberId;
use rollcall_storage::{Options, SqliteStore};
use rollcall_testkit::{Tenant, supplies};
use tempfile::TempDir;
use tokio::task::JoinHandle;

fn open(options: &Options) -> (Arc<dyn Store>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rollcall.db");
    let store = SqliteStore::open(&file, options, supplies(1)).unwrap();
    (Arc::new(store), folder)
}

fn unavailable<T>(outcome: &Result<T, Failure>) -> bool {
    matches!(outcome, Err(Failure::Unavailable { retry_after: 1 }))
}

/// The writer at work on a job that ends when the barrier is met.
async fn keep_busy(store: &Arc<dyn Store>) -> (JoinHandle<Result<(), Failure>>, Arc<Barrier>) {
    let (begun, hold) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let (inside, waited) = (Arc::clone(&begun), Arc::clone(&hold));
    let writer = Arc::clone(store);
    let slow = tokio::spawn(async move {
        writer
            .write(move |_| {
                inside.wait();
                waited.wait();
                Ok(())
            })
            .await
    });
    tokio::task::spawn_blocking(move || begun.wait())
        .await
        .unwrap();
    (slow, hold)
}

#[tokio::test]
async fn a_full_disk_refuses_writes_and_reads_go_on() {
    // REL-13: a file that may not grow stands in for a disk that is full.
    let (store, _folder) = open(&Options {
        max_pages: Some(120),
        ..Options::default()
    });
    let acme = Tenant::found(&store, "Acme", 1).await;
    let mut stored = Vec::new();
    let refused = loop {
        let number = stored.len();
        let change = acme.pushed_change(acme.user(&format!("m{number}@acme.example"), None));
        match acme.save_member(change).await {
            Ok(member) => stored.push(member),
            refused => break refused,
        }
        assert!(stored.len() < 10_000, "the file is full at some time");
    };
    assert!(unavailable(&refused), "{refused:?}");
    let entries = acme.entries().await.len();
    for member in stored {
        assert_eq!(acme.stored_member(member.id).await, Some(member));
    }
    let again = acme.pushed_change(acme.user("again@acme.example", None));
    assert!(unavailable(&acme.save_member(again).await));
    assert_eq!(acme.entries().await.len(), entries);
    // Space returns: what is deleted makes room.
    let (now, before) = (acme.now(), Some(acme.now()));
    acme.write(move |tx| Ok(tx.purge(now, before, 100_000)?))
        .await
        .unwrap();
    acme.pushed_member("room@acme.example").await;
}

#[tokio::test]
async fn a_full_queue_refuses_at_once() {
    let (store, _folder) = open(&Options {
        queue: 2,
        ..Options::default()
    });
    let (slow, hold) = keep_busy(&store).await;
    // The writer is at work: two more wait, a third one cannot.
    let first = store.write(|_| Ok(1));
    let second = store.write(|_| Ok(2));
    let third = store.write(|_| Ok(3));
    let (first, second, third, ()) = tokio::join!(first, second, third, async {
        tokio::task::yield_now().await;
        hold.wait();
    });
    assert_eq!((first.unwrap(), second.unwrap()), (1, 2));
    assert!(unavailable(&third));
    slow.await.unwrap().unwrap();
}

#[tokio::test]
async fn of_those_that_share_a_commit_only_the_failing_leave_nothing() {
    let (store, _folder) = open(&Options::default());
    let acme = Tenant::found(&store, "Acme", 1).await;
    let (slow, hold) = keep_busy(&store).await;
    // All of these wait, so that one commit carries them.
    let push = |name: &str, outcome: fn() -> Result<(), Failure>| {
        let change = acme.pushed_change(acme.user(name, None));
        let (id, stamp) = (change.value.id, acme.stamp());
        let pushed = acme.write(move |tx| {
            tx.save_member(change.clone(), &stamp)?;
            outcome()
        });
        (id, pushed)
    };
    let absent = || Err(Failure::Absent("member"));
    let (first, before) = push("first@acme.example", || Ok(()));
    let (refused, failing) = push("refused@acme.example", absent);
    let (last, after) = push("last@acme.example", || Ok(()));
    let reading = store.write::<(), _>(move |_| absent());
    let (before, failing, after, reading, ()) =
        tokio::join!(before, failing, after, reading, async {
            tokio::task::yield_now().await;
            hold.wait();
        });
    slow.await.unwrap().unwrap();
    assert!(before.is_ok() && after.is_ok());
    assert!(matches!(failing, Err(Failure::Absent(_))));
    assert!(matches!(reading, Err(Failure::Absent(_))));
    for (id, is_there) in [(first, true), (refused, false), (last, true)] {
        assert_eq!(acme.stored_member(id).await.is_some(), is_there);
    }
    let entries = acme.entries().await;
    let created = |id: MemberId| {
        let about = entries
            .iter()
            .filter(|entry| entry.target.id == id.to_string());
        about.count()
    };
    // The batch ran twice; that leaves one entry each.
    assert_eq!([first, refused, last].map(created), [1, 0, 1]);
}

#[derive(QueryableByName)]
struct Checkpoint {
    #[diesel(sql_type = Integer)]
    busy: i32,
}

/// Whether somebody who reads keeps the log from being taken over to its end, as another program sees it.
fn log_is_held(elsewhere: &mut SqliteConnection) -> bool {
    elsewhere
        .batch_execute("INSERT INTO scratch VALUES (1)")
        .unwrap();
    let ended: Checkpoint = diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)")
        .get_result(elsewhere)
        .unwrap();
    ended.busy != 0
}

#[tokio::test]
async fn while_nothing_is_written_the_lock_of_readers_is_kept_and_a_write_lets_it_go() {
    let (store, folder) = open(&Options::default());
    let acme = Tenant::found(&store, "Acme", 1).await;
    let file = folder.path().join("rollcall.db");
    let mut elsewhere = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
    elsewhere
        .batch_execute("CREATE TABLE scratch (id INTEGER)")
        .unwrap();
    let is_kept = (0..100_000).any(|_| log_is_held(&mut elsewhere));
    assert!(is_kept, "the lock is taken at some time");
    let mut freed = false;
    for number in 0..100 {
        acme.pushed_member(&format!("m{number}@acme.example")).await;
        freed = freed || !log_is_held(&mut elsewhere);
    }
    assert!(freed, "the log begins anew beside what is written");
}

#[tokio::test]
async fn dropping_the_store_finishes_what_is_queued() {
    let (store, _folder) = open(&Options::default());
    let done = Arc::new(AtomicU32::new(0));
    let jobs: Vec<_> = (0..50)
        .map(|_| {
            let done = Arc::clone(&done);
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                store
                    .write(move |_| {
                        done.fetch_add(1, Ordering::SeqCst);
                        Ok(())
                    })
                    .await
            })
        })
        .collect();
    tokio::task::yield_now().await;
    // Whoever asked is gone, and the store with them: what was queued is done all the same.
    for job in jobs {
        job.abort();
        let _ = job.await;
    }
    assert_eq!(Arc::strong_count(&store), 1);
    drop(store);
    assert_eq!(done.load(Ordering::SeqCst), 50);
}

#[tokio::test]
async fn whoever_goes_away_does_not_stop_a_job() {
    let (store, _folder) = open(&Options::default());
    let acme = Tenant::found(&store, "Acme", 1).await;
    let change = acme.pushed_change(acme.user("jane@acme.example", None));
    let (id, stamp) = (change.value.id, acme.stamp());
    let writer = Arc::clone(&store);
    let asked = tokio::spawn(async move {
        writer
            .write(move |tx| Ok(tx.save_member(change.clone(), &stamp)?))
            .await
    });
    tokio::task::yield_now().await;
    asked.abort();
    // Writes are done in the order they were asked for.
    store.write(|_| Ok(())).await.unwrap();
    assert!(acme.stored_member(id).await.is_some());
}

#[tokio::test]
async fn a_read_sees_one_snapshot() {
    let (store, _folder) = open(&Options::default());
    let acme = Tenant::found(&store, "Acme", 1).await;
    let (begun, written) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let (inside, waited, id) = (Arc::clone(&begun), Arc::clone(&written), acme.id());
    let reader = Arc::clone(&store);
    let reading = tokio::spawn(async move {
        reader
            .read(move |tx| {
                let before = tx.seats(id)?.used;
                inside.wait();
                waited.wait();
                Ok((before, tx.seats(id)?.used))
            })
            .await
    });
    tokio::task::spawn_blocking(move || begun.wait())
        .await
        .unwrap();
    acme.pushed_member("jane@acme.example").await;
    tokio::task::spawn_blocking(move || written.wait())
        .await
        .unwrap();
    assert_eq!(reading.await.unwrap().unwrap(), (1, 1));
    let after = acme.read(move |tx| Ok(tx.seats(id)?)).await;
    assert_eq!(after.used, 2);
}
