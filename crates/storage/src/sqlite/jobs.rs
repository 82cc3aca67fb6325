//! How jobs run on SQLite: reads on a snapshot each, writes many to one commit.

use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError};
use diesel::RunQueryDsl;
use diesel::result::QueryResult;
use rollcall_application::Failure;
use rollcall_application::ports::{ReadJob, UnscopedReads, WriteJob};

use super::Tx;
use super::effects::{Nothing, ever_changed};
use super::pool::Connections;
use crate::kept::Keep;
use crate::workers::{Request, caught, unavailable};

/// How many jobs one commit carries at most.
const BATCH: usize = 256;

/// Runs read jobs, each on one snapshot.
pub(crate) fn read(connections: &Connections, requests: &Receiver<Request<ReadJob>>) {
    for Request {
        mut job, answer, ..
    } in requests
    {
        let outcome = match connections.lease() {
            Ok(mut tx) => on_snapshot(&mut tx, &mut job),
            Err(error) => Err(error.into()),
        };
        // Whoever asked may have gone.
        let _ = answer.send(outcome);
    }
}

/// Runs one read job on a snapshot of its own.
fn on_snapshot(tx: &mut Tx, job: &mut ReadJob) -> Result<(), Failure> {
    let outcome = match run(tx, "BEGIN DEFERRED") {
        Ok(()) => caught(|| job(tx)),
        Err(error) => Err(failed("a read could not begin", &error)),
    };
    // Nothing was written: ending it either way is the same.
    if let Err(error) = run(tx, "ROLLBACK") {
        tracing::warn!(%error, "a read did not end");
    }
    outcome
}

/// How long nothing is written before the lock of those who read is kept.
const QUIET: Duration = Duration::from_millis(50);

/// Runs write jobs: what is waiting shares one commit. While there is none, `keeper` keeps the lock of
/// those who read.
pub(crate) fn write(
    connections: &Connections,
    keeper: &Connections,
    requests: &Receiver<Request<WriteJob>>,
) {
    while let Some(first) = next(keeper, requests) {
        let mut batch = vec![first];
        batch.extend(requests.try_iter().take(BATCH - 1));
        let outcomes = connections.lease().map_err(drop).and_then(|mut tx| {
            let outcomes = commit(&mut tx, &mut batch);
            if outcomes.is_err() {
                // It may have been rolled back already, by what went wrong.
                let _ = run(&mut tx, "ROLLBACK");
            }
            outcomes
        });
        let mut outcomes = outcomes.unwrap_or_default().into_iter();
        for request in batch {
            let outcome = outcomes.next().unwrap_or_else(|| Err(unavailable()));
            let _ = request.answer.send(outcome);
        }
    }
}

/// The next job; the lock is let go before it begins.
fn next(keeper: &Connections, requests: &Receiver<Request<WriteJob>>) -> Option<Request<WriteJob>> {
    match requests.recv_timeout(QUIET) {
        Ok(request) => Some(request),
        Err(RecvTimeoutError::Timeout) => {
            let _lock = ReadLock::taken(keeper);
            requests.recv().ok()
        }
        Err(RecvTimeoutError::Disconnected) => None,
    }
}

/// The lock of those who read. Each of them takes it for the length of a statement, with two calls of
/// the system that only one thread can make at a time; while another connection of this process has it,
/// taking it is counting. Nothing may be written meanwhile: the log could not begin anew.
struct ReadLock(Tx);

impl ReadLock {
    /// The lock; none where it cannot be had, since nobody depends on it.
    fn taken(keeper: &Connections) -> Option<Self> {
        let mut tx = keeper.lease().ok()?;
        run(&mut tx, "BEGIN DEFERRED").ok()?;
        let mut lock = Self(tx);
        // Only who looks at something takes it.
        lock.0.organizations(1).ok()?;
        Some(lock)
    }
}

impl Drop for ReadLock {
    fn drop(&mut self) {
        if let Err(error) = run(&mut self.0, "ROLLBACK") {
            tracing::warn!(%error, "the lock of readers was not let go");
        }
    }
}

/// Runs a batch in one transaction that takes the write lock at once (REL-5). An error is the
/// transaction's own: nothing of the batch is stored then.
fn commit(tx: &mut Tx, batch: &mut [Request<WriteJob>]) -> Result<Vec<Result<(), Failure>>, ()> {
    let told = |what: &'static str| {
        move |error: diesel::result::Error| {
            failed(what, &error);
        }
    };
    run(tx, BEGIN).map_err(told("writes could not begin"))?;
    let outcomes = together(tx, batch).map_err(told("a write was torn"))?;
    run(tx, "COMMIT").map_err(told("writes could not be committed"))?;
    Ok(outcomes)
}

const BEGIN: &str = "BEGIN IMMEDIATE";

/// Runs the jobs one after the other with nothing in between, which is what nearly every batch is:
/// a savepoint each would have SQLite keep a copy of every page that a job changes. When one fails
/// that had changed something, the transaction begins again and they are kept apart.
fn together(tx: &mut Tx, batch: &mut [Request<WriteJob>]) -> QueryResult<Vec<Result<(), Failure>>> {
    let mut outcomes = Vec::with_capacity(batch.len());
    for request in batch.iter_mut() {
        let before = ever_changed(tx)?;
        tx.begin_writing();
        let outcome = caught(|| (request.job)(tx));
        if outcome.is_err() && (has_ended(tx) || ever_changed(tx)? != before) {
            run(tx, "ROLLBACK")?;
            run(tx, BEGIN)?;
            return apart(tx, batch);
        }
        outcomes.push(outcome);
    }
    Ok(outcomes)
}

/// Runs the jobs so that the failure of one takes back its own work and no other's.
fn apart(tx: &mut Tx, batch: &mut [Request<WriteJob>]) -> QueryResult<Vec<Result<(), Failure>>> {
    batch
        .iter_mut()
        .map(|request| in_savepoint(tx, &mut request.job))
        .collect()
}

/// Whether the database gave up the whole transaction by itself, as a full disk makes it: then one
/// can begin, and has.
fn has_ended(tx: &mut Tx) -> bool {
    run(tx, "BEGIN").is_ok()
}

fn in_savepoint(tx: &mut Tx, job: &mut WriteJob) -> QueryResult<Result<(), Failure>> {
    run(tx, "SAVEPOINT job")?;
    tx.begin_writing();
    let outcome = caught(|| job(tx));
    if outcome.is_err() {
        run(tx, "ROLLBACK TO job")?;
    }
    // Fails when the database gave up the whole transaction by itself, as a full disk makes it.
    run(tx, "RELEASE job")?;
    Ok(outcome)
}

/// Runs a statement that begins or ends something; prepared once, as there are few.
fn run(tx: &mut Tx, statement: &'static str) -> QueryResult<()> {
    let statement = diesel::sql_query(statement).kept();
    let none: QueryResult<Vec<Nothing>> = statement.load(&mut *tx.connection);
    none.map(drop)
}

fn failed(what: &str, error: &diesel::result::Error) -> Failure {
    tracing::error!(%error, "{what}");
    unavailable()
}
