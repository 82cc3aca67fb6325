//! How jobs run on SQLite: reads on a snapshot each, writes many to one commit.

use crossbeam_channel::Receiver;
use diesel::connection::SimpleConnection;
use diesel::result::QueryResult;
use rollcall_application::Failure;
use rollcall_application::ports::{ReadJob, WriteJob};

use super::Tx;
use super::pool::Connections;
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

fn on_snapshot(tx: &mut Tx, job: &mut ReadJob) -> Result<(), Failure> {
    let outcome = match tx.connection.batch_execute("BEGIN DEFERRED") {
        Ok(()) => caught(|| job(tx)),
        Err(error) => Err(failed("a read could not begin", &error)),
    };
    // Nothing was written: ending it either way is the same.
    if let Err(error) = tx.connection.batch_execute("ROLLBACK") {
        tracing::warn!(%error, "a read did not end");
    }
    outcome
}

/// Runs write jobs: what is waiting shares one commit.
pub(crate) fn write(connections: &Connections, requests: &Receiver<Request<WriteJob>>) {
    while let Ok(first) = requests.recv() {
        let mut batch = vec![first];
        batch.extend(requests.try_iter().take(BATCH - 1));
        let outcomes = connections.lease().map_err(drop).and_then(|mut tx| {
            let outcomes = commit(&mut tx, &mut batch);
            if outcomes.is_err() {
                // It may have been rolled back already, by what went wrong.
                let _ = tx.connection.batch_execute("ROLLBACK");
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

/// Runs a batch in one transaction that takes the write lock at once (REL-5). An error is the
/// transaction's own: nothing of the batch is stored then.
fn commit(tx: &mut Tx, batch: &mut [Request<WriteJob>]) -> Result<Vec<Result<(), Failure>>, ()> {
    let told = |what: &'static str| {
        move |error: diesel::result::Error| {
            failed(what, &error);
        }
    };
    tx.connection
        .batch_execute("BEGIN IMMEDIATE")
        .map_err(told("writes could not begin"))?;
    let mut outcomes = Vec::with_capacity(batch.len());
    for request in batch {
        let outcome = in_savepoint(tx, &mut request.job).map_err(told("a write was torn"))?;
        outcomes.push(outcome);
    }
    tx.connection
        .batch_execute("COMMIT")
        .map_err(told("writes could not be committed"))?;
    Ok(outcomes)
}

/// Runs one job so that its failure or panic takes back its own work and no other's.
fn in_savepoint(tx: &mut Tx, job: &mut WriteJob) -> QueryResult<Result<(), Failure>> {
    tx.connection.batch_execute("SAVEPOINT job")?;
    let outcome = caught(|| job(tx));
    if outcome.is_err() {
        tx.connection.batch_execute("ROLLBACK TO job")?;
    }
    // Fails when the database gave up the whole transaction by itself, as a full disk makes it.
    tx.connection.batch_execute("RELEASE job")?;
    Ok(outcome)
}

fn failed(what: &str, error: &diesel::result::Error) -> Failure {
    tracing::error!(%error, "{what}");
    unavailable()
}
